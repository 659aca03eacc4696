"""Band levels of clean and of aged clips, measured once and kept beside the run: what the extender learns from."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from restoration.audio import Audio
from restoration.errors import RestorationError
from restoration.nets.missing_band import Band, transform
from restoration.nets.voice_bands import BANDS, CENTRES_HZ, Float64, band_levels_db, loudness_db
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS
from restoration.simulate.fault import Fault
from restoration.simulate.programme import BandLimit
from restoration.training.clips import is_held_out

logger = logging.getLogger(__name__)

FULL_RATE, AGED_RATE = 48_000, 16_000
AGED_UP_TO_HZ = 7800.0
LONGEST_S = 60.0
CARRIERS = ("tape", "tape", "tape", "disc", "disc", "cylinder", "wire", "telephone", "radio")
QUIETER_DB = (-30.0, 0.0)
"""What ageing added is turned down by a random amount: in a recipe, noise is reduced before the band is extended."""
SPEECH_BELOW_LOUDEST_DB = 25.0
SEED = 1912

Float16 = npt.NDArray[np.float16]


@dataclass(frozen=True)
class BandLevels:
    """Clips end to end: ``starts`` (clips + 1) are their borders in frames of 8 ms.

    ``clean`` and ``aged`` are levels in dB (bands, frames); ``colour_db`` (clips, bands) what the carrier did to the
    spectrum; ``bandwidths_hz`` how far the clean clips reach, ``limits_hz`` how far the aged ones do.
    """

    clean: Float16
    aged: Float16
    starts: npt.NDArray[np.int64]
    colour_db: Float64
    bandwidths_hz: Float64
    limits_hz: Float64
    paths: tuple[str, ...]

    def chosen(self, held_out: bool) -> npt.NDArray[np.int64]:
        """Numbers of the clips that are, or are not, kept from the training."""
        return np.array([n for n, path in enumerate(self.paths) if is_held_out(path) == held_out], dtype=np.int64)


@dataclass(frozen=True)
class _Clip:
    clean: Float16
    aged: Float16
    colour_db: Float64
    limit_hz: float


def read_band_levels(corpus: Path, kept: Path) -> BandLevels:
    """The levels of the clips that ``train.csv`` of a corpus lists; ``kept`` is a folder that remembers them.

    Raises:
        RestorationError: there is no ``train.csv``.
    """
    table = corpus / "train.csv"
    if not table.is_file():
        raise RestorationError(f"{table} is not there; --corpus is a folder with a train.csv")
    place = kept / f"band-levels-{hashlib.sha256(table.read_bytes()).hexdigest()[:16]}"
    if not (place / "about.json").is_file():
        place.mkdir(parents=True, exist_ok=True)
        _keep(corpus, list(_rows(table)), place)
    about = json.loads((place / "about.json").read_text(encoding="utf-8"))
    return BandLevels(
        np.load(place / "clean.npy", mmap_mode="r"),
        np.load(place / "aged.npy", mmap_mode="r"),
        np.array(about["starts"], dtype=np.int64),
        np.load(place / "colour.npy"),
        np.array(about["bandwidths_hz"]),
        np.array(about["limits_hz"]),
        tuple(about["paths"]),
    )


def _rows(table: Path) -> Iterator[tuple[str, float]]:
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["path"], float(row["bandwidth_hz"])


def _keep(corpus: Path, rows: list[tuple[str, float]], place: Path) -> None:
    clips = []
    for number, (path, _) in enumerate(rows):
        clips.append(_clip(corpus / path, number))
        if number % 500 == 499:
            logger.info("measured the bands of %d of %d clips", number + 1, len(rows))
    np.save(place / "clean.npy", np.concatenate([clip.clean for clip in clips], axis=1))
    np.save(place / "aged.npy", np.concatenate([clip.aged for clip in clips], axis=1))
    np.save(place / "colour.npy", np.stack([clip.colour_db for clip in clips]))
    about = {
        "paths": [path for path, _ in rows],
        "bandwidths_hz": [bandwidth_hz for _, bandwidth_hz in rows],
        "limits_hz": [clip.limit_hz for clip in clips],
        "starts": np.cumsum([0, *(clip.clean.shape[1] for clip in clips)]).tolist(),
    }
    (place / "about.json").write_text(json.dumps(about), encoding="utf-8")


def _clip(path: Path, number: int) -> _Clip:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples[: round(LONGEST_S * rate)].mean(axis=1)
    clean = levels_db_of(_resampled(mono, rate, FULL_RATE), FULL_RATE)
    draw = np.random.default_rng([SEED, number])
    chain = drawn_chain(draw)
    made = age(Audio(_resampled(mono, rate, AGED_RATE)[None], AGED_RATE), chain, int(draw.integers(2**31)))
    programme, aged = (each.samples[0].astype(np.float64) for each in (made.programme, made.audio))
    aged = programme + 10 ** (draw.uniform(*QUIETER_DB) / 20) * (aged - programme)
    own, heard = levels_db_of(programme, AGED_RATE), levels_db_of(aged, AGED_RATE)
    frames = min(clean.shape[1], heard.shape[1])
    loudness = loudness_db(clean[:, :frames])
    speech = np.flatnonzero(loudness > loudness.max() - SPEECH_BELOW_LOUDEST_DB)
    colour = (own[:, speech] - clean[:, speech]).mean(axis=1)
    colour[CENTRES_HZ > AGED_UP_TO_HZ] = 0.0
    return _Clip(clean[:, :frames].astype(np.float16), heard[:, :frames].astype(np.float16), colour, limit_hz(chain))


def drawn_chain(draw: np.random.Generator) -> tuple[Fault, ...]:
    """A random carrier, without the faults that move the sound in time: clean and aged frames stay side by side."""
    chain = CHAINS[CARRIERS[int(draw.integers(len(CARRIERS)))]](draw)
    return tuple(fault for fault in chain if fault.kind != "time")


def limit_hz(chain: tuple[Fault, ...]) -> float:
    """Where the narrowest band limit of a chain lies."""
    limits = [fault.high_hz for fault in chain if isinstance(fault, BandLimit) and fault.high_hz]
    return min([AGED_UP_TO_HZ, *limits])


def levels_db_of(samples: npt.NDArray[np.floating], sample_rate: int) -> Float64:
    """Levels (bands, frames) in dB of sound (time,)."""
    grid = Band(sample_rate, 1000.0, 2000.0)
    power = np.abs(transform(samples, grid)) ** 2
    levels = band_levels_db(power, grid.frequencies_hz)
    return levels.reshape(BANDS, -1)


def _resampled(samples: npt.NDArray[np.floating], rate_in: int, rate_out: int) -> npt.NDArray[np.float32]:
    return np.asarray(samples if rate_in == rate_out else soxr.resample(samples, rate_in, rate_out), dtype=np.float32)
