"""Dropouts: holes of 5 to 200 ms in the middle of sound, digital zeros and the dips of a damaged or lifted tape.

The level is taken every 2.5 ms, from 300 Hz up so that hum and rumble cannot hide a hole. A dropout is a stretch that
lies 20 dB or more under the sound on both sides of it and begins within 5 ms. Where it holds digital zeros, no more is
asked. Else it must begin and end within sound that is steady to 5 dB, as the closures of speech fade first; and its
surroundings must stand 10 dB or more above the level that 90 % of the minute around them exceed, as nobody hears a hole
in a pause. A shallower hole, and one whose edges fall on a change of the sound, is not found: the count is a lower
bound.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from restoration.audio import Recording
from restoration.measures.metering import Float64, Windows, listen

FRAME_S = 0.0025
LOWEST_HZ = 300.0
SHORTEST, LONGEST = 2, 80  # frames: 5 ms and 200 ms
EDGE = 2  # frames in which it begins or ends: 5 ms
AROUND = 8  # frames of the surroundings on each side: 20 ms
DEPTH_DB = 20.0
STEADY_DB = 5.0
ACTIVE_DB = 10.0
SILENT_DB = -150.0
SEGMENT = 24_000  # frames looked at together: a minute
CONTEXT = LONGEST + 2 * EDGE + AROUND


class DropoutMeter:
    """Finds the dropouts of every channel, a minute at a time, and counts those of the worst."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._frame = max(1, round(FRAME_S * sample_rate))
        self._sections = butter(2, min(LOWEST_HZ, 0.4 * sample_rate), "highpass", fs=sample_rate, output="sos")
        self._state = np.zeros((1, channels, 2))
        self._windows = Windows(channels, self._frame, self._frame)
        self._raw = Windows(channels, self._frame, self._frame)
        self._levels = np.zeros((channels, 0))
        self._counts = np.zeros(channels, dtype=int)
        self._frames = 0

    def feed(self, samples: Float64) -> None:
        if not samples.shape[1]:
            return
        self._frames += samples.shape[1]
        passed, self._state = sosfilt(self._sections, samples, axis=1, zi=self._state)
        power = (self._windows.feed(passed) ** 2).mean(axis=2)
        power *= self._raw.feed(samples).any(axis=2)  # the filter goes on ringing in digital zeros
        levels = 10.0 * np.log10(np.maximum(power, 10.0 ** (SILENT_DB / 10.0)))
        self._levels = np.concatenate((self._levels, levels), axis=1)
        while self._levels.shape[1] >= SEGMENT + 2 * CONTEXT:
            self._count(SEGMENT + CONTEXT)
            self._levels = self._levels[:, SEGMENT:]

    def _count(self, stop: int) -> None:
        """Count the dropouts that begin before ``stop`` and after the context, which the segment before has counted.

        So those in the first quarter of a second of a recording, too near its start to be judged, are left out.
        """
        for channel, levels in enumerate(self._levels[:, : stop + CONTEXT]):
            starts = np.array([start for start, _ in find_dropouts(levels)], dtype=int)
            self._counts[channel] += int(((starts >= CONTEXT) & (starts < stop)).sum())

    @property
    def per_min(self) -> float:
        """Dropouts a minute in the channel that has most; 0 for a recording of no frames."""
        counts = self._counts.copy()
        for channel, levels in enumerate(self._levels):
            counts[channel] += sum(start >= CONTEXT for start, _ in find_dropouts(levels))
        minutes = self._frames / self._sample_rate / 60.0
        return float(counts.max(initial=0)) / minutes if minutes else 0.0


def find_dropouts(levels_dbfs: Float64) -> list[tuple[int, int]]:
    """Start and stop (exclusive) frames of the dropouts in levels taken every 2.5 ms; none overlap."""
    audible = levels_dbfs[levels_dbfs > SILENT_DB]
    if not audible.size:
        return []
    active_dbfs = float(np.percentile(audible, 10)) + ACTIVE_DB
    falls = np.nonzero(levels_dbfs[:-EDGE] - levels_dbfs[EDGE:] >= DEPTH_DB)[0] + EDGE
    found: list[tuple[int, int]] = []
    for start in falls:
        stop = _stop_of(levels_dbfs, int(start), active_dbfs)
        if stop is not None and (not found or start >= found[-1][1]):
            found.append((int(start), stop))
    return found


def _stop_of(levels_dbfs: Float64, start: int, active_dbfs: float) -> int | None:
    """Where the dropout that begins at ``start`` ends; None if it is none."""
    before = levels_dbfs[max(0, start - EDGE - AROUND + 1) : start - EDGE + 1]
    hole_dbfs = float(before.mean()) - DEPTH_DB
    inside = levels_dbfs[start : start + LONGEST + 1] <= hole_dbfs
    length = int(np.argmin(inside)) if not inside.all() else 0
    stop = start + length
    after = levels_dbfs[stop + EDGE - 1 : stop + EDGE - 1 + AROUND]
    if not SHORTEST <= length <= LONGEST or before.size < AROUND or after.size < AROUND:
        return None
    surroundings_dbfs = min(float(before.mean()), float(after.mean()))
    deep = float(levels_dbfs[start:stop].mean()) <= surroundings_dbfs - DEPTH_DB
    sudden = before[-1] >= before.mean() - STEADY_DB and after[0] >= after.mean() - STEADY_DB
    zeros = float(np.median(levels_dbfs[start:stop])) <= SILENT_DB
    heard = zeros or (sudden and surroundings_dbfs >= active_dbfs)
    return stop if deep and heard else None


def dropouts_per_min(recording: Recording) -> float:
    """Dropouts a minute (see the module) in the channel that has most."""
    meter = DropoutMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.per_min
