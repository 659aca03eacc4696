"""The clean speech that the benchmark ages: short clips, mono, 48 kHz."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restoration.audio import Audio
from restoration.errors import BadSoundFile, RestorationError

SAMPLE_RATE = 48000
SHORTEST_S = 1.0
SUFFIXES = (".wav", ".flac", ".mp3", ".opus", ".ogg", ".aif", ".aiff", ".w64", ".rf64")
DEVELOPMENT = ("dev", "dev-reading")
"""Splits of a corpus that nothing was trained on; the first is used up before the second is begun."""


@dataclass(frozen=True)
class Source:
    """Where a clip comes from: ``language`` as a BCP 47 tag, empty when it is not known."""

    path: Path
    name: str
    language: str = ""


@dataclass(frozen=True, eq=False)
class Clip:
    """A clean clip: mono, 48 kHz; ``sha256`` is that of its samples as little-endian float32."""

    name: str
    language: str
    audio: Audio

    @property
    def sha256(self) -> str:
        return hashlib.sha256(np.ascontiguousarray(self.audio.samples, dtype="<f4").tobytes()).hexdigest()


def find_clips(place: Path, count: int | None = None) -> list[Source]:
    """The clips in ``place``: what its ``dev.csv`` lists, or every sound file in and under it, in order of their names.

    Args:
        place: a corpus (with dev.csv: columns path, split, language) or any folder of sound files.
        count: so many of them; None is all.

    Raises:
        RestorationError: there are none.
    """
    table = place / "dev.csv"
    found = list(_listed(table) if table.is_file() else _lying_in(place))
    if not found:
        raise RestorationError(f"{place} holds no clips: neither a dev.csv nor sound files ({', '.join(SUFFIXES)})")
    return found[:count]


def _listed(table: Path) -> Iterator[Source]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for split in DEVELOPMENT:
        for row in rows:
            if row.get("split") == split:
                path = table.parent / row["path"]
                yield Source(path, path.stem, row.get("language", ""))


def _lying_in(folder: Path) -> Iterator[Source]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield Source(path, path.relative_to(folder).with_suffix("").as_posix())


def read_clip(source: Source, longest_s: float) -> Clip:
    """The first ``longest_s`` seconds of a clip, the mean of its channels, at 48 kHz.

    Raises:
        BadSoundFile: the file cannot be decoded.
        RestorationError: it is shorter than a second, or silent.
    """
    # What a master may not be, cut short by a frame of its codec, a clip may.
    try:
        samples, sample_rate = soundfile.read(source.path, dtype="float64", always_2d=True)
    except soundfile.SoundFileError as error:
        raise BadSoundFile(source.path, f"cannot be decoded ({error})") from error
    heard = samples[: round(longest_s * sample_rate)].mean(axis=1)
    if heard.size < SHORTEST_S * sample_rate or not heard.any():
        raise RestorationError(f"{source.path}: a clip has at least {SHORTEST_S:g} s of sound, this one does not")
    mono = soxr.resample(heard, sample_rate, SAMPLE_RATE, quality="VHQ")
    return Clip(source.name, source.language, Audio(mono.astype(np.float32)[None], SAMPLE_RATE))
