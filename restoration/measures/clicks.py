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

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.signal import resample_poly

from restoration.audio import Block, Recording
from restoration.measures.autoregression import Float64, Grid
from restoration.measures.click_search import Candidates, ClickSearch, Heard, Mask, Positions, covered

SEARCHED_HZ = 48_000
"""A recording of a higher rate is searched at about this one: a click that only bats would hear is none."""

CRACKLE = ClickSearch(threshold=2.5, rank=4)
CRACKLE_PER_S = 40.0
"""From so many a second on it is crackle; a voice reaches a few."""
SEARCHES = (
    (CRACKLE_PER_S, ClickSearch(threshold=1.5, rank=4, careful=False)),
    (12.0, ClickSearch(threshold=2.0, careful=False)),
    (2.5, ClickSearch(careful=False)),
)
"""From so many clicks a second on: the more there are, the more likely is what stands out less to be another."""

SAMPLED_S, EVERY_S, WHOLE_S = 2.0, 10.0, 20.0
ROUGHLY = 1
CHUNK_S = 6.0
CONTEXT_S = 0.3
"""Six times what one pass sees: 20 ms of model and 27 ms of neighbours on either side, in a few passes."""
SAMPLED_CHUNKS = 5
"""Of a recording of more chunks than this, one in so many is listened to first."""


class Clicks(NamedTuple):
    """What was found in a channel (time,).

    ``mask`` is True in clicks, ``bridged`` the sound with clicks taken out roughly (None where the search was at a
    lower rate), ``too_long`` the first samples of bursts longer than a click may be, which are left. ``prominence``
    tells how many times the clicks that begin at ``places``, those found at once, stand out of the error around them.
    """

    mask: Mask
    bridged: Float64 | None
    too_long: Positions
    places: Positions
    prominence: Float64


def find_clicks(samples: Float64, sample_rate: int, search: ClickSearch) -> Clicks:
    """The clicks of one channel (time,), which is not changed."""
    heard, factor = _heard(samples, sample_rate)
    frames = heard.bridged.size
    mask = np.zeros(frames, dtype=bool)
    first = found = heard.candidates(search)
    for number in range(search.passes):
        found = heard.candidates(search) if number else first
        under = covered(found.starts, found.stops, frames)
        if np.array_equal(under, mask):
            break
        mask = under
        if number + 1 < search.passes:
            heard.bridge(mask, rounds=1)
    return _clicks(first, mask, heard.bridged if factor == 1 else None, factor, samples.size)


def first_found(samples: Float64, sample_rate: int, searches: Sequence[ClickSearch]) -> list[Clicks]:
    """What one pass of each of the searches finds in a channel (time,): of clicks that hide each other the strongest.

    Where it finds none, further passes find none.
    """
    heard, factor = _heard(samples, sample_rate)
    found: list[Clicks] = []
    for search in searches:
        first = heard.candidates(search)
        found.append(_clicks(first, covered(first.starts, first.stops, heard.bridged.size), None, factor, samples.size))
    return found


