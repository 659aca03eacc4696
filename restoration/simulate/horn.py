"""Acoustic recording: what a horn and a diaphragm make of a voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range, check_span
from restoration.simulate.odds import log_uniform, uniform
from restoration.simulate.spectrum import shaped, smooth


@dataclass(frozen=True, kw_only=True)
class Horn:
    """A recording horn: several resonances in a narrow band with steep ends. Nothing is delayed.

    Their frequencies, heights and widths are drawn: a horn rings at its own frequencies, which nobody wrote down.

    Args:
        low_hz: where the band is 3 dB down at its lower end, falling by 24 dB an octave, 20 to 2000.
        high_hz: where it is 3 dB down at its upper end, falling by 36 dB an octave, 500 to 20000.
        resonances: how many there are, 0 to 12, one in each equal part of ``resonant_hz``.
        resonant_hz: where they may lie, 50 to 10000.
        height_db: height of the highest one; the others have half of it or more, -30 to 30 (below 0: cancellations).
        sharpness: greatest quality factor; the least is 2. 2 to 12.
    """

    kind: ClassVar[Kind] = "programme"
    low_hz: float = 200.0
    high_hz: float = 3000.0
    resonances: int = 5
    resonant_hz: tuple[float, float] = (200.0, 2500.0)
    height_db: float = 10.0
    sharpness: float = 6.0

    def __post_init__(self) -> None:
        check_range(self, 20, 2000, "low_hz")
        check_range(self, 500, 20_000, "high_hz")
        check_range(self, 0, 12, "resonances")
        check_span(self, 50, 10_000, "resonant_hz")
        check_range(self, -30, 30, "height_db")
        check_range(self, 2, 12, "sharpness")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        low, high = np.log2(self.resonant_hz)
        # Spread over equal parts of the band, so that no two of them fall on one another.
        parts = (np.arange(self.resonances) + draw.uniform(0.1, 0.9, self.resonances)) / max(1, self.resonances)
        hz = 2 ** (low + (high - low) * parts)
        heights_db = self.height_db * draw.uniform(0.5, 1.0, self.resonances)
        if self.resonances:
            heights_db[draw.integers(self.resonances)] = self.height_db
        sharpness = draw.uniform(2, self.sharpness, self.resonances)
        peaks = [
            {"hz": float(f), "height_db": float(h), "sharpness": float(q)}
            for f, h, q in zip(hz, heights_db, sharpness, strict=True)
        ]
        return shaped(samples, sample_rate, smooth(lambda f: self._gain(f, peaks))), {"resonances": peaks}

    def _gain(self, frequencies_hz: Float64, peaks: list[dict[str, float]]) -> Float64:
        frequencies_hz = np.maximum(frequencies_hz, 1e-3)
        power = 1 / (1 + (self.low_hz / frequencies_hz) ** 8) / (1 + (frequencies_hz / self.high_hz) ** 12)
        for peak in peaks:
            # The power response of a peaking section: 1 far away, the height where it rings.
            apart = (peak["sharpness"] * (frequencies_hz / peak["hz"] - peak["hz"] / frequencies_hz)) ** 2
            power *= (apart + 10 ** (peak["height_db"] / 10)) / (apart + 1)
        return np.asarray(np.sqrt(power))


def draw_horn(draw: np.random.Generator) -> Horn:
    """A random recording horn."""
    return Horn(
        low_hz=log_uniform(draw, 120, 350),
        high_hz=log_uniform(draw, 2000, 4500),
        resonances=int(draw.integers(2, 8)),
        height_db=uniform(draw, 4, 14),
        sharpness=uniform(draw, 3, 8),
    )
