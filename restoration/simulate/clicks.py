"""Clicks and crackle: short damped oscillations at random times, as scratches and dust leave them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

SHORTEST_MS = 0.1
LONGEST_MS = 1.0
RINGING_HZ = (1500.0, 6000.0)
LENGTH_DECAYS = 4.0


def clicks(
    frames: int, sample_rate: int, clicks_per_s: float, peak_dbfs: float, spread_db: float, draw: np.random.Generator
) -> tuple[Float64, list[int]]:
    """Clicks alone, the same in all channels: shape (1, frames), and the frames at which they begin.

    Their number is Poisson distributed and they fall anywhere. The peak of each is log-normal around ``peak_dbfs`` (its
    median) with a standard deviation of ``spread_db``; each lasts 0.1 to 1 ms until it has fallen to 2 %.
    """
    sound = np.zeros(frames)
    count = int(draw.poisson(clicks_per_s * frames / sample_rate)) if frames else 0
    starts = np.sort(draw.integers(0, max(1, frames), count))
    for start in starts:
        click = one_click(sample_rate, draw) * 10 ** (draw.normal(peak_dbfs, spread_db) / 20)
        stop = min(frames, start + click.size)
        sound[start:stop] += click[: stop - start]
    return sound[None], [int(start) for start in starts]


def one_click(sample_rate: int, draw: np.random.Generator) -> Float64:
    """One click with a peak of 1, of either polarity."""
    seconds = draw.uniform(SHORTEST_MS, LONGEST_MS) / 1000
    times_s = np.arange(max(1, round(seconds * sample_rate))) / sample_rate
    ringing_hz = draw.uniform(*RINGING_HZ)
    wave = np.exp(-LENGTH_DECAYS * times_s / seconds) * np.cos(2 * np.pi * ringing_hz * times_s)
    return wave if draw.random() < 0.5 else -wave
