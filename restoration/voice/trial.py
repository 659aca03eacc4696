"""A trial of two voices: performances by others, lent to each, and held to what was kept back of the speaker.

The performances are the readings that the package ships with its demonstration, so that a trial needs nothing that an
archive does not have; where a voice is learnt from one of those, its own reader does not perform. Likeness is the
cosine of our speaker embedding; how far apart spectra are is told by their covariance, which no training has followed
(``sphericity``); the words are those of the embedded recogniser. What a likeness is worth is told by two more: that of
the performers before anything was lent to them, and that of other phrases by the speaker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.recogniser import distance, recognised, words
from restoration.voice.decoding import decoded
from restoration.voice.features import Features, analyse, levelled, mean_embedding, mel_powers
from restoration.voice.matched import matched
from restoration.voice.melody import melody_of
from restoration.voice.model import VoiceModel, lent, states_between
from restoration.voice.retrieval import Drawn, rate_of
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.sphericity import spectra_apart
from restoration.voice.tonal_balance import Balance, Balancing, LongTermSpectrum, balanced_loudness

PERFORMANCES = (("reading.opus", 12.0), ("reading.opus", 60.0), ("interview.opus", 32.0), ("interview.opus", 48.0))
"""Files of the demonstration and where a stretch of them begins, in seconds; one voice is heard in each."""
STRETCH_S = 8.0
MOST_LOST = 0.05
"""Of the words: a tuned voice that loses more than that is not taken."""
SAME_SPEAKER = 0.8
"""Likeness from which a performer is the speaker: two stretches by one of the demonstration's voices have .88 and more,
by two of them .5 and less."""
MOST_OWN = 6
SHARES = (0.85, 0.7, 0.5)
"""How far a voice goes that loses too many words at the end of its way."""


@dataclass(frozen=True)
class Scores:
    """What performances lent to a voice are like.

    Attributes:
        likeness: mean cosine of our speaker embedding to the speaker's held-out phrases, which have the carrier's
            channel.
        matched_likeness: the same, the lent performances brought through that channel, so that a clean voice is not
            told from a worn one by it.
        spectra_apart: of those to the held-out phrases (``sphericity``).
        word_errors: share of the words that are heard otherwise than in the performances.
    """

    likeness: float
    matched_likeness: float
    spectra_apart: float
    word_errors: float


@dataclass(frozen=True)
class Verdict:
    """The scores of the zero-shot and of the tuned voice, and which is kept.

    ``share`` says how far the tuned one is from the zero-shot one to where the training ended, up to 1.
    ``performers_likeness`` and ``performers_spectra_apart`` are those of the performances as they were, ``own_...``
    those of phrases by the speaker: between the two a voice is good or bad.
    """

    zero_shot: Scores
    tuned: Scores
    performers_likeness: float
    performers_spectra_apart: float
    own_likeness: float
    own_spectra_apart: float
    accepted: bool
    sentence: str
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class Trial:
    """The encoder; performances, as sounds and as features, with the words heard in them; the speaker's direction from
    the phrases kept back; and how like these are the performers and the speaker's other phrases: the likeness, and how
    far apart the spectra are."""

    encoder: ContentEncoder
    sounds: tuple[FloatArray, ...]
    performances: tuple[Features, ...]
    texts: tuple[tuple[str, ...], ...]
    speaker: FloatArray
    material: FloatArray
    performers: tuple[float, float]
    own: tuple[float, float]

    @classmethod
    def of(cls, held_out: Sequence[FloatArray], learnt: Sequence[FloatArray], encoder: ContentEncoder) -> Trial:
        """A trial against phrases (time,) of the speaker that nothing was learnt from; the learnt ones are to be as
        like them as can be."""
        material = np.concatenate(held_out)
        speaker = direction(material)
        every = [stretch(name, start_s) for name, start_s in PERFORMANCES]
        sounds = [sound for sound in every if direction(sound) @ speaker < SAME_SPEAKER]
        return cls(
            encoder=encoder,
            sounds=tuple(sounds),
            performances=tuple(analyse(sound, encoder) for sound in sounds),
            texts=tuple(tuple(words(recognised(sound.astype(np.float64)))) for sound in sounds),
            speaker=speaker,
            material=material,
            performers=(_mean_likeness(sounds, speaker), spectra_apart(np.concatenate(sounds), material)),
            own=(
                _mean_likeness(_stretches(np.concatenate(learnt)), speaker),
                spectra_apart(np.concatenate(learnt), material),
            ),
        )

    def through(self, encoder: ContentEncoder) -> Trial:
        """The same trial, the words of the performances heard through another encoder."""
        if encoder is self.encoder:
            return self
        return replace(self, encoder=encoder, performances=tuple(analyse(sound, encoder) for sound in self.sounds))

    def lent(self, voice: VoiceModel) -> list[FloatArray]:
        """The performances in the voice, in its height and range, the usual share of their content from its
        material."""
        ready, rate, known = lent(voice), rate_of(voice, None), Balance.from_card(voice.card)
        heard = self.performances
        if rate:
            drawn = Drawn(self.encoder, voice, rate)
            heard = tuple(replace(each, content=drawn.draw(each.content)) for each in heard)
        heard = tuple(in_melody(each, voice.card["f0"]) for each in heard)
        if known is None:
            return [decoded(ready, each) for each in heard]
        pairs = zip(heard, self.sounds, strict=True)
        sounds = [decoded(ready, as_balanced(each, sound, known)) for each, sound in pairs]
        return [Balancing(known).block(sound) for sound in sounds]

    def scores(self, voice: VoiceModel) -> Scores:
        """How like the speaker the performances in the voice are, and how well they are understood."""
        sounds = self.lent(voice)
        wrong = sum(
            distance(list(text), words(recognised(sound.astype(np.float64))))
            for text, sound in zip(self.texts, sounds, strict=True)
        )
        worn = [matched(sound, self.material) for sound in sounds]
        return Scores(
            likeness=_mean_likeness(sounds, self.speaker),
            matched_likeness=_mean_likeness(worn, self.speaker),
            spectra_apart=spectra_apart(np.concatenate(worn), self.material),
            word_errors=wrong / sum(len(text) for text in self.texts),
        )


def furthest_understood(trial: Trial, zero_shot: VoiceModel, tuned: VoiceModel) -> tuple[VoiceModel, Verdict]:
    """The tuned voice, or where that loses too many words the furthest on the way to it that does not, and the verdict.

    Weights in between keep more of what the base knew than they lose of what was learnt (Wortsman et al. 2022, robust
    fine-tuning of zero-shot models). Where none is understood, the verdict is that of the tuned one.
    """
    before = trial.scores(zero_shot)
    first = compared(trial, before, tuned)
    if first.accepted or not _nearer(first.zero_shot, first.tuned):
        return tuned, first
    for share in SHARES:
        voice = replace(tuned, state=states_between(zero_shot.state, tuned.state, share))
        verdict = compared(trial, before, voice, share)
        if verdict.accepted:
            return voice, verdict
    return tuned, first


def _nearer(before: Scores, after: Scores) -> bool:
    return after.spectra_apart < before.spectra_apart


def compared(trial: Trial, before: Scores, tuned: VoiceModel, share: float = 1.0) -> Verdict:
    """Which is to be kept, the zero-shot voice with the scores ``before`` or the tuned one: that if its spectra are
    nearer to the speaker's and it is nearly as well understood.

    The embedding does not decide: the base was taught to please it, so that it favours the zero-shot voice.
    """
    after = trial.scores(tuned)
    nearer, understood = _nearer(before, after), after.word_errors <= before.word_errors + MOST_LOST
    spectra = f"spectra {after.spectra_apart:.2f} from the speaker's (zero-shot {before.spectra_apart:.2f})"
    errors = f"{after.word_errors:.0%} of the words heard otherwise (zero-shot {before.word_errors:.0%})"
    if nearer and understood:
        way = "" if share == 1 else f", {share:.0%} of the way to where it loses too many words"
        sentence = f"The tuned voice is kept{way}: {spectra}, {errors}."
    elif nearer:
        sentence = f"The zero-shot voice is kept: the tuned one loses too many words, {errors}."
    else:
        sentence = f"The zero-shot voice is kept: the tuned one is no nearer to the speaker, {spectra}."
    return Verdict(
        zero_shot=before,
        tuned=after,
        performers_likeness=trial.performers[0],
        performers_spectra_apart=trial.performers[1],
        own_likeness=trial.own[0],
        own_spectra_apart=trial.own[1],
        accepted=nearer and understood,
        sentence=sentence,
        share=share,
    )


def direction(sound: FloatArray) -> FloatArray:
    """The speaker's direction (128,), of unit length, from a sound (time,) at 16 kHz."""
    mean = mean_embedding(levelled(sound))
    return np.asarray(mean / (np.linalg.norm(mean) + 1e-9), dtype=np.float32)