def _heard(samples: Float64, sample_rate: int) -> tuple[Heard, int]:
    factor = max(1, round(sample_rate / SEARCHED_HZ))
    return Heard(resampled(samples, factor), sample_rate // factor), factor


def _clicks(first: Candidates, mask: Mask, bridged: Float64 | None, factor: int, frames: int) -> Clicks:
    whole = np.repeat(mask, factor)[:frames] if factor > 1 else mask
    return Clicks(whole, bridged, factor * first.too_long, factor * first.starts, first.prominence)


def resampled(samples: Float64, factor: int) -> Float64:
    """Every ``factor``-th of ``samples`` (time,), after a low-pass."""
    return samples if factor == 1 else np.asarray(resample_poly(samples, 1, factor))


def repair_clicks(samples: Float64, clicks: Clicks, sample_rate: int) -> Float64:
    """``samples`` (time,) without the clicks; outside the mask not a bit is changed."""
    if not clicks.mask.any():
        return samples
    heard = Heard(samples, sample_rate, clicks.bridged, only=clicks.mask)
    if clicks.bridged is None:
        # The models of the last round are to be those that have not heard the clicks.
        for _ in range(ROUGHLY):
            heard.bridge(clicks.mask, rounds=1)
    heard.bridge(clicks.mask, rounds=2)
    return heard.bridged


def chunks(recording: Recording, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, Block]]:
    """Chunks of 6 s with their numbers, those that are named or all, with 0.3 s more on both sides.

    They are always the same, whatever the blocks of the recording are: so what is found cannot depend on those.
    """
    hop = Grid.at(recording.sample_rate).hop
    size, context = (round(length_s * recording.sample_rate) // hop * hop for length_s in (CHUNK_S, CONTEXT_S))
    for number in range(chunk_count(recording)) if numbers is None else numbers:
        start = number * size
        first, frames = max(0, start - context), min(size, recording.frames - start)
        yield number, Block(recording.read(first, start + frames + context).samples, start, start - first, frames)


def chunk_count(recording: Recording) -> int:
    """How many chunks there are."""
    hop = Grid.at(recording.sample_rate).hop
    return -(-recording.frames // (round(CHUNK_S * recording.sample_rate) // hop * hop))


def sampled_chunks(recording: Recording) -> range:
    """The numbers of the chunks that are listened to first: all of a few, or one in five."""
    count = chunk_count(recording)
    return range(0, count, 1 if count <= SAMPLED_CHUNKS else SAMPLED_CHUNKS)


def survey(
    recording: Recording, numbers: Iterable[int], searches: Sequence[ClickSearch]
) -> Iterator[tuple[int, Block, list[list[Clicks]]]]:
    """Numbered chunks, and what one pass of each of the ``searches`` finds in each of their channels."""
    for number, block in chunks(recording, numbers):
        sounds = block.samples.astype(np.float64)
        yield number, block, [first_found(sound, recording.sample_rate, searches) for sound in sounds]


class Rate:
    """Clicks a second in the channel that has most, by one pass, and by the search for crackle if it finds crackle."""

    searches: ClassVar[tuple[ClickSearch, ClickSearch]] = (ClickSearch(), CRACKLE)

    def __init__(self, recording: Recording) -> None:
        self._counts, self._frames = np.zeros((recording.channels, 2)), 0
        self._rate = recording.sample_rate

    def add(self, block: Block, found: list[list[Clicks]]) -> None:
        """Count what the searches found in the channels of a chunk, but not in its context."""
        self._counts += [[own_places(block, each.places).sum() for each in channel] for channel in found]
        self._frames += block.frames

    def per_s(self) -> float:
        """The rate in what has been added."""
        few, many = self._counts.max(axis=0, initial=0.0) * self._rate / max(self._frames, 1)
        return float(many if many >= CRACKLE_PER_S else few)


def own_places(block: Block, places: Positions) -> Mask:
    """Which of the places in a block lie in the block proper."""
    return np.asarray((places >= block.lead) & (places < block.lead + block.frames))


def clicks_per_s(recording: Recording) -> float:
    """Clicks a second in the channel that has most (see ``Rate``); of a recording of more than 30 s one chunk in five
    is listened to."""
    rate = Rate(recording)
    for _, block, found in survey(recording, sampled_chunks(recording), Rate.searches):
        rate.add(block, found)
    return rate.per_s()


def search_for(rate_per_s: float) -> ClickSearch:
    """How a recording of so many clicks a second is best searched."""
    return next((search for least_per_s, search in SEARCHES if rate_per_s >= least_per_s), ClickSearch())


def sampled(recording: Recording) -> Iterator[tuple[int, int]]:
    """First and last frame of what is listened to: 2 s every 10 s, of 20 s or less everything."""
    rate = recording.sample_rate
    piece = round(SAMPLED_S * rate)
    step = piece if recording.duration_s <= WHOLE_S else round(EVERY_S * rate)
    for start in range(0, recording.frames, step):
        yield start, min(recording.frames, start + piece)
