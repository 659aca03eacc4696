"""A certificate that can be used is taken, any other is refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from restoration.exhibition.certificate import (
    BadCertificate,
    Certificate,
    authority_file_of,
    configured,
    key_file_of,
    new_certificate,
)


def test_what_is_made_can_be_used(pem: Path) -> None:
    certificate = Certificate.of(pem, key_file_of(pem))
    assert certificate.algorithm == "es256" and certificate.owner.startswith("Harbour Museum")
    assert key_file_of(pem).stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in authority_file_of(pem).read_bytes() + pem.read_bytes()
    leaf, authority = x509.load_pem_x509_certificates(pem.read_bytes())
    leaf.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(authority)
    assert leaf.version is x509.Version.v3
    assert str(certificate.key) not in repr(certificate)


def test_a_file_that_is_there_is_not_written_over(pem: Path) -> None:
    before = pem.read_bytes()
    with pytest.raises(BadCertificate, match="never written over"):
        new_certificate(pem, "Harbour Museum")
    assert pem.read_bytes() == before


def test_the_key_can_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTORATION_KEY_PASSPHRASE", "lamp")
    out = tmp_path / "locked.pem"
    new_certificate(out, "Harbour Museum")
    assert b"ENCRYPTED" in key_file_of(out).read_bytes()
    assert Certificate.of(out, key_file_of(out)).algorithm == "es256"
    monkeypatch.delenv("RESTORATION_KEY_PASSPHRASE")
    with pytest.raises(BadCertificate, match="is locked"):
        Certificate.of(out, key_file_of(out))


def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, pem: Path) -> None:
    other, old = tmp_path / "other.pem", tmp_path / "old.pem"
    new_certificate(other, "Lake Museum")
    new_certificate(old, "Harbour Museum", years=1, clock=lambda: datetime(2001, 5, 4, tzinfo=UTC))
    curve = tmp_path / "ed.pem"
    form = serialization.PrivateFormat.PKCS8
    key = ed25519.Ed25519PrivateKey.generate()
    curve.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    for chain, private, words in (
        (pem, key_file_of(other), "is not the key of"),
        (pem, curve, "is not the key of"),
        (old, key_file_of(old), "is valid from 2001-05-04"),
        (authority_file_of(pem), key_file_of(pem), "is not the key of"),
        (key_file_of(pem), key_file_of(pem), "holds no certificate"),
        (pem, pem, "is no private key"),
        (tmp_path / "none", pem, "cannot be read"),
    ):
        with pytest.raises(BadCertificate, match=words):
            Certificate.of(chain, private)


def test_both_variables_or_neither(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured() is None
    monkeypatch.setenv("RESTORATION_CERTIFICATE", str(pem))
    with pytest.raises(BadCertificate, match="RESTORATION_CERTIFICATE_KEY is not"):
        configured()
    monkeypatch.setenv("RESTORATION_CERTIFICATE_KEY", str(key_file_of(pem)))
    found = configured()
    assert found is not None and found.owner.startswith("Harbour Museum")
