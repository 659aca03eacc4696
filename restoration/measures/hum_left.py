"""What stands at the partials of a hum, and what lies between them: heard before and after the hum was removed.

Nothing is fitted here: the power in windows of eight periods is taken as it is, that at the partials where the sound is
quiet, that half-way between them everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restoration.audio import Recording
from restoration.measures.hum import SAMPLED_ABOVE_S, SAMPLED_EVERY
from restoration.measures.mains import EMPTY, Partials, Track, low_copy, sections, views
from restoration.measures.metering import Float64

QUIET_SHARE = 0.25
EDGE = 5
HIGHEST_ORDER = 33
"""What is removed above is too weak to decide, and would need another copy."""


class Heard(NamedTuple):
    """In dBFS: of each partial where the sound is quiet, and of the sound beside each; the loudest channel."""

    partial_dbfs: Float64
    between_dbfs: Float64


def heard(recording: Recording, track: Track, orders: list[int]) -> Heard:
    """What is heard at the partials of these orders, of a track, and half-way between each and the next."""
    own = np.array([order for order in orders if order <= HIGHEST_ORDER] or orders[:1])
    halves = Track(0.5 * track.hz, track.step_s)
    quiet, between = [], []
    with low_copy(recording) as low:
        every = SAMPLED_EVERY if low.duration_s > SAMPLED_ABOVE_S else 1
        for section in sections(low, every):
            seen = views(section, halves, Partials(np.concatenate([2 * own, 2 * own + 1])))
            # A window that reaches beyond the end hears the hum everywhere.
            power = np.abs(seen.amplitude[:, :, EDGE:-EDGE]) ** 2
            quiet.append(np.quantile(power[:, : own.size], QUIET_SHARE, axis=2))
            between.append(power[:, own.size :].mean(axis=2))
    return Heard(_dbfs(quiet), _dbfs(between))


def _dbfs(power: list[Float64]) -> Float64:
    return np.asarray(10 * np.log10(2.0 * np.mean(power, axis=0).max(axis=0) + EMPTY))
