"""The voice that is there before anything is learnt: the base, told whose voice it shall be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restoration.nets.content_encoder import ContentEncoder, described
from restoration.voice.consent import sealed
from restoration.voice.lesson import Taught, f0_of
from restoration.voice.model import VoiceModel, base_described, base_state
from restoration.voice.reading import Reading
from restoration.voice.samples import FloatArray
from restoration.voice.tonal_balance import balance_of

Codes = tuple[FloatArray, FloatArray]
"""Of a reading: whose voice it is, and the channel that it came through (``lesson.codes_of``)."""


def zero_shot(reading: Reading, learnt: Sequence[Taught], encoder: ContentEncoder, codes: Codes) -> VoiceModel:
    """The zero-shot voice of a reading whose phrases an encoder hears as ``learnt``."""
    speaker, channel = codes
    about = {
        "name": reading.name,
        "kind": "zero-shot",
        "consents": [consent.as_dict() for consent in reading.consents],
        "encoder": described(encoder),
        "base": base_described(),
        "items": list(reading.items),
        "approval": dict(reading.approval),
        "minutes": round(reading.minutes, 2),
        "f0": f0_of(learnt),
        "channel": [round(float(value), 3) for value in channel],
        "tonal_balance": balance_of((phrase.sound for phrase in learnt), channel).as_dict(),
    }
    return VoiceModel(base_state(), speaker, about, sealed(reading.consents), heard_in(learnt))


def heard_in(phrases: Sequence[Taught]) -> FloatArray:
    """The content (frames, size) of phrases as they are, from which a voice that is lent draws (``retrieval``)."""
    return np.concatenate([phrase.contents[0] for phrase in phrases])
