"""Short-time spectra sorted by level: what is heard in the pauses, and what in the voice.

One pass cannot know where the pauses are before it has heard the end. So every window's power spectrum is added to
the sum of its level class (half a decibel wide), and the classes are told apart afterwards: the memory is that of a few
hundred spectra however long the tape is.
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.signal import get_window

from restoration.audio import Recording
from restoration.measures.metering import Float64, Windows, listen

WINDOW_S = 0.043
LOWEST_HZ = 20.0
LOWEST_DBFS = -150.0
CLASS_DB = 0.5
CLASSES = 400


class LevelSpectra:
    """Power spectra of 43 ms Hann windows, half overlapping, mean of the channels, summed by level.

    The bins of a spectrum sum to the window's mean square from 20 Hz up, so that its level is in dBFS (RMS: a
    full-scale sine is at -3 dBFS). Windows of digital zeros are counted apart.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self.sample_rate = sample_rate
        length = max(16, fft.next_fast_len(2 * round(sample_rate * WINDOW_S / 2), real=True))
        self._length = length + length % 2
        self._windows = Windows(channels, self._length, self._length // 2)
        self._window = get_window("hann", self._length)
        bins = self._length // 2 + 1
        self.frequencies_hz = np.arange(bins, dtype=np.float64) * (sample_rate / self._length)
        self._scale = np.where(self.frequencies_hz >= LOWEST_HZ, 2.0, 0.0)
        self._scale[-1] = 1.0
        self._scale /= self._length * float((self._window**2).sum())
        self.counts = np.zeros(CLASSES, dtype=np.int64)
        self.sums = np.zeros((CLASSES, bins))
        self.silent_windows = 0

    def feed(self, samples: Float64) -> None:
        windows = self._windows.feed(samples)
        if not windows.shape[1]:
            return
        spectra = np.zeros((windows.shape[1], self.frequencies_hz.size))
        for channel in windows:
            mean = channel @ (self._window / self._window.sum())
            transform = fft.rfft((channel - mean[:, None]) * self._window, axis=1)
            spectra += transform.real**2 + transform.imag**2
        spectra *= self._scale / windows.shape[0]
        self._sort(spectra, np.any(windows, axis=(0, 2)))

    def _sort(self, spectra: Float64, audible: np.ndarray) -> None:
        self.silent_windows += int((~audible).sum())
        spectra = spectra[audible]
        levels = 10.0 * np.log10(np.maximum(spectra.sum(axis=1), 1e-30))
        classes = np.clip(np.floor((levels - LOWEST_DBFS) / CLASS_DB).astype(int), 0, CLASSES - 1)
        np.add.at(self.counts, classes, 1)
        for index in np.unique(classes):
            self.sums[index] += spectra[classes == index].sum(axis=0)

    @property
    def levels_dbfs(self) -> Float64:
        """The middle of every level class."""
        return LOWEST_DBFS + CLASS_DB * (np.arange(CLASSES, dtype=np.float64) + 0.5)

    def level_exceeded(self, share: float) -> float | None:
        """The level that a share (0..1) of the windows exceed, interpolated in its class; None without windows."""
        total = int(self.counts.sum())
        if not total:
            return None
        below = np.concatenate(([0], np.cumsum(self.counts))) / total
        edges = LOWEST_DBFS + CLASS_DB * np.arange(CLASSES + 1)
        first, last = int(np.argmax(below > 0.0)) - 1, int(np.argmax(below >= 1.0))
        return float(np.interp(1.0 - share, below[first : last + 1], edges[first : last + 1]))

    def between(self, low_dbfs: float, high_dbfs: float) -> tuple[Float64, int]:
        """Mean power spectrum of the windows whose level class lies within, and how many windows there are."""
        chosen = (self.levels_dbfs >= low_dbfs) & (self.levels_dbfs <= high_dbfs)
        count = int(self.counts[chosen].sum())
        mean: Float64 = self.sums[chosen].sum(axis=0) / max(count, 1)
        return mean, count


def level_spectra(recording: Recording) -> LevelSpectra:
    """The level spectra of a whole recording."""
    spectra = LevelSpectra(recording.sample_rate, recording.channels)
    listen(recording, spectra)
    return spectra
