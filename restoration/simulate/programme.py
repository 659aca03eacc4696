"""What a recording chain does to the programme for good: its level and its band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import ratio
from restoration.simulate.spectrum import shaped, smooth

EDGE_HZ = 60.0


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A recording made too low or too high.

    Args:
        gain_db: -80 to 80.
    """

    kind: ClassVar[Kind] = "programme"
    gain_db: float

    def __post_init__(self) -> None:
        check_range(self, -80, 80, "gain_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        return samples * ratio(self.gain_db), {}


@dataclass(frozen=True, kw_only=True)
class BandLimit:
    """The band that a carrier, a microphone or a line keeps. Nothing is delayed.

    Args:
        low_hz: below it the programme is lost, 3 dB down there (a brick wall 6 dB); None keeps it.
        high_hz: above it the programme is lost, 3 dB down there; None, or half the sample rate and above, keeps it.
        order: of the Butterworth slopes (6 dB per octave each), 1 to 8; None is a brick wall 60 Hz wide, as of codecs,
            whose middle lies at the limit.
    """

    kind: ClassVar[Kind] = "programme"
    low_hz: float | None = None
    high_hz: float | None = None
    order: int | None = 5

    def __post_init__(self) -> None:
        check_range(self, 0.1, 192_000, "low_hz", "high_hz")
        check_range(self, 1, 8, "order")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        if self.low_hz is None and (self.high_hz is None or self.high_hz >= sample_rate / 2):
            return samples, {}
        return shaped(samples, sample_rate, smooth(self._gain) if self.order else self._gain), {}

    def _gain(self, frequencies_hz: Float64) -> Float64:
        gain = np.ones_like(frequencies_hz)
        if self.low_hz is not None:
            gain *= self._kept_above(frequencies_hz / self.low_hz, self.low_hz)
        if self.high_hz is not None:
            gain *= self._kept_above(self.high_hz / np.maximum(frequencies_hz, 1e-9), -self.high_hz)
        return gain

    def _kept_above(self, ratio: Float64, edge_hz: float) -> Float64:
        """The gain where ``ratio`` (above 1: kept) is that of a frequency and the edge, negative for an upper one."""
        if self.order is not None:
            return 1 / np.sqrt(1 + np.minimum(1 / np.maximum(ratio, 1e-9), 1e9) ** (2 * self.order))
        beyond_hz = (ratio - 1) * edge_hz if edge_hz > 0 else (1 / ratio - 1) * edge_hz
        return 0.5 + 0.5 * np.sin(np.pi / 2 * np.clip(2 * beyond_hz / EDGE_HZ, -1, 1))
