"""Remove clicks and crackle, each repaired from the sound on both sides of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Block, Recording, Writer
from restoration.measures.clicks import ClickSearch, clicks_per_s, find_clicks, runs, search_for
from restoration.repair.clicks import chunks, declick, verdict
from restoration.step import Findings, Generates, Verdict

LENGTHS_MS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
KEYS = ("threshold", "rank", "max_click_ms", "passes", "careful")


@dataclass(frozen=True, kw_only=True)
class RemoveClicks:
    """Autoregressive click detection and repair, after Godsill and Rayner, and Janssen, Veldhuis and Vries.

    A click is what a model of the sound does not predict and the sound around it does not resemble: pulses of the voice
    and bursts of plosives are told from it (see the measure of clicks). It is repaired by the most probable sound,
    given the model, what lies on both sides, and what is left of the sound in the click itself. Everything else keeps
    every bit. A repair of a few milliseconds corrects the sound that was recorded and adds nothing to it: the step
    generates nothing.

    The findings hold the threshold by which the clicks were found, not a list of them: the treatment finds them again
    by the same calculation, as a disc of two hours may have a million.

    Attributes:
        threshold: how far the error must stand out of the error around it, 1 to 20 (times). None: 3, 2 where there
            are 12 clicks a second or more, 1.5 where there are 40.
        max_click_ms: what is longer is left as it is, 0.1 to 10 ms.
        passes: how often clicks are looked for that stronger ones hid, 1 to 6.
        least_clicks_per_s: a recording of fewer is left alone, 0 to 100.
    """

    threshold: float | None = None
    max_click_ms: float = 5.0
    passes: int = 3
    least_clicks_per_s: float = 0.1

    version: ClassVar[str] = "2"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if self.threshold is not None and not 1.0 <= self.threshold <= 20.0:
            raise ValueError(f"threshold is from 1 to 20, not {self.threshold}")
        if not 0.1 <= self.max_click_ms <= 10.0:
            raise ValueError(f"max_click_ms is from 0.1 to 10, not {self.max_click_ms}")
        if not 1 <= self.passes <= 6:
            raise ValueError(f"passes is from 1 to 6, not {self.passes}")
        if not 0.0 <= self.least_clicks_per_s <= 100.0:
            raise ValueError(f"least_clicks_per_s is from 0 to 100, not {self.least_clicks_per_s}")

    def measure(self, recording: Recording) -> Findings:
        """Finds every click, and says how many there are, how long and when.

        ``threshold``, ``rank``, ``max_click_ms``, ``passes`` and ``careful`` they were found by; ``count`` (all),
        ``clicks_per_s`` and ``share`` (of the samples) in the channel that has most; ``lengths`` (how many are up to so
        many ms), ``per_min`` (clicks in each minute) and ``too_long`` (bursts that are left).
        """
        usual = search_for(clicks_per_s(recording))
        search = ClickSearch(
            self.threshold or usual.threshold, usual.rank, self.max_click_ms, self.passes, usual.careful
        )
        census = Census(recording)
        for block in chunks(recording):
            census.add(block, search)
        return {key: getattr(search, key) for key in KEYS} | census.findings(self.least_clicks_per_s)

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Find the clicks by the search that was recorded, and repair them."""
        declick(recording, ClickSearch(*(findings[key] for key in KEYS)), result)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether fewer clicks are left, and nothing louder in their place."""
        return verdict(before, after, clicks_per_s, "The number of clicks")


class Census:
    """Counts clicks, a block of the recording after the other."""

    def __init__(self, recording: Recording) -> None:
        self._rate, self._frames = recording.sample_rate, recording.frames
        self._counts = np.zeros(recording.channels, dtype=int)
        self._covered = np.zeros(recording.channels, dtype=int)
        self._lengths = np.zeros(len(LENGTHS_MS), dtype=int)
        self._per_min = np.zeros(int(recording.duration_s // 60) + 1, dtype=int)
        self._too_long = 0

    def add(self, block: Block, search: ClickSearch) -> None:
        """Search the block and count the clicks that begin in it, not those that begin in its context."""
        first, last = block.lead, block.lead + block.frames
        for index, channel in enumerate(block.samples):
            clicks = find_clicks(channel.astype(np.float64), self._rate, search)
            starts, stops = runs(clicks.mask)
            own = (starts >= first) & (starts < last)
            starts, lengths = starts[own], (stops - starts)[own]
            self._counts[index] += starts.size
            self._covered[index] += int(lengths.sum())
            bins = np.searchsorted(LENGTHS_MS, 1000 * lengths / self._rate)
            np.add.at(self._lengths, np.minimum(bins, len(LENGTHS_MS) - 1), 1)
            np.add.at(self._per_min, (starts - first + block.start) // (60 * self._rate), 1)
            self._too_long += int(((clicks.too_long >= first) & (clicks.too_long < last)).sum())

    def findings(self, least_clicks_per_s: float) -> Findings:
        """The counts so far, and whether they ask for a treatment."""
        rate = float(self._counts.max(initial=0)) * self._rate / max(self._frames, 1)
        share = float(self._covered.max(initial=0)) / max(self._frames, 1)
        needed = bool(self._counts.any()) and rate >= least_clicks_per_s
        return {
            "needed": needed,
            "reason": _reason(needed, int(self._counts.sum()), rate, share),
            "count": int(self._counts.sum()),
            "clicks_per_s": rate,
            "share": share,
            "lengths": self._by_length(),
            "per_min": self._per_min.tolist(),
            "too_long": self._too_long,
        }

    def _by_length(self) -> list[dict[str, Any]]:
        return [{"up_to_ms": ms, "clicks": int(count)} for ms, count in zip(LENGTHS_MS, self._lengths, strict=True)]


def _reason(needed: bool, count: int, rate: float, share: float) -> str:
    if not count:
        return "No clicks were found."
    found = (
        f"{count} click{'s' if count != 1 else ''} found, {rate:.2f} a second, in {100 * share:.3f} % of the samples"
    )
    return f"{found}." if needed else f"{found}: too few to be worth a repair."
