"""How unlike two sounds are to a recogniser's network, from its first layer to its last (deep-feature losses: Germain
et al. 2019; Hsieh et al. 2021 for speech). The early layers hear sound, the late ones words: what noise and its removal
did to a voice shows in both, where spectra average it away."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from restoration.nets.content_encoder import moonshine

LAYERS = (0, 2, 4, 6)


class HearingLoss:
    """The recogniser's ear; the numbers of its layers are standardised as they lie on a sample of sounds (batch, time)
    at 16 kHz.

    Raises:
        MissingWeights: the recogniser's file is not on this machine, or is another one.
    """

    def __init__(self, sample: Sequence[Tensor]) -> None:
        self._recogniser = moonshine()
        with torch.no_grad():
            heard = [self._heard(sounds) for sounds in sample]
        layers = [torch.cat([layer.flatten(0, 1) for layer in part]) for part in zip(*heard, strict=True)]
        self._places = [(layer.mean(0), layer.std(0).clamp_min(1e-3)) for layer in layers]

    def _heard(self, sounds: Tensor) -> list[Tensor]:
        layers = self._recogniser.layers_of(sounds, max(LAYERS))
        return [layers[number] for number in LAYERS]

    def __call__(self, treated: Tensor, wanted: Tensor) -> Tensor:
        """One minus the cosine of what is heard in two batches of sounds (batch, time): mean of frames and layers."""
        with torch.no_grad():
            theirs = self._heard(wanted)
        apart = []
        for first, second, (mean, spread) in zip(self._heard(treated), theirs, self._places, strict=True):
            alike = nn.functional.cosine_similarity((first - mean) / spread, (second - mean) / spread, dim=-1)
            apart.append(1 - alike.mean())
        return torch.stack(apart).mean()
