"""The denoiser at work on sound of any rate: the band it knows, up to 8 kHz, is taken out, cleaned and put back."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor

from restoration.nets.denoiser import (
    HOP,
    SAMPLE_RATE,
    VOICE_DBFS,
    WINDOW,
    Denoiser,
    DenoiserShape,
    samples_of,
    spectrum,
)
from restoration.weights import locate

MODEL = "denoiser"

Float32 = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def load_denoiser() -> Denoiser:
    """The network that ships with the package.

    Raises:
        MissingWeights: its file is absent or is another one.
    """
    from safetensors.torch import load_file

    network = Denoiser(DenoiserShape())
    state = load_file(locate(MODEL))
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    )
    return network.eval()


def gain_for(level_dbfs: float) -> float:
    """Factor that brings sound of an RMS level to the one the network was trained at."""
    return float(10 ** ((VOICE_DBFS - level_dbfs) / 20))


def noise_power_of(noise: Float32, sample_rate: int, gain: float) -> Tensor:
    """Mean power of noise heard alone (time,), in each of the network's bins: (1, bins, 1)."""
    low = _resampled(noise, sample_rate, SAMPLE_RATE)
    low = np.resize(low, max(low.size, 4 * WINDOW))
    inside = spectrum(torch.from_numpy(low * np.float32(gain))[None])[..., 1:-1]
    return inside.abs().square().mean(2, keepdim=True).clamp_min(1e-9)


def low_band_noise(network: Denoiser, channel: Float32, sample_rate: int, gain: float, noise_power: Tensor) -> Float32:
    """What the network takes for noise below 8 kHz in one channel (time,), at the channel's own rate and level."""
    low = _resampled(channel, sample_rate, SAMPLE_RATE)
    if low.size < HOP:
        return np.zeros_like(channel)
    with torch.inference_mode():
        heard = torch.from_numpy(low * np.float32(gain))[None]
        clean = samples_of(network(spectrum(heard), noise_power), low.size)[0].numpy() / np.float32(gain)
    noise = np.asarray(low - clean, dtype=np.float32)
    return _of_length(_resampled(noise, SAMPLE_RATE, sample_rate), channel.size)


def above_low_band(channel: Float32, sample_rate: int) -> Float32:
    """What of one channel (time,) the network does not hear."""
    if sample_rate <= SAMPLE_RATE:
        return np.zeros_like(channel)
    heard = _resampled(_resampled(channel, sample_rate, SAMPLE_RATE), SAMPLE_RATE, sample_rate)
    return channel - _of_length(heard, channel.size)


def _resampled(channel: Float32, rate_in: int, rate_out: int) -> Float32:
    if rate_in == rate_out or not channel.size:
        return channel
    return np.asarray(soxr.resample(channel, rate_in, rate_out, quality="HQ"), dtype=np.float32)


def _of_length(channel: Float32, frames: int) -> Float32:
    return np.pad(channel, (0, max(0, frames - channel.size)))[:frames]
