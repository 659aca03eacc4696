"""The bandwidth extender: a convolutional network that says how loud a voice is above the band that was recorded.

It hears, every 8 ms, the levels of the recorded band in narrow bands, their height over the noise of the pauses, and
where the band ends; a second of the past and of the future are open to it (temporal convolutions, Bai et al. 2018). It
says the levels of the bands above. What fills them is made by who calls it. A finite reach, and no recurrence: a
recording may be cut anywhere and gives the same sound.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from restoration.nets.voice_bands import BANDS

UNIT_DB = 20.0
FEATURES = 3 * BANDS + 1
HEARD = (-5.0, 2.0)
HEIGHT = (-1.0, 4.0)
"""Levels beside the voice's and heights over the noise are held within these, in units of 20 dB."""
ANCHOR_BANDS = 4
"""What the network says is beside the mean level of so many of the topmost recorded bands."""


@dataclass(frozen=True, kw_only=True)
class ExtenderShape:
    """Sizes of the network.

    Attributes:
        width: channels of every layer.
        dilations: of the convolutions over three frames each, one residual layer after the other.
    """

    width: int = 96
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 1, 2, 4)

    @property
    def reach(self) -> int:
        """Frames on each side that decide about a frame."""
        return 1 + sum(self.dilations)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def features_of(levels_db: Tensor, noise_db: Tensor, recorded: Tensor) -> Tensor:
    """What the network hears, (batch, FEATURES, frames); nothing of it comes from above the recorded band.

    Args:
        levels_db: of the sound beside the voice's level, (batch, bands, frames).
        noise_db: of the noise beside the voice's level, (batch, bands).
        recorded: 1 for the bands below the edge and 0 above it, (batch, bands).
    """
    below = recorded[:, :, None]
    heard = (levels_db / UNIT_DB).clamp(*HEARD) * below
    height = ((levels_db - noise_db[:, :, None]) / UNIT_DB).clamp(*HEIGHT) * below
    frames = levels_db.shape[2]
    shown = below.expand(-1, -1, frames)
    return torch.cat([heard, height, shown, anchor_of(heard, recorded)], dim=1)


def anchor_of(heard: Tensor, recorded: Tensor) -> Tensor:
    """Mean (batch, 1, frames) of the topmost recorded bands of ``heard`` (batch, bands, frames)."""
    from_above = recorded.flip(1).cumsum(1).flip(1)
    topmost = recorded * (from_above <= ANCHOR_BANDS)
    weights = topmost / topmost.sum(1, keepdim=True).clamp_min(1)
    return (heard * weights[:, :, None]).sum(1, keepdim=True)


class Layer(nn.Module):
    """A convolution over time and one over the channels, added to what came in."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.over_time = nn.Conv1d(width, width, 3, dilation=dilation, padding=dilation, bias=False)
        self.norm, self.bend = nn.BatchNorm1d(width), nn.ReLU()
        self.across = nn.Conv1d(width, width, 1)

    def forward(self, heard: Tensor) -> Tensor:
        bent: Tensor = self.across(self.bend(self.norm(self.over_time(heard))))
        return heard + bent


class Extender(nn.Module):
    """Levels of all bands, (batch, bands, frames), in dB beside the voice's; those below the edge mean nothing."""

    def __init__(self, shape: ExtenderShape | None = None) -> None:
        super().__init__()
        self.shape = shape or ExtenderShape()
        self.into = nn.Conv1d(FEATURES, self.shape.width, 3, padding=1)
        self.layers = nn.Sequential(*(Layer(self.shape.width, dilation) for dilation in self.shape.dilations))
        self.norm, self.bend = nn.BatchNorm1d(self.shape.width), nn.ReLU()
        self.says = nn.Conv1d(self.shape.width, BANDS, 1)
        nn.init.zeros_(self.says.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Levels from ``features_of``."""
        said: Tensor = self.says(self.bend(self.norm(self.layers(self.into(features)))))
        return UNIT_DB * (said + features[:, -1:])
