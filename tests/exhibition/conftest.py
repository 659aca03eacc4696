"""Bags with a real production master and a small log, as an export finds them: made in a fraction of a second."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from restoration import fixity, growth, heads, package, sound_files
from restoration.audio import Audio, Recording
from restoration.exhibition.certificate import CHAIN_VARIABLE
from restoration.exhibition.preset import load_preset
from restoration.exhibition.request import Wanted
from restoration.record import Record
from restoration.seals import KEY_VARIABLE, PASSPHRASE_VARIABLE

ROW = {
    "title": "A reading",
    "speaker": "Ada Reader",
    "recorded_date": "1958",
    "language": "en",
    "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
    "voice_consent": "not-required",
}
WORDS = ("It was a bright cold day in April", "and the clocks were striking thirteen", "we're still here", "in April")
BagOf = Callable[..., Path]
WantedOf = Callable[..., Wanted]


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    """What the machine has set is no part of these tests."""
    for name in (KEY_VARIABLE, PASSPHRASE_VARIABLE, heads.HEADS_VARIABLE, CHAIN_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: a growth waits for the disk a dozen times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def bag_of(folder, reading) -> BagOf:
    """Pack a bag of a reading: ``bag_of("tape-1", item={"rights_uri": ...}, gain=0.5, steps=[...])``."""

    def pack(name: str = "tape-1", samples=None, rate: int = 48_000, item=None, gain: float = 1.0, steps=()) -> Path:
        bag = folder / "bags" / name
        (bag / "data" / "record").mkdir(parents=True)
        chosen = reading.samples[:, : 8 * 48_000] * gain if samples is None else samples
        sound = Recording.from_audio(folder / f"{name}.f32", Audio(np.atleast_2d(chosen).astype(np.float32), rate))
        (bag / "data" / "master").mkdir()
        (bag / "data" / "master" / f"{name}.wav").write_bytes(b"the master")
        master = bag / "data" / "restored" / f"{name}_restored.wav"
        master.parent.mkdir()
        history = "A=PCM,F=48000,W=24,M=mono,T=heritage-voice"
        about = sound_files.BwfDescription(coding_history_rows=[history], texts={"description": "A reading"})
        written = sound_files.write_bwf(sound, master, description=about)
        record = Record(bag / package.LOG)
        row = {"identifier": name, "file": f"{name}.wav", **ROW, **(item or {})}
        tell(record, row, sound, written, steps)
        growth.close_log(bag, record, None)
        info = {"External-Identifier": name, package.TREATMENT_KEY: "key", package.LOG_HEAD: record.head}
        package.seal(bag, {}, info)
        return bag

    return pack


def tell(record: Record, row: dict, sound: Recording, written, steps) -> None:
    """The log of a bag: what an export reads of it."""
    recipe = {"name": "gentle", "purpose": "Try.", "version": "1", "digest": sha256(b"recipe")}
    record.append("ingestion", item=row, recipe=recipe, software={"heritage-voice": "1"}, agent="restoration run")
    master = b"the master"
    found = {"sha256": sha256(master), "md5": hashlib.md5(master, usedforsecurity=False).hexdigest()}
    record.append("fixity check", when="before", file=row["file"], expected={}, found=found, outcome="match")
    form = {"container": "WAV", "sample_rate": sound.sample_rate, "channels": sound.channels, "frames": sound.frames}
    record.append("extraction", sha256=sha256(master), result=sound.pcm_sha256, file=row["file"], bytes=len(master),
                  format=form, warnings=[])  # fmt: skip
    for step in steps:
        record.append("step", source=sound.pcm_sha256, result=sound.pcm_sha256, position=1, outcome="treated",
                      parameters={}, findings={}, about="", version="1", device="cpu", weights={}, **step)  # fmt: skip
    segments = [
        {"start_s": 2.0 * n, "end_s": 2.0 * n + 1.9, "speaker": "speaker 1", "text": text}
        for n, text in enumerate(WORDS)
    ]
    record.append("segmentation", source=sound.pcm_sha256, duration_s=sound.duration_s, parameters={}, models={},
                  speakers=[], segments=segments)  # fmt: skip
    name = f"data/restored/{row['identifier']}_restored.wav"
    record.append("derivation", file=name, role="production master", sha256=written.sha256, bytes=written.bytes,
                  format={}, source=sound.pcm_sha256, parameters={})  # fmt: skip
    record.append("packing", files=[name], treatment_key="key")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def wanted_of(folder) -> WantedOf:
    """What is wanted: ``wanted_of("web", formats=("flac",))``."""

    def make(preset: str = "exhibition_r128", **changed) -> Wanted:
        known = {"preset": load_preset(preset), "out": folder / "out", "by": "Ada Berg"}
        return Wanted(**{**known, **changed})

    return make


def digests_in(folder: Path) -> dict[str, str]:
    """Every file of a folder, by name."""
    return {path.name: fixity.digests(path)["sha256"] for path in sorted(folder.rglob("*")) if path.is_file()}
