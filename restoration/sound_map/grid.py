"""The cells of a map: twenty columns a second, bands of a third of an octave, all channels together.

A cell is centred in its column; its window is twice as long as a column, so that low bands can be told apart. The
bands are those of IEC 61260-1 (base ten) from 50 Hz on; a map of a higher rate has the same bands and more above them.
Channels are added up: a map says what is heard at a place, from whichever channel it comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from restoration.audio import Recording, Samples

Energies = npt.NDArray[np.float32]
"""Shape (bands, columns): mean square of the window in each band, full scale being 1."""
Spectra = npt.NDArray[np.complex64]
"""Shape (channels, columns, bins)."""

COLUMNS_PER_S = 20
WINDOW_S = 0.1
LOWEST_BAND = -13
"""50 Hz, in tenths of a decade from 1 kHz."""
SAMPLES_AT_ONCE = 2**19


@dataclass(frozen=True)
class Grid:
    """The cells of recordings of a sample rate in Hz."""

    sample_rate: int

    @cached_property
    def centres_hz(self) -> tuple[float, ...]:
        """Of the bands, the lowest first; the last lies below half the sample rate."""
        most = int(np.ceil(10 * np.log10(self.sample_rate / 2 / 1000)))
        return tuple(1000.0 * 10 ** (n / 10) for n in range(LOWEST_BAND, most))

    @property
    def edges_hz(self) -> tuple[float, ...]:
        """Of the bands, one more than there are; the last is half the sample rate at most."""
        edges = [self.centres_hz[0] * 10**-0.05, *(centre * 10**0.05 for centre in self.centres_hz)]
        return (*edges[:-1], min(edges[-1], self.sample_rate / 2))

    @property
    def bands(self) -> int:
        return len(self.centres_hz)

    @property
    def size(self) -> int:
        """Frames of a window."""
        return round(WINDOW_S * self.sample_rate)

    @cached_property
    def window(self) -> npt.NDArray[np.float32]:
        """Hann, scaled so that the squares of a spectrum's positive half add up to the mean square."""
        hann = np.hanning(self.size + 1)[:-1]
        return np.asarray(hann * np.sqrt(2.0 / (self.size * (hann**2).sum())), dtype=np.float32)

    @cached_property
    def bins(self) -> npt.NDArray[np.int64]:
        """The first bin of each band, and the bin after the last."""
        found = np.ceil(np.array(self.edges_hz) * self.size / self.sample_rate).astype(np.int64)
        found[-1] = min(max(found[-1], found[-2] + 1), self.size // 2 + 1)
        return found

    def columns(self, frames: int) -> int:
        """Columns that cover so many frames, one at least."""
        return max(1, -(-frames * COLUMNS_PER_S // self.sample_rate))

    def at_once(self, channels: int) -> int:
        """Columns that are worked on together, so that memory stays small at any rate."""
        return max(4, SAMPLES_AT_ONCE // (self.size * channels))

    def windows(self, recording: Recording, first: int, count: int) -> Samples:
        """The windows of ``count`` columns from ``first`` on, (channels, columns, size); silence beyond the ends."""
        starts = self._starts(first, count)
        begin = max(0, int(starts[0]))
        return self.cut(recording.read(begin, max(0, int(starts[-1]) + self.size)).samples, begin, first, count)

    def cut(self, samples: Samples, begin: int, first: int, count: int) -> Samples:
        """The windows of columns from samples (channels, time), the first of which is frame ``begin``."""
        starts = self._starts(first, count) - begin
        lead, end = max(0, -int(starts[0])), max(0, int(starts[-1]) + self.size - samples.shape[1])
        padded = np.pad(samples, ((0, 0), (lead, end)))
        return np.lib.stride_tricks.sliding_window_view(padded, self.size, axis=1)[:, starts + lead]

    def _starts(self, first: int, count: int) -> npt.NDArray[np.int64]:
        centres = (np.arange(first, first + count) + 0.5) * self.sample_rate / COLUMNS_PER_S
        return np.asarray(np.rint(centres - self.size / 2), dtype=np.int64)

    def spectra(self, windows: Samples) -> Spectra:
        """Of windows (channels, columns, size), up to the end of the last band."""
        return np.asarray(rfft(windows * self.window, axis=-1)[..., : self.bins[-1]])

    def energies(self, spectra: Spectra) -> Energies:
        """Of the cells."""
        power = (spectra.real**2 + spectra.imag**2).sum(axis=0)
        return np.asarray(np.add.reduceat(power, self.bins[:-1], axis=1).T, dtype=np.float32)

    def spans(self, recording: Recording) -> Iterator[tuple[int, int]]:
        """All columns of a recording as (first, count), always in the same parts."""
        columns, step = self.columns(recording.frames), self.at_once(recording.channels)
        for first in range(0, columns, step):
            yield first, min(step, columns - first)


def energies_of(recording: Recording) -> Iterator[tuple[int, Energies]]:
    """Number of the first column, and energies, of one part of a recording after the other."""
    grid = Grid(recording.sample_rate)
    for first, count in grid.spans(recording):
        yield first, grid.energies(grid.spectra(grid.windows(recording, first, count)))


def voice_power(recording: Recording) -> float:
    """Mean square, over the louder half of the columns, of all channels together; 0 for silence."""
    grid = Grid(recording.sample_rate)
    powers = [np.zeros(0)]
    for first, count in grid.spans(recording):
        edges = np.rint(np.arange(first, first + count + 1) * recording.sample_rate / COLUMNS_PER_S).astype(np.int64)
        samples = recording.read(int(edges[0]), int(edges[-1])).samples
        if samples.shape[1]:
            inside = np.unique(np.minimum(edges[:-1] - edges[0], samples.shape[1] - 1))
            sums = np.add.reduceat((samples * samples).sum(axis=0, dtype=np.float64), inside)
            powers.append(sums / np.diff(np.append(inside, samples.shape[1])))
    loudness = np.sort(np.concatenate(powers))
    return float(loudness[loudness.size // 2 :].mean()) if loudness.size else 0.0
