"""What the rows say together: means, their standard errors, and differences in pairs.

A clip counts once: its scores under several degradations are averaged first, and the standard error is that of the mean
over the clips. A difference between two systems is that of their scores on the same clip under the same degradation, so
that what makes a clip hard for both has no part in its standard error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev

from restoration.benchmark.rows import Row
from restoration.benchmark.scores import MEASURES, Measure


@dataclass(frozen=True)
class Figure:
    """A mean over ``count`` clips; ``standard_error`` is None of fewer than two."""

    mean: float
    standard_error: float | None
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Figure | None:
        """The figure of some values, one a clip; None of none."""
        found = list(values)
        if not found:
            return None
        return cls(fmean(found), stdev(found) / len(found) ** 0.5 if len(found) > 1 else None, len(found))

    @property
    def is_plain(self) -> bool:
        """Whether the mean lies more than two standard errors from nothing."""
        return self.standard_error is not None and abs(self.mean) > 2 * self.standard_error


@dataclass(frozen=True)
class Cost:
    """The middle of the processor seconds a second of sound, and the largest memory in MB."""

    rtf: float
    peak_mb: float


@dataclass(frozen=True)
class Comparison:
    """A recipe against the peer that is best at a measure, on the same clips; above 0 the recipe is better."""

    recipe: str
    peer: str
    better_by: Figure


@dataclass(frozen=True)
class Ledger:
    """The rows without an error, by system, clip and degradation. ``parts`` says of each system what it is."""

    rows: Sequence[Row]
    parts: Mapping[str, str] = field(init=False)
    _scores: Mapping[tuple[str, str, str], Row] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", {row.system: row.part for row in self.rows})
        scores = {(row.system, row.clip_sha256, row.degradation): row for row in self.rows if not row.error}
        object.__setattr__(self, "_scores", scores)

    @property
    def degradations(self) -> list[str]:
        return list(dict.fromkeys(row.degradation for row in self.rows))

    @property
    def failures(self) -> list[Row]:
        """The rows that have an error."""
        return [row for row in self.rows if row.error]

    def by_clip(self, system: str, measure: str, degradations: Sequence[str]) -> dict[str, float]:
        """A system's score of each clip, mean over ``degradations``; clips that lack one of them are left out."""
        found = {}
        for clip in dict.fromkeys(row.clip_sha256 for row in self.rows):
            rows = [self._scores.get((system, clip, name)) for name in degradations]
            values = [row.scores.get(measure) for row in rows if row is not None]
            told = [value for value in values if value is not None]
            if told and len(told) == len(degradations):
                found[clip] = fmean(told)
        return found

    def figure(self, system: str, measure: str, degradations: Sequence[str]) -> Figure | None:
        """The mean score of a system, and its standard error over the clips."""
        return Figure.of(self.by_clip(system, measure, degradations).values())

    def difference(self, system: str, other: str, measure: Measure, degradations: Sequence[str]) -> Figure | None:
        """How much better a system is than another, clip by clip; below 0 it is worse."""
        ours, theirs = (self.by_clip(name, measure.name, degradations) for name in (system, other))
        sign = 1 if measure.higher_is_better else -1
        return Figure.of(sign * (ours[clip] - theirs[clip]) for clip in ours if clip in theirs)

    def best_peer(self, measure: Measure, degradations: Sequence[str]) -> str | None:
        """The peer with the best mean; those that failed on more clips than others do not stand."""
        peers = [name for name, part in self.parts.items() if part == "peer"]
        found = {name: self.figure(name, measure.name, degradations) for name in peers}
        figures = {name: figure for name, figure in found.items() if figure is not None}
        most = max((figure.count for figure in figures.values()), default=0)
        standing = {name: figure.mean for name, figure in figures.items() if figure.count == most}
        if not standing:
            return None
        return (max if measure.higher_is_better else min)(standing, key=lambda name: standing[name])

    def comparisons(self, measure: str, degradations: Sequence[str]) -> list[Comparison]:
        """Every recipe against the best peer."""
        peer = self.best_peer(MEASURES[measure], degradations)
        recipes = [name for name, part in self.parts.items() if part == "recipe"]
        if peer is None:
            return []
        found = [(name, self.difference(name, peer, MEASURES[measure], degradations)) for name in recipes]
        return [Comparison(name, peer, figure) for name, figure in found if figure is not None]

    def cost(self, system: str) -> Cost | None:
        """What a system costs, over all its rows."""
        rows = [row for row in self.rows if row.system == system and not row.error]
        if not rows:
            return None
        return Cost(median(row.rtf for row in rows), max(row.peak_mb for row in rows))
