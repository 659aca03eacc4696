"""Clicks: short disturbances of a disc, a cylinder or a bad splice, found by what a model of the sound cannot predict.

Each channel is predicted by autoregressive models of 40 ms (see ``autoregression``). The prediction error of speech
has peaks too: the pulses of the vocal folds, and the bursts of plosives. So a sample belongs to a click only where the
error stands out by ``threshold`` from the second highest milliseconds of the 25 ms before and of those after (two
pulses of a voice of 80 Hz fall in either), and where the error is not steadily higher afterwards than before, as it is
when a plosive begins. Clicks that hide each other are found in further passes, once the stronger ones are bridged.

After Godsill and Rayner, *Digital Audio Restoration* (1998), chapter 5; the local comparison is this project's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.autoregression import Float64, Grid, expect, models, residual, separate

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

BLOCK_MS = 1.0
NEIGHBOURS = 25
"""Blocks looked at on either side, after those nearest, which the click itself may fill."""
NEAREST = 2
OUTER = 0.4
"""A click reaches as far as the error stays above this share of the threshold."""
JOINED_MS = 0.3
MARGIN_MS = 0.1
ONSET_DB = 4.0
ONSET_MS = (1.0, 11.0)
QUIETEST = 1e-6
"""-120 dBFS of prediction error: less is no click, whatever it stands out from."""
BEFORE_MS, AFTER_MS = 0.2, 1.0
"""The repair begins and ends this far outside what was found, for a click fades into the sound."""
SMOOTHING_MS = 0.4
LONGEST_SYSTEM = 512

SAMPLED_S, EVERY_S, WHOLE_S = 2.0, 10.0, 20.0


@dataclass(frozen=True)
class ClickSearch:
    """How to search: ``threshold`` (times the local error), ``rank``, ``max_click_ms``, ``passes``.

    ``rank`` tells which of the milliseconds on a side is the local error: the second highest, or the fourth in crackle,
    of which 25 ms hold several clicks.
    """

    threshold: float = 3.0
    rank: int = 2
    max_click_ms: float = 5.0
    passes: int = 3


CRACKLE = ClickSearch(threshold=2.5, rank=4)
CRACKLE_PER_S = 40.0
"""From so many a second on it is crackle; a voice reaches a few."""


class Clicks(NamedTuple):
    """What was found in a channel (time,).

    ``mask`` is True in clicks, ``bridged`` the sound with clicks interpolated, ``too_long`` the first samples of bursts
    longer than a click may be, which are left.
    """

    mask: Mask
    bridged: Float64
    too_long: Positions


def find_clicks(samples: Float64, sample_rate: int, search: ClickSearch) -> Clicks:
    """The clicks of one channel (time,), which is not changed."""
    grid = Grid.at(sample_rate)
    mask, bridged = np.zeros(samples.size, dtype=bool), samples
    too_long: Positions = np.zeros(0, dtype=np.intp)
    for number in range(search.passes):
        filters = models(bridged, grid)
        error = np.abs(residual(bridged, filters, grid))
        starts, stops = _candidates(error, sample_rate, search)
        short = stops - starts <= search.max_click_ms * sample_rate / 1000
        too_long = starts[~short] if number == 0 else too_long
        short &= ~_onsets(error, starts, stops, sample_rate)
        if not short.any():
            break
        mask |= _covered(starts[short], stops[short], samples.size)
        bridged = _bridge(samples, bridged, mask, filters, grid)
    return Clicks(mask, bridged, too_long)


def repair_clicks(samples: Float64, clicks: Clicks, sample_rate: int) -> Float64:
    """``samples`` (time,) without the clicks; outside them, and a millisecond around, not a bit is changed."""
    starts, stops = runs(clicks.mask)
    if not starts.size:
        return samples
    grid = Grid.at(sample_rate)
    before, after = round(BEFORE_MS * sample_rate / 1000), round(AFTER_MS * sample_rate / 1000)
    wide = _covered(np.maximum(starts - before, 0), np.minimum(stops + after, samples.size), samples.size)
    filters = models(clicks.bridged, grid)
    error = np.abs(residual(clicks.bridged, filters, grid))
    smoothing = max(3, round(SMOOTHING_MS * sample_rate / 1000))
    repaired = samples.copy()
    for unknown in _systems(wide, grid.order):
        near, place = _neighbourhood(clicks.bridged, unknown, grid.order)
        near[place] = 0.0
        gap = expect(near, place, _filter_at(filters, unknown, grid))
        around = error[max(0, unknown[0] - grid.hop // 2) : unknown[-1] + grid.hop // 2]
        excitation = (float(np.median(around)) / 0.6745) ** 2 + 1e-12
        repaired[unknown] = separate(gap, samples[unknown], excitation, smoothing)
    return repaired


def clicks_per_s(recording: Recording) -> float:
    """Clicks a second in the channel that has most, by one pass, and by the search for crackle if it finds crackle.

    A recording of more than 20 s is sampled: 2 s every 10 s.
    """
    counts, seconds = np.zeros((2, recording.channels)), 0.0
    for start, stop in _sampled(recording):
        samples = recording.read(start, stop).samples.astype(np.float64)
        counts += np.transpose([_counted(channel, recording.sample_rate) for channel in samples])
        seconds += samples.shape[1] / recording.sample_rate
    if not seconds:
        return 0.0
    few, many = counts.max(axis=1, initial=0.0) / seconds
    return float(many if many >= CRACKLE_PER_S else few)


def _counted(samples: Float64, sample_rate: int) -> tuple[int, int]:
    """How many candidates of one pass are clicks, by the ordinary search and by that for crackle."""
    grid = Grid.at(sample_rate)
    error = np.abs(residual(samples, models(samples, grid), grid))
    counts = []
    for search in (ClickSearch(), CRACKLE):
        starts, stops = _candidates(error, sample_rate, search)
        short = stops - starts <= search.max_click_ms * sample_rate / 1000
        counts.append(int((short & ~_onsets(error, starts, stops, sample_rate)).sum()))
    return counts[0], counts[1]


def runs(mask: Mask) -> tuple[Positions, Positions]:
    """Where the runs of True begin, and where they have ended."""
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    return np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]


def _sampled(recording: Recording) -> Iterator[tuple[int, int]]:
    rate = recording.sample_rate
    piece = round(SAMPLED_S * rate)
    step = piece if recording.duration_s <= WHOLE_S else round(EVERY_S * rate)
    for start in range(0, recording.frames, step):
        yield start, min(recording.frames, start + piece)


def _candidates(error: Float64, sample_rate: int, search: ClickSearch) -> tuple[Positions, Positions]:
    """Begin and end of what stands out of the absolute prediction error (time,)."""
    block = max(4, round(BLOCK_MS * sample_rate / 1000))
    highest = np.pad(error, (0, -error.size % block)).reshape(-1, block).max(axis=1)
    limit = np.repeat(search.threshold * (_around(highest, search.rank) + QUIETEST), block)[: error.size]
    core = error > limit
    if not core.any():
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    starts, stops = _join(error > OUTER * limit, max(1, round(JOINED_MS * sample_rate / 1000)))
    cores = np.concatenate(([0], np.cumsum(core)))
    real = cores[stops] > cores[starts]
    margin = max(1, round(MARGIN_MS * sample_rate / 1000))
    return np.maximum(starts[real] - margin, 0), np.minimum(stops[real] + margin, error.size)


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
    apart = starts[1:] - stops[:-1] > distance
    return starts[np.concatenate(([True], apart))], stops[np.concatenate((apart, [True]))]


def _onsets(error: Float64, starts: Positions, stops: Positions, sample_rate: int) -> Mask:
    """Which candidates are followed by a steadily higher error than they were preceded by."""
    near, far = (round(ms * sample_rate / 1000) for ms in ONSET_MS)
    louder = 10 ** (ONSET_DB / 20)
    found = np.zeros(starts.size, dtype=bool)
    for index, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        before, after = error[max(0, start - far) : max(0, start - near)], error[stop + near : stop + far]
        level = float(np.median(before)) if before.size else 0.0
        found[index] = after.size > 0 and float(np.median(after)) > louder * level + QUIETEST / 10
    return found


def _covered(starts: Positions, stops: Positions, frames: int) -> Mask:
    edges = np.zeros(frames + 1, dtype=np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, stops, -1)
    return np.cumsum(edges)[:-1] > 0


def _bridge(samples: Float64, bridged: Float64, mask: Mask, filters: Float64, grid: Grid) -> Float64:
    """``samples`` with everything under the mask as its model expects it."""
    result = np.where(mask, bridged, samples)
    for unknown in _systems(mask, grid.order):
        near, place = _neighbourhood(result, unknown, grid.order)
        result[unknown] = expect(near, place, _filter_at(filters, unknown, grid)).expected
    return result


def _systems(mask: Mask, order: int) -> Iterator[Positions]:
    """Positions under the mask that are solved for together: those that the same model ties, within a limit."""
    positions = np.nonzero(mask)[0]
    far = np.nonzero(np.diff(positions) > order)[0] + 1
    for tied in np.split(positions, far):
        yield from np.split(tied, range(LONGEST_SYSTEM, tied.size, LONGEST_SYSTEM))


def _neighbourhood(samples: Float64, unknown: Positions, order: int) -> tuple[Float64, Positions]:
    first = max(0, int(unknown[0]) - order)
    return samples[first : int(unknown[-1]) + order + 1].copy(), unknown - first


def _filter_at(filters: Float64, unknown: Positions, grid: Grid) -> Float64:
    middle = int(unknown[0] + unknown[-1]) // 2
    return np.asarray(filters[min(middle // grid.hop, filters.shape[0] - 1)])
