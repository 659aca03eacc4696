"""What the tests of the faults measure, and what they measure it on."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import signal

from restoration.simulate.fault import Fault, Float64

RATE = 48000


def noise(seconds: float, seed: int = 1, channels: int = 1, rate: int = RATE) -> Float64:
    """White noise at -26 dBFS: a sound whose speech level is known."""
    return 0.05 * np.random.default_rng(seed).standard_normal((channels, round(seconds * rate)))


def tone(hz: float, seconds: float, amplitude: float = 0.5, rate: int = RATE) -> Float64:
    return amplitude * np.sin(2 * np.pi * hz / rate * np.arange(round(seconds * rate)))[None]


def applied(fault: Fault, samples: Float64, seed: int = 1, rate: int = RATE) -> Float64:
    return fault.apply(samples, rate, np.random.default_rng(seed))[0]


def drawn_by(fault: Fault, samples: Float64, seed: int = 1, rate: int = RATE) -> dict[str, Any]:
    return fault.apply(samples, rate, np.random.default_rng(seed))[1]


def added(fault: Fault, samples: Float64, seed: int = 1, rate: int = RATE) -> Float64:
    """What the fault changes."""
    return applied(fault, samples, seed, rate) - samples


def level_dbfs(samples: Float64) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples))))


def partial_db(samples: Float64, hz: float, rate: int = RATE) -> float:
    """Level of the sine at ``hz`` (RMS re full scale) in one channel of whole seconds."""
    turns = np.exp(-2j * np.pi * hz / rate * np.arange(samples.size))
    return 10 * float(np.log10(2 * abs(np.mean(samples * turns)) ** 2 + 1e-30))


def spectrum_db(samples: Float64, hz: float, rate: int = RATE) -> float:
    """Density of noise about ``hz`` in one channel, a third of an octave wide, in dB."""
    frequencies, power = signal.welch(samples, rate, nperseg=8192)
    near = (frequencies > hz / 2 ** (1 / 6)) & (frequencies < hz * 2 ** (1 / 6))
    return 10 * float(np.log10(power[near].mean()))


def response(fault: Fault, rate: int = RATE, seconds: float = 2.0) -> tuple[Float64, Float64]:
    """Frequencies, and the complex response at them in every channel alike, from an impulse in the middle."""
    impulse = np.zeros((1, round(seconds * rate)))
    impulse[0, impulse.shape[1] // 2] = 1.0
    gain = np.fft.rfft(applied(fault, impulse, rate=rate)[0]) / np.fft.rfft(impulse[0])
    return np.fft.rfftfreq(impulse.shape[1], 1 / rate), gain


def gain_db(fault: Fault, hz: float, rate: int = RATE) -> float:
    frequencies, gain = response(fault, rate)
    return 20 * float(np.log10(abs(gain[np.argmin(abs(frequencies - hz))]) + 1e-12))
