"""Overload: a stage or a converter that can go no further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import ratio, speech_level


@dataclass(frozen=True, kw_only=True)
class Clipping:
    """A hard ceiling on both sides.

    Args:
        ceiling_dbfs: where it lies, in dB re full scale, -80 to 20; the default is a converter's.
        headroom_db: where it lies above the speech level of what arrives, -20 to 60; given, it replaces
            ``ceiling_dbfs``.
        asymmetry_db: how much farther the negative ceiling lies, -20 to 20.
    """

    kind: ClassVar[Kind] = "damage"
    ceiling_dbfs: float = 0.0
    headroom_db: float | None = None
    asymmetry_db: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, -80, 20, "ceiling_dbfs")
        check_range(self, -20, 60, "headroom_db")
        check_range(self, -20, 20, "asymmetry_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        ceiling = ratio(self.ceiling_dbfs)
        if self.headroom_db is not None:
            ceiling = speech_level(samples, sample_rate) * ratio(self.headroom_db)
        clipped = np.clip(samples, -ceiling * ratio(self.asymmetry_db), ceiling)
        return clipped, {"clipped_samples": int(np.count_nonzero(clipped != samples))}
