"""The certificate that content credentials are signed with: a chain of X.509 certificates and the key of the first.

It is another thing than the archive's Ed25519 key, which seals logs: verifiers of the public know certificates only,
and want of them what C2PA 2.x asks: version 3, a purpose (``emailProtection`` or C2PA's own), no certificate authority
at the end of the chain, and both key identifiers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from restoration.errors import RestorationError
from restoration.seals import PASSPHRASE_VARIABLE

CHAIN_VARIABLE = "RESTORATION_CERTIFICATE"
KEY_VARIABLE = "RESTORATION_CERTIFICATE_KEY"
C2PA_PURPOSE = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
PURPOSES = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ObjectIdentifier("1.3.6.1.5.5.7.3.36"), C2PA_PURPOSE}
"""What the end of the chain may be for: e-mail, documents (RFC 9336), or claims of C2PA."""
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
Private = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class BadCertificate(RestorationError):
    """A certificate or its key that credentials cannot be signed with."""


@dataclass(frozen=True)
class Certificate:
    """``chain``: PEM, the signer's own first; ``key``: unlocked PKCS8 PEM; ``algorithm``: as C2PA names it."""

    chain: str
    key: bytes
    algorithm: str
    owner: str
    sha256: str
    """Of the signer's own certificate, in DER."""

    def __repr__(self) -> str:
        return f"Certificate(owner={self.owner!r}, sha256={self.sha256!r})"

    @classmethod
    def of(cls, chain: Path, key: Path) -> Certificate:
        """The certificate in two PEM files; RESTORATION_KEY_PASSPHRASE opens a locked key.

        Raises:
            BadCertificate: a file cannot be read, they do not belong together, or C2PA has no use for them.
        """
        found = _chain_in(chain)
        private = _key_in(key)
        leaf = found[0]
        if _public(private) != _public_bytes(leaf.public_key()):
            raise BadCertificate(f"{key}: is not the key of the certificate in {chain}")
        _check(leaf, chain)
        pem = "".join(_pem(each) for each in found)
        unlocked = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(pem, unlocked, _algorithm(private, key), owner_of(leaf), leaf.fingerprint(hashes.SHA256()).hex())


def configured() -> Certificate | None:
    """The certificate that RESTORATION_CERTIFICATE and RESTORATION_CERTIFICATE_KEY name; None where neither is set.

    Raises:
        BadCertificate: one is set without the other, or they cannot be used.
    """
    chain, key = (os.environ.get(name, "").strip() for name in (CHAIN_VARIABLE, KEY_VARIABLE))
    if bool(chain) != bool(key):
        named, missing = (CHAIN_VARIABLE, KEY_VARIABLE) if chain else (KEY_VARIABLE, CHAIN_VARIABLE)
        raise BadCertificate(f"{named} is set and {missing} is not; to sign, both name a PEM file")
    return Certificate.of(Path(chain), Path(key)) if chain else None


def new_certificate(out: Path, organisation: str, years: int = 10, clock: Callable[[], datetime] | None = None) -> str:
    """Write a chain, its key (mode 600) and, to give away, the authority alone; returns the SHA-256 of the authority.

    The authority's key is forgotten: it signs this one certificate and no other.

    Args:
        out: the chain; ``key_file_of`` and ``authority_file_of`` name the others.
        organisation: whose certificate it is.
        years: for how long, 1 to 30.
        clock: of now, in UTC.

    Raises:
        BadCertificate: a file is there already or cannot be written, or there is no name.
    """
    if not organisation.strip() or len(organisation) > 64:
        raise BadCertificate("a certificate names its owner in 1 to 64 letters")
    files = (out, key_file_of(out), authority_file_of(out))
    for place in files:
        if place.exists():
            raise BadCertificate(f"{place}: is there already, and is never written over; give another name")
    now = (clock or (lambda: datetime.now(UTC)))().replace(minute=0, second=0, microsecond=0)
    until = now + timedelta(days=round(365.25 * years))
    top, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names = _name(organisation, "content credentials, authority"), _name(organisation, "content credentials")
    authority = _signed(_base(names[0], names[0], (now, until)), top, top, authority=True)
    leaf = _signed(_base(names[1], names[0], (now, until)), own, top, authority=False)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "").encode()
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    locked = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
    contents = ((_pem(leaf) + _pem(authority)).encode(), locked, _pem(authority).encode())
    for place, content, mode in zip(files, contents, (0o644, 0o600, 0o644), strict=True):
        _write_new(place, content, mode)
    return authority.fingerprint(hashes.SHA256()).hex()


