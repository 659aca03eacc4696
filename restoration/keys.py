"""Making, showing and handing over the archive's key. What a seal is, and is worth, stands in ``restoration.seals``."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from restoration.errors import BadBag
from restoration.growth import grow
from restoration.package import LOG
from restoration.record import Event, read
from restoration.seal_check import check_seals
from restoration.seals import (
    KEY_CHANGE,
    PASSPHRASE_VARIABLE,
    BadKey,
    Signer,
    configured,
    fingerprint_of,
    public_pem,
    raw,
    read_public,
)


def new_key(out: Path) -> Signer:
    """Write a new private key (PKCS8 PEM, mode 600) and, beside it, its public key with ``.pub.pem`` added to the name.

    Raises:
        BadKey: one of the files is there already, or cannot be written.
    """
    public = public_file_of(out)
    for place in (out, public):
        if place.exists():
            raise BadKey(f"{place}: is there already, and a key is never written over; give another name")
    signer = Signer(Ed25519PrivateKey.generate())
    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "").encode()
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    _write_new(out, signer.private.private_bytes(serialization.Encoding.PEM, form, lock), 0o600)
    _write_new(public, public_pem(signer.public_key).encode(), 0o644)
    return signer


def public_file_of(private: Path) -> Path:
    """The file beside a private key that holds its public key."""
    return private.with_name(private.name + ".pub.pem")


def fingerprint_in(file: Path) -> str:
    """The fingerprint of a key in a file, private or public.

    Raises:
        BadKey: it holds neither.
    """
    try:
        is_public = b"PUBLIC KEY" in file.read_bytes()
    except OSError as error:
        raise BadKey(f"{file}: the key cannot be read ({error.strerror})") from error
    return fingerprint_of(raw(read_public(file))) if is_public else Signer.of(file).fingerprint


def hand_over(bag: Path, new: Path, by: str, reason: str) -> Event:
    """Let the log of a bag be sealed by another key from now on; the event is sealed with the older one.

    Raises:
        BadKey: a key cannot be used, RESTORATION_KEY is not set, or the new key is the older one.
        BadBag: the log has no seal, so that there is nothing to hand over; or as ``grow``.
    """
    older, public_key = configured(), raw(read_public(new))
    if older is None:
        raise BadKey("RESTORATION_KEY names the older key, which seals the change; it is not set")
    if public_key == older.public_key:
        raise BadKey(f"{new}: is the key that seals already")
    if not check_seals(list(read(bag / LOG))).seals:
        raise BadBag(f"{bag}: its log has no seal; the first key that seals it is its key")
    public = base64.b64encode(public_key).decode()
    return grow(bag, KEY_CHANGE, by=by, reason=reason, key=fingerprint_of(public_key), public_key=public)


def _write_new(place: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise BadKey(f"{place}: the key cannot be written ({error.strerror})") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
