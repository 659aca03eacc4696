"""The archive's signature under an event log: Ed25519 (RFC 8032) over the head, so that a forged tail is found.

A seal is an event. What is signed is the text ``heritage-voice seal 1\\nIDENTIFIER\\nUPTO\\nHEAD\\n``, where HEAD is
the digest of event UPTO, the one before the seal. A digest holds the whole chain before it, so every later seal signs
again all that went before, earlier seals included: that is the countersigning. A seal has no time of its own, for
nobody would sign it: its time is that of the event it seals. The same log and key give the same seal.

What somebody can do who wants the record to say something else:

* Without any key, and without write access: nothing.
* With write access to everything but the key: edit, drop or add events, make the digests and the bag fit again, and
  take all seals off. Found: a seal that no longer fits, events after the last seal that nobody signed, a log that has
  no seal or that of another key, by whoever has the archive's public key from elsewhere than the bag. Not found by the
  log alone: rolling it back to an earlier sealed state, for that is a log that once was true. It is found by comparing
  with a register of heads that is kept elsewhere (``restoration.heads``).
* With the key as well: anything. A log that was made anew and signed is as good as the first. It is found only where an
  earlier head was written down elsewhere: in the register of heads, in a copy of the bag, in somebody's letter.
* Who has taken the key may date back what it signs. When a key was lost or taken, say so outside of the log, with the
  head of each log at that time; ``restoration key change`` gives up an older key, and is itself signed with that.
"""

from __future__ import annotations

import base64
import hashlib
import os
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from restoration.errors import RestorationError
from restoration.record import GENESIS, Event

KEY_VARIABLE = "RESTORATION_KEY"
PASSPHRASE_VARIABLE = "RESTORATION_KEY_PASSPHRASE"
SEAL, KEY_CHANGE = "seal", "key change"
PUBLIC_KEY_FILE = "data/record/archive-key.pub.pem"
SEAL_FIELDS = {
    "sequence", "event", "time", "previous", "digest", "head", "upto", "key", "public_key", "signature"
}  # fmt: skip
"""What a seal holds and nothing else: a field that nobody signs has no place in it."""


class BadKey(RestorationError):
    """A key that cannot be used."""


@dataclass(frozen=True)
class Signer:
    """The archive's private key."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, path: Path) -> Signer:
        """The key in a PKCS8 PEM file; RESTORATION_KEY_PASSPHRASE opens it where it is locked.

        Raises:
            BadKey: it cannot be read, is locked, or is of another kind.
        """
        passphrase = os.environ.get(PASSPHRASE_VARIABLE, "").encode() or None
        try:
            content = path.read_bytes()
            private = serialization.load_pem_private_key(content, None if b"ENCRYPTED" not in content else passphrase)
        except OSError as error:
            raise BadKey(f"{path}: the key cannot be read ({error.strerror})") from error
        except TypeError as error:
            raise BadKey(f"{path}: the key is locked; {PASSPHRASE_VARIABLE} must hold its passphrase") from error
        except ValueError as error:
            raise BadKey(f"{path}: is no private key in PEM, or {PASSPHRASE_VARIABLE} is not its passphrase") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise BadKey(f"{path}: is not an Ed25519 key; `restoration key new` makes one")
        return cls(private)

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return raw(self.private.public_key())

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the raw public key."""
        return fingerprint_of(self.public_key)

    def signature(self, text: str) -> bytes:
        """The Ed25519 signature of a text, 64 bytes."""
        return self.private.sign(text.encode())


def configured() -> Signer | None:
    """The key that RESTORATION_KEY names; None where it is not set.

    Raises:
        BadKey: it is set, and the key cannot be used.
    """
    named = os.environ.get(KEY_VARIABLE, "").strip()
    return Signer.of(Path(named)) if named else None


def raw(public: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint_of(public_key: bytes) -> str:
    """SHA-256 of a raw public key."""
    return hashlib.sha256(public_key).hexdigest()


def public_pem(public_key: bytes) -> str:
    """A raw public key as PEM (SubjectPublicKeyInfo)."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")


def read_public(path: Path) -> Ed25519PublicKey:
    """The public key in a PEM file.

    Raises:
        BadKey: there is none that could have sealed a log.
    """
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise BadKey(f"{path}: the key cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadKey(
            f"{path}: is no public key in PEM; `restoration key new` writes one beside the private key"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{path}: is not an Ed25519 key")
    return key


def signed_text(identifier: str, upto: int, head: str) -> str:
    """What a seal signs."""
    return f"heritage-voice seal 1\n{identifier}\n{upto}\n{head}\n"


def seal_fields(identifier: str, events: Sequence[Event], signer: Signer | None = None) -> dict[str, Any]:
    """The fields of the seal that would follow these events, by ``signer`` or the key that RESTORATION_KEY names.

    Raises:
        BadKey: there is no key.
    """
    signer = signer or configured()
    if signer is None:
        raise BadKey(f"there is no key to seal with; set {KEY_VARIABLE} to the file that `restoration key new` wrote")
    head, upto = (events[-1]["digest"], len(events)) if events else (GENESIS, 0)
    return {
        "time": events[-1]["time"] if events else "",
        "head": head,
        "upto": upto,
        "key": signer.fingerprint,
        "public_key": base64.b64encode(signer.public_key).decode(),
        "signature": base64.b64encode(signer.signature(signed_text(identifier, upto, head))).decode(),
    }


def identifier_of(events: Sequence[Event]) -> str:
    """The identifier of the item that a log tells of; blank where it does not say."""
    item = next((event.get("item") or {} for event in events if event["event"] == "ingestion"), {})
    return str(item.get("identifier", ""))


def last_public_key(events: Sequence[Event]) -> bytes | None:
    """The raw public key of the last seal of a log; None where there is no seal that holds one."""
    last = next((event for event in reversed(events) if event["event"] == SEAL), {})
    key = decoded(last.get("public_key"))
    return key if len(key) == 32 else None


def decoded(text: object) -> bytes:
    """The bytes of strict base64; none where it is anything else, or could have been written otherwise."""
    try:
        found = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (NotBase64, ValueError):
        return b""
    # The last letter may hold bits that no decoder looks at: two texts of one key would be two seals.
    return found if base64.b64encode(found).decode() == text else b""


def is_signed(public_key: bytes, signature: bytes, text: str) -> bool:
    """Whether the owner of a raw public key signed a text."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
