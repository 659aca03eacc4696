"""Clipping: flat tops at the extremes, at full scale or wherever a later gain has put them.

A clipped run is three or more samples within one step of 16 bits of each other, within 0.3 dB of the largest value
on its side of zero, which the sound enters or leaves by a jump of more than four such steps. The jump tells a
clipped wave from a slow one at its crest, which is flat as well but arrives there gently. Lossy coding after clipping
rounds the tops, and such clipping is not found.
"""

from __future__ import annotations

import numpy as np

from restoration.audio import Recording
from restoration.measures.metering import Float64, listen

SHORTEST_RUN = 3
STEP = 1.01 / 2**15
JUMP_STEPS = 4.0
NEAR_PEAK_DB = 0.3
LONGEST_RUN = 4096
LOWEST_DBFS = -80.0
CLASS_DB = 0.02
CLASSES = 6000


class ClippingMeter:
    """Counts flat runs by their level, in classes of 0.02 dB, as the largest value is known at the end only."""

    def __init__(self, channels: int) -> None:
        # Both sides of zero are looked at by themselves: a stage with an offset clips one of them.
        self._tails: list[Float64] = [np.zeros(0)] * (2 * channels)
        self._peaks = np.zeros(2 * channels)
        self._runs = np.zeros((2 * channels, CLASSES), dtype=np.int64)
        self._samples = np.zeros((2 * channels, CLASSES), dtype=np.int64)
        self._total = 0

    def feed(self, samples: Float64) -> None:
        self._total += samples.size
        for side, piece in enumerate(np.concatenate((samples, -samples))):
            self._peaks[side] = max(self._peaks[side], piece.max(initial=0.0))
            joined = np.concatenate((self._tails[side], piece))
            least = max(self._peaks[side] * 10.0 ** (-NEAR_PEAK_DB / 20.0), 10.0 ** (LOWEST_DBFS / 20.0))
            starts, stops = flat_runs(joined, least)
            # A run that reaches the end may go on in the next piece: it is kept, with the sample before it.
            keep = min(2, joined.size)
            if stops.size and stops[-1] == joined.size:
                keep = min(joined.size - starts[-1] + 1, LONGEST_RUN)
                starts, stops = starts[:-1], stops[:-1]
            self._tails[side] = joined[joined.size - keep :]
            self._count(side, joined, starts, stops)

    def _count(self, side: int, samples: Float64, starts: np.ndarray, stops: np.ndarray) -> None:
        long_enough = (stops - starts >= SHORTEST_RUN) & jumps(samples, starts, stops)
        starts, stops = starts[long_enough], stops[long_enough]
        levels = 20.0 * np.log10(samples[starts])
        classes = np.clip(((levels - LOWEST_DBFS) / CLASS_DB).astype(int), 0, CLASSES - 1)
        np.add.at(self._runs[side], classes, 1)
        np.add.at(self._samples[side], classes, stops - starts)

    def measures(self) -> dict[str, float | int]:
        """``clipped_share`` (0..1 of the samples of all channels) and ``clipped_runs`` (how many flat tops)."""
        runs = clipped = 0
        for side, peak in enumerate(self._peaks):
            least_dbfs = 20.0 * np.log10(max(peak, 1e-12)) - NEAR_PEAK_DB
            first = max(0, int((least_dbfs - LOWEST_DBFS) / CLASS_DB))
            runs += int(self._runs[side, first:].sum())
            clipped += int(self._samples[side, first:].sum())
        return {"clipped_share": clipped / max(self._total, 1), "clipped_runs": runs}


def flat_runs(samples: Float64, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of neighbours within ``STEP``, all of ``least`` (over 0) or more, start and stop (exclusive)."""
    large = samples >= least
    joins = large[1:] & large[:-1] & (np.abs(np.diff(samples)) <= STEP)
    edges = np.diff(np.concatenate(([False], joins, [False])).astype(np.int8))
    return np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0] + 1


def jumps(samples: Float64, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Whether a run is entered or left by a jump of more than ``JUMP_STEPS`` steps; the edge of the sound is none."""
    before = np.abs(samples[starts] - samples[np.maximum(starts - 1, 0)])
    after = np.abs(samples[stops - 1] - samples[np.minimum(stops, samples.size - 1)])
    return np.maximum(before, after) > JUMP_STEPS * STEP


def clipping(recording: Recording) -> dict[str, float | int]:
    """``clipped_share`` (0..1 of the samples of all channels) and ``clipped_runs`` (how many flat tops)."""
    meter = ClippingMeter(recording.channels)
    listen(recording, meter)
    return meter.measures()
