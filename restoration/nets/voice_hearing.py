"""How a voice lent to somebody else's words sounds to those who know: a recogniser's ear and a speaker's judge.

There is no recording of one person saying a sentence exactly as another did. What can be asked of a conversion is that
a recogniser's network hears in it what it hears in the source, and that our speaker embedding hears the voice lent.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from restoration.nets.content_encoder import LAYERS_HEARD, moonshine
from restoration.nets.speaker_embedding import EMBEDDING_SIZE, speaker_network


class Hearing:
    """Both ears; frames of the recogniser are standardised as they lie on a sample of sounds (time,) at 16 kHz."""

    def __init__(self, sample: Sequence[Tensor]) -> None:
        self._recogniser, self._judge = moonshine(), speaker_network().requires_grad_(False)
        with torch.no_grad():
            heard = [self._heard(sound[None]) for sound in sample]
        layers = [torch.cat([layer[0] for layer in part]) for part in zip(*heard, strict=True)]
        self._places = [(layer.mean(0), layer.std(0).clamp_min(1e-3)) for layer in layers]

    def _heard(self, sound: Tensor) -> list[Tensor]:
        """The frames that the encoder gives, and those after the last layer, which are nearest to words."""
        layers = self._recogniser.layers_of(sound, len(self._recogniser.layers))
        return [layers[LAYERS_HEARD], self._recogniser.layer_norm(layers[-1])]

    def words_apart(self, made: Tensor, source: Tensor) -> Tensor:
        """One minus the cosine of what the recogniser hears in two batches of sounds (batch, time), mean of frames."""
        with torch.no_grad():
            wanted = self._heard(source)
        apart = []
        for first, second, (mean, spread) in zip(self._heard(made), wanted, self._places, strict=True):
            ours, theirs = (first - mean) / spread, (second - mean) / spread
            apart.append(1 - nn.functional.cosine_similarity(ours, theirs, dim=-1).mean())
        return torch.stack(apart).mean()

    def voices_apart(self, made: Tensor, speaker: Tensor) -> Tensor:
        """One minus the cosine of the sounds' speaker embeddings to those in the speaker codes (batch, 208)."""
        wanted = speaker[:, :EMBEDDING_SIZE]
        return 1 - nn.functional.cosine_similarity(self._judge(made), wanted, dim=-1).mean()
