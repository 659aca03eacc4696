"""How clicks are looked for: what a model of the sound cannot predict, beside what the sound around it is like.

The models are those of ``autoregression``, learnt from the sound with the clicks known so far taken out. What stands
out of their usual error is a click when it also stands out of the error of its neighbours (see ``clicks``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.measures.autoregression import Float64, Gaps, Grid, models, residual

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]
_NONE: Positions = np.zeros(0, dtype=np.intp)

BLOCK_MS = 1.0
NEIGHBOURS = 25
"""Blocks looked at on either side, after those nearest, which the click itself may fill."""
NEAREST = 2
TIMES_USUAL, REACH_TIMES_USUAL = 4.5, 2.0
"""A click stands out of the usual error so many times, and reaches as far as the error does so many."""
OUTER = 0.2
"""And no further than it is this share of the threshold: beyond, pulses of the voice would be taken with it."""
JOINED_MS = 0.15
BEFORE_MS, AFTER_MS = 0.1, 0.5
"""What is repaired begins and ends this far outside what stands out, for a click fades into the sound."""
ONSET_DB = 4.0
ONSET_BLOCKS = slice(1, 11)
CUT_DB = 34.0
"""So much lower an error afterwards is no sound that has faded: an editor cut it."""
WIDEST_MS = 12.0
"""More than the longest click: what reaches as far from its peak is too long for one, wherever it ends."""
QUIETEST = 1e-6
"""-120 dBFS of prediction error: less is no click, whatever it stands out from."""
SMOOTHING_MS = 0.4
LARGEST_SYSTEM = 16_384


@dataclass(frozen=True)
class ClickSearch:
    """How to search.

    ``threshold`` (times the local error), ``rank``, ``max_click_ms``, ``passes``. ``rank`` tells which of the
    milliseconds on a side is the local error: the second highest, or a lower one in crackle, of which 25 ms hold
    several clicks. A ``careful`` search leaves what may be the onset of a plosive. ``least_error`` (full scale is 1):
    what is lower is no click.
    """

    threshold: float = 3.0
    rank: int = 2
    max_click_ms: float = 5.0
    passes: int = 3
    careful: bool = True
    least_error: float = 0.0


class Candidates(NamedTuple):
    """Begin and end of clicks in order, how many times each stands out of the error around it (1 is the threshold),
    and the begin of what is too long for one."""

    starts: Positions
    stops: Positions
    prominence: Float64
    too_long: Positions


class Heard:
    """A channel (time,) as its models hear it: ``bridged`` is the sound with the clicks known so far taken out, from
    which the models and their usual error (of every hop: ``usual``) are learnt; what is looked for is in the sound."""

    def __init__(
        self, samples: Float64, sample_rate: int, bridged: Float64 | None = None, only: Mask | None = None
    ) -> None:
        """``only`` (time,): nothing is learnt but what is needed to bridge what lies under it."""
        self._samples, self._rate, self._grid = samples, sample_rate, Grid.at(sample_rate)
        self.bridged = samples if bridged is None else bridged
        every = np.arange(self._grid.hops(samples.size))
        self._filters = np.zeros((every.size, self._grid.order + 1))
        self._error = np.zeros((every.size, self._grid.hop))
        self._rest, self.usual = np.zeros_like(self._error), np.zeros(every.size)
        self._learn(every if only is None else self._near(only))

    def _learn(self, hops: Positions) -> None:
        self._filters[hops] = models(self.bridged, self._grid, hops)
        self._rest[hops] = np.abs(residual(self.bridged, self._filters[hops], self._grid, hops))
        same = self.bridged is self._samples
        found = self._rest[hops] if same else residual(self._samples, self._filters[hops], self._grid, hops)
        self._error[hops] = np.abs(found)
        # Half of the samples tell the median as well, in a quarter of the time.
        half = self._rest[hops, ::2]
        self.usual[hops] = np.partition(half, half.shape[1] // 2, axis=1)[:, half.shape[1] // 2] / 0.6745

    def candidates(self, search: ClickSearch) -> Candidates:
        """What the search finds, with the models learnt so far."""
        size, block = self._samples.size, max(4, round(BLOCK_MS * self._rate / 1000))
        blocks = _parted(self._rest.reshape(-1)[:size], block)
        around = _around(blocks.max(axis=1), search.rank) + QUIETEST
        near = self._near_peaks(search.threshold * around, block)
        if not near.size:
            return Candidates(_NONE, _NONE, np.zeros(0), _NONE)
        error, local, hop = self._error.reshape(-1)[near], around[near // block], near // self._grid.hop
        limit, usual = np.maximum(search.threshold * local, search.least_error), self.usual[hop]
        core = error > np.maximum(limit, TIMES_USUAL * usual)
        reached = error > np.maximum(REACH_TIMES_USUAL * usual + QUIETEST, OUTER * limit)
        # Nothing is known beyond the ends, and a sound that is cut off there is no click.
        first, last = self._grid.order, max(self._grid.order, size - self._grid.order)
        beyond = (near < first) | (near >= last)
        core[beyond] = reached[beyond] = False
        self._keep_apart(reached, near)
        starts, stops, long = self._short(core, reached, search.max_click_ms)
        if search.careful:
            sudden = ~_onset_or_cut(blocks, near[starts] // block)
            starts, stops = starts[sudden], stops[sudden]
        prominence = _highest(error / local, starts, stops)
        starts, stops = near[starts] - self._frames(BEFORE_MS), near[stops - 1] + 1 + self._frames(AFTER_MS)
        return Candidates(np.maximum(starts, first), np.minimum(stops, last), prominence, near[long])

    def _near_peaks(self, limit: Float64, block: int) -> Positions:
        """The samples near a peak of the error over the ``limit`` of its block, that may be a click; of a voice without
        clicks they are few."""
        size, hop = self._samples.size, self._grid.hop
        begin = np.arange(limit.size) * block
        hops = np.stack([begin, np.minimum(begin + block, size) - 1]) // hop
        limit = np.maximum(limit, TIMES_USUAL * self.usual[hops].min(axis=0))
        hot = np.nonzero(_parted(self._error.reshape(-1)[:size], block).max(axis=1) > limit)[0]
        reach = int(np.ceil(WIDEST_MS / BLOCK_MS)) + 1
        wide = covered(np.maximum(hot - reach, 0), np.minimum(hot + reach + 1, limit.size), limit.size)
        return np.nonzero(np.repeat(wide, block)[:size])[0]

    def _keep_apart(self, reached: Mask, near: Positions) -> None:
        """Ends what is reached where the samples that are looked at have a gap, as it would join what lies beyond."""
        ends = np.concatenate((np.nonzero(np.diff(near) > 1)[0], [near.size - 1]))
        for place in range(self._frames(JOINED_MS) + 1):
            reached[np.maximum(ends - place, 0)] = False

    def _short(self, core: Mask, reached: Mask, max_click_ms: float) -> tuple[Positions, Positions, Positions]:
        """What a core reaches, or where that is too long, for crackle runs together, the core alone; and the rest."""
        most, distance = max_click_ms * self._rate / 1000, self._frames(JOINED_MS)
        cores = np.concatenate(([0], np.cumsum(core)))
        starts, stops = _join(reached, distance)
        real = cores[stops] > cores[starts]
        starts, stops = starts[real], stops[real]
        long = stops - starts > most
        inside = covered(starts[long], stops[long], core.size)
        if not inside.any():
            return starts, stops, _NONE
        parts, ends = _join(core & inside, distance)
        fitting = ends - parts <= most
        merged = np.argsort(np.concatenate((starts[~long], parts[fitting])), kind="stable")
        return (
            np.concatenate((starts[~long], parts[fitting]))[merged],
            np.concatenate((stops[~long], ends[fitting]))[merged],
            parts[~fitting],
        )

    def bridge(self, mask: Mask, rounds: int) -> None:
        """Take out what is under the mask, and learn again the models that heard what has changed."""
        grid = self._grid
        excitation = self.usual**2 + QUIETEST**2
        before, self.bridged = self.bridged, self._samples.copy()
        for unknown in _systems(mask, grid.order):
            gaps = Gaps(self._samples, unknown, self._filters, excitation, grid)
            self.bridged[unknown] = gaps.separate(self._frames(SMOOTHING_MS, 3), rounds)
        self._learn(self._near(self.bridged != before))

    def _near(self, mask: Mask) -> Positions:
        """The hops whose models hear what is under the mask."""
        near = np.zeros(self.usual.size + 4, dtype=bool)
        hops = np.unique(np.nonzero(mask)[0] // self._grid.hop)
        for place in range(5):
            near[hops + place] = True
        return np.nonzero(near[2:-2])[0]

    def without(self, search: ClickSearch) -> None:
        """Take out what one pass of the search finds, that the models do not learn it."""
        found = self.candidates(search)
        if found.starts.size:
            self.bridge(covered(found.starts, found.stops, self._samples.size), rounds=1)

    def standing_out(self, times: float, hops: Mask) -> Float64:
        """The highest error of every click that stands so many ``times`` out of the usual error of these ``hops``."""
        high = self._error > times * (self.usual + QUIETEST)[:, None]
        starts, _ = _join((high & hops[:, None]).reshape(-1), self._frames(JOINED_MS))
        return np.maximum.reduceat(self._error.reshape(-1), starts) if starts.size else np.zeros(0)

    def _frames(self, duration_ms: float, least: int = 1) -> int:
        return max(least, round(duration_ms * self._rate / 1000))


def runs(mask: Mask) -> tuple[Positions, Positions]:
    """Where the runs of True begin, and where they have ended."""
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    return np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]


def _around(highest: Float64, rank: int) -> Float64:
    """For every block the highest but so many of the blocks before, or of those after it, whichever is more."""
    reach = NEIGHBOURS + NEAREST
    padded = np.pad(highest, reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, NEIGHBOURS)
    ranked = np.partition(windows, NEIGHBOURS - rank, axis=1)[:, NEIGHBOURS - rank]
    after = reach + NEAREST + 1
    return np.maximum(ranked[: highest.size], ranked[after : after + highest.size])


def _join(mask: Mask, distance: int) -> tuple[Positions, Positions]:
    starts, stops = runs(mask)
    if not starts.size:
        return starts, stops
    apart = starts[1:] - stops[:-1] > distance
    return starts[np.concatenate(([True], apart))], stops[np.concatenate((apart, [True]))]


def _onset_or_cut(blocks: Float64, places: Positions) -> Mask:
    """Which candidates, in these blocks of the error, are followed by a steadily higher error than is before them, as
    the burst of a plosive is; or by next to none, as where a sound is cut off."""
    reach = np.arange(ONSET_BLOCKS.start + 1, ONSET_BLOCKS.stop + 1)
    padded = np.pad(blocks, ((ONSET_BLOCKS.stop, ONSET_BLOCKS.stop), (0, 0)))
    middle = places[:, None] + ONSET_BLOCKS.stop
    before, after = (np.median(np.median(padded[middle + side * reach], axis=2), axis=1) for side in (-1, 1))
    onset = after > 10 ** (ONSET_DB / 20) * before + QUIETEST / 10
    cut = after + QUIETEST / 10 < 10 ** (-CUT_DB / 20) * before
    return np.asarray(onset | cut)


def _parted(values: Float64, length: int) -> Float64:
    """(time,) as (blocks, length), with zeros behind."""
    return np.pad(values, (0, -values.size % length)).reshape(-1, length)


def _highest(values: Float64, starts: Positions, stops: Positions) -> Float64:
    """The highest of ``values`` between each start and its stop; these do not overlap, and none is the last sample."""
    if not starts.size:
        return np.zeros(0)
    return np.asarray(np.maximum.reduceat(values, np.stack([starts, stops], axis=1).reshape(-1))[::2])


def covered(starts: Positions, stops: Positions, frames: int) -> Mask:
    """(frames,): True between the starts and the stops."""
    edges = np.zeros(frames + 1, dtype=np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, stops, -1)
    return np.cumsum(edges)[:-1] > 0


def _systems(mask: Mask, order: int) -> Iterator[Positions]:
    """Positions under the mask in parts that no model ties together, each as large as it may be or not to be parted."""
    positions = np.nonzero(mask)[0]
    ends = np.concatenate((np.nonzero(np.diff(positions) > order)[0] + 1, [positions.size]))
    first = 0
    while first < positions.size:
        fitting = ends[(ends > first) & (ends <= first + LARGEST_SYSTEM)]
        stop = int(fitting[-1] if fitting.size else ends[ends > first][0])
        yield positions[first:stop]
        first = stop
