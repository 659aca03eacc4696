"""Clicks and crackle: short damped oscillations at random times, as scratches and dust leave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import decibels, speech_level

SHORTEST_MS = 0.1
LONGEST_MS = 3.0
RINGING_HZ = (1500.0, 6000.0)
LENGTH_DECAYS = 4.0
SHAPES = 48


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """Clicks at random times, the same in all channels.

    Args:
        per_s: mean number of clicks in a second, 0 to 2000.
        peak_db: median of their peaks relative to the speech level of what arrives, -80 to 60.
        spread_db: standard deviation of their peaks in dB, 0 to 20.
    """

    kind: ClassVar[Kind] = "added"
    per_s: float
    peak_db: float
    spread_db: float = 5.0

    def __post_init__(self) -> None:
        check_range(self, 0, 2000, "per_s")
        check_range(self, -80, 60, "peak_db")
        check_range(self, 0, 20, "spread_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        level_dbfs = decibels(speech_level(samples, sample_rate))
        if level_dbfs is None:
            return samples, {"click_frames": []}
        sound, starts = clicks(
            samples.shape[1], sample_rate, self.per_s, self.peak_db + level_dbfs, self.spread_db, draw
        )
        return samples + sound, {"click_frames": starts}


def clicks(
    frames: int, sample_rate: int, clicks_per_s: float, peak_dbfs: float, spread_db: float, draw: np.random.Generator
) -> tuple[Float64, list[int]]:
    """Clicks alone, the same in all channels: shape (1, frames), and the frames at which they begin.

    Their number is Poisson distributed and they fall anywhere. The peak of each in dB is Laplace distributed around
    ``peak_dbfs`` (its median) with a standard deviation of ``spread_db``: the amplitudes have the heavy tail of a power
    law. Each rings at 1.5 to 6 kHz and lasts 0.1 to 3 ms until it has fallen to 2 %. There are at most 48 shapes.
    """
    count = int(draw.poisson(clicks_per_s * frames / sample_rate)) if frames else 0
    if not count:
        return np.zeros((1, frames)), []
    shapes = _shapes(min(count, SHAPES), sample_rate, draw)
    starts = np.sort(draw.integers(0, frames, count))
    peaks = 10 ** (draw.laplace(peak_dbfs, spread_db / np.sqrt(2), count) / 20) * draw.choice([-1.0, 1.0], count)
    which = draw.permutation(np.arange(count) % len(shapes))
    sound = np.zeros(frames + max(shape.size for shape in shapes))
    for index, shape in enumerate(shapes):
        own = which == index
        places = starts[own][:, None] + np.arange(shape.size)
        # Two clicks of one shape may overlap: plain indexing would lose one of them.
        np.add.at(sound, places, peaks[own][:, None] * shape)
    return sound[None, :frames], starts.tolist()


def _shapes(count: int, sample_rate: int, draw: np.random.Generator) -> list[Float64]:
    """Clicks with a peak of 1."""
    lengths_ms = np.exp(draw.uniform(np.log(SHORTEST_MS), np.log(LONGEST_MS), count))
    ringing_hz = draw.uniform(*RINGING_HZ, count)
    return [one_click(sample_rate, float(ms), float(hz)) for ms, hz in zip(lengths_ms, ringing_hz, strict=True)]


def one_click(sample_rate: int, length_ms: float, ringing_hz: float) -> Float64:
    """One click with a peak of 1 that has fallen to 2 % after ``length_ms``."""
    times_ms = np.arange(max(1, round(length_ms / 1000 * sample_rate))) / sample_rate * 1000
    return np.asarray(np.exp(-LENGTH_DECAYS * times_ms / length_ms) * np.cos(2e-3 * np.pi * ringing_hz * times_ms))
