"""How far a sound is from another, in spectra of several resolutions."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

RESOLUTIONS = (2048, 1024, 512, 256)
FLOOR = 1e-3
"""Of magnitudes, about -78 dB beside the loudest bins of speech: what is fainter need not be right."""


def spectral_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean over resolutions of spectral convergence and log-magnitude distance (Yamamoto et al. 2020), of sounds
    (batch, time)."""
    apart = torch.zeros(())
    for size in RESOLUTIONS:
        first, second = _magnitudes(made, size), _magnitudes(wanted, size)
        convergence = (first - second).norm() / second.norm().clamp_min(1e-6)
        apart = apart + convergence + (first.log() - second.log()).abs().mean()
    return apart / len(RESOLUTIONS)


def _magnitudes(sound: Tensor, size: int) -> Tensor:
    spectra = torch.stft(sound, size, size // 4, window=_window(size), return_complex=True, pad_mode="constant")
    return (spectra.real.square() + spectra.imag.square() + FLOOR**2).sqrt()


@cache
def _window(size: int) -> Tensor:
    return torch.hann_window(size)
