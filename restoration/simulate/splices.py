"""Splices: a tick, a short gap, and a programme that goes on at another level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.clicks import one_click
from restoration.simulate.fault import Float64, Kind, check_range, check_span
from restoration.simulate.level import ratio, speech_level

EDGE_MS = 0.5


@dataclass(frozen=True, kw_only=True)
class Splices:
    """Where tapes were cut and joined: a gap and a tick in all channels. ``LevelSteps`` follow the same cuts.

    Args:
        per_min: mean number in a minute, 0 to 120.
        cuts: seed of where they are: splices and level steps of one seed and rate fall together. 0 or more.
        gap_ms: (shortest, longest) silence, 0 to 200; the tape beneath it is lost, and what follows is in time.
        tick_db: peak of the tick at the end of the gap relative to the speech level of what arrives; None has none.
            -60 to 60.
    """

    kind: ClassVar[Kind] = "damage"
    per_min: float
    cuts: int
    gap_ms: tuple[float, float] = (0.0, 8.0)
    tick_db: float | None = 0.0

    def __post_init__(self) -> None:
        check_range(self, 0, 120, "per_min")
        check_range(self, 0, 2**63, "cuts")
        check_span(self, 0, 200, "gap_ms")
        check_range(self, -60, 60, "tick_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        starts = cut_frames(frames, sample_rate, self.per_min, self.cuts)
        gaps_ms = draw.uniform(*self.gap_ms, len(starts)).tolist()
        tick = speech_level(samples, sample_rate) * ratio(self.tick_db) if self.tick_db is not None else 0.0
        cut = samples.copy()
        for start, gap_ms in zip(starts, gaps_ms, strict=True):
            keep = _gap(gap_ms, sample_rate)
            cut[:, start : start + keep.size] *= keep[: frames - start]
            end = start + keep.size
            wave = one_click(sample_rate, *draw.uniform((0.3, 1000), (2.0, 4000)).tolist())
            cut[:, end : end + wave.size] += tick * wave[: max(0, frames - end)]
        return cut, {"starts": starts, "gaps_ms": gaps_ms}


@dataclass(frozen=True, kw_only=True)
class LevelSteps:
    """A programme that goes on at another level after each cut: the parts of a tape that was put together.

    Args:
        per_min: as of the ``Splices`` that go with them.
        cuts: as of the ``Splices`` that go with them.
        spread_db: standard deviation of the level of a part around that of the first, 0 to 20.
    """

    kind: ClassVar[Kind] = "programme"
    per_min: float
    cuts: int
    spread_db: float = 3.0

    def __post_init__(self) -> None:
        check_range(self, 0, 120, "per_min")
        check_range(self, 0, 2**63, "cuts")
        check_range(self, 0, 20, "spread_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        starts = cut_frames(samples.shape[1], sample_rate, self.per_min, self.cuts)
        levels_db = draw.normal(0, self.spread_db, len(starts)).tolist()
        stepped = samples.copy()
        for start, end, level_db in zip(starts, [*starts, samples.shape[1]][1:], levels_db, strict=True):
            stepped[:, start:end] *= ratio(level_db)
        return stepped, {"starts": starts, "levels_db": levels_db}


def cut_frames(frames: int, sample_rate: int, per_min: float, cuts: int) -> list[int]:
    """Where a tape of so many frames was cut: Poisson distributed, anywhere."""
    draw = np.random.default_rng(cuts)
    count = int(draw.poisson(per_min / 60 * frames / sample_rate)) if frames else 0
    return [int(start) for start in np.sort(draw.integers(0, max(1, frames), count))]


def _gap(gap_ms: float, sample_rate: int) -> Float64:
    """The gain through a gap: 1 at both ends, half a millisecond down and up, or as fast as the gap allows."""
    frames = round(gap_ms / 1000 * sample_rate)
    into = np.minimum(np.arange(frames), np.arange(frames)[::-1])
    return np.clip(1 - into / min(EDGE_MS / 1000 * sample_rate, max(1.0, frames / 4)), 0, 1)
