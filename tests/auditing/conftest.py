"""A small real bag, the same sealed and grown, and copies of both to tamper with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from restoration import heads
from restoration.deciding import decide
from restoration.decisions import Decision
from restoration.seals import KEY_VARIABLE, Signer, public_pem
from tests.auditing import forger

Copy = Callable[[Path], Path]


def signer_of(seed: int) -> Signer:
    """A key that is the same at every run."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@pytest.fixture(scope="session")
def without_seals(bag):
    """A worn tape of eight seconds, restored without a key."""
    return bag


@dataclass(frozen=True)
class Archive:
    """A bag that was sealed, and sealed again when its log grew; the archive's key and register, kept elsewhere."""

    bag: Path
    signer: Signer
    public: Path
    register: Path


@pytest.fixture(scope="session")
def archive(without_seals, tmp_path_factory) -> Archive:
    folder = tmp_path_factory.mktemp("archive")
    signer = signer_of(1)
    private, public, register = folder / "key.pem", folder / "key.pub.pem", folder / heads.FILE
    private.write_bytes(signer.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_text(public_pem(signer.public_key), encoding="ascii")
    bag = forger.copy_of(without_seals, folder / "sealed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, str(private))
        patch.setenv(heads.HEADS_VARIABLE, str(folder))
        decide(bag, Decision(kind="treatment approved", by="A. Karimova", reason="heard it through"))
        decide(bag, Decision(kind="treatment sent back", by="M. Jensen", reason="the end is cut", concerns="event/9"))
    return Archive(bag, signer, public, register)


@pytest.fixture
def tampered(tmp_path) -> Copy:
    """Copies of a bag, each in a folder of its own: ``tampered(bag)``."""
    numbers = count()
    return lambda bag: forger.copy_of(bag, tmp_path / f"copy-{next(numbers)}")
