"""The wire recorder: a wire that turns its recorded side away from the head, dull and full of hum; whole wires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.clicks import Clicks
from restoration.simulate.fault import Chain, Fault, Float64, Kind, check_range, check_span
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.room import Reverberation
from restoration.simulate.speed import WowFlutter


@dataclass(frozen=True, kw_only=True)
class TwistFades:
    """The wire twists as it runs: its recorded side turns away from the head, and the sound becomes dull and faint.

    Args:
        per_s: mean number of fades in a second (Poisson distributed), 0 to 20.
        depth_db: how much fainter the sound is at the bottom of the deepest fade, 0 to 60; the others have half of
            that, in dB, or more.
        duration_s: least and greatest length of a fade, log-uniform between them, 0.01 to 20.
        dull_above_hz: in a fade the sound falls by 6 dB an octave above it, 100 to 20000.
    """

    kind: ClassVar[Kind] = "damage"
    per_s: float = 0.5
    depth_db: float = 12.0
    duration_s: tuple[float, float] = (0.1, 1.0)
    dull_above_hz: float = 800.0

    def __post_init__(self) -> None:
        check_range(self, 0, 20, "per_s")
        check_range(self, 0, 60, "depth_db")
        check_span(self, 0.01, 20, "duration_s")
        check_range(self, 100, 20_000, "dull_above_hz")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        count = int(draw.poisson(self.per_s * frames / sample_rate))
        middles = draw.integers(0, max(1, frames), count)
        lengths_s = np.exp(draw.uniform(np.log(self.duration_s[0]), np.log(self.duration_s[1]), count))
        depths_db = self.depth_db * draw.uniform(0.5, 1.0, count)
        lost_db, away = np.zeros(frames), np.zeros(frames)
        for middle, length_s, depth_db in zip(middles, lengths_s, depths_db, strict=True):
            half = max(1, round(length_s * sample_rate / 2))
            start, stop = max(0, middle - half), min(frames, middle + half)
            bump = 0.5 + 0.5 * np.cos(np.pi / half * (np.arange(start, stop) - middle))
            lost_db[start:stop] = np.maximum(lost_db[start:stop], depth_db * bump)
            away[start:stop] = np.maximum(away[start:stop], bump)
        pole = np.exp(-2 * np.pi * self.dull_above_hz / sample_rate)
        dull = signal.lfilter([1 - pole], [1, -pole], samples, axis=1)
        faded = (samples + away * (dull - samples)) * 10 ** (-lost_db / 20)
        return faded, {
            "middle_frames": middles.tolist(),
            "lengths_s": lengths_s.tolist(),
            "depths_db": depths_db.tolist(),
        }


def draw_wire(draw: np.random.Generator) -> Chain:
    """A random wire of the forties."""
    mains_hz = float(draw.choice([50.0, 60.0]))
    return (
        *maybe(draw, 0.5, lambda own: Reverberation(rt60_s=uniform(own, 0.2, 0.9), distance_m=uniform(own, 0.2, 2.0))),
        BandLimit(
            low_hz=log_uniform(draw, 60, 250), high_hz=log_uniform(draw, 2500, 7000), order=int(draw.integers(2, 6))
        ),
        Gain(gain_db=uniform(draw, -18, 3)),
        *maybe(draw, 0.6, _transport),
        *maybe(draw, 0.8, _twists),
        Hiss(
            snr_db=uniform(draw, 3, 35),
            tilt_db_per_octave=uniform(draw, -4, 2),
            curve_db=uniform(draw, 0, 4),
            follows_db=uniform(draw, 0, 10),
        ),
        Hum(
            mains_hz=mains_hz * uniform(draw, 0.95, 1.05),
            snr_db=uniform(draw, 3, 30),
            partials=int(draw.integers(2, 16)),
            fall_db_per_octave=uniform(draw, 3, 12),
            even_db=uniform(draw, -15, 10),
            spread_db=uniform(draw, 0, 5),
            drift_percent=log_uniform(draw, 0.05, 2),
            intermodulation=log_uniform(draw, 0.005, 0.1),
        ),
        *maybe(draw, 0.5, lambda own: Clicks(per_s=log_uniform(own, 0.1, 5), peak_db=uniform(own, -12, 9))),
    )


def _twists(draw: np.random.Generator) -> Fault:
    return TwistFades(
        per_s=log_uniform(draw, 0.1, 2),
        depth_db=uniform(draw, 4, 24),
        dull_above_hz=log_uniform(draw, 400, 2500),
    )


def _transport(draw: np.random.Generator) -> Fault:
    """No capstan: the reels pull, one at its own rate, the other at another."""
    return WowFlutter(
        sways=(
            (log_uniform(draw, 0.05, 1.0), uniform(draw, 0.8, 4)),
            (log_uniform(draw, 0.02, 0.4), uniform(draw, 4, 20)),
        ),
        random_percent=log_uniform(draw, 0.01, 0.15),
    )
