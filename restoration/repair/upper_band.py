"""The band that a network does not hear, cleaned by an estimator that learns the noise, and held to the voice below it.

Above 8 kHz speech is fainter than in the octave underneath, and comes and goes with it; what is louder, or is there
while that octave is quiet, is noise that the estimator left. What hides in the noise is inaudible: it goes with it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from restoration.nets.band_below import above
from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude

FRAME_MS = 10
SMOOTHED_FRAMES = 3
OVERLAP_SHARE = 0.45
"""The estimator begins where the network's band still reaches: the crossing lies above."""

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


class UpperBand:
    """Learns the noise of one channel (time,) once, then cleans what lies above half of ``own_rate``."""

    def __init__(self, noise: Float32, sample_rate: int, own_rate: int) -> None:
        self.sample_rate, self.own_rate = sample_rate, own_rate
        self._estimator = LogSpectralAmplitude(noise, sample_rate, only_present=True, from_hz=OVERLAP_SHARE * own_rate)

    def __call__(self, channel: Float32, below: npt.NDArray[np.floating]) -> Float64:
        """The upper band of ``channel`` (time,), cleaned; ``below`` is the channel with its lower band cleaned."""
        upper = above(self._estimator(channel).astype(np.float32), self.sample_rate, self.own_rate)
        return upper * self._held(upper, self._top_octave(below))

    def _top_octave(self, below: npt.NDArray[np.floating]) -> Float64:
        from scipy.signal import butter, sosfiltfilt

        edges_hz = (0.25 * self.own_rate, 0.48 * self.own_rate)
        sections = butter(4, edges_hz, "bandpass", fs=self.sample_rate, output="sos")
        return np.asarray(sosfiltfilt(sections, below, padlen=min(64, below.size - 1)))

    def _held(self, upper: Float32, octave: Float64) -> Float64:
        """Gain (time,) that keeps the upper band from being louder than the octave below it."""
        frame = max(1, round(FRAME_MS / 1000 * self.sample_rate))
        ours, theirs = (_smooth_power(each, frame) for each in (upper, octave))
        gain = np.sqrt(np.minimum(theirs / np.maximum(ours, 1e-20), 1.0))
        centres = (np.arange(gain.size) + 0.5) * frame
        return np.interp(np.arange(upper.size), centres, gain)


def _smooth_power(sound: npt.NDArray[np.floating], frame: int) -> Float64:
    padded = np.pad(sound.astype(np.float64), (0, -sound.size % frame))
    power = (padded.reshape(-1, frame) ** 2).mean(axis=1)
    return np.convolve(np.pad(power, 1, mode="edge"), np.ones(SMOOTHED_FRAMES) / SMOOTHED_FRAMES, mode="valid")
