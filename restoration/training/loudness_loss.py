"""A measure of quality that can be learnt from: loudness heard too much or too little, after the model of PESQ.

The powers of critical bands become loudness (Zwicker); what is heard besides counts more than what is missing; the
worst moments count more than the rest. It follows ITU-T P.862 and its differentiable form (Martin-Donas et al., 2018)
as far as gradients can use it: no time alignment; critical bands and threshold from closed formulas, not from tables.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

BANDS = 49
HIGHEST_BARK = 21.4
"""8 kHz."""
SPEECH_DB_SPL = 79.0
"""Speech is heard as loud as that, whatever its level in the file."""
ZWICKER_POWER = 0.23
SEGMENT_FRAMES = 20
TRUSTED_POWER = 50.0
"""Added to powers before they are compared, so that what nobody hears is no excess."""


@lru_cache(maxsize=2)
def critical_bands(bins: int, sample_rate: int) -> tuple[Tensor, Tensor, Tensor]:
    """Shares of the bins in each band (bands, bins), the widths of the bands in Bark, and their hearing thresholds.

    Band limits by Traunmueller (1990), threshold of hearing by Terhardt (1979), as powers where 1 is 0 dB SPL.
    """
    frequency_hz = np.linspace(0, sample_rate / 2, bins)
    bark = 26.81 * frequency_hz / (1960 + frequency_hz) - 0.53
    edges = np.linspace(bark[1], min(HIGHEST_BARK, bark[-1]), BANDS + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    # Triangles as wide as two bins at least, for at low frequencies a band is narrower than a bin.
    reach = np.maximum(np.diff(edges), np.gradient(bark)[np.searchsorted(bark, centres).clip(1, bins - 1)])
    shares = np.clip(1 - np.abs(bark[None] - centres[:, None]) / reach[:, None], 0, None)
    khz = (1960 * (centres + 0.53) / (26.28 - centres)) / 1000
    threshold_db = 3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4
    threshold = 10 ** (np.minimum(threshold_db, 60) / 10)
    return tuple(torch.from_numpy(each.astype(np.float32)) for each in (shares, np.diff(edges), threshold))  # type: ignore[return-value]


def loudness_loss(heard: Tensor, wanted: Tensor, sample_rate: int) -> Tensor:
    """Mean disturbance, about 4.5 less the PESQ of spectra (batch, bins, frames) beside the wanted ones."""
    shares, widths, threshold = critical_bands(heard.shape[1], sample_rate)
    first, second = (each.abs().square() for each in (heard, wanted))
    gain = 10 ** (SPEECH_DB_SPL / 10) / (second.sum(1).mean(1) + 1e-9)
    first, second = (torch.einsum("kb,nbt->nkt", shares, each) * gain[:, None, None] for each in (first, second))
    first = _as_loud(first, second)
    ours, theirs = _loudness(first, threshold), _loudness(second, threshold)
    apart = ours - theirs
    # Small differences are masked.
    apart = torch.sign(apart) * (apart.abs() - 0.25 * torch.minimum(ours, theirs)).clamp_min(0)
    excess = ((first + TRUSTED_POWER) / (second + TRUSTED_POWER)).clamp(max=1e4) ** 1.2
    excess = torch.where(excess < 3, torch.zeros_like(excess), excess.clamp(max=12))
    width = widths[None, :, None]
    both = ((apart * width).square().sum(1) + 1e-6).sqrt() * widths.sum().sqrt()
    added = (apart.abs() * excess * width).sum(1)
    weight = ((second.sum(1) + 1e5) / 1e7) ** 0.04
    return 0.1 * _pooled(both / weight) + 0.0309 * _pooled(added / weight)


def _as_loud(first: Tensor, second: Tensor) -> Tensor:
    """A slow change of level of a frame is not heard as much as noise is: half of it is forgiven."""
    ratio = (second.sum(1, keepdim=True) + 5e3) / (first.sum(1, keepdim=True) + 5e3)
    return first * ratio.clamp(0.3, 3.0)


def _loudness(power: Tensor, threshold: Tensor) -> Tensor:
    floor = threshold[None, :, None]
    sones = (floor / 0.5) ** ZWICKER_POWER * ((0.5 + 0.5 * power / floor) ** ZWICKER_POWER - 1)
    return 0.187 * sones.clamp_min(0)


def _pooled(disturbance: Tensor) -> Tensor:
    """Over time: the sixth power within a third of a second, the second over those; held at what PESQ can say."""
    frames = disturbance.shape[1] // SEGMENT_FRAMES * SEGMENT_FRAMES
    parts = disturbance[:, :frames].clamp(max=45.0).reshape(len(disturbance), -1, SEGMENT_FRAMES)
    within = ((parts + 1e-3) ** 6).mean(2) ** (1 / 6)
    return (within.square().mean(1) + 1e-6).sqrt().mean()
