"""What a carrier and its playback add all the time: hiss, rumble and hum.

Arrays are (channels, time); levels are RMS.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

Float64 = npt.NDArray[np.float64]

TILT_TAPS = 513
TILT_AROUND_HZ = 1000.0
TILT_FROM_HZ = 100.0


def rms(samples: npt.NDArray[np.floating]) -> float:
    """Root of the mean square of all samples; 0 where there are none."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0


def at_level(noise: Float64, level_dbfs: float) -> Float64:
    """``noise`` scaled to an RMS level; silence stays silence."""
    level = rms(noise)
    return noise * (10 ** (level_dbfs / 20) / level) if level else noise


def hiss(
    shape: tuple[int, int], sample_rate: int, level_dbfs: float, tilt_db_per_octave: float, draw: np.random.Generator
) -> Float64:
    """Broadband noise, independent in every channel, whose spectrum rises by ``tilt_db_per_octave`` above 100 Hz."""
    white = draw.standard_normal(shape)
    if tilt_db_per_octave:
        white = signal.oaconvolve(white, _tilt(sample_rate, tilt_db_per_octave)[None], mode="same", axes=1)
    return at_level(white, level_dbfs)


def rumble(
    shape: tuple[int, int], sample_rate: int, level_dbfs: float, below_hz: float, draw: np.random.Generator
) -> Float64:
    """The low noise of a turntable: below ``below_hz`` (third-order slope), independent in every channel."""
    sections = signal.butter(3, below_hz, "lowpass", fs=sample_rate, output="sos")
    return at_level(np.asarray(signal.sosfilt(sections, draw.standard_normal(shape), axis=1)), level_dbfs)


def hum(
    frames: int, sample_rate: int, level_dbfs: float, mains_hz: float, harmonics: int, draw: np.random.Generator
) -> tuple[Float64, list[float]]:
    """Mains hum, the same in all channels: shape (1, frames), and the phases in radians of its partials.

    The partials are ``harmonics`` multiples of ``mains_hz`` (1 is the fundamental alone) whose amplitudes fall as 1/k;
    those above half the sample rate are left out. The level is that of all partials together.
    """
    phases = draw.uniform(0, 2 * np.pi, harmonics)
    turns = 2 * np.pi * mains_hz / sample_rate * np.arange(frames)
    orders = [order for order in range(1, harmonics + 1) if order * mains_hz < sample_rate / 2]
    total = np.zeros(frames)
    for order in orders:
        total += np.sin(order * turns + phases[order - 1]) / order
    # The level of the partials, not of the stretch, so that a few milliseconds of hum are as loud as an hour of it.
    level = np.sqrt(sum(0.5 / order**2 for order in orders))
    scale = 10 ** (level_dbfs / 20) / level if orders else 0.0
    return (total * scale)[None], [float(phase) for phase in phases]


def _tilt(sample_rate: int, db_per_octave: float) -> Float64:
    frequencies = np.linspace(0, sample_rate / 2, 1025)
    octaves = np.log2(np.maximum(frequencies, TILT_FROM_HZ) / TILT_AROUND_HZ)
    return np.asarray(signal.firwin2(TILT_TAPS, frequencies, 10 ** (db_per_octave * octaves / 20), fs=sample_rate))
