"""What the heads of a tape machine do to the programme: bump, gap loss, spacing loss, thickness loss and azimuth.

A wavelength on tape is the speed over the frequency. The losses are those of Wallace, The Reproduction of Magnetically
Recorded Signals (Bell System Technical Journal 30, 1951), and of every textbook since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import fft

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.spectrum import RING_OUT_S, shaped, smooth

INCH_M = 0.0254
BUMP_OCTAVES = 0.5


@dataclass(frozen=True, kw_only=True)
class Head:
    """The response of a playback head that nobody corrected.

    Args:
        speed_ips: speed of the tape in inches a second, 0.4 to 60.
        gap_um: length of the gap, 0 to 50.
        spacing_um: distance of the tape from the head (dirt, wear, a warped tape), 0 to 100.
        coating_um: thickness of the magnetic layer, 0 to 50; it costs wavelengths shorter than about six times that.
        bump_db: height of the bump in the bass, -12 to 12.
        bump_mm: wavelength on tape at the bump: about the width of the faces of the head, 0.5 to 50.
    """

    kind: ClassVar[Kind] = "programme"
    speed_ips: float = 7.5
    gap_um: float = 3.0
    spacing_um: float = 0.0
    coating_um: float = 0.0
    bump_db: float = 0.0
    bump_mm: float = 4.0

    def __post_init__(self) -> None:
        check_range(self, 0.4, 60, "speed_ips")
        check_range(self, 0, 50, "gap_um", "coating_um")
        check_range(self, 0, 100, "spacing_um")
        check_range(self, -12, 12, "bump_db")
        check_range(self, 0.5, 50, "bump_mm")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        return shaped(samples, sample_rate, smooth(self.gain)), {}

    def gain(self, frequencies_hz: Float64) -> Float64:
        """The amplitude response."""
        waves_per_m = frequencies_hz / (self.speed_ips * INCH_M)
        depth = 2 * np.pi * waves_per_m * self.coating_um * 1e-6 + 1e-9
        losses = np.exp(-2 * np.pi * waves_per_m * self.spacing_um * 1e-6) * -np.expm1(-depth) / depth
        octaves = np.log2(np.maximum(waves_per_m, 1e-3) * self.bump_mm * 1e-3) / BUMP_OCTAVES
        bump = 10 ** (self.bump_db / 20 * np.exp(-(octaves**2) / 2))
        return np.asarray(np.abs(np.sinc(waves_per_m * self.gap_um * 1e-6)) * losses * bump)


@dataclass(frozen=True, kw_only=True)
class Azimuth:
    """A head that stands askew: the treble is lost in every track, and the tracks come one after the other.

    Args:
        angle_arcmin: by which the head is turned, -120 to 120; positive angles delay the first track.
        track_mm: width of a track, 0.1 to 6.3.
        pitch_mm: distance between the middles of neighbouring tracks, 0 to 6.3; the middle of all is not delayed.
        speed_ips: speed of the tape in inches a second, 0.4 to 60.
    """

    kind: ClassVar[Kind] = "programme"
    angle_arcmin: float
    track_mm: float = 2.1
    pitch_mm: float = 4.2
    speed_ips: float = 7.5

    def __post_init__(self) -> None:
        check_range(self, -120, 120, "angle_arcmin")
        check_range(self, 0.1, 6.3, "track_mm")
        check_range(self, 0, 6.3, "pitch_mm")
        check_range(self, 0.4, 60, "speed_ips")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        channels, frames = samples.shape
        slope_s_per_m = np.tan(np.radians(self.angle_arcmin / 60)) / (self.speed_ips * INCH_M)
        delays_s = ((channels - 1) / 2 - np.arange(channels)) * self.pitch_mm * 1e-3 * slope_s_per_m
        size = fft.next_fast_len(frames + round(RING_OUT_S * sample_rate), real=True)
        frequencies_hz = fft.rfftfreq(size, 1 / sample_rate)
        spectrum = fft.rfft(samples, size) * np.sinc(frequencies_hz * self.track_mm * 1e-3 * slope_s_per_m)
        if channels > 1:
            spectrum *= np.exp(-2j * np.pi * frequencies_hz * delays_s[:, None])
        return np.asarray(fft.irfft(spectrum, size)[:, :frames]), {"delays_s": delays_s.tolist()}