def _mean_likeness(sounds: Sequence[FloatArray], speaker: FloatArray) -> float:
    return float(np.mean([direction(sound) @ speaker for sound in sounds]))


def _stretches(sound: FloatArray) -> list[FloatArray]:
    """Stretches as long as a performance from all over a sound; the whole of it where it is shorter."""
    size = round(STRETCH_S * VOICE_RATE)
    starts = np.linspace(0, max(0, sound.size - size), min(MOST_OWN, max(1, sound.size // size))).astype(int)
    return [sound[start : start + size] for start in starts]


def stretch(name: str, start_s: float) -> FloatArray:
    """Eight seconds of a reading of the demonstration, at 16 kHz."""
    place = Path(str(files("archive_manifests"))) / "demo" / name
    with soundfile.SoundFile(place) as file:
        file.seek(round(start_s * file.samplerate))
        sound = file.read(round(STRETCH_S * file.samplerate), dtype="float32")
        return np.asarray(soxr.resample(sound, file.samplerate, VOICE_RATE), dtype=np.float32)


def as_balanced(features: Features, sound: FloatArray, wanted: Balance) -> Features:
    """The features of a sound (time,) with the loudness that it would have in a voice's tonal balance."""
    powers, heard = mel_powers(levelled(sound)), LongTermSpectrum(np.inf)
    heard.hear(powers)
    gains_db = heard.gains_db(wanted)
    return replace(features, loudness_db=balanced_loudness(features.loudness_db, powers, gains_db))


def in_melody(features: Features, voice: Mapping[str, float]) -> Features:
    """Features with their melody as that of a voice whose card tells this of its pitch."""
    return replace(features, f0_hz=melody_of(features.f0_hz, voice, "auto", 1.0).of(features.f0_hz))
