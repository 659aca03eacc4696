"""Sample peak and true peak: what the sound reaches between its samples.

ITU-R BS.1770-4, annex 2: the sound is interpolated to four times its sample rate (twice from 96 kHz on) and the largest
magnitude is the true peak, in dBTP. The standard's own filter has 48 taps; this one, a sinc in a Kaiser window, has 32
a phase.
"""

from __future__ import annotations

import numpy as np

from restoration.audio import Recording
from restoration.measures.metering import Float64, decibels, listen

TAPS = 32
SEGMENT = 256
AT_ONCE = 32


def interpolator(factor: int) -> Float64:
    """Taps (TAPS, factor - 1) that give the sound at 1/factor, 2/factor .. of the way past the middle tap."""
    phases = np.arange(1, factor) / factor
    distance = np.arange(TAPS)[:, None] - (TAPS // 2 - 1) - phases[None, :]
    window = np.i0(9.0 * np.sqrt(np.maximum(0.0, 1.0 - (distance / (TAPS // 2)) ** 2))) / np.i0(9.0)
    taps = np.sinc(distance) * window
    return taps / taps.sum(axis=0)


class PeakMeter:
    """Sample peak per channel and true peak; one after the other, the pieces' context is carried over."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._taps = interpolator(4 if sample_rate < 96_000 else 2)
        # Interpolated values are at most this many times the largest sample near them.
        self._reach = float(np.abs(self._taps).sum(axis=0).max())
        self._context = np.zeros((channels, TAPS - 1))
        self._between = 0.0
        self.sample_peaks = np.zeros(channels)

    def feed(self, samples: Float64) -> None:
        if samples.shape[1]:
            self.sample_peaks = np.maximum(self.sample_peaks, np.abs(samples).max(axis=1))
        joined = np.concatenate((self._context, samples), axis=1)
        self._context = joined[:, -(TAPS - 1) :]
        for channel in joined:
            self._interpolate(channel)

    def _interpolate(self, channel: Float64) -> None:
        """Interpolate only where the samples are large enough to hold a peak above the largest one known."""
        count = channel.size - TAPS + 1
        length = min(SEGMENT, count)
        if not length:
            return
        starts = np.minimum(np.arange(0, count, length), count - length)
        segments = np.lib.stride_tricks.sliding_window_view(channel, length + TAPS - 1)[starts]
        largest = np.abs(segments).max(axis=1, initial=0.0) * self._reach
        order = np.argsort(largest)[::-1]
        for first in range(0, order.size, AT_ONCE):
            chosen = order[first : first + AT_ONCE]
            chosen = chosen[largest[chosen] > self.peak]
            if not chosen.size:
                return
            frames = np.lib.stride_tricks.sliding_window_view(segments[chosen], TAPS, axis=1)
            self._between = max(self._between, float(np.abs(frames @ self._taps).max()))

    @property
    def peak(self) -> float:
        """The largest magnitude at and between the samples heard so far."""
        return max(self._between, float(self.sample_peaks.max(initial=0.0)))

    def measures(self) -> dict[str, float | None]:
        """``peak_dbfs`` and ``true_peak_dbtp``; None for silence."""
        # The end of the recording: what follows the last sample is silence, as a player has it.
        self.feed(np.zeros_like(self._context))
        sample_peak = float(self.sample_peaks.max(initial=0.0))
        return {"peak_dbfs": decibels(sample_peak**2), "true_peak_dbtp": decibels(self.peak**2)}


def peaks(recording: Recording) -> dict[str, float | None]:
    """``peak_dbfs`` (largest sample) and ``true_peak_dbtp`` over all channels; None for silence."""
    meter = PeakMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.measures()


def true_peak_dbtp(recording: Recording) -> float | None:
    """The true peak over all channels in dB relative to full scale; None for silence."""
    return peaks(recording)["true_peak_dbtp"]
