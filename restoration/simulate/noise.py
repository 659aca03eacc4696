"""What a carrier and its playback add all the time: hiss, rumble, and the offset of a direct current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Float64, Kind, check_range, check_span
from restoration.simulate.level import at_level, decibels, ratio, speech_level
from restoration.simulate.periodic import sine
from restoration.simulate.spectrum import coloured_noise, smooth

TILT_AROUND_HZ = 1000.0
TILT_FROM_HZ = 100.0
ENVELOPE_S = 0.010
LOUDEST_FOLLOWED = 8.0
BAND_SLOPE = 8
RUMBLE_ORDER = 3
RUMBLE_UP_TO = 12.0


@dataclass(frozen=True, kw_only=True)
class Hiss:
    """Broadband noise, independent in every channel.

    Args:
        snr_db: the speech level of what arrives over the RMS of the hiss (in the pauses, where it follows), -40 to 120.
        tilt_db_per_octave: rise of its spectrum above 100 Hz; 0 is white. -12 to 12.
        curve_db: standard deviation of a smooth random curve on top, one point an octave, 0 to 12.
        band_hz: the band outside which it falls by 24 dB an octave, 10 to 192000; None is all of it.
        swish_hz: how often the hiss swells, once a turn of a disc or a reel; None does not swell.
        swish_depth: amplitude of that swelling, 0 to 1 (from nothing to double).
        follows_db: how much louder the hiss is under speech at the speech level than in silence (modulation noise of
            tape, noise reduction that breathes), 0 to 30.
    """

    kind: ClassVar[Kind] = "added"
    snr_db: float
    tilt_db_per_octave: float = 0.0
    curve_db: float = 0.0
    band_hz: tuple[float, float] | None = None
    swish_hz: float | None = None
    swish_depth: float = 0.0
    follows_db: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, -12, 12, "tilt_db_per_octave")
        check_range(self, 0, 12, "curve_db")
        if self.band_hz is not None:
            check_span(self, 10, 192_000, "band_hz")
        check_range(self, 0.05, 20, "swish_hz")
        check_range(self, 0, 1, "swish_depth")
        check_range(self, 0, 30, "follows_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        octaves = np.log2(sample_rate / 2 / TILT_FROM_HZ)
        curve_db = self.curve_db * draw.standard_normal(int(max(2, np.ceil(octaves) + 1)))
        phase = float(draw.random())
        level = speech_level(samples, sample_rate)
        noise = coloured_noise(samples.shape, sample_rate, smooth(lambda hz: self._spectrum(hz, curve_db)), draw)
        noise = at_level(noise * self._swell(samples.shape[1], sample_rate, phase), level * ratio(-self.snr_db))
        if self.follows_db and level:
            noise *= self._following(samples, sample_rate, level)
        drawn = {"hiss_dbfs": decibels(level * ratio(-self.snr_db)), "curve_db": curve_db.tolist(), "phase": phase}
        return samples + noise, drawn

    def _spectrum(self, frequencies_hz: Float64, curve_db: Float64) -> Float64:
        octaves = np.log2(np.maximum(frequencies_hz, TILT_FROM_HZ) / TILT_FROM_HZ)
        tilt_db = self.tilt_db_per_octave * (octaves - np.log2(TILT_AROUND_HZ / TILT_FROM_HZ))
        gain = 10 ** ((tilt_db + np.interp(octaves, np.arange(curve_db.size), curve_db)) / 20)
        if self.band_hz is not None:
            low, high = (frequencies_hz / edge_hz for edge_hz in self.band_hz)
            gain /= np.sqrt((1 + np.maximum(low, 1e-3) ** -BAND_SLOPE) * (1 + high**BAND_SLOPE))
        return gain

    def _swell(self, frames: int, sample_rate: int, phase: float) -> Float64 | float:
        if self.swish_hz is None or not self.swish_depth:
            return 1.0
        return 1 + self.swish_depth * sine(self.swish_hz / sample_rate * np.arange(frames) + phase)

    def _following(self, samples: Float64, sample_rate: int, level: float) -> Float64:
        pole = np.exp(-1 / (ENVELOPE_S * sample_rate))
        power = signal.lfilter([1 - pole], [1, -pole], np.mean(np.square(samples), axis=0)) / level**2
        return np.sqrt(1 + (10 ** (self.follows_db / 10) - 1) * np.minimum(power, LOUDEST_FOLLOWED))


@dataclass(frozen=True, kw_only=True)
class Rumble:
    """The low noise of a motor, a turntable or a hall: independent in every channel.

    Args:
        snr_db: the speech level of what arrives over the RMS of the rumble, -40 to 120.
        below_hz: where it is 3 dB down, with a third-order slope, 1 to 500.
    """

    kind: ClassVar[Kind] = "added"
    snr_db: float
    below_hz: float = 30.0

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, 1, 500, "below_hz")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        noise = coloured_noise(samples.shape, sample_rate, self._spectrum, draw)
        return samples + at_level(noise, level), {"rumble_dbfs": decibels(level)}

    def _spectrum(self, frequencies_hz: Float64) -> Float64:
        # Of order three the slope is 65 dB down where the noise stops, so that it need not be drawn up to the top.
        ratios = frequencies_hz[: np.searchsorted(frequencies_hz, RUMBLE_UP_TO * self.below_hz, "right")]
        gain = np.zeros_like(frequencies_hz)
        gain[: ratios.size] = 1 / np.sqrt(1 + (ratios / self.below_hz) ** (2 * RUMBLE_ORDER))
        return gain


@dataclass(frozen=True, kw_only=True)
class Offset:
    """The offset of a converter or a leaking stage.

    Args:
        offset: what is added to every sample; full scale is 1. -0.5 to 0.5.
    """

    kind: ClassVar[Kind] = "added"
    offset: float

    def __post_init__(self) -> None:
        check_range(self, -0.5, 0.5, "offset")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        return samples + self.offset, {}
