"""Print-through: the turns of a wound tape magnetise each other, and are heard before and after the sound itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import ratio
from restoration.simulate.spectrum import shaped, smooth

INCH_M = 0.0254


@dataclass(frozen=True, kw_only=True)
class PrintThrough:
    """Echoes a turn of the reel before and after the sound; they hold mostly wavelengths of six times the thickness.

    Args:
        turn_s: time of a turn of the reel at the beginning, 0.1 to 20; it grows or falls with the winding.
        growth_percent: by which that time has changed at the end, -50 to 50.
        pre_db: level of the first echo before the sound, at the frequency that prints most, -90 to 0; None has none.
        post_db: the same after the sound; None has none.
        turns: how many turns are heard on each side, 1 to 5; each is ``turn_fall_db`` below the one before it.
        turn_fall_db: 3 to 40.
        speed_ips: speed of the tape in inches a second, 0.4 to 60.
        thickness_um: of the tape, 5 to 100: 50 for standard, 35 for long, 25 for double play.
    """

    kind: ClassVar[Kind] = "added"
    turn_s: float
    growth_percent: float = 0.0
    pre_db: float | None = -50.0
    post_db: float | None = -50.0
    turns: int = 2
    turn_fall_db: float = 12.0
    speed_ips: float = 7.5
    thickness_um: float = 50.0

    def __post_init__(self) -> None:
        check_range(self, 0.1, 20, "turn_s")
        check_range(self, -50, 50, "growth_percent")
        check_range(self, -90, 0, "pre_db", "post_db")
        check_range(self, 1, 5, "turns")
        check_range(self, 3, 40, "turn_fall_db")
        check_range(self, 0.4, 60, "speed_ips")
        check_range(self, 5, 100, "thickness_um")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        # Whole frames: the echo of a frame stays together, and a turn is long against the error.
        growth = 1 + self.growth_percent / 100 * np.linspace(0, 1, frames)
        printed = shaped(samples, sample_rate, smooth(self._printed))
        result = samples.copy()
        for order in range(1, self.turns + 1):
            if self.turn_s * order * (1 - abs(self.growth_percent) / 100) * sample_rate > frames:
                break
            delays = np.rint(order * self.turn_s * sample_rate * growth).astype(np.intp)
            for level_db, sign in ((self.post_db, -1), (self.pre_db, 1)):
                if level_db is not None:
                    gain = ratio(level_db - (order - 1) * self.turn_fall_db)
                    result += gain * _moved(printed, np.arange(frames) + sign * delays)
        return result, {}

    def _printed(self, frequencies_hz: Float64) -> Float64:
        """What of the programme is printed, 1 at its maximum (Camras: x exp(-x) of the thickness in radians)."""
        radians = 2 * np.pi * frequencies_hz / (self.speed_ips * INCH_M) * self.thickness_um * 1e-6
        return np.asarray(radians * np.exp(1 - radians))


def _moved(samples: Float64, frames: np.ndarray[Any, np.dtype[np.intp]]) -> Float64:
    heard = (frames >= 0) & (frames < samples.shape[1])
    return np.asarray(samples.take(frames, axis=1, mode="clip") * heard)
