"""The columns of the finest tiles: levels over frequency and the envelope, of the three sounds at once.

The files are read once, forwards, a stretch at a time. A transform is linear: that of the sound before is put together
from those of what is left and of what was removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft

from restoration.audio import Samples
from restoration.provenance.picture_columns import WINDOWS_PER_COLUMN, extent, row_bins, window_frames
from restoration.room.heard import AFTER, BEFORE, NAMES, REMOVED, HeardSounds

FRAMES_AT_ONCE = 2**18
WINDOWS_AT_ONCE = 256


class Columns(NamedTuple):
    """``power`` (rows, columns) as mean squares, highest frequency first; ``envelope`` (3, columns): low, high, RMS."""

    power: npt.NDArray[np.float32]
    envelope: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Axes:
    """What a pixel is: ``px_per_s`` columns a second, ``rows`` from 0 Hz to ``max_hz``."""

    px_per_s: float
    rows: int
    max_hz: float

    def columns(self, duration_s: float) -> int:
        """How many columns a sound takes."""
        return max(1, int(np.ceil(duration_s * self.px_per_s - 1e-9)))


def columns_of(sounds: HeardSounds, axes: Axes) -> Iterator[dict[str, Columns]]:
    """The columns of all three sounds by name, in order, some at a time.

    A level is the mean over the windows of its column (Hann, about 43 ms, at most four) and the channels, and over the
    frequencies of its row the largest.
    """
    span = sounds.sample_rate / axes.px_per_s
    total = axes.columns(sounds.duration_s)
    windows = int(np.clip(round(2 * span / window_frames(sounds.sample_rate)), 1, WINDOWS_PER_COLUMN))
    together = max(1, min(WINDOWS_AT_ONCE // windows, int(FRAMES_AT_ONCE / span)))
    levels = _Levels(sounds.sample_rate, axes)
    for first in range(0, total, together):
        edges = np.rint(np.arange(first, min(total, first + together) + 1) * span).astype(np.int64)
        begin, end = int(edges[0]) - levels.size, int(edges[-1]) + levels.size
        samples = sounds.read(begin, end)
        centres = edges[:-1, None] + (np.arange(windows) + 0.5) / windows * span
        starts = (centres - levels.size / 2 - begin).astype(np.int64)
        powers = levels.of(samples, starts, sounds.mixture)
        inside = {name: each[:, levels.size : -levels.size] for name, each in samples.items()}
        yield {name: Columns(powers[name], extent(inside[name], edges[:-1] - edges[0])) for name in NAMES}


class _Levels:
    """Short-time powers in rows of frequency."""

    def __init__(self, sample_rate: int, axes: Axes) -> None:
        self.size = window_frames(sample_rate)
        self.rows = axes.rows
        self.lows, self.stop = row_bins(axes.rows, axes.max_hz, self.size, sample_rate)
        window = np.hanning(self.size + 1)[:-1]
        self.window = (window * 2.0 / window.sum()).astype(np.float32)

    def of(
        self, samples: dict[str, Samples], starts: npt.NDArray[np.int64], mixture: tuple[float, float]
    ) -> dict[str, npt.NDArray[np.float32]]:
        """By name, powers (rows, columns) of the windows that begin at ``starts`` (columns, windows)."""
        after, removed = (self._spectra(samples[name], starts) for name in (AFTER, REMOVED))
        left, gone = (np.float32(share) for share in mixture)
        spectra = {BEFORE: left * after + gone * removed, AFTER: after, REMOVED: removed}
        return {name: self._rows(self._power(each, starts)) for name, each in spectra.items()}

    def _spectra(self, samples: Samples, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.complex64]:
        cut = np.lib.stride_tricks.sliding_window_view(samples, self.size, axis=1)[:, starts.ravel()]
        return np.asarray(fft.rfft(cut * self.window, axis=-1)[..., : self.stop])

    def _power(self, spectra: npt.NDArray[np.complex64], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
        return np.asarray(power.reshape(*starts.shape, self.stop).mean(axis=1), dtype=np.float32)

    def _rows(self, power: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        pooled = np.zeros((self.rows, power.shape[0]), dtype=np.float32)
        pooled[self.rows - len(self.lows) :] = np.maximum.reduceat(power, self.lows, axis=1).T[::-1]
        return pooled
