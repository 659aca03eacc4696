"""Which content encoder a voice hears words through: measured with the zero-shot voice, unless somebody says which.

An encoder made for English blurs words of other languages; ours was taught with more of them, and hears less ahead.
Which one serves a reading better is not guessed from its language: the zero-shot voice says the phrases kept back with
the words as each encoder hears them, and the one with which it comes nearer to them is taken, if performances by
others keep their words through it. Spectra of the speaker's own phrases do not tell that: the noise of a carrier parts
the encoders there more than words do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from restoration.errors import RestorationError
from restoration.nets.content_encoder import ContentEncoder, content_encoder, in_the_space_of
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.lesson import Lesson, Taught, taught
from restoration.voice.model import BASE, VoiceModel
from restoration.voice.reading import Reading
from restoration.voice.trial import MOST_LOST, Trial
from restoration.voice.tuning import Tuning, held_out_loss
from restoration.voice.zero_shot import Codes, zero_shot
from restoration.weights import card

TIE = 0.01
"""Losses that are no further apart than that are one: then it is the encoder that the base was taught with."""


class Figures(NamedTuple):
    """What the zero-shot voice is worth through an encoder: how far it is from the phrases kept back (spectra), and the
    share of the words of performances that are heard otherwise in it."""

    held_out_loss: float
    word_errors: float


@dataclass(frozen=True, eq=False)
class Choice:
    """The encoder taken, what is learnt and what is kept back as it hears them, and the trial of the zero-shot voice.

    The card of that voice has the figures of every encoder (``encoders``) and the decision (``encoder_choice``).
    """

    encoder: ContentEncoder
    learnt: list[Taught]
    held_out: list[Taught]
    voice: VoiceModel
    trial: Trial

    @property
    def sentence(self) -> str:
        """What was decided, and by which figures."""
        return str(self.voice.card["encoder_choice"]["sentence"])

    def figures(self, base: VoiceDecoder, codes: Codes, frames: int) -> Figures:
        """What the zero-shot voice is worth through the encoder."""
        apart = held_out_loss(base, Lesson(self.held_out, self.encoder, *codes), frames)
        base.eval()
        return Figures(apart, self.trial.scores(self.voice).word_errors)


def chosen(base: VoiceDecoder, reading: Reading, codes: Codes, tuning: Tuning) -> Choice:
    """The encoder for a reading: the one that ``tuning`` names, or the one that measures best.

    Raises:
        RestorationError: the base was not taught with the frames of the one that is named.
        MissingWeights: an encoder is not on this machine.
    """
    encoders = encoders_of_the_base(tuning.encoder)
    for each in encoders:
        _check_size(each, base)
    ways = _ways(reading, codes, encoders)
    figures = {name: way.figures(base, codes, tuning.frames) for name, way in ways.items()}
    name, sentence = decided(figures, tuning.encoder, reading.language)
    taken = ways[name]
    told = [{"name": each.name, "sha256": each.sha256, **figures[each.name]._asdict()} for each in encoders]
    decision = {"asked": tuning.encoder, "language": reading.language, "sentence": sentence}
    return replace(taken, voice=taken.voice.noted(encoders=told, encoder_choice=decision))


def _ways(reading: Reading, codes: Codes, encoders: Sequence[ContentEncoder]) -> dict[str, Choice]:
    """The reading as each encoder hears it, by name."""
    first = encoders[0]
    learnt, held_out = ([taught(sound, first) for sound in part] for part in (reading.learnt, reading.held_out))
    trial, ways = Trial.of(reading.held_out, reading.learnt, first), {}
    for each in encoders:
        if each is not first:
            learnt, held_out = ([heard_by(phrase, each) for phrase in part] for part in (learnt, held_out))
        voice = zero_shot(reading, learnt, each, codes)
        ways[each.name] = Choice(each, learnt, held_out, voice, trial.through(each))
    return ways


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


def decided(figures: Mapping[str, Figures], asked: str, language: str) -> tuple[str, str]:
    """The name of the encoder to take, of figures by name, the base's own first; and why, in a sentence."""
    measured, why = _measured(figures)
    name = asked or measured
    if asked and len(figures) > 1:
        why = "as asked" + (
            "" if asked == measured else f" and against the measurement, by which it would be {measured}"
        )
    spoken = f" of material in the language {language}" if language else ""
    order = [name, *(each for each in figures if each != name)]
    apart = ", ".join(f"{figures[each].held_out_loss:.3f} through {each}" for each in order)
    lost = " and ".join(f"{figures[each].word_errors:.0%}" for each in order)
    return name, (
        f"Words are heard through {name}, {why}: the phrases kept back{spoken} are at {apart}; of the English words of "
        f"performances in the voice {lost} are heard otherwise."
    )


def _measured(figures: Mapping[str, Figures]) -> tuple[str, str]:
    """The encoder that measures best, and why it is that one."""
    own, nearest = next(iter(figures)), min(figures, key=lambda name: figures[name].held_out_loss)
    most = figures[own].word_errors + MOST_LOST
    understood = {name: each.held_out_loss for name, each in figures.items() if each.word_errors <= most}
    taken = min(understood, key=lambda name: understood[name])
    if len(figures) == 1:
        return own, "the only one for this base"
    if figures[own].held_out_loss > understood[taken] * (1 + TIE):
        return taken, "by measurement"
    if figures[own].held_out_loss > figures[nearest].held_out_loss * (1 + TIE):
        return own, f"the one that the base was taught with, for {nearest} is nearer but loses too many words"
    if nearest != own:
        return own, "the one that the base was taught with, for no other is nearer by more than 1 %"
    return own, "by measurement"


def _check_size(encoder: ContentEncoder, base: VoiceDecoder) -> None:
    if encoder.size != base.shape.content:
        raise RestorationError(
            f"the content encoder '{encoder.name}' gives {encoder.size} numbers a frame, and the base of the voices "
            f"hears {base.shape.content}: its card cannot say that it stands for '{card(BASE).encoder['name']}'"
        )
