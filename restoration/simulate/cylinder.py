"""The phonograph cylinder: a spring that runs down, hissing wax, thumps of a core that has swollen; whole cylinders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.crackle import Crackle, Thumps
from restoration.simulate.disc import TracingDistortion, TurntableRumble
from restoration.simulate.fault import Chain, Fault, Float64, Kind, check_range
from restoration.simulate.groove import Groove, SurfaceNoise
from restoration.simulate.horn import draw_horn
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.room import Reverberation
from restoration.simulate.speed import BLOCK_FRAMES, interpolated
from restoration.simulate.waves import between, knots

RADIUS_MM = 27.4


def cylinder_groove(rpm: float = 160.0) -> Groove:
    """The groove of a standard cylinder: the same speed from end to end."""
    return Groove(rpm=rpm, radius_mm=RADIUS_MM, inward_mm_per_turn=0.0, innermost_mm=RADIUS_MM)


CYLINDER = cylinder_groove()


@dataclass(frozen=True, kw_only=True)
class SpringMotor:
    """The speed of a phonograph: it sways once and twice a turn, and sags as the spring runs down.

    Args:
        groove: its turns give the rate of the wow.
        wow_percent: peak deviation of the speed once a turn, 0 to 5; twice a turn it is a third of it.
        sag_percent: how much slower it runs ``after_s`` seconds than at the beginning, -20 to 20. Below 0 the sound
            rises, as of a cylinder recorded by a spring that ran down.
        after_s: when it stops sagging, 1 to 10000 s.
        bend: the sag grows as this power of the time, 1 to 4.
    """

    kind: ClassVar[Kind] = "time"
    groove: Groove = CYLINDER
    wow_percent: float = 0.3
    sag_percent: float = 2.0
    after_s: float = 120.0
    bend: float = 2.0

    def __post_init__(self) -> None:
        check_range(self, 0, 5, "wow_percent")
        check_range(self, -20, 20, "sag_percent")
        check_range(self, 1, 10_000, "after_s")
        check_range(self, 1, 4, "bend")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        drawn = {"phases": draw.uniform(0, 2 * np.pi, 2).tolist()}
        frames = samples.shape[1]
        if frames < 2:
            return samples, drawn
        # Straight pieces of half a millisecond miss the curve by a hundredth of a microsecond.
        knots_s = knots(frames, sample_rate, per_s=2000)
        places = between(knots_s, self.heard_at_s(knots_s, drawn) * sample_rate, frames, sample_rate)
        blocks = np.split(np.clip(places, 0, frames - 1), range(BLOCK_FRAMES, frames, BLOCK_FRAMES))
        return np.concatenate([interpolated(samples, block) for block in blocks], axis=1), drawn

    def heard_at_s(self, times_s: Float64, drawn: dict[str, Any]) -> Float64:
        """The times in the steady recording of what the phonograph lets hear at ``times_s``."""
        sagged = np.minimum(times_s / self.after_s, 1.0)
        steadily_s = np.maximum(times_s - self.after_s, 0.0)
        behind_s = self.sag_percent / 100 * (self.after_s * sagged ** (self.bend + 1) / (self.bend + 1) + steadily_s)
        ahead_s = np.zeros_like(times_s)
        for turns, percent, phase in zip(
            (1, 2), (self.wow_percent, self.wow_percent / 3), drawn["phases"], strict=True
        ):
            rate = turns * 2 * np.pi * self.groove.turn_hz
            ahead_s += percent / 100 / rate * (np.cos(phase) - np.cos(rate * times_s + phase))
        return np.asarray(times_s + ahead_s - behind_s)


def draw_cylinder(draw: np.random.Generator) -> Chain:
    """A random cylinder, brown wax to celluloid, as an electrical transfer plays it."""
    groove = cylinder_groove(float(draw.choice([120.0, 144.0, 160.0, 160.0, 160.0])))
    horn = draw_horn(draw)
    return (
        *maybe(draw, 0.3, lambda own: Reverberation(rt60_s=uniform(own, 0.1, 0.5), distance_m=uniform(own, 0.2, 0.8))),
        horn,
        Gain(gain_db=uniform(draw, -18, 3)),
        *maybe(draw, 0.7, lambda own: _spring(groove, own)),
        *maybe(draw, 0.4, lambda own: TracingDistortion(groove=groove, tip_um=uniform(own, 50, 200), vertical=True)),
        _wax(groove, horn.high_hz, draw),
        *maybe(draw, 0.8, lambda own: _crackle(groove, own)),
        *maybe(draw, 0.5, lambda own: _thumps(groove, own)),
        TurntableRumble(
            groove=groove,
            snr_db=uniform(draw, 5, 35),
            below_hz=log_uniform(draw, 15, 80),
            motor_hz=None,
            turn_partials=int(draw.integers(4, 40)),
            in_partials=uniform(draw, 0.3, 0.9),
        ),
        *maybe(draw, 0.3, lambda own: Hum(mains_hz=float(own.choice([50.0, 60.0])), snr_db=uniform(own, 20, 45))),
        *maybe(draw, 0.3, lambda own: Hiss(snr_db=uniform(own, 25, 45), tilt_db_per_octave=uniform(own, -2, 2))),
        *maybe(draw, 0.3, lambda own: BandLimit(low_hz=uniform(own, 60, 150), high_hz=uniform(own, 3000, 8000))),
    )


def _spring(groove: Groove, draw: np.random.Generator) -> Fault:
    return SpringMotor(
        groove=groove,
        wow_percent=log_uniform(draw, 0.05, 1.0),
        sag_percent=uniform(draw, -4, 6),
        after_s=uniform(draw, 100, 240),
        bend=uniform(draw, 1, 3),
    )


def _wax(groove: Groove, high_hz: float, draw: np.random.Generator) -> Fault:
    return SurfaceNoise(
        groove=groove,
        snr_db=uniform(draw, -3, 25),
        tilt_db_per_octave=uniform(draw, -5, 0),
        low_hz=log_uniform(draw, 100, 300),
        high_hz=high_hz * uniform(draw, 1.0, 2.0),
        grain=uniform(draw, 0.1, 0.6),
        grains_per_s=log_uniform(draw, 100, 2000),
        swish_db=uniform(draw, 0, 6),
    )


def _crackle(groove: Groove, draw: np.random.Generator) -> Fault:
    return Crackle(
        groove=groove,
        per_s=log_uniform(draw, 5, 200),
        peak_db=uniform(draw, -12, 6),
        tail=uniform(draw, 1.5, 4),
        patchy=uniform(draw, 0, 1),
    )


def _thumps(groove: Groove, draw: np.random.Generator) -> Fault:
    return Thumps(groove=groove, peak_db=uniform(draw, -15, 6), per_turn=int(draw.integers(1, 4)))
