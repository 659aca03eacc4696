"""A bag as small as one can be and still be grown: a log of a few events, a master, a copy, a report."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from restoration import growth, heads, package
from restoration.record import Record
from restoration.seals import KEY_VARIABLE, PASSPHRASE_VARIABLE, Signer, configured

MASTER, COPY, REPORT = b"the sound of the master", b"the sound of the copy", b"<p>A report</p>"
ROW = {
    "identifier": "tape-1",
    "file": "tape-1.wav",
    "title": "A reading",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "rights_holder": "Harbour Museum",
    "voice_consent": "recorded",
    "consent_ref": "letter of 12 March 2019",
    "consent_scope": "voice model",
}


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    """What the machine has set is no part of these tests."""
    for name in (KEY_VARIABLE, PASSPHRASE_VARIABLE, heads.HEADS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a growth waits for the disk a dozen times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def signer() -> Signer:
    return signer_of(1)


@pytest.fixture
def use_key(tmp_path, monkeypatch) -> Callable[[Signer], Path]:
    """Make a key the configured one."""

    def use(key: Signer) -> Path:
        place = tmp_path / f"{key.fingerprint[:8]}.pem"
        place.write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        monkeypatch.setenv(KEY_VARIABLE, str(place))
        return place

    return use


def signer_of(seed: int) -> Signer:
    """A key that is the same at every run."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def small_bag(folder) -> Callable[..., Path]:
    """Pack a small bag, sealed where a key is configured: ``small_bag("tape-1")``."""

    def pack(name: str = "tape-1") -> Path:
        bag = folder / "bags" / name
        (bag / "data" / "record").mkdir(parents=True)
        record = Record(bag / package.LOG)
        files = {
            f"data/master/{name}.wav": MASTER,
            f"data/access/{name}_restored.opus": COPY,
            "data/record/treatment-report.html": REPORT,
        }
        for file, content in files.items():
            (bag / file).parent.mkdir(parents=True, exist_ok=True)
            (bag / file).write_bytes(content)
        tell(record, name)
        growth.close_log(bag, record, configured())
        info = {"External-Identifier": name, package.TREATMENT_KEY: "key", package.LOG_HEAD: record.head}
        package.seal(bag, {}, info)
        return bag

    return pack


def tell(record: Record, name: str) -> None:
    """What happened to the small bag's sound: nothing but a copy."""
    sound = sha256(b"samples")
    about = {"name": "gentle", "purpose": "Try.", "version": "1", "digest": sha256(b"recipe")}
    item = {**ROW, "identifier": name, "file": f"{name}.wav"}
    record.append("ingestion", item=item, recipe=about, software={"heritage-voice": "1"}, agent="restoration run")
    found = {"sha256": sha256(MASTER), "md5": hashlib.md5(MASTER, usedforsecurity=False).hexdigest()}
    record.append("fixity check", when="before", file=f"{name}.wav", expected={}, found=found, outcome="match")
    format_ = {"container": "WAV", "sample_rate": 48000, "channels": 1, "frames": 48000}
    record.append("extraction", sha256=sha256(MASTER), result=sound, file=f"{name}.wav", bytes=len(MASTER),
                  format=format_, warnings=[])  # fmt: skip
    record.append("measurement", when="before", source=sound, measures={"duration_s": 10.0})
    record.append("derivation", file=f"data/access/{name}_restored.opus", role="access copy", sha256=sha256(COPY),
                  bytes=len(COPY), format={}, source=sound, parameters={"gain_db": 0.0})  # fmt: skip
    record.append("packing", files=[f"data/access/{name}_restored.opus"], treatment_key="key")
