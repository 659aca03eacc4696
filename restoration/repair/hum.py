"""Hum as it was measured, made again to be subtracted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.mains import (
    HIGHEST_SHARE,
    LOW_RATE,
    WIDE_RATE,
    Complex128,
    Pace,
    Partials,
    Track,
    amplitude_track,
    low_copy,
)

Float64 = npt.NDArray[np.float64]

TABLE = 2**13
"""Places in a turn: read by straight lines, the 24th partial is true to -88 dB, the 80th to -66 dB."""
PHASE_FRAMES = 64
"""The phase of the mains is reckoned every so many frames: it bends by less than a millionth of a turn between."""


@dataclass(frozen=True, eq=False)
class HumWave:
    """Partials along a track: ``value`` (channels, partials, knots), their complex amplitude every ``knot_s`` from 0 s
    on, joined by straight lines; the last one holds on.

    One turn is tabulated at every knot, so that eighty partials cost what one does.
    """

    track: Track
    partials: Partials
    value: Complex128
    knot_s: float

    def wave(self, first: int, count: int, sample_rate: int) -> Float64:
        """The hum (channels, count) from frame ``first`` on."""
        frames = np.arange(first, first + count)
        place = self._turns(frames, sample_rate)
        place = (place - np.floor(place)) * TABLE
        index = place.astype(np.intp)
        part = place - index
        knots = frames / (self.knot_s * sample_rate)
        hum = np.zeros((self.value.shape[0], count))
        for knot, own in self._spans(knots):
            share = knots[own] - knot
            for channel, (now, then) in enumerate(zip(self._tables(knot), self._tables(knot + 1), strict=True)):
                held, risen = _read(now, index[own], part[own]), _read(then - now, index[own], part[own])
                hum[channel, own] = held + share * risen
        return hum

    def _turns(self, frames: npt.NDArray[np.intp], sample_rate: int) -> Float64:
        coarse = np.arange(frames[0] // PHASE_FRAMES, frames[-1] // PHASE_FRAMES + 2)
        turns = self.track.phase(coarse * PHASE_FRAMES / sample_rate)
        whole, part = np.divmod(frames, PHASE_FRAMES)
        whole = whole - coarse[0]
        return np.asarray(turns[whole] + part / PHASE_FRAMES * np.diff(turns)[whole])

    def _spans(self, knots: Float64) -> Iterator[tuple[int, slice]]:
        """Each knot, and the frames between it and the next."""
        lowest, highest = int(knots[0]), int(knots[-1])
        edges = np.searchsorted(knots, np.arange(lowest, highest + 2))
        for knot, begin, end in zip(range(lowest, highest + 1), edges[:-1], edges[1:], strict=True):
            yield knot, slice(int(begin), int(end))

    def _tables(self, knot: int) -> Float64:
        """One turn of the hum at a knot: (channels, ``TABLE`` + 1), the last place being the first again."""
        spectrum = np.zeros((self.value.shape[0], TABLE // 2 + 1), dtype=np.complex128)
        spectrum[:, self.partials.orders] = self.value[:, :, min(knot, self.value.shape[2] - 1)] * TABLE
        turn = np.fft.irfft(spectrum, TABLE, axis=1)
        return np.concatenate([turn, turn[:, :1]], axis=1)


def _read(table: Float64, index: npt.NDArray[np.intp], part: Float64) -> Float64:
    return np.asarray(table.take(index) + part * np.diff(table).take(index))


def measured_wave(recording: Recording, track: Track, partials: Partials, pace: Pace) -> HumWave:
    """The hum of a recording along a track: amplitudes and phases as its pauses and quiet moments tell them."""
    below = partials.orders * float(track.hz.max()) <= HIGHEST_SHARE * LOW_RATE
    values = []
    for rate, orders in ((LOW_RATE, partials.orders[below]), (WIDE_RATE, partials.orders[~below])):
        if orders.size:
            with low_copy(recording, rate) as low:
                values.append(amplitude_track(low, track, Partials(orders), pace))
    knots = min(value.shape[2] for value in values)
    return HumWave(track, partials, np.concatenate([value[:, :, :knots] for value in values], axis=1), pace.amplitude_s)
