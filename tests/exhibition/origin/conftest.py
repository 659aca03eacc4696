"""A certificate and exhibits of every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from restoration.exhibition.certificate import (
    Certificate,
    authority_file_of,
    key_file_of,
    new_certificate,
    read_anchors,
)

PASSPHRASE = "RESTORATION_KEY_PASSPHRASE"


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain of certificates, its key and its authority beside it."""
    out = tmp_path_factory.mktemp("certificate") / "archive.pem"
    new_certificate(out, "Harbour Museum")
    return out


@pytest.fixture(scope="session")
def certificate(pem: Path) -> Certificate:
    return Certificate.of(pem, key_file_of(pem))


@pytest.fixture(scope="session")
def anchors(pem: Path) -> str:
    return read_anchors(authority_file_of(pem))


@pytest.fixture(autouse=True)
def nobody_has_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESTORATION_CERTIFICATE", "RESTORATION_CERTIFICATE_KEY", PASSPHRASE):
        monkeypatch.delenv(name, raising=False)
