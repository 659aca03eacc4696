"""Clipping: flat tops at the extremes, at full scale or wherever a later gain has put them.

A clipped run is three or more samples within one step of 16 bits of each other, within 0.3 dB of the largest value
on its side of zero, which the sound enters or leaves by a jump of more than four such steps. The jump tells a
clipped wave from a slow one at its crest, which is flat as well but arrives there gently. Lossy coding after clipping
rounds the tops, and such clipping is not found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restoration.audio import Recording, Samples
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


STRETCH_S = 30.0
"""Rails are looked for in stretches of this length, as the gain of a transfer may change."""
SAME_LEVEL_DB = 0.05
FEWEST_RUNS = 3
BEYOND_SHARE = 0.1
"""What may lie beyond a rail, as a share of what lies at it: clicks of a later generation."""
RARE = 0.001
LOUD_SHARE = 0.5
"""A rail lies above half of what a thousandth of the samples exceed, as they may be clicks."""
CREST_CLASS_DB = 0.25
PILE_CLASSES = 4
FEWEST_CRESTS = 20
PILED_UP = 1.5
BLUNTNESS = 1.9
BLUNTER = 1.6
KNEE_DB = -0.7
HARD_DB, SOFT_DB = 0.1, 1.2


class Rail(NamedTuple):
    """A ceiling on the positive side: samples of ``level`` or more are not as they were.

    Clipped samples lie between ``level`` and ``top``, within 0.1 dB where the rail is ``hard``: the tops are flat.
    """

    level: float
    hard: bool

    @property
    def top(self) -> float:
        return self.level * 10.0 ** ((HARD_DB if self.hard else SOFT_DB) / 20.0)


def rail(samples: Float64, *, soft: bool = True) -> Rail | None:
    """The ceiling at which the positive side of ``samples`` (time,) was clipped; None if it was not.

    A hard rail is where three flat runs or more (see the module) lie within 0.05 dB of each other, with hardly a sample
    beyond it and fewer flat runs below it than on it: in sound of 8 bits they are everywhere.

    With ``soft``, rounded tops are looked for as well: clipping that was band-limited or coded with loss later. The
    crests then pile up in one decibel, and are blunter than those of half their height. Bluntness compares the height
    of a crest with what the slopes on both sides of it would make of its width: it is about 1 for a parabola and for
    natural speech, tones and noise, and 2 to 5 for what was cut off.
    """
    if not samples.size:
        return None
    rare = samples.size - 1 - int(RARE * samples.size)
    least = LOUD_SHARE * float(np.partition(samples, rare)[rare])
    if least < 10.0 ** (LOWEST_DBFS / 20.0):
        return None
    return _hard_rail(samples, least) or (_soft_rail(samples, least) if soft else None)


def _hard_rail(samples: Float64, least: float) -> Rail | None:
    starts, stops = flat_runs(samples, least)
    chosen = (stops - starts >= SHORTEST_RUN) & jumps(samples, starts, stops)
    levels = np.sort(samples[starts[chosen]])
    if levels.size < FEWEST_RUNS:
        return None
    ratio = 10.0 ** (SAME_LEVEL_DB / 20.0)
    together = np.searchsorted(levels, levels * ratio, side="right") - np.arange(levels.size)
    first = int(np.argmax(together))
    count = int(together[first])
    level = float(levels[first]) - STEP
    at_it = int((samples >= level).sum())
    beyond = int((samples > float(levels[first + count - 1]) + STEP).sum())
    if count < max(FEWEST_RUNS, levels.size - count) or beyond > BEYOND_SHARE * at_it:
        return None
    return Rail(level, True)


def _soft_rail(samples: Float64, least: float) -> Rail | None:
    crests = _crests(samples, least)
    if crests.size < FEWEST_CRESTS:
        return None
    classes = (20.0 * np.log10(crests / least) / CREST_CLASS_DB).astype(int)
    counts = np.bincount(classes, minlength=classes.max() + 1 + PILE_CLASSES)
    piles = np.convolve(counts, np.ones(PILE_CLASSES, dtype=int))[PILE_CLASSES - 1 :]
    for first in range(counts.size - PILE_CLASSES, 2 * PILE_CLASSES, -1):
        below, pile, beyond = piles[first - PILE_CLASSES], piles[first], counts[first + PILE_CLASSES :].sum()
        if pile >= max(FEWEST_CRESTS, PILED_UP * below, 3.0 * beyond):
            level = least * 10.0 ** ((first + 0.5 * PILE_CLASSES) * CREST_CLASS_DB / 20.0)
            if _blunt(samples, level):
                return Rail(level * 10.0 ** (KNEE_DB / 20.0), False)
    return None


def _blunt(samples: Float64, level: float) -> bool:
    top, lower = bluntness(samples, 0.94 * level, 1.06 * level), bluntness(samples, 0.5 * level, 0.75 * level)
    if top.size < FEWEST_CRESTS or not lower.size:
        return False
    found = float(np.median(top))
    return found >= BLUNTNESS and found >= BLUNTER * float(np.median(lower))


def _crests(samples: Float64, least: float) -> Float64:
    """The largest sample of every excursion beyond ``least``."""
    starts, _ = _excursions(samples, least)
    if not starts.size:
        return np.zeros(0)
    return np.asarray(np.maximum.reduceat(np.where(samples >= least, samples, 0.0), starts))


def bluntness(samples: Float64, lowest: float, highest: float) -> Float64:
    """How much blunter than a parabola the crests (height from ``lowest`` to ``highest``) of ``samples`` (time,) are.

    A parabola of width w that is met with the slope s is s w / 4 high. The width is taken a little under ``lowest``,
    the slopes between there and 4/5 of ``lowest``; the height is what the crest has above the place of the width.
    """
    high, foot = 0.95 * lowest, 0.8 * lowest
    starts, stops = _excursions(samples, high)
    feet, ends = _excursions(samples, foot)
    if not starts.size or not feet.size:
        return np.zeros(0)
    owner = np.searchsorted(feet, starts, side="right") - 1
    alone = (np.bincount(owner, minlength=feet.size) == 1)[owner]
    alone &= (feet[owner] > 0) & (ends[owner] < samples.size)
    crests = np.maximum.reduceat(np.where(samples >= high, samples, 0.0), starts)
    chosen = alone & (crests >= lowest) & (crests <= highest)
    starts, stops, crests, owner = starts[chosen], stops[chosen], crests[chosen], owner[chosen]
    rise = (_up(samples, starts, high) - _up(samples, feet[owner], foot)).clip(1e-3)
    fall = (_down(samples, ends[owner], foot) - _down(samples, stops, high)).clip(1e-3)
    width = _down(samples, stops, high) - _up(samples, starts, high)
    slope = 0.5 * (high - foot) * (1.0 / rise + 1.0 / fall)
    return np.asarray(slope * width / 4.0 / (crests - high))


def _excursions(samples: Float64, least: float) -> tuple[np.ndarray, np.ndarray]:
    edges = np.diff(np.concatenate(([False], samples >= least, [False])).astype(np.int8))
    return np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]


def _up(samples: Float64, starts: np.ndarray, level: float) -> Float64:
    """Where between samples the sound rises through ``level``, ``starts`` being the first samples beyond it."""
    before, after = samples[starts - 1], samples[starts]
    return np.asarray(starts - 1 + (level - before) / np.maximum(after - before, 1e-12))


def _down(samples: Float64, stops: np.ndarray, level: float) -> Float64:
    before, after = samples[stops - 1], samples[np.minimum(stops, samples.size - 1)]
    return np.asarray(stops - 1 + (before - level) / np.maximum(before - after, 1e-12))


def powers_where_changed(before: Samples, after: Samples, sample_rate: int) -> Float64:
    """Powers (before and after; the upper band and all) of two sounds (time,), in the 20 ms in which they differ.

    The upper band is what lies above 4 kHz, or the upper half of the band if that is less.
    """
    length = max(8, round(0.02 * sample_rate))
    count = before.size // length
    pair = [sound[: count * length].reshape(count, length).astype(np.float64) for sound in (before, after)]
    differ = (pair[0] != pair[1]).any(axis=1)
    shape = np.hanning(length)
    first = round(min(4000.0, sample_rate / 4.0) * length / sample_rate)
    powers = [np.abs(np.fft.rfft(sound[differ] * shape, axis=1)) ** 2 for sound in pair]
    return np.array([[float(power[:, first:].sum()), float(power.sum())] for power in powers])
