"""Wow and flutter: the speed of a carrier that sways, and what it does to the time axis.

A speed of 1 + d sin(2 pi f t + p) reads, at time t, the sound that belongs to the time
t + d / (2 pi f) (cos p - cos(2 pi f t + p)): the integral of the speed. At small depths the displacement stays below a
millisecond, so that a clean recording and its aged copy can be compared frame by frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Audio

Times = npt.NDArray[np.float64]

FILTER = "kaiser_fast"


@dataclass(frozen=True, kw_only=True)
class Sway:
    """One periodic error of the speed: ``percent`` is its peak deviation, ``hz`` its rate, ``phase`` in radians."""

    percent: float
    hz: float
    phase: float

    def displacement_s(self, times_s: Times) -> Times:
        """How far ahead of time t the sound lies that is heard at t; 0 at the beginning."""
        turn = 2 * np.pi * self.hz
        return self.percent / 100 / turn * (np.cos(self.phase) - np.cos(turn * times_s + self.phase))


def heard_at_s(sways: Sequence[Sway], times_s: Times) -> Times:
    """The time in the steady recording of what the swaying one lets hear at ``times_s``."""
    return times_s + sum((sway.displacement_s(times_s) for sway in sways), np.zeros_like(times_s))


def play_with(sways: Sequence[Sway], audio: Audio) -> Audio:
    """``audio`` as a carrier with these errors of speed plays it: as many frames, all channels alike.

    Non-uniform band-limited interpolation of resampy with its filter ``kaiser_fast``.
    """
    if not any(sway.percent for sway in sways) or audio.frames < 2:
        return audio
    import resampy

    times_s = np.arange(audio.frames) / audio.sample_rate
    read_s = np.clip(heard_at_s(sways, times_s), 0.0, times_s[-1])
    samples = resampy.resample_nu(audio.samples, audio.sample_rate, read_s, axis=-1, filter=FILTER)
    return Audio(np.ascontiguousarray(samples, dtype=np.float32), audio.sample_rate)
