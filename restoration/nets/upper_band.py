"""The network for the band above the denoiser's: how far each of its narrow bands is turned down, every 8 ms.

It hears the levels of all bands as they are, their height over the noise heard alone, and the levels of the denoiser's
band after it was cleaned: what is above 8 kHz belongs to the voice if the voice below says so (a sibilant, a breath).
It says gains and never sound: nothing comes out that did not go in. As the bandwidth extender it is convolutional over
time with a finite reach, so that a recording may be cut anywhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from restoration.nets.extender import HEARD, HEIGHT, UNIT_DB, Layer
from restoration.nets.voice_bands import BANDS, CENTRES_HZ

CROSSING_HZ = 8000.0
"""From here on it says gains; below is the denoiser's band."""
FIRST = int(np.searchsorted(CENTRES_HZ, CROSSING_HZ))
UPPER_BANDS = BANDS - FIRST
FEATURES = 2 * BANDS + FIRST
LEAST_GAIN_DB = -72.0


@dataclass(frozen=True, kw_only=True)
class UpperBandShape:
    """Sizes of the network.

    Attributes:
        width: channels of every layer.
        dilations: of the convolutions over three frames each, one residual layer after the other.
    """

    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 1, 2, 4)

    @property
    def reach(self) -> int:
        """Frames on each side that decide about a frame."""
        return 1 + sum(self.dilations)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def features_of(levels_db: Tensor, noise_db: Tensor, cleaned_db: Tensor) -> Tensor:
    """What the network hears, (batch, FEATURES, frames).

    Args:
        levels_db: of the sound, brought to the level the denoiser wants, (batch, bands, frames).
        noise_db: of the noise heard alone, brought to the same, (batch, bands).
        cleaned_db: of the sound after the denoiser, brought to the same; only the bands below the crossing are heard.
    """
    heard = (levels_db / UNIT_DB + 2).clamp(*HEARD)
    height = ((levels_db - noise_db[:, :, None]) / UNIT_DB).clamp(*HEIGHT)
    cleaned = (cleaned_db[:, :FIRST] / UNIT_DB + 2).clamp(*HEARD)
    return torch.cat([heard, height, cleaned], dim=1)


class UpperBandGains(nn.Module):
    """Gains of the bands above the crossing, (batch, UPPER_BANDS, frames), 0 to ``LEAST_GAIN_DB`` dB."""

    def __init__(self, shape: UpperBandShape | None = None) -> None:
        super().__init__()
        self.shape = shape or UpperBandShape()
        self.into = nn.Conv1d(FEATURES, self.shape.width, 3, padding=1)
        self.layers = nn.Sequential(*(Layer(self.shape.width, dilation) for dilation in self.shape.dilations))
        self.norm, self.bend = nn.BatchNorm1d(self.shape.width), nn.ReLU()
        self.says = nn.Conv1d(self.shape.width, UPPER_BANDS, 1)
        nn.init.zeros_(self.says.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Gains from ``features_of``."""
        said: Tensor = self.says(self.bend(self.norm(self.layers(self.into(features)))))
        return LEAST_GAIN_DB * torch.sigmoid(said)
