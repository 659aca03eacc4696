"""Remove clicks and crackle, each repaired from the sound on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Block, Recording, Writer
from restoration.measures.click_search import ClickSearch, runs
from restoration.measures.clicks import (
    Clicks,
    Rate,
    chunk_count,
    clicks_per_s,
    own_places,
    sampled_chunks,
    search_for,
    survey,
)
from restoration.repair.clicks import declick, verdict
from restoration.step import Findings, Generates, Verdict

LENGTHS_MS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
KEYS = ("threshold", "rank", "max_click_ms", "passes", "careful")
PLAIN_TIMES, EVIDENT_TIMES = 8.0, 4.0
"""How many times a click stands out of the error around it where one alone is proof, and where a few are."""
FEWEST = 3
"""Fewer clicks that are evident but not plain tell nothing, however short the recording is."""


@dataclass(frozen=True, kw_only=True)
class RemoveClicks:
    """Autoregressive click detection and repair, after Godsill and Rayner, and Janssen, Veldhuis and Vries.

    A click is what a model of the sound does not predict and the sound around it does not resemble: pulses of the voice
    and bursts of plosives are told from it (see the measure of clicks). It is repaired by the most probable sound,
    given the model, what lies on both sides, and what is left of the sound in the click itself. Everything else keeps
    every bit. A repair of a few milliseconds corrects the sound that was recorded and adds nothing to it: the step
    generates nothing.

    Speakers click too, with tongue and lips: a clean reading has something that stands out three times every four or
    five seconds, hardly ever something that stands out eight times. So a recording is treated if it has clicks that
    are plain, or more evident ones than voices have. ``python -m tests.click_bench`` counts how often that is right.

    The findings hold the threshold by which the clicks were found, not a list of them: the treatment finds them again
    by the same calculation, as a disc of two hours may have a million.

    Attributes:
        threshold: how far the error must stand out of the error around it, 1 to 20 (times). None: 3, 2 where there
            are 12 clicks a second or more, 1.5 where there are 40.
        max_click_ms: what is longer is left as it is, 0.1 to 10 ms.
        passes: how often clicks are looked for that stronger ones hid, 1 to 6.
        least_clicks_per_s: a recording of fewer clicks that stand out four times is left alone, 0 to 100,
        least_plain_per_s: unless so many stand out eight times, 0 to 100.
    """

    threshold: float | None = None
    max_click_ms: float = 5.0
    passes: int = 3
    least_clicks_per_s: float = 0.4
    least_plain_per_s: float = 0.1

    version: ClassVar[str] = "3"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if self.threshold is not None and not 1.0 <= self.threshold <= 20.0:
            raise ValueError(f"threshold is from 1 to 20, not {self.threshold}")
        if not 0.1 <= self.max_click_ms <= 10.0:
            raise ValueError(f"max_click_ms is from 0.1 to 10, not {self.max_click_ms}")
        if not 1 <= self.passes <= 6:
            raise ValueError(f"passes is from 1 to 6, not {self.passes}")
        for name in ("least_clicks_per_s", "least_plain_per_s"):
            if not 0.0 <= getattr(self, name) <= 100.0:
                raise ValueError(f"{name} is from 0 to 100, not {getattr(self, name)}")

    def measure(self, recording: Recording) -> Findings:
        """Finds the clicks, those that stronger ones hide left out, and says how many there are, how long and when.

        ``threshold``, ``rank``, ``max_click_ms``, ``passes`` and ``careful`` they are to be found by; ``count`` (all),
        ``clicks_per_s``, ``evident_per_s``, ``plain_per_s`` and ``share`` (of the samples) in the channel that has
        most; ``lengths`` (how many are up to so many ms), ``per_min`` (clicks in each minute), ``too_long`` (bursts
        that are left), ``struck`` (numbers of the chunks of 6 s that hold any, as first and last) and
        ``sampled_per_s`` (clicks of the ordinary search in the chunks that are listened to first).
        """
        sampled = sampled_chunks(recording)
        census, rate = Census(recording), Rate(recording)
        for number, block, found in survey(recording, sampled, Rate.searches):
            census.add(number, block, [ordinary for ordinary, _ in found])
            rate.add(block, found)
        search = self._search(rate.per_s())
        left = [number for number in range(chunk_count(recording)) if number not in sampled]
        if replace(search, passes=ClickSearch.passes) != Rate.searches[0]:
            census, left = Census(recording), list(range(chunk_count(recording)))
        for number, block, found in survey(recording, left, (search,)):
            census.add(number, block, [clicks for (clicks,) in found])
        found_all = census.findings(self.least_clicks_per_s, self.least_plain_per_s)
        return {key: getattr(search, key) for key in KEYS} | found_all | {"sampled_per_s": rate.per_s()}

    def _search(self, per_s: float) -> ClickSearch:
        usual = search_for(per_s)
        threshold = usual.threshold if self.threshold is None else self.threshold
        return replace(usual, threshold=threshold, max_click_ms=self.max_click_ms, passes=self.passes)

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Find the clicks by the search that was recorded, where there are any, and repair them."""
        struck = {number for first, last in findings["struck"] for number in range(first, last + 1)}
        declick(recording, ClickSearch(**{key: findings[key] for key in KEYS}), result, struck)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether fewer clicks are left, and nothing louder in their place."""
        counts = findings["sampled_per_s"], clicks_per_s(after)
        return verdict(before, after, counts, "The number of clicks")


class Census:
    """Counts clicks, a chunk of the recording after the other."""

    def __init__(self, recording: Recording) -> None:
        self._rate, self._frames = recording.sample_rate, recording.frames
        self._counts, self._evident, self._plain, self._covered = np.zeros((4, recording.channels), dtype=int)
        self._lengths = np.zeros(len(LENGTHS_MS), dtype=int)
        self._per_min = np.zeros(int(recording.duration_s // 60) + 1, dtype=int)
        self._struck = np.zeros(chunk_count(recording), dtype=bool)
        self._too_long = 0

    def add(self, number: int, block: Block, found: list[Clicks]) -> None:
        """Count the clicks that begin in the chunk, not those that begin in its context."""
        for index, clicks in enumerate(found):
            starts, stops = runs(clicks.mask)
            self._struck[number] |= starts.size > 0
            own = own_places(block, starts)
            times = clicks.prominence[own_places(block, clicks.places)]
            self._evident[index] += (times >= EVIDENT_TIMES).sum()
            self._plain[index] += (times >= PLAIN_TIMES).sum()
            starts, lengths = starts[own], (stops - starts)[own]
            self._counts[index] += starts.size
            self._covered[index] += lengths.sum()
            bins = np.searchsorted(LENGTHS_MS, 1000 * lengths / self._rate)
            np.add.at(self._lengths, np.minimum(bins, len(LENGTHS_MS) - 1), 1)
            np.add.at(self._per_min, (starts - block.lead + block.start) // (60 * self._rate), 1)
            self._too_long += int(own_places(block, clicks.too_long).sum())

    def findings(self, least_per_s: float, least_plain_per_s: float) -> Findings:
        """The counts so far, and whether they ask for a treatment."""
        counts = np.stack([self._counts, self._evident, self._plain, self._covered])
        rate, evident, plain, covered = (counts.max(axis=1, initial=0) * self._rate / max(self._frames, 1)).tolist()
        share = covered / self._rate
        few = self._evident.max(initial=0) < FEWEST or evident < least_per_s
        needed = not few or (bool(self._plain.any()) and plain >= least_plain_per_s)
        firsts, lasts = runs(self._struck)
        return {
            "needed": needed,
            "reason": _reason(needed, int(self._counts.sum()), rate, share),
            "count": int(self._counts.sum()),
            "clicks_per_s": rate,
            "evident_per_s": evident,
            "plain_per_s": plain,
            "share": share,
            "lengths": self._by_length(),
            "per_min": self._per_min.tolist(),
            "too_long": self._too_long,
            "struck": [[int(first), int(last) - 1] for first, last in zip(firsts, lasts, strict=True)],
        }

    def _by_length(self) -> list[dict[str, Any]]:
        return [{"up_to_ms": ms, "clicks": int(count)} for ms, count in zip(LENGTHS_MS, self._lengths, strict=True)]


def _reason(needed: bool, count: int, rate: float, share: float) -> str:
    if not count:
        return "No clicks were found."
    found = (
        f"{count} click{'s' if count != 1 else ''} found, {rate:.2f} a second, in {100 * share:.3f} % of the samples"
    )
    return f"{found}." if needed else f"{found}: too few, or too faint, to be anything but the speaker's own."
