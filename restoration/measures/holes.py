"""Holes in a tape's sound, told from the pauses of a speaker: in a hole the noise falls with the voice.

Levels are taken in four bands every millisecond, in Hann windows of 4 ms. A hole begins where the bands fall together
by 5 dB or more, and ends where they come back. It counts when every band that held more than noise fell, and when two
bands lie so far below the noise of their half minute that noise alone would not, or one where all fell by 10 dB: a
closure or a pause falls to the noise of the room and the tape, a dropout takes that noise with it. A run of digital
zeros needs no other proof. In a voice that leaves no band to the noise, as of a close microphone with a wide voice,
shallow holes are not found: the count is a lower bound.

Dips of 3 to 10 dB that leave the noise standing are not looked for. A comparison of the bands with their neighbours was
tried on clean speech: the bands of a voice fall together and come back more often than such a dropout was recognised.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft
from scipy.signal import get_window

from restoration.measures.metering import Float64

HOP_S = 0.001
WINDOW_HOPS = 4
EDGES_HZ = (300.0, 1200.0, 2800.0, 5000.0, 9000.0)
SILENT_DB = -150.0
FALL_DB = 5.0
AROUND = 12
LONGEST = 200
FLOOR_PERCENT = 3.0
FLOOR_SMOOTHING = 10
LIVE_DB = 6.0
ALL_FALL_DB = 4.0
SHORT, SHORT_FALL_DB = 6, 8.0
DEEP_DB = 10.0
SURE = 3.0
LEAST_UNDER_DB = 4.0
COMPLETE_DB = 25.0


class Hole(NamedTuple):
    """A dropout: it lies between the frames ``start`` and ``stop`` (samples), and has taken ``depths_db`` of each band.

    ``gone``: in its middle nothing, or next to nothing, is left of the sound: there is nothing to lift.
    """

    start: int
    stop: int
    depths_db: tuple[float, ...]
    gone: bool

    @property
    def depth_db(self) -> float:
        return float(np.median(self.depths_db))


def hop_at(sample_rate: int) -> int:
    """Samples between two levels: a millisecond."""
    return max(2, round(HOP_S * sample_rate))


def edges_at(sample_rate: int) -> tuple[float, ...]:
    """The edges of the bands in Hz, as far as the rate has them."""
    return tuple(edge for edge in EDGES_HZ if edge <= 0.5 * sample_rate)


def band_levels(samples: Float64, sample_rate: int) -> Float64:
    """(frames, bands) in dB re full scale of ``samples`` (time,); frame k is centred on sample k times the hop."""
    hop = hop_at(sample_rate)
    length = WINDOW_HOPS * hop
    count = samples.size // hop + 1
    padded = np.zeros((count - 1) * hop + length, dtype=np.float32)
    padded[length // 2 : length // 2 + samples.size] = samples[: padded.size - length // 2]
    window = get_window("hann", length).astype(np.float32)
    size = int(fft.next_fast_len(length, real=True))
    bins = [round(edge * size / sample_rate) for edge in edges_at(sample_rate)]
    view = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    spectra = fft.rfft(view * window, size, axis=1)
    power = np.add.reduceat(spectra.real**2 + spectra.imag**2, bins, axis=1)[:, :-1]
    levels = 10.0 * np.log10(power * (2.0 / (size * float((window**2).sum()))) + 10.0 ** (SILENT_DB / 10.0))
    return np.asarray(levels)


def noise_floor(levels_db: Float64) -> Float64:
    """The level (bands,) under which 10 ms means of ``levels_db`` (frames, bands) hardly ever lie, zeros left out."""
    audible = levels_db[(levels_db > SILENT_DB + 1.0).all(axis=1)]
    count = audible.shape[0] // FLOOR_SMOOTHING
    if count == 0:
        return np.full(levels_db.shape[1], np.inf)
    means = audible[: count * FLOOR_SMOOTHING].reshape(count, FLOOR_SMOOTHING, -1).mean(axis=1)
    return np.asarray(np.percentile(means, FLOOR_PERCENT, axis=0))


def find_holes(samples: Float64, sample_rate: int) -> list[Hole]:
    """The holes of one channel (time,), in order; none overlap. 8 kHz and more have three bands or four."""
    levels = band_levels(samples, sample_rate)
    floor = noise_floor(levels)
    if levels.shape[0] < 2 * AROUND + 3 or not np.isfinite(floor).all():
        return []
    hop = hop_at(sample_rate)
    found: list[Hole] = []
    end = 0
    for frame in _falls(levels):
        if frame < end:
            continue
        stop = _stop_of(levels, frame)
        hole = _hole(samples, levels, floor, (frame, stop), hop) if stop else None
        if stop and hole is not None:
            found.append(hole)
            end = stop + 2
    return found


def _falls(levels_db: Float64) -> list[int]:
    """Frames at which the bands together begin to lie ``FALL_DB`` or more below what they were."""
    total = np.cumsum(np.concatenate((np.zeros((1, levels_db.shape[1])), levels_db)), axis=0)
    before = (total[AROUND:-1] - total[: -AROUND - 1]) / AROUND
    fall = before[:-2] - levels_db[AROUND + 2 :]
    low = (fall >= FALL_DB).sum(axis=1) >= max(2, levels_db.shape[1] - 1)
    return [int(frame) + AROUND + 1 for frame in np.nonzero(low)[0]]


def _stop_of(levels_db: Float64, start: int) -> int | None:
    """Where the bands are back; None if they are not in time."""
    before = levels_db[start - AROUND : start].mean(axis=0)
    fallen = (before - levels_db[start : start + LONGEST + 1]).mean(axis=1)
    depth = float(fallen[1:4].max(initial=0.0))
    back = np.nonzero(fallen[2:] < 0.5 * depth)[0]
    if not back.size or depth < FALL_DB or start + int(back[0]) + 2 + AROUND > levels_db.shape[0]:
        return None
    return start + int(back[0]) + 2


def _hole(samples: Float64, levels_db: Float64, floor_db: Float64, span: tuple[int, int], hop: int) -> Hole | None:
    """The hole between two frames, if it is one."""
    start, stop = span
    before, after = levels_db[start - AROUND : start - 1].mean(axis=0), levels_db[stop + 1 : stop + AROUND].mean(axis=0)
    around = np.minimum(before, after)
    inside = levels_db[start:stop].mean(axis=0) if stop - start < 4 else levels_db[start + 1 : stop - 1].mean(axis=0)
    depths = around - inside
    live = around >= floor_db + LIVE_DB
    middle = samples[start * hop : stop * hop]
    zeros = bool(middle.size) and not middle[hop // 2 : -hop // 2].any()
    least_db = SHORT_FALL_DB if stop - start <= SHORT else FALL_DB
    fell = (
        bool((depths[live] >= FALL_DB).all() and depths.min() >= ALL_FALL_DB) and float(np.median(depths)) >= least_db
    )
    if not zeros and not (fell and _takes_the_noise(depths, inside, floor_db, stop - start)):
        return None
    if zeros and float(np.median(depths)) < least_db:
        return None
    gone = zeros or _gone(samples, start * hop, stop * hop, hop)
    return Hole(start * hop, stop * hop, tuple(float(depth) for depth in depths), gone)


def _gone(samples: Float64, start: int, stop: int, hop: int) -> bool:
    """Whether the quietest two milliseconds of a hole lie ``COMPLETE_DB`` under both sides; rumble left out."""
    around = np.diff(samples[max(0, start - AROUND * hop) : stop + AROUND * hop]) ** 2
    lead = start - max(0, start - AROUND * hop)
    inside = np.convolve(around[lead : lead + stop - start], np.full(2 * hop, 0.5 / hop), mode="valid")
    sides = min(float(around[: max(1, lead - hop)].mean()), float(around[lead + stop - start + hop :].mean()))
    return bool(inside.size) and float(inside.min()) <= sides * 10.0 ** (-COMPLETE_DB / 10.0)


def _takes_the_noise(depths_db: Float64, inside_db: Float64, floor_db: Float64, frames: int) -> bool:
    """Whether two bands lie below their noise by more than noise does in so many frames, or one far below."""
    widths_hz = np.diff(EDGES_HZ[: inside_db.size + 1])
    deviation_db = 4.34 / np.sqrt(widths_hz * HOP_S * (1.5 + 0.7 * frames))
    under = inside_db <= floor_db - np.maximum(LEAST_UNDER_DB, SURE * deviation_db)
    deep = depths_db.min() >= DEEP_DB and bool((inside_db <= floor_db - DEEP_DB).any())
    return int(under.sum()) >= 2 or bool(deep)
