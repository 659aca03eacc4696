"""What every groove has: how fast it runs under the stylus, and the noise of its surface.

The noise of a groove is the roughness of its material, so that its spectrum falls (about 3 dB an octave), its loudness
goes with the speed of the groove, and it is not smooth: single grains of the material stand out of it. Once a turn it
swells, where the pressing is rougher or the carrier warped: the swish (Godsill and Rayner, *Digital Audio Restoration*,
1998; shapes after what is heard between the words of a cylinder of 1912).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import at_level, decibels, ratio, speech_level
from restoration.simulate.spectrum import shaped, smooth
from restoration.simulate.waves import between, knots, wandering

FLAT_BELOW_HZ = 60.0
"""Below it the roughness is not longer than the bump that the stylus rides over, and the spectrum is flat."""

SWISH_FROM_HZ = 1000.0
"""The swish is bright: the noise below does not take part in it."""

GRAINS_SPREAD_DB = 6.0


@dataclass(frozen=True, kw_only=True)
class Groove:
    """The spiral under the stylus.

    Args:
        rpm: turns a minute: 78, 33 1/3, 45; 160 of a cylinder.
        radius_mm: distance from the axis where the sound begins.
        inward_mm_per_turn: how far the stylus travels inwards in one turn; 0 on a cylinder.
        innermost_mm: where the side ends; the stylus stays there.
    """

    rpm: float = 78.0
    radius_mm: float = 100.0
    inward_mm_per_turn: float = 0.25
    innermost_mm: float = 47.0

    def __post_init__(self) -> None:
        check_range(self, 1, 500, "rpm")
        check_range(self, 1, 250, "innermost_mm")
        check_range(self, self.innermost_mm, 250, "radius_mm")
        check_range(self, 0, 5, "inward_mm_per_turn")

    @property
    def turn_hz(self) -> float:
        return self.rpm / 60

    def speed_m_s(self, times_s: Float64) -> Float64:
        """How fast the groove runs under the stylus at ``times_s``."""
        radius_mm = np.maximum(self.radius_mm - self.inward_mm_per_turn * self.turn_hz * times_s, self.innermost_mm)
        return np.asarray(2 * np.pi * radius_mm / 1000 * self.turn_hz)

    def angle_rad(self, times_s: Float64) -> Float64:
        """The angle in radians that the carrier has turned through."""
        return 2 * np.pi * self.turn_hz * times_s


DISC = Groove()


@dataclass(frozen=True, kw_only=True)
class SurfaceNoise:
    """The noise of the groove's walls, independent in every channel.

    Args:
        groove: under the stylus. The noise is as loud as asked where the sound begins, and loses 3 dB where the groove
            runs half as fast.
        snr_db: the speech level of what arrives over the RMS of the noise, -40 to 120.
        tilt_db_per_octave: rise of its spectrum above 60 Hz, -12 to 12.
        low_hz: below it the noise falls by 12 dB an octave, 10 to 10000; None leaves that end open.
        high_hz: above it the noise falls by 36 dB an octave, as a horn or a transfer loses it, 100 to 100000; None
            leaves that end open.
        grain: share of the power that lies in single grains, whose heights differ by some 6 dB, 0 to 0.95.
        grains_per_s: their mean number in a second and channel, 1 to 20000.
        swish_db: how much louder the noise above 1 kHz is at the loudest angle of a turn than at the quietest, 0 to
            20; its strength wanders along the side.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    snr_db: float
    tilt_db_per_octave: float = -3.0
    low_hz: float | None = None
    high_hz: float | None = None
    grain: float = 0.3
    grains_per_s: float = 400.0
    swish_db: float = 3.0

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, -12, 12, "tilt_db_per_octave")
        check_range(self, 10, 10_000, "low_hz")
        check_range(self, 100, 100_000, "high_hz")
        check_range(self, 0, 0.95, "grain")
        check_range(self, 1, 20_000, "grains_per_s")
        check_range(self, 0, 20, "swish_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        loudest_rad = float(draw.uniform(0, 2 * np.pi))
        frames = samples.shape[1]
        noise = shaped(self._rough(samples.shape, sample_rate, draw), sample_rate, smooth(self._spectrum))
        knots_s = knots(frames, sample_rate)
        if self.swish_db:
            swell = self._swell(knots_s, loudest_rad, draw)
            noise += between(knots_s, swell, frames, sample_rate) * _bright(noise, sample_rate)
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        noise = at_level(noise, level)
        if self.groove.inward_mm_per_turn:
            speed_m_s = self.groove.speed_m_s(knots_s)
            noise *= between(knots_s, np.sqrt(speed_m_s / speed_m_s[0]), frames, sample_rate)
        return samples + noise, {"noise_dbfs": decibels(level), "loudest_rad": loudest_rad}

    def _rough(self, shape: tuple[int, ...], sample_rate: int, draw: np.random.Generator) -> Float64:
        """White noise of which some lies in grains."""
        rough = draw.standard_normal(shape, dtype=np.float32).astype(np.float64)
        count = int(draw.poisson(self.grains_per_s * rough.size / sample_rate))
        if not count or not self.grain:
            return rough
        heights = 10 ** (GRAINS_SPREAD_DB * draw.standard_normal(count) / 20) * draw.choice([-1.0, 1.0], count)
        heights *= np.sqrt(self.grain / (1 - self.grain) * rough.size / np.sum(heights**2))
        np.add.at(rough.reshape(-1), draw.integers(0, rough.size, count), heights)
        return rough

    def _spectrum(self, frequencies_hz: Float64) -> Float64:
        octaves = np.log2(np.maximum(frequencies_hz, FLAT_BELOW_HZ) / FLAT_BELOW_HZ)
        gain = 10 ** (self.tilt_db_per_octave * octaves / 20)
        if self.low_hz is not None:
            gain /= np.sqrt(1 + (self.low_hz / np.maximum(frequencies_hz, 1e-3)) ** 4)
        if self.high_hz is not None:
            gain /= np.sqrt(1 + (frequencies_hz / self.high_hz) ** 12)
        return np.asarray(gain)

    def _swell(self, times_s: Float64, loudest_rad: float, draw: np.random.Generator) -> Float64:
        """How often the bright part is added once more: 0 at the quietest angle."""
        bump = (0.5 + 0.5 * np.cos(self.groove.angle_rad(times_s) - loudest_rad)) ** 2
        return (ratio(self.swish_db) - 1) * bump * np.clip(1 + 0.3 * wandering(times_s, 0.1, draw), 0.2, 1.8)


def _bright(noise: Float64, sample_rate: int) -> Float64:
    pole = np.exp(-2 * np.pi * SWISH_FROM_HZ / sample_rate)
    return np.asarray(noise - signal.lfilter([1 - pole], [1, -pole], noise, axis=1))
