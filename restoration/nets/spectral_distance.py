"""How far a sound is from another, in spectra of several resolutions."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from restoration.nets.speaker_embedding import mel_bands

RESOLUTIONS = (2048, 1024, 512, 256)
MEL_SIZE, MEL_BANDS, MEL_WEIGHT = 1024, 80, 1.0
FLOOR = 1e-3
"""Of magnitudes, about -78 dB beside the loudest bins of speech: what is fainter need not be right."""


def spectral_distance(made: Tensor, wanted: Tensor) -> Tensor:
    """Mean over resolutions of spectral convergence and log-magnitude distance (Yamamoto et al. 2020), and the distance
    of log magnitudes in mel bands, as an ear weighs them (Kong et al. 2020), of sounds (batch, time) at 16 kHz."""
    apart = torch.zeros(())
    for size in RESOLUTIONS:
        first, second = _magnitudes(made, size), _magnitudes(wanted, size)
        convergence = (first - second).norm() / second.norm().clamp_min(1e-6)
        apart = apart + convergence + (first.log() - second.log()).abs().mean()
    first, second = (
        torch.matmul(_bands(), _magnitudes(sound, MEL_SIZE)).clamp_min(FLOOR).log() for sound in (made, wanted)
    )
    return apart / len(RESOLUTIONS) + MEL_WEIGHT * (first - second).abs().mean()


def _magnitudes(sound: Tensor, size: int) -> Tensor:
    spectra = torch.stft(sound, size, size // 4, window=_window(size), return_complex=True, pad_mode="constant")
    return (spectra.real.square() + spectra.imag.square() + FLOOR**2).sqrt()


@cache
def _bands() -> Tensor:
    return torch.from_numpy(mel_bands(MEL_BANDS, fft_size=MEL_SIZE))


@cache
def _window(size: int) -> Tensor:
    return torch.hann_window(size)
