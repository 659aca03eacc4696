"""The stationary spectral gate of the library noisereduce, on a grid of our own, without seams or droop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from noisereduce.spectralgate.stationary import SpectralGateStationary

FRAME_MS = 24
NOTHING = 1e-12
"""-240 dBFS: rounding of the transforms; digital silence stays digital silence."""
THRESHOLD_DEVIATIONS = 1.5
"""A bin is voice when it is this many standard deviations (in dB) above the mean of the noise."""


@dataclass(frozen=True)
class Smoothing:
    """How far the gate is smoothed: along frequency in Hz, along time in ms."""

    width_hz: float
    time_ms: float


@dataclass(frozen=True)
class GateFrames:
    """The grid of the short-time Fourier transform, in frames of the recording."""

    window: int
    hop: int

    @classmethod
    def at(cls, sample_rate: int) -> GateFrames:
        """About 24 ms with a quarter of it as hop, of lengths that transform fast."""
        from scipy.fft import next_fast_len

        hop = next_fast_len(max(16, round(sample_rate * FRAME_MS / 4000)))
        return cls(4 * hop, hop)


def gate_of(noise: npt.NDArray[np.float32], sample_rate: int, smoothing: Smoothing) -> SpectralGateStationary:
    """noisereduce's stationary gate, with its statistics taken over all of ``noise`` (time,)."""
    from noisereduce.spectralgate.stationary import SpectralGateStationary

    frames = GateFrames.at(sample_rate)
    if noise.size < frames.window:
        noise = np.resize(noise, frames.window)
    return SpectralGateStationary(
        y=np.zeros((1, 1)),
        sr=sample_rate,
        y_noise=noise.astype(np.float64),
        # The share is mixed by the caller: noisereduce's own would pass through its smoothing too.
        prop_decrease=1.0,
        n_std_thresh_stationary=THRESHOLD_DEVIATIONS,
        n_fft=frames.window,
        win_length=frames.window,
        hop_length=frames.hop,
        freq_mask_smooth_hz=smoothing.width_hz,
        time_mask_smooth_ms=max(smoothing.time_ms, 1000 * frames.hop / sample_rate + 0.1),
        # Statistics over the whole profile; the gate's own chunks are not used, for they leave seams.
        clip_noise_stationary=False,
        chunk_size=None,
        padding=0,
        time_constant_s=2.0,
        tmp_folder=None,
        use_tqdm=False,
        n_jobs=1,
    )


def gated(gate: SpectralGateStationary, channel: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """One channel (time,) through the gate, on a grid that begins at its first sample.

    noisereduce smooths its mask as if there were nothing below 0 Hz and above half the sample rate, which would turn
    down even a clean voice by up to 6 dB there; a short symmetric filter puts that back.
    """
    from scipy.signal import fftconvolve

    window, hop = gate._win_length, gate._hop_length
    after = 2 * window + (-channel.size) % hop
    padded = np.pad(channel.astype(np.float64), (2 * window, after))
    treated = gate.spectral_gating_stationary(padded[None])[0]
    level = fftconvolve(treated, _edge_filter(gate), mode="same")
    level[np.abs(level) < NOTHING] = 0
    return np.asarray(level[2 * window : 2 * window + channel.size])


def _edge_filter(gate: SpectralGateStationary) -> npt.NDArray[np.float64]:
    from scipy.signal import fftconvolve

    smoothing = gate._smoothing_filter
    bins, times = gate._n_fft // 2 + 1, 2 * smoothing.shape[1] + 1
    open_gate = fftconvolve(np.ones((bins, times)), smoothing, mode="same")[:, times // 2]
    impulse = np.fft.fftshift(np.fft.irfft(1 / open_gate))
    impulse[0] /= 2
    return np.append(impulse, impulse[0])
