"""How the first two channels of a tape relate: the same sound twice, one shifted, one reversed, or two programmes.

The lag is where the cross-correlation, summed over windows of 170 ms, has its largest magnitude within 20 ms; its sign
there is the polarity. A parabola through the peak gives parts of a sample: azimuth errors are smaller than one.
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.signal import get_window

from restoration.audio import Recording
from restoration.measures.metering import Float64, Windows, decibels, listen

WINDOW_S = 0.17
LARGEST_LAG_S = 0.02
RELATED = 0.3
NAMES = ("channel_correlation", "channel_level_difference_db", "channel_lag_samples", "channel_polarity")


class ChannelMeter:
    """Sums what the correlation, level and lag of the first two channels need; hears nothing of a mono recording."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._mono = channels < 2
        length = fft.next_fast_len(round(WINDOW_S * sample_rate), real=True)
        self._window = get_window("hann", length)
        self._windows = Windows(2, length, length // 2)
        self._size = fft.next_fast_len(2 * length, real=True)
        self._largest_lag = max(2, round(LARGEST_LAG_S * sample_rate))
        self._cross = np.zeros(self._size // 2 + 1, dtype=np.complex128)
        self._energies = np.zeros(2)
        self._frames = 0
        self._sums = np.zeros(2)
        self._products = np.zeros((2, 2))

    def feed(self, samples: Float64) -> None:
        if self._mono:
            return
        pair = samples[:2]
        self._frames += pair.shape[1]
        self._sums += pair.sum(axis=1)
        self._products += pair @ pair.T
        windows = self._windows.feed(pair) * self._window
        if windows.shape[1]:
            self._energies += (windows**2).sum(axis=(1, 2))
            first, second = fft.rfft(windows, self._size, axis=2)
            self._cross += (np.conj(first) * second).sum(axis=0)

    def measures(self) -> dict[str, float | int | None]:
        """What ``channels`` documents."""
        if self._mono:
            return dict.fromkeys(NAMES)
        frames = max(self._frames, 1)
        covariance = self._products / frames - np.outer(self._sums, self._sums) / frames**2
        variances = np.maximum(np.diag(covariance), 0.0)
        ratio = float(variances[0] / variances[1]) if variances.all() else 0.0
        scale = float(np.sqrt(variances.prod()))
        lag, polarity, strength = self._lag()
        related = strength >= RELATED
        return {
            "channel_correlation": float(np.clip(covariance[0, 1] / scale, -1.0, 1.0)) if scale > 0.0 else None,
            "channel_level_difference_db": decibels(ratio),
            "channel_lag_samples": round(lag, 3) + 0.0 if related else None,
            "channel_polarity": polarity if related else None,
        }

    def _lag(self) -> tuple[float, int, float]:
        """Lag of the second channel in samples, sign, and magnitude (0..1) of the largest cross-correlation."""
        scale = float(np.sqrt(self._energies.prod()))
        if scale <= 0.0:
            return 0.0, 1, 0.0
        around = np.roll(fft.irfft(self._cross, self._size), self._largest_lag)[: 2 * self._largest_lag + 1]
        top = int(np.argmax(np.abs(around)))
        polarity = 1 if around[top] >= 0.0 else -1
        part = 0.0
        if 0 < top < around.size - 1:
            left, middle, right = np.abs(around[top - 1 : top + 2])
            bend = left - 2.0 * middle + right
            part = float(0.5 * (left - right) / bend) if bend < 0.0 else 0.0
        return top - self._largest_lag + part, polarity, float(abs(around[top])) / scale


def channels(recording: Recording) -> dict[str, float | int | None]:
    """Of the first two channels; all None for a mono recording.

    ``channel_correlation`` (-1..1, Pearson's, without lag; None if one is silent), ``channel_level_difference_db``
    (first over second), ``channel_lag_samples`` (positive: the second is late) and ``channel_polarity`` (1 or -1), both
    None where the channels have nothing to do with each other: no cross-correlation of 0.3 or more within 20 ms.
    """
    meter = ChannelMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.measures()
