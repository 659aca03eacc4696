"""Clicks: short disturbances of a disc, a cylinder or a bad splice, found by what a model of the sound cannot predict.

Each channel is predicted by autoregressive models of 40 ms (see ``autoregression``). A click stands out of the usual
error of its 10 ms (its median). The prediction error of speech has peaks too: the pulses of the vocal folds, and the
bursts of plosives. So a click must also stand out by ``threshold`` from the second highest milliseconds of the 25 ms
before and of those after (two pulses of a voice of 80 Hz fall in either), and the error must not be steadily higher
afterwards than before, as it is when a plosive begins. Clicks that hide each other, and those that spoil the models,
are found in further passes, in which the stronger ones are taken out first: of what is compared, never of the sound.

After Godsill and Rayner, *Digital Audio Restoration* (1998), chapter 5; the local comparison is this project's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
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
QUIETEST = 1e-6
"""-120 dBFS of prediction error: less is no click, whatever it stands out from."""
SMOOTHING_MS = 0.4
LARGEST_SYSTEM = 16_384

SAMPLED_S, EVERY_S, WHOLE_S = 2.0, 10.0, 20.0


@dataclass(frozen=True)
class ClickSearch:
    """How to search: ``threshold`` (times the local error), ``rank``, ``max_click_ms``, ``passes``.

    ``rank`` tells which of the milliseconds on a side is the local error: the second highest, or a lower one in
    crackle, of which 25 ms hold several clicks. A ``careful`` search leaves what may be the onset of a plosive.
    """

    threshold: float = 3.0
    rank: int = 2
    max_click_ms: float = 5.0
    passes: int = 3
    careful: bool = True


CRACKLE = ClickSearch(threshold=2.5, rank=4)
CRACKLE_PER_S = 40.0
"""From so many a second on it is crackle; a voice reaches a few."""
SEARCHES = (
    (CRACKLE_PER_S, ClickSearch(threshold=1.5, rank=4, careful=False)),
    (12.0, ClickSearch(threshold=2.0, careful=False)),
    (2.5, ClickSearch(careful=False)),
)
"""From so many clicks a second on: the more there are, the more likely is what stands out less to be another."""


class Clicks(NamedTuple):
    """What was found in a channel (time,).

    ``mask`` is True in clicks, ``bridged`` the sound with clicks taken out roughly, ``too_long`` the first samples of
    bursts longer than a click may be, which are left.
    """

    mask: Mask
    bridged: Float64
    too_long: Positions


def find_clicks(samples: Float64, sample_rate: int, search: ClickSearch) -> Clicks:
    """The clicks of one channel (time,), which is not changed."""
    heard = Heard(samples, sample_rate)
    mask, too_long = np.zeros(samples.size, dtype=bool), np.zeros(0, dtype=np.intp)
    for number in range(search.passes):
        starts, stops, long = heard.candidates(search)
        too_long = long if number == 0 else too_long
        found = _covered(starts, stops, samples.size)
        if np.array_equal(found, mask):
            break
        mask = found
        if number + 1 < search.passes or heard.bridged is samples:
            heard.bridge(mask, rounds=1)
    return Clicks(mask, heard.bridged, too_long)


def repair_clicks(samples: Float64, clicks: Clicks, sample_rate: int) -> Float64:
    """``samples`` (time,) without the clicks; outside the mask not a bit is changed."""
    if not clicks.mask.any():
        return samples
    heard = Heard(samples, sample_rate, clicks.bridged)
    heard.bridge(clicks.mask, rounds=2)
    return heard.bridged


class Heard:
    """A channel (time,) as its models hear it: ``bridged`` is the sound with the clicks known so far taken out, from
    which the models and their usual error (of every hop: ``usual``) are learnt; what is looked for is in the sound."""

    def __init__(self, samples: Float64, sample_rate: int, bridged: Float64 | None = None) -> None:
        self._samples, self._rate, self._grid = samples, sample_rate, Grid.at(sample_rate)
        self.bridged = samples if bridged is None else bridged
        every = np.arange(self._grid.hops(samples.size))
        self._filters = np.zeros((every.size, self._grid.order + 1))
        self._error = np.zeros((every.size, self._grid.hop))
        self._rest, self.usual = np.zeros_like(self._error), np.zeros(every.size)
        self._learn(every)

    def _learn(self, hops: Positions) -> None:
        self._filters[hops] = models(self.bridged, self._grid, hops)
        self._rest[hops] = np.abs(residual(self.bridged, self._filters[hops], self._grid, hops))
        same = self.bridged is self._samples
        found = self._rest[hops] if same else residual(self._samples, self._filters[hops], self._grid, hops)
        self._error[hops] = np.abs(found)
        self.usual[hops] = np.median(self._rest[hops], axis=1) / 0.6745

    def candidates(self, search: ClickSearch) -> tuple[Positions, Positions, Positions]:
        """Begin and end of the clicks, and the begin of what is too long for one."""
        size = self._samples.size
        error, rest = self._error.reshape(-1)[:size], self._rest.reshape(-1)[:size]
        block = max(4, round(BLOCK_MS * self._rate / 1000))
        blocks = np.pad(rest, (0, -size % block)).reshape(-1, block)
        limit = np.repeat(search.threshold * (_around(blocks.max(axis=1), search.rank) + QUIETEST), block)[:size]
        usual = np.repeat(self.usual, self._grid.hop)[:size]
        # Nothing is known beyond the ends, and a sound that is cut off there is no click.
        first, last = self._grid.order, max(self._grid.order, size - self._grid.order)
        core = error > np.maximum(limit, TIMES_USUAL * usual)
        core[:first] = core[last:] = False
        if not core.any():
            return _NONE, _NONE, _NONE
        reached = error > np.maximum(REACH_TIMES_USUAL * usual + QUIETEST, OUTER * limit)
        reached[:first] = reached[last:] = False
        starts, stops, long = self._short(core, reached, search.max_click_ms)
        if search.careful:
            sudden = ~_onsets(blocks, starts // block)
            starts, stops = starts[sudden], stops[sudden]
        starts, stops = starts - self._frames(BEFORE_MS), stops + self._frames(AFTER_MS)
        return np.maximum(starts, first), np.minimum(stops, last), long

    def _short(self, core: Mask, reached: Mask, max_click_ms: float) -> tuple[Positions, Positions, Positions]:
        """What a core reaches, or where that is too long, for crackle runs together, the core alone; and the rest."""
        most, distance = max_click_ms * self._rate / 1000, self._frames(JOINED_MS)
        cores = np.concatenate(([0], np.cumsum(core)))
        starts, stops = _join(reached, distance)
        real = cores[stops] > cores[starts]
        starts, stops = starts[real], stops[real]
        long = stops - starts > most
        inside = _covered(starts[long], stops[long], core.size)
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
        changed = np.zeros(self.usual.size + 4, dtype=bool)
        for place in range(5):
            changed[np.unique(np.nonzero(self.bridged != before)[0] // grid.hop) + place] = True
        self._learn(np.nonzero(changed[2:-2])[0])

    def without(self, search: ClickSearch) -> None:
        """Take out what one pass of the search finds, that the models do not learn it."""
        starts, stops, _ = self.candidates(search)
        if starts.size:
            self.bridge(_covered(starts, stops, self._samples.size), rounds=1)

    def standing_out(self, times: float, hops: Mask) -> Float64:
        """The highest error of every click that stands so many ``times`` out of the usual error of these ``hops``."""
        high = self._error > times * (self.usual + QUIETEST)[:, None]
        starts, _ = _join((high & hops[:, None]).reshape(-1), self._frames(JOINED_MS))
        return np.maximum.reduceat(self._error.reshape(-1), starts) if starts.size else np.zeros(0)

    def _frames(self, duration_ms: float, least: int = 1) -> int:
        return max(least, round(duration_ms * self._rate / 1000))


def clicks_per_s(recording: Recording) -> float:
    """Clicks a second in the channel that has most, by one pass, and by the search for crackle if it finds crackle.

    A recording of more than 20 s is sampled: 2 s every 10 s.
    """
    counts, seconds = np.zeros((2, recording.channels)), 0.0
    for start, stop in sampled(recording):
        samples = recording.read(start, stop).samples.astype(np.float64)
        counts += np.transpose([_counted(channel, recording.sample_rate) for channel in samples])
        seconds += samples.shape[1] / recording.sample_rate
    if not seconds:
        return 0.0
    few, many = counts.max(axis=1, initial=0.0) / seconds
    return float(many if many >= CRACKLE_PER_S else few)


def _counted(samples: Float64, sample_rate: int) -> tuple[int, int]:
    """How many candidates of one pass are clicks, by the ordinary search and by that for crackle."""
    heard = Heard(samples, sample_rate)
    few, many = (heard.candidates(search)[0].size for search in (ClickSearch(), CRACKLE))
    return few, many


def search_for(rate_per_s: float) -> ClickSearch:
    """How a recording of so many clicks a second is best searched."""
    return next((search for least_per_s, search in SEARCHES if rate_per_s >= least_per_s), ClickSearch())


def runs(mask: Mask) -> tuple[Positions, Positions]:
    """Where the runs of True begin, and where they have ended."""
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    return np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]


def sampled(recording: Recording) -> Iterator[tuple[int, int]]:
    """First and last frame of what is listened to: 2 s every 10 s, of 20 s or less everything."""
    rate = recording.sample_rate
    piece = round(SAMPLED_S * rate)
    step = piece if recording.duration_s <= WHOLE_S else round(EVERY_S * rate)
    for start in range(0, recording.frames, step):
        yield start, min(recording.frames, start + piece)


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


def _onsets(blocks: Float64, places: Positions) -> Mask:
    """Which candidates, in these blocks of the error, are followed by a steadily higher error than is before them."""
    usual = np.pad(np.median(blocks, axis=1), ONSET_BLOCKS.stop)[:, None]
    reach = np.arange(ONSET_BLOCKS.start + 1, ONSET_BLOCKS.stop + 1)
    middle = places[:, None] + ONSET_BLOCKS.stop
    before, after = (np.median(usual[middle + side * reach, 0], axis=1) for side in (-1, 1))
    return np.asarray(after > 10 ** (ONSET_DB / 20) * before + QUIETEST / 10)


def _covered(starts: Positions, stops: Positions, frames: int) -> Mask:
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
