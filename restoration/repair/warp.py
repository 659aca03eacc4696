"""The time axis of a carrier that ran unevenly, and its sound on an even one.

A carrier of speed r(t) at the time t of its transfer has by then played the integral of r: the time of the right sound.
The right sound at an even time is what the transfer holds where that integral is that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

Float64 = npt.NDArray[np.float64]
Sounds = npt.NDArray[np.float32]

BLEND_S = 4.0
"""Stretches pass into one another over so long."""
KNOT_S = 0.002
MARGIN = 24
"""Knots beyond the ends of a block: there the ends of the spline are no longer felt."""
ROUNDS = 6
"""Each brings the time nearer by a factor of the depth of the wow."""
FILTER = "kaiser_best"
REACH = 64
"""Frames that the filter reads on either side, and some to spare."""


@dataclass(frozen=True)
class Sway:
    """Wow of a rate from ``start_s`` to ``end_s``: the speed is 1 + Re(depth exp(2 pi i hz t))."""

    start_s: float
    end_s: float
    hz: float
    depth: complex

    def ahead_s(self, times_s: Float64) -> Float64:
        """How far the sound has come too far by each time, fading in and out with the stretch."""
        turn = 2.0 * np.pi * self.hz
        wave = (self.depth / (1j * turn) * np.exp(1j * turn * times_s)).real
        rising = np.clip((times_s - self.start_s) / BLEND_S + 0.5, 0.0, 1.0) if self.start_s > 0 else 1.0
        falling = np.clip((self.end_s - times_s) / BLEND_S + 0.5, 0.0, 1.0) if np.isfinite(self.end_s) else 1.0
        return np.asarray(wave * np.sin(0.5 * np.pi * rising) ** 2 * np.sin(0.5 * np.pi * falling) ** 2)


@dataclass(frozen=True)
class Warp:
    """A transfer whose speed was ``ratio`` of the right one, and swayed."""

    ratio: float
    sways: tuple[Sway, ...]

    def right_time_s(self, times_s: Float64) -> Float64:
        """The time in the right sound of what the transfer holds at each time; 0 at its beginning."""
        return np.asarray(self.ratio * (times_s + self._ahead_s(times_s) - self._ahead_s(np.zeros(1))))

    def transfer_time_s(self, right_s: Float64) -> Float64:
        """The time in the transfer of what belongs at each time of the right sound."""
        even_s = right_s / self.ratio + self._ahead_s(np.zeros(1))
        times_s = even_s
        for _ in range(ROUNDS):
            times_s = even_s - self._ahead_s(times_s)
        return np.asarray(times_s)

    def transfer_frames(self, first: int, count: int, sample_rate: int) -> Float64:
        """The place, in frames of the transfer, of ``count`` frames of the right sound from ``first`` on."""
        low = int(np.floor(first / sample_rate / KNOT_S)) - MARGIN
        high = int(np.ceil((first + count) / sample_rate / KNOT_S)) + MARGIN
        knots_s = KNOT_S * np.arange(low, high + 1, dtype=np.float64)
        lag_s = self.transfer_time_s(knots_s) - knots_s / self.ratio
        frames = np.arange(first, first + count, dtype=np.float64)
        return np.asarray(frames / self.ratio + sample_rate * CubicSpline(knots_s, lag_s)(frames / sample_rate))

    def _ahead_s(self, times_s: Float64) -> Float64:
        total = np.zeros(times_s.size)
        for sway in self.sways:
            near = (times_s > sway.start_s - BLEND_S) & (times_s < sway.end_s + BLEND_S)
            if near.any():
                total[near] += sway.ahead_s(times_s[near])
        return total


def source_span(places: Float64, frames: int) -> tuple[int, int]:
    """First and last frame, the latter excluded, that are read for sound at ``places`` of a transfer."""
    return max(0, int(np.floor(places[0])) - REACH), min(frames, int(np.ceil(places[-1])) + REACH + 1)


def sound_at(samples: Sounds, places: Sequence[float] | Float64) -> Sounds:
    """The sound (channels, places) between the frames of ``samples`` (channels, time), at ascending places.

    Band-limited interpolation of resampy with its filter ``kaiser_best``; places beyond the ends have the sound there.
    """
    import resampy

    inside = np.clip(np.asarray(places), 0.0, samples.shape[1] - 1.0)
    if samples.shape[1] < 2:
        return np.asarray(np.repeat(samples[:, :1], inside.size, axis=1))
    return np.asarray(resampy.resample_nu(samples, 1.0, inside, axis=-1, filter=FILTER), dtype=np.float32)
