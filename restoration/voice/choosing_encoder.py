"""Which content encoder a voice hears words through: measured on the phrases kept back, unless somebody says which.

An encoder made for English blurs words of other languages; ours was taught with more of them, and hears less ahead.
Which one serves a reading better is not guessed from its language: the zero-shot voice says the phrases kept back with
the words as each encoder hears them, and the one with which it comes nearer to them is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from restoration.errors import RestorationError
from restoration.nets.content_encoder import ContentEncoder, content_encoder, in_the_space_of
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.lesson import Lesson, Taught, taught
from restoration.voice.model import BASE
from restoration.voice.reading import Reading
from restoration.voice.samples import FloatArray
from restoration.voice.tuning import Tuning, held_out_loss
from restoration.weights import card

TIE = 0.01
"""Losses that are no further apart than that are one: then it is the encoder that the base was taught with."""


@dataclass(frozen=True, eq=False)
class Choice:
    """The encoder taken, the phrases kept back as it hears them, and what the voice's card says of it: the figures of
    every encoder (``encoders``) and the decision (``encoder_choice``)."""

    encoder: ContentEncoder
    held_out: list[Taught]
    noted: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """What was decided, and by which figures."""
        return str(self.noted["encoder_choice"]["sentence"])


def chosen(base: VoiceDecoder, reading: Reading, speaker: FloatArray, channel: FloatArray, tuning: Tuning) -> Choice:
    """The encoder for a reading: the one that ``tuning`` names, or the one with the least held-out loss.

    Raises:
        RestorationError: the base was not taught with the frames of the one that is named.
        MissingWeights: an encoder is not on this machine.
    """
    encoders = encoders_of_the_base(tuning.encoder)
    for each in encoders:
        _check_size(each, base)
    first = [taught(sound, encoders[0]) for sound in reading.held_out]
    phrases = [first, *([heard_by(each, encoder) for each in first] for encoder in encoders[1:])]
    losses = {
        encoder.name: held_out_loss(base, Lesson(part, encoder, speaker, channel), tuning.frames)
        for encoder, part in zip(encoders, phrases, strict=True)
    }
    base.eval()
    name, sentence = decided(losses, tuning.encoder, reading.language)
    number = [each.name for each in encoders].index(name)
    figures = [{"name": each.name, "sha256": each.sha256, "held_out_loss": losses[each.name]} for each in encoders]
    decision = {"asked": tuning.encoder, "language": reading.language, "sentence": sentence}
    return Choice(encoders[number], phrases[number], {"encoders": figures, "encoder_choice": decision})


def encoders_of_the_base(asked: str = "") -> tuple[ContentEncoder, ...]:
    """The encoders that the base can hear through; the one that it was taught with is the first.

    Raises:
        RestorationError: ``asked`` is given and none of them, or the base was taught with another version.
    """
    wanted = card(BASE).encoder
    names = in_the_space_of(wanted)
    if asked and asked not in names:
        raise RestorationError(
            f"the base of the voices was taught with the content encoder '{wanted['name']}' (sha256 "
            f"{wanted['sha256'][:12]}…), and '{asked}' does not stand for that one; there is {', '.join(names)}"
        )
    own, *others = (content_encoder(name) for name in names)
    if own.sha256 != wanted["sha256"]:
        raise RestorationError(
            f"the base of the voices was taught with another version of the content encoder '{own.name}' (sha256 "
            f"{wanted['sha256'][:12]}…, here {own.sha256[:12]}…)"
        )
    return own, *others


def heard_by(phrase: Taught, encoder: ContentEncoder) -> Taught:
    """A phrase with its words as another encoder hears them."""
    return replace(phrase, contents=tuple(encoder.encode(sound) for sound in phrase.heard))


def decided(losses: Mapping[str, float], asked: str, language: str) -> tuple[str, str]:
    """The name of the encoder to take, of held-out losses by name, the base's own first; and why, in a sentence."""
    measured = _measured(losses)
    others = [name for name in losses if name != measured]
    name = asked or measured
    spoken = f" of material in the language {language}" if language else ""
    figures = ", ".join(f"{losses[each]:.3f} through {each}" for each in dict.fromkeys([name, measured, *others]))
    if not others:
        why = "the only one for this base"
    elif asked:
        why = "as asked" + (
            "" if asked == measured else f" and against the measurement, by which it would be {measured}"
        )
    elif losses[measured] > min(losses.values()):
        why = "the one that the base was taught with, for no other is nearer by more than 1 %"
    else:
        why = "by measurement"
    return name, f"Words are heard through {name}, {why}: the phrases kept back{spoken} are at {figures}."


def _measured(losses: Mapping[str, float]) -> str:
    own, least = next(iter(losses)), min(losses, key=lambda name: losses[name])
    return own if losses[own] <= losses[least] * (1 + TIE) else least


def _check_size(encoder: ContentEncoder, base: VoiceDecoder) -> None:
    if encoder.size != base.shape.content:
        raise RestorationError(
            f"the content encoder '{encoder.name}' gives {encoder.size} numbers a frame, and the base of the voices "
            f"hears {base.shape.content}: its card cannot say that it stands for '{card(BASE).encoder['name']}'"
        )
