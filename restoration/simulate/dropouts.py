"""Dropouts: moments in which the tape leaves the head, or has lost its coating."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Float64, Kind, check_range, check_span

SPLIT_HZ = 2000.0
EDGE_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Dropouts:
    """Moments of less sound, less still of treble.

    Args:
        per_s: mean number in a second, 0 to 50.
        depth_db: (least, greatest) loss in the middle of one, below 2 kHz, 0 to 100; uniformly distributed.
        duration_ms: (shortest, longest), from where the sound begins to fall to where it is back, 0.1 to 5000;
            uniformly distributed in their logarithm. A fifth of it is the way down, another fifth the way up.
        treble: how many times as deep, in dB, the dropout is far above 2 kHz, 1 to 4: short wavelengths lose most by
            the distance from the head.
        shared: chance that a dropout meets all channels and not one of them, 0 to 1.
    """

    kind: ClassVar[Kind] = "damage"
    per_s: float
    depth_db: tuple[float, float] = (3.0, 25.0)
    duration_ms: tuple[float, float] = (3.0, 80.0)
    treble: float = 2.0
    shared: float = 0.5

    def __post_init__(self) -> None:
        check_range(self, 0, 50, "per_s")
        check_span(self, 0, 100, "depth_db")
        check_span(self, 0.1, 5000, "duration_ms")
        check_range(self, 1, 4, "treble")
        check_range(self, 0, 1, "shared")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        channels, frames = samples.shape
        count = int(draw.poisson(self.per_s * frames / sample_rate))
        starts = np.sort(draw.integers(0, max(1, frames), count)).tolist()
        depths_db = draw.uniform(*self.depth_db, count).tolist()
        shortest, longest = self.duration_ms
        durations_ms = (shortest * (longest / shortest) ** draw.random(count)).tolist()
        tracks = np.where(draw.random(count) < self.shared, -1, draw.integers(0, channels, count)).tolist()
        drawn = {"starts": starts, "depths_db": depths_db, "durations_ms": durations_ms, "channels": tracks}
        if not count:
            return samples, drawn
        loss_db = np.zeros((channels, frames))
        for start, depth_db, duration_ms, track in zip(starts, depths_db, durations_ms, tracks, strict=True):
            shape = depth_db * signal.windows.tukey(max(1, round(duration_ms / 1000 * sample_rate)), 2 * EDGE_SHARE)
            where = slice(None) if track < 0 else track
            loss_db[where, start : start + shape.size] += shape[: frames - start]
        return self._lost(samples, sample_rate, loss_db), drawn

    def _lost(self, samples: Float64, sample_rate: int, loss_db: Float64) -> Float64:
        gain = 10 ** (-loss_db / 20)
        if self.treble == 1:
            return samples * gain
        pole = np.exp(-2 * np.pi * min(SPLIT_HZ, sample_rate / 4) / sample_rate)
        bass = signal.lfilter([1 - pole], [1, -pole], samples, axis=1)
        return np.asarray(gain * bass + gain**self.treble * (samples - bass))
