"""Linear-phase filters: nothing is delayed against anything, and blocks of any size give the same sound."""

from __future__ import annotations

import numpy as np
from scipy import signal

from restoration.audio import Samples
from restoration.measures.metering import Float64


def high_pass(stop_hz: float, pass_hz: float, reduction_db: float, sample_rate: int) -> Float64:
    """Taps, odd in number, that pass from ``pass_hz`` up and lie ``reduction_db`` down to ``stop_hz``.

    By the window method with the window of Kaiser (J. F. Kaiser, IEEE ISCAS 1974), which states its length.
    """
    count, beta = signal.kaiserord(reduction_db, (pass_hz - stop_hz) / (0.5 * sample_rate))
    middle_hz = 0.5 * (stop_hz + pass_hz)
    window = ("kaiser", beta)
    taps: Float64 = signal.firwin(count | 1, middle_hz, window=window, pass_zero=False, fs=sample_rate, scale=False)
    return taps


def curve(frequencies_hz: Float64, gains_db: Float64, length_s: float, sample_rate: int) -> Float64:
    """Taps, odd in number and ``length_s`` long, of a gain in dB that is a line between points on a log frequency axis.

    Below the first frequency and above the last the gain stays as it is there. The curve is followed as finely as the
    length allows: the window of Hann smooths it over about two parts in ``length_s``.
    """
    half = max(1, round(length_s * sample_rate / 2))
    size = 1 << int(8 * half).bit_length()
    grid_hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    wanted_db = np.interp(np.log(np.maximum(grid_hz, 1.0)), np.log(frequencies_hz), gains_db)
    pulse = np.roll(np.fft.irfft(10.0 ** (wanted_db / 20.0), size), half)[: 2 * half + 1]
    taps: Float64 = pulse * signal.get_window("hann", 2 * half + 3, fftbins=False)[1:-1]
    return taps


def filtered(samples: Samples, taps: Float64) -> Samples:
    """Each channel of ``samples`` (channels, time) through symmetric ``taps``, as long as before and not delayed.

    What lies within half the taps of an end depends on what the array lacks: that is the ``context`` needed.
    """
    half = taps.size // 2
    whole = signal.oaconvolve(samples.astype(np.float64), taps[None, :], mode="full", axes=1)
    return np.asarray(whole[:, half : half + samples.shape[1]], dtype=np.float32)


def response_at(taps: Float64, frequencies_hz: Float64, sample_rate: int) -> Float64:
    """The gain (amplitude) of symmetric taps at each frequency."""
    half = taps.size // 2
    angles = 2.0 * np.pi / sample_rate * np.outer(frequencies_hz, np.arange(1, half + 1))
    gains: Float64 = np.abs(taps[half] + 2.0 * np.cos(angles) @ taps[half + 1 :])
    return gains
