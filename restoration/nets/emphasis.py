"""A voice and its words, carried a little further than a network dares to go.

A network that is taught by distances sets filters nearer to the mean of all voices and of all sounds than real ones
are. So it is asked twice: what it sets, and what it would set for the mean voice saying nothing in particular, as high
and as loud; and the way from the one to the other is gone a little further (Ho and Salimans 2022, classifier-free
guidance, here of filters). It is the shape of a spectrum that is carried on, never its level.
"""

from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor

from restoration.nets.voice_decoder import Controls, VoiceDecoder

FURTHEST = 1.5
"""Of that difference no more than 13 dB counts at any frequency."""


def beside_the_mean(controls: Controls, decoder: VoiceDecoder) -> Controls:
    """The controls, and after them, as a second half of the batch, the same of the mean voice and the mean content."""
    halves = {each.name: [getattr(controls, each.name)] * 2 for each in fields(Controls)}
    halves["speaker"][1] = decoder.speaker_mean.expand_as(controls.speaker)
    halves["content"][1] = decoder.content_mean.expand_as(controls.content)
    return Controls(**{name: torch.cat(both) for name, both in halves.items()})


def carried_on(filters: tuple[Tensor, Tensor], amount: float) -> tuple[Tensor, Tensor]:
    """The filters (natural logarithms of magnitudes) of the first half of a batch, carried on by ``amount`` of what
    parts them from the second half; each keeps its mean over the frequencies."""
    made = []
    for each in filters:
        own, mean = each.chunk(2)
        apart = own - mean
        apart = apart - apart.mean(-1, keepdim=True)
        apart = apart.clamp(-FURTHEST, FURTHEST)
        made.append(own + amount * (apart - apart.mean(-1, keepdim=True)))
    return made[0], made[1]


def emphasised(decoder: VoiceDecoder, controls: Controls, amount: float) -> tuple[Tensor, Tensor]:
    """The filters that a decoder sets for the controls, each (batch, frames, 257), carried on by ``amount``."""
    if not amount:
        return decoder.filters(controls)
    return carried_on(decoder.filters(beside_the_mean(controls, decoder)), amount)
