"""Noise reduction by the minimum mean square error of the log-spectral amplitude (Ephraim and Malah 1985)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

WINDOW_MS = 32
OVERLAP = 4
SMOOTHING = 0.98
"""Share of the last frame's own result in the expected signal-to-noise ratio: the decision-directed way."""
LEAST_PRIOR = 10 ** (-25 / 10)
DIGITAL_SILENCE = 1e-9
"""Mean power of a frame's bins, about -115 dBFS."""
SMOOTH_FRAMES, SMOOTH_BINS = 10, 5
FLOOR_QUANTILE = 0.03
FLOOR_FACTOR = 3.0
"""What noise is on the average, and 3 dB more to be sure, over that quantile of it."""

Float64 = npt.NDArray[np.float64]


class LogSpectralAmplitude:
    """Learns the noise's power spectrum once, then cleans channels."""

    def __init__(self, noise: npt.NDArray[np.floating], sample_rate: int) -> None:
        from scipy.fft import next_fast_len

        self.hop = next_fast_len(max(8, round(sample_rate * WINDOW_MS / 1000 / OVERLAP)))
        self.window = np.sqrt(np.hanning(OVERLAP * self.hop + 1)[:-1])
        power = np.abs(self._frames(noise.astype(np.float64))) ** 2
        self.noise_power = np.maximum(power.mean(axis=0), 1e-20)

    @classmethod
    def of_floor(cls, sounds: Sequence[npt.NDArray[np.floating]], sample_rate: int) -> LogSpectralAmplitude:
        """With the noise that lies under all of ``sounds``, each (time,), wherever somebody speaks in them.

        Minimum statistics (Martin 2001), once for all of the time: what each bin, smoothed, falls to now and then.
        """
        made = cls(sounds[0], sample_rate)
        power = np.concatenate([np.abs(made._frames(sound.astype(np.float64))) ** 2 for sound in sounds])
        power = power[power.mean(axis=1) > DIGITAL_SILENCE]
        if len(power):
            smooth = uniform_filter(power, (SMOOTH_FRAMES, SMOOTH_BINS), mode="nearest")
            made.noise_power = np.maximum(FLOOR_FACTOR * np.quantile(smooth, FLOOR_QUANTILE, axis=0), 1e-20)
        return made

    def _frames(self, channel: Float64) -> npt.NDArray[np.complex128]:
        size = self.window.size
        padded = np.pad(channel, (size, size + (-channel.size) % self.hop))
        return np.asarray(
            np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[:: self.hop] * self.window)
        )

    def __call__(self, channel: npt.NDArray[np.floating]) -> Float64:
        """One channel (time,), cleaned."""
        frames = self._frames(channel.astype(np.float64))
        frames *= self._gains(np.abs(frames) ** 2 / self.noise_power)
        size, norm = self.window.size, OVERLAP / 2
        sound = np.zeros((len(frames) - 1) * self.hop + size)
        for number, frame in enumerate(np.fft.irfft(frames, size) * (self.window / norm)):
            sound[number * self.hop : number * self.hop + size] += frame
        return sound[size : size + channel.size]

    def _gains(self, posterior: Float64) -> Float64:
        """Gain of each frame and bin, from its power over the noise's."""
        from scipy.special import exp1

        gains = np.empty_like(posterior)
        before = np.ones(posterior.shape[1])
        for number, ratio in enumerate(posterior):
            prior = np.maximum(SMOOTHING * before + (1 - SMOOTHING) * np.maximum(ratio - 1, 0), LEAST_PRIOR)
            wiener = prior / (1 + prior)
            expected = np.maximum(wiener * ratio, 1e-8)
            gains[number] = np.minimum(wiener * np.exp(0.5 * exp1(expected)), 1.0)
            before = gains[number] ** 2 * ratio
        return gains
