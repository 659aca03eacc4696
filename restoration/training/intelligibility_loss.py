"""Intelligibility as something to learn from: how well the envelopes of speech keep their shape.

The extended short-time objective intelligibility of Jensen and Taal (2016), without its resampling to 10 kHz and
without the removal of silent frames, so that it can be followed by gradients.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

BANDS = 15
LOWEST_CENTRE_HZ = 150.0
SEGMENT_S = 0.384


@lru_cache(maxsize=2)
def third_octaves(bins: int, sample_rate: int) -> Tensor:
    """Which bins belong to which third of an octave, (bands, bins)."""
    frequency_hz = np.linspace(0, sample_rate / 2, bins)
    centres = LOWEST_CENTRE_HZ * 2 ** (np.arange(BANDS)[:, None] / 3)
    inside = (frequency_hz >= centres * 2 ** (-1 / 6)) & (frequency_hz < centres * 2 ** (1 / 6))
    return torch.from_numpy(inside.astype(np.float32))


def intelligibility_loss(heard: Tensor, wanted: Tensor, sample_rate: int, hop: int) -> Tensor:
    """1 less the mean correlation of the spectro-temporal envelopes of (batch, bins, frames), 0 to about 1.

    Segments in which nobody speaks do not count.
    """
    bands = third_octaves(heard.shape[1], sample_rate)
    frames = round(SEGMENT_S * sample_rate / hop)
    first, second = (_segments(each, bands, frames) for each in (heard, wanted))
    loudness = second.square().sum((2, 3))
    counted = (loudness > 1e-4 * loudness.amax(1, keepdim=True)).float()
    alike = (_shape(first) * _shape(second)).sum((2, 3)) / frames
    return 1 - (alike * counted).sum() / counted.sum().clamp_min(1)


def _segments(spectra: Tensor, bands: Tensor, frames: int) -> Tensor:
    """Envelopes in thirds of an octave: (batch, segments, bands, frames), half a segment apart."""
    power = torch.einsum("kb,nbt->nkt", bands, spectra.abs().square())
    return (power + 1e-8).sqrt().unfold(2, frames, frames // 2).transpose(1, 2)


def _shape(envelopes: Tensor) -> Tensor:
    """Mean and size taken out along time, then along frequency."""
    return _normal(_normal(envelopes, 3), 2)


def _normal(envelopes: Tensor, along: int) -> Tensor:
    apart = envelopes - envelopes.mean(along, keepdim=True)
    return apart / (apart.square().sum(along, keepdim=True) + 1e-8).sqrt()
