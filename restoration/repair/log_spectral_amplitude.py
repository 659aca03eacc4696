"""Noise reduction by the minimum mean square error of the log-spectral amplitude (Ephraim and Malah 1985)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

WINDOW_MS = 32
OVERLAP = 4
SMOOTHING = 0.98
"""Share of the last frame's own result in the expected signal-to-noise ratio: the decision-directed way."""
LEAST_PRIOR = 10 ** (-25 / 10)
AROUND_HZ, AROUND_FRAMES = 1000, 5
"""How far around a bin is looked for the voice before it is taken as present."""
ABSENT_RATIO, PRESENT_RATIO = 1.6, 3.0
"""Power over the noise's, around a bin, up to which nobody is heard there, and from which somebody surely is."""

Float64 = npt.NDArray[np.float64]


class LogSpectralAmplitude:
    """Learns the noise's power spectrum once, then cleans channels.

    With ``only_present`` nothing is left where no voice stands above the noise, after the idea of Cohen (2002): meant
    for a band that is mixed with the untreated sound again, for alone it would sound gated. Of what lies below
    ``from_hz`` nothing comes out.
    """

    def __init__(
        self, noise: npt.NDArray[np.floating], sample_rate: int, *, only_present: bool = False, from_hz: float = 0.0
    ) -> None:
        from scipy.fft import next_fast_len

        self.only_present = only_present
        self.hop = next_fast_len(max(8, round(sample_rate * WINDOW_MS / 1000 / OVERLAP)))
        self.window = np.sqrt(np.hanning(OVERLAP * self.hop + 1)[:-1])
        self.bin_hz = sample_rate / self.window.size
        self.first_bin = int(from_hz / self.bin_hz)
        power = np.abs(self._frames(noise.astype(np.float64))) ** 2
        self.noise_power = np.maximum(power.mean(axis=0), 1e-20)

    def _frames(self, channel: Float64) -> npt.NDArray[np.complex128]:
        size = self.window.size
        padded = np.pad(channel, (size, size + (-channel.size) % self.hop))
        return np.asarray(
            np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[:: self.hop] * self.window)
        )

    def __call__(self, channel: npt.NDArray[np.floating]) -> Float64:
        """One channel (time,), cleaned."""
        frames = self._frames(channel.astype(np.float64))
        frames[:, : self.first_bin] = 0
        heard = frames[:, self.first_bin :]
        ratio = np.abs(heard) ** 2 / self.noise_power[self.first_bin :]
        heard *= self._gains(ratio)
        if self.only_present:
            heard *= self._presence(ratio)
        size, norm = self.window.size, OVERLAP / 2
        sound = np.zeros((len(frames) - 1) * self.hop + size)
        for number, frame in enumerate(np.fft.irfft(frames, size) * (self.window / norm)):
            sound[number * self.hop : number * self.hop + size] += frame
        return sound[size : size + channel.size]

    def _presence(self, ratio: Float64) -> Float64:
        """0 where nobody is heard to 1 where somebody surely is."""
        from scipy.ndimage import uniform_filter

        bins = max(1, round(AROUND_HZ / self.bin_hz))
        # One loud bin is no voice.
        around = uniform_filter(np.minimum(ratio, 50.0), (AROUND_FRAMES, bins))
        heard = np.clip((around - ABSENT_RATIO) / (PRESENT_RATIO - ABSENT_RATIO), 0, 1)
        return np.asarray(heard**2)

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