def key_file_of(chain: Path) -> Path:
    """The file beside a new chain that holds its key."""
    return chain.with_name(chain.name + ".key.pem")


def authority_file_of(chain: Path) -> Path:
    """The file beside a new chain that is given to whoever shall trust it."""
    return chain.with_name(chain.name + ".authority.pem")


def owner_of(certificate: x509.Certificate) -> str:
    """Organisation and name of a certificate's subject."""
    names = [
        str(attribute.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    return ", ".join(names) or certificate.subject.rfc4514_string()


def read_anchors(file: Path) -> str:
    """The certificates in a PEM file that signatures are to be trusted by.

    Raises:
        BadCertificate: it cannot be read or holds none.
    """
    return "".join(_pem(each) for each in _chain_in(file))


def _chain_in(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise BadCertificate(f"{file}: the certificate cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadCertificate(f"{file}: holds no certificate in PEM; the signer's own comes first") from error


def _key_in(file: Path) -> Private:
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "").encode() or None
    try:
        content = file.read_bytes()
        key = serialization.load_pem_private_key(content, passphrase if b"ENCRYPTED" in content else None)
    except OSError as error:
        raise BadCertificate(f"{file}: the key cannot be read ({error.strerror})") from error
    except TypeError as error:
        raise BadCertificate(f"{file}: the key is locked; {PASSPHRASE_VARIABLE} must hold its passphrase") from error
    except ValueError as error:
        raise BadCertificate(
            f"{file}: is no private key in PEM, or {PASSPHRASE_VARIABLE} is not its passphrase"
        ) from error
    if not isinstance(key, Private):
        raise BadCertificate(f"{file}: is a key of a kind that C2PA does not have; an EC key on P-256 is usual")
    return key


def _check(leaf: x509.Certificate, file: Path) -> None:
    now = datetime.now(UTC)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        first, last = (f"{day:%Y-%m-%d}" for day in (leaf.not_valid_before_utc, leaf.not_valid_after_utc))
        raise BadCertificate(f"{file}: is valid from {first} to {last}, which is not today")
    extensions = leaf.extensions
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise BadCertificate(
                f"{file}: begins with a certificate authority; the signer's own certificate comes first"
            )
    except x509.ExtensionNotFound:
        pass  # Then it is none.
    try:
        purposes = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        purposes = set()
    if not purposes & PURPOSES:
        raise BadCertificate(
            f"{file}: is not for signing e-mail, documents or claims of C2PA, so no verifier would take it; "
            "`restoration key certificate new` makes one"
        )


def _algorithm(key: Private, file: Path) -> str:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    if key.curve.name not in CURVES:
        raise BadCertificate(f"{file}: is on the curve {key.curve.name}, which C2PA does not have; P-256 is usual")
    return CURVES[key.curve.name]


def _base(subject: x509.Name, issuer: x509.Name, valid: tuple[datetime, datetime]) -> x509.CertificateBuilder:
    begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    begun = begun.serial_number(x509.random_serial_number())
    return begun.not_valid_before(valid[0]).not_valid_after(valid[1])


def _signed(
    begun: x509.CertificateBuilder,
    own: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    authority: bool,
) -> x509.Certificate:
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
         "decipher_only"),
        False,
    )  # fmt: skip
    usage |= {"digital_signature": not authority, "key_cert_sign": authority, "crl_sign": authority}
    built = (
        begun.public_key(own.public_key())
        .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not authority:
        purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION, C2PA_PURPOSE]
        built = built.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return built.sign(by, hashes.SHA256())


def _name(organisation: str, what: str) -> x509.Name:
    texts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, what))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in texts])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _public(private: Private) -> bytes:
    return _public_bytes(private.public_key())


def _public_bytes(public: object) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.DER, form)  # type: ignore[attr-defined]


def _write_new(place: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise BadCertificate(f"{place}: cannot be written ({error.strerror})") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
