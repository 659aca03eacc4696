"""Noise reduction played back wrongly: Dolby and dbx tapes whose decoder was off, missing, or set to another level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import speech_level

QUIET_DB = -35.0
LOUD_DB = -5.0
SMOOTHING_S = 0.005


@dataclass(frozen=True, kw_only=True)
class Mistracking:
    """A gain error that depends on the level: of the treble (Dolby B and C), or of the whole band (dbx).

    A Dolby B tape that is not decoded has +10 dB in quiet treble and 0 in loud; one decoded at a level set too low
    loses some dB of it. Between quiet and loud the error goes smoothly in dB. The level is that of the band itself,
    rising and falling within 5 ms.

    Args:
        above_hz: where the band begins, with a slope of 6 dB per octave; None is the whole band.
        quiet_db: error of what lies 35 dB and more below the speech level of the band, -20 to 20.
        loud_db: error of what lies less than 5 dB below it, -20 to 20.
    """

    kind: ClassVar[Kind] = "damage"
    above_hz: float | None = 1500.0
    quiet_db: float = 10.0
    loud_db: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, 50, 20_000, "above_hz")
        check_range(self, -20, 20, "quiet_db", "loud_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        band = samples
        if self.above_hz is not None:
            pole = np.exp(-2 * np.pi * min(self.above_hz, sample_rate / 4) / sample_rate)
            band = samples - signal.lfilter([1 - pole], [1, -pole], samples, axis=1)
        level = speech_level(band, sample_rate)
        if not level:
            return samples, {}
        return samples + band * (self._gain(band, sample_rate, level) - 1), {}

    def _gain(self, band: Float64, sample_rate: int, level: float) -> Float64:
        pole = np.exp(-1 / (SMOOTHING_S * sample_rate))
        power = signal.lfilter([1 - pole], [1, -pole], np.square(band), axis=1)
        level_db = 10 * np.log10(power / level**2 + 1e-12)
        loudness = np.clip((level_db - QUIET_DB) / (LOUD_DB - QUIET_DB), 0, 1)
        loudness = loudness**2 * (3 - 2 * loudness)
        return np.asarray(10 ** ((self.quiet_db + (self.loud_db - self.quiet_db) * loudness) / 20))
