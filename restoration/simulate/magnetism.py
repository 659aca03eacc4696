"""Magnetised heads and guides: soft thumps that all point the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range, check_span
from restoration.simulate.level import speech_level

SHAPES = 16


@dataclass(frozen=True, kw_only=True)
class MagnetisedHead:
    """Ticks of a head magnetised by a direct current: every unevenness of the coating is a pulse of one polarity.

    Args:
        per_s: mean number of pulses in a second, 0 to 500.
        peak_db: median of their peaks relative to the speech level of what arrives, -80 to 40; their levels spread by
            6 dB.
        duration_ms: (shortest, longest) pulse, 0.05 to 50.
    """

    kind: ClassVar[Kind] = "added"
    per_s: float
    peak_db: float = -30.0
    duration_ms: tuple[float, float] = (0.3, 4.0)

    def __post_init__(self) -> None:
        check_range(self, 0, 500, "per_s")
        check_range(self, -80, 40, "peak_db")
        check_span(self, 0.05, 50, "duration_ms")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        polarity = float(draw.choice([-1.0, 1.0]))
        lengths = np.maximum(1, draw.uniform(*self.duration_ms, SHAPES) / 1000 * sample_rate).astype(int)
        pulses = np.zeros(frames + int(lengths.max()))
        count = int(draw.poisson(self.per_s * frames / sample_rate))
        starts = draw.integers(0, max(1, frames), count)
        peaks = 10 ** (draw.normal(self.peak_db, 6, count) / 20)
        for index, length in enumerate(lengths):
            own = slice(index, None, SHAPES)
            # One point more at both ends, so that the shortest pulse is not the zero at the edge of the window.
            places = starts[own, None] + np.arange(length)
            np.add.at(pulses, places, peaks[own, None] * np.hanning(length + 2)[1:-1])
        level = speech_level(samples, sample_rate)
        return samples + polarity * level * pulses[:frames], {"polarity": polarity, "pulses": count}
