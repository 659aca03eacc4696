"""Converters of the first digitisations: few bits, missing codes, an offset, a clock that jumps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range


@dataclass(frozen=True, kw_only=True)
class BadConverter:
    """Quantising, and clipping at full scale.

    Args:
        bits: of a sample, 2 to 24.
        dither: whether triangular noise of two steps was added before, as it should have been.
        missing: share of the codes that the converter never gives (the next one up instead), 0 to 0.5.
        offset: added before quantising; full scale is 1. -0.5 to 0.5.
    """

    kind: ClassVar[Kind] = "damage"
    bits: int = 16
    dither: bool = False
    missing: float = 0.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, 2, 24, "bits")
        check_range(self, 0, 0.5, "missing")
        check_range(self, -0.5, 0.5, "offset")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        steps = 2 ** (self.bits - 1)
        scaled = (samples + self.offset) * steps
        if self.dither:
            scaled += draw.random(samples.shape) - draw.random(samples.shape)
        codes = np.clip(np.rint(scaled), -steps, steps - 1).astype(np.intp)
        clipped = int(np.count_nonzero((scaled < -steps) | (scaled > steps - 1)))
        if self.missing:
            # Code by code, also those that this recording never reaches: the converter is the same for every sound.
            lacks = draw.random(2 * steps) < self.missing
            lacks[-1] = False
            given = np.arange(2 * steps)
            given[lacks] = 2 * steps
            codes = np.minimum.accumulate(given[::-1])[::-1][codes + steps] - steps
        return codes / steps, {"clipped_samples": clipped}


@dataclass(frozen=True, kw_only=True)
class ClockJumps:
    """A clock that slips: a few frames are lost or come twice, in all channels, and later ones make up for it.

    Args:
        per_min: mean number of jumps in a minute, 0 to 600.
        longest_frames: how far the time axis may lie beside the true one, 1 to 10000.
    """

    kind: ClassVar[Kind] = "time"
    per_min: float
    longest_frames: int = 8

    def __post_init__(self) -> None:
        check_range(self, 0, 600, "per_min")
        check_range(self, 1, 10_000, "longest_frames")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        count = int(draw.poisson(self.per_min / 60 * frames / sample_rate))
        starts = np.sort(draw.integers(0, max(1, frames), count))
        beside = draw.integers(-self.longest_frames, self.longest_frames + 1, count)
        drawn = {"times_s": (starts / sample_rate).tolist(), "ahead_s": (beside / sample_rate).tolist()}
        if not count:
            return samples, drawn
        ahead = np.concatenate([[0], beside])[np.searchsorted(starts, np.arange(frames), "right")]
        return samples.take(np.arange(frames) + ahead, axis=1, mode="clip"), drawn

    def heard_at_s(self, times_s: Float64, drawn: dict[str, Any]) -> Float64:
        """The times before the jumps of what is heard at ``times_s``."""
        ahead_s = np.array([0.0, *drawn["ahead_s"]])
        return np.asarray(times_s + ahead_s[np.searchsorted(drawn["times_s"], times_s, "right")])
