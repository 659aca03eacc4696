"""The denoiser at work on sound of any rate: the band it knows, up to 8 kHz, is taken out, cleaned and put back."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from restoration.nets.band_below import resampled, taken_below
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
from restoration.nets.quick_denoiser import QuickDenoiser
from restoration.nets.shipped import with_weights

MODEL = "denoiser"

Float32 = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def load_denoiser() -> QuickDenoiser:
    """The network that ships with the package.

    Raises:
        MissingWeights: its file is absent or is another one.
    """
    return QuickDenoiser(with_weights(Denoiser(DenoiserShape()), MODEL))


def gain_for(level_dbfs: float) -> float:
    """Factor that brings sound of an RMS level to the one the network was trained at."""
    return float(10 ** ((VOICE_DBFS - level_dbfs) / 20))


def noise_power_of(noise: Float32, sample_rate: int, gain: float) -> Tensor:
    """Mean power of noise heard alone (time,), in each of the network's bins: (1, bins, 1)."""
    low = resampled(noise, sample_rate, SAMPLE_RATE)
    low = np.resize(low, max(low.size, 4 * WINDOW))
    inside = spectrum(torch.from_numpy(low * np.float32(gain))[None])[..., 1:-1]
    return inside.abs().square().mean(2, keepdim=True).clamp_min(1e-9)


def low_band_noise(
    network: QuickDenoiser, channel: Float32, sample_rate: int, gain: float, noise_power: Tensor
) -> Float32:
    """What the network takes for noise below 8 kHz in one channel (time,), at the channel's own rate and level."""

    def clean(heard: Float32) -> Float32:
        if heard.size < HOP:
            return heard
        with torch.inference_mode():
            filtered = network.cleaned(spectrum(torch.from_numpy(heard)[None]), noise_power)
            return np.asarray(samples_of(filtered, heard.size)[0].numpy())

    return taken_below(channel, sample_rate, SAMPLE_RATE, gain, clean)
