"""Clean speech to train on: the clips of a corpus, read once, freed from their rooms' noise and kept beside the run."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from restoration.errors import RestorationError
from restoration.training.cleaning import cleaned

HELD_OUT_SHARE = 0.04
FULL_SCALE = 32767
ROOM_S = 60.0
"""Clips that follow each other are of one room for so long, if they are of one speaker."""
TREATMENT = "cleaned 1"
"""Part of a kept file's name: what was kept before clips were cleaned is not taken for theirs."""


@dataclass(frozen=True)
class Clips:
    """Clips end to end as 16-bit samples: ``starts`` (clips + 1) are their borders; a path and a speaker for each."""

    samples: npt.NDArray[np.int16]
    starts: npt.NDArray[np.int64]
    paths: tuple[str, ...]
    speakers: tuple[str, ...]
    sample_rate: int

    def cut(self, clip: int, start: int, frames: int) -> npt.NDArray[np.float64]:
        """``frames`` samples of a clip from ``start``, as floats; zeros follow its end."""
        begin = self.starts[clip] + start
        cut = self.samples[begin : min(begin + frames, self.starts[clip + 1])].astype(np.float64) / FULL_SCALE
        return np.pad(cut, (0, frames - cut.size))

    def chosen(self, held_out: bool) -> npt.NDArray[np.int64]:
        """Numbers of the clips that are, or are not, kept from the training; decided by their paths alone."""
        return np.array([n for n, path in enumerate(self.paths) if is_held_out(path) == held_out], dtype=np.int64)


def is_held_out(path: str) -> bool:
    """Whether a clip is kept from the training."""
    return int(hashlib.sha256(path.encode()).hexdigest()[:8], 16) < HELD_OUT_SHARE * 2**32


def read_clips(corpus: Path, sample_rate: int, kept: Path) -> Clips:
    """The clips that ``train.csv`` of a corpus lists, resampled; ``kept`` is a folder that remembers them.

    Raises:
        RestorationError: there is no ``train.csv``.
    """
    table = _table(corpus)
    key = hashlib.sha256(table.read_bytes() + f"{sample_rate} {TREATMENT}".encode()).hexdigest()[:16]
    sound, about = kept / f"clips-{key}.npy", kept / f"clips-{key}.json"
    if not about.is_file():
        _keep(corpus, table, sample_rate, sound, about)
    known = json.loads(about.read_text(encoding="utf-8"))
    samples = np.load(sound, mmap_mode="r")
    starts = np.array(known["starts"], dtype=np.int64)
    return Clips(samples, starts, tuple(known["paths"]), tuple(known["speakers"]), sample_rate)


def table_digest(corpus: Path) -> str:
    """SHA-256 of the ``train.csv`` of a corpus.

    Raises:
        RestorationError: there is none.
    """
    return hashlib.sha256(_table(corpus).read_bytes()).hexdigest()


def _table(corpus: Path) -> Path:
    table = corpus / "train.csv"
    if not table.is_file():
        raise RestorationError(f"{table} is not there; --corpus is a folder with a train.csv (columns path, speaker)")
    return table


def _keep(corpus: Path, table: Path, sample_rate: int, sound: Path, about: Path) -> None:
    pieces, paths, speakers = [], [], []
    for room in _rooms(_rows(table), corpus):
        read = [read_sound(corpus / path, sample_rate) for path, _ in room]
        pieces += [_in_16_bits(clip) for clip in cleaned(read, sample_rate)]
        paths += [path for path, _ in room]
        speakers += [speaker for _, speaker in room]
    starts = np.cumsum([0, *(piece.size for piece in pieces)])
    sound.parent.mkdir(parents=True, exist_ok=True)
    np.save(sound, np.concatenate(pieces))
    about.write_text(json.dumps({"paths": paths, "speakers": speakers, "starts": starts.tolist()}), encoding="utf-8")


def _rooms(rows: Iterable[tuple[str, str]], corpus: Path) -> Iterator[list[tuple[str, str]]]:
    """Runs of clips, as (path, speaker), that were read by one speaker, each run about ``ROOM_S`` long."""
    for _, own in groupby(rows, key=lambda row: row[1]):
        room, lasts_s = [], 0.0
        for row in own:
            room.append(row)
            lasts_s += soundfile.info(corpus / row[0]).duration
            if lasts_s >= ROOM_S:
                yield room
                room, lasts_s = [], 0.0
        if room:
            yield room


def _rows(table: Path) -> Iterator[tuple[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["path"], row["speaker"]


def read_sound(path: Path, sample_rate: int) -> npt.NDArray[np.float32]:
    """A file (time,), mono, at another rate."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mixed = samples.mean(axis=1)
    return np.asarray(soxr.resample(mixed, rate, sample_rate) if rate != sample_rate else mixed, dtype=np.float32)


def _in_16_bits(sound: npt.NDArray[np.floating]) -> npt.NDArray[np.int16]:
    return np.asarray(np.clip(np.round(sound * FULL_SCALE), -FULL_SCALE, FULL_SCALE), dtype=np.int16)
