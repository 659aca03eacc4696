"""A trial of two voices: performances by others, lent to each, and held to what was kept back of the speaker.

The performances are the readings that the package ships with its demonstration, so that a trial needs nothing that an
archive does not have; where a voice is learnt from one of those, its own reader does not perform. Likeness is the
cosine of our speaker embedding, the words are those of the embedded recogniser. What a likeness is worth is told by two
more: that of the performers before anything was lent to them, and that of other phrases by the speaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.recogniser import distance, recognised, words
from restoration.voice.decoding import Lent, decoded
from restoration.voice.features import VOICE_RATE, Features, FloatArray, analyse, levelled, mean_embedding
from restoration.voice.matched import matched
from restoration.voice.model import VoiceModel, channel_of_use

PERFORMANCES = (("reading.opus", 12.0), ("reading.opus", 60.0), ("interview.opus", 32.0), ("interview.opus", 48.0))
"""Files of the demonstration and where a stretch of them begins, in seconds; one voice is heard in each."""
STRETCH_S = 8.0
MOST_LOST = 0.05
"""Of the words: a tuned voice that loses more than that is not taken."""
SAME_SPEAKER = 0.8
"""Likeness from which a performer is the speaker: two stretches by one of the demonstration's voices have .88 and more,
by two of them .5 and less."""
MOST_OWN = 6


@dataclass(frozen=True)
class Verdict:
    """Likeness (cosine) and word error rate of the zero-shot and of the tuned voice, and which is kept.

    The likenesses are to the speaker's held-out phrases, which have the carrier's channel; the matched ones are those
    of the lent performances brought through that channel, so that a clean voice is not told from a worn one by it.
    ``performers_likeness`` is that of the performances as they were, ``own_likeness`` that of phrases by the speaker:
    between the two a voice is good or bad.
    """

    zero_shot_likeness: float
    tuned_likeness: float
    zero_shot_matched_likeness: float
    tuned_matched_likeness: float
    zero_shot_word_errors: float
    tuned_word_errors: float
    performers_likeness: float
    own_likeness: float
    accepted: bool
    sentence: str


@dataclass(frozen=True, eq=False)
class Trial:
    """Performances with the words heard in them, the speaker's direction from the phrases kept back, and the likeness
    to it of the performers and of the speaker's other phrases."""

    performances: tuple[Features, ...]
    texts: tuple[tuple[str, ...], ...]
    speaker: FloatArray
    material: FloatArray
    performers: float
    own: float

    @classmethod
    def of(cls, held_out: Sequence[FloatArray], learnt: Sequence[FloatArray], encoder: ContentEncoder) -> Trial:
        """A trial against phrases (time,) of the speaker that nothing was learnt from; the learnt ones are to be as
        like them as can be."""
        material = np.concatenate(held_out)
        speaker = direction(material)
        every = [stretch(name, start_s) for name, start_s in PERFORMANCES]
        sounds = [sound for sound in every if direction(sound) @ speaker < SAME_SPEAKER]
        return cls(
            performances=tuple(analyse(sound, encoder) for sound in sounds),
            texts=tuple(tuple(words(recognised(sound.astype(np.float64)))) for sound in sounds),
            speaker=speaker,
            material=material,
            performers=_mean_likeness(sounds, speaker),
            own=_mean_likeness(_stretches(np.concatenate(learnt)), speaker),
        )

    def lent(self, voice: VoiceModel) -> list[FloatArray]:
        """The performances in the voice, at its height."""
        ready = Lent(voice.decoder(), voice.speaker, channel_of_use())
        return [decoded(ready, _raised(each, voice.card["f0"]["median_hz"])) for each in self.performances]

    def likeness(self, voice: VoiceModel) -> float:
        """Mean cosine between the performances in the voice and the speaker."""
        return _mean_likeness(self.lent(voice), self.speaker)

    def scores(self, voice: VoiceModel) -> tuple[float, float, float]:
        """Likeness, likeness through the material's channel, and share of the words that are heard otherwise than in
        the performances."""
        sounds = self.lent(voice)
        wrong = sum(
            distance(list(text), words(recognised(sound.astype(np.float64))))
            for text, sound in zip(self.texts, sounds, strict=True)
        )
        worn = [matched(sound, self.material) for sound in sounds]
        errors = wrong / sum(len(text) for text in self.texts)
        return _mean_likeness(sounds, self.speaker), _mean_likeness(worn, self.speaker), errors


def compared(trial: Trial, zero_shot: VoiceModel, tuned: VoiceModel) -> Verdict:
    """Which of the two is to be kept: the tuned one if it is more like the speaker and nearly as well understood."""
    before, before_matched, before_errors = trial.scores(zero_shot)
    after, after_matched, after_errors = trial.scores(tuned)
    liker, understood = after > before, after_errors <= before_errors + MOST_LOST
    likeness = f"likeness {after:.2f} (zero-shot {before:.2f})"
    errors = f"{after_errors:.0%} of the words heard otherwise (zero-shot {before_errors:.0%})"
    if liker and understood:
        sentence = f"The tuned voice is kept: {likeness}, {errors}."
    elif liker:
        sentence = f"The zero-shot voice is kept: the tuned one loses too many words, {errors}."
    else:
        sentence = f"The zero-shot voice is kept: the tuned one is no more like the speaker, {likeness}."
    return Verdict(
        zero_shot_likeness=before,
        tuned_likeness=after,
        zero_shot_matched_likeness=before_matched,
        tuned_matched_likeness=after_matched,
        zero_shot_word_errors=before_errors,
        tuned_word_errors=after_errors,
        performers_likeness=trial.performers,
        own_likeness=trial.own,
        accepted=liker and understood,
        sentence=sentence,
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


def _raised(features: Features, median_hz: float) -> Features:
    voiced = features.f0_hz[features.f0_hz > 0]
    moved = np.round(12 * np.log2(median_hz / np.median(voiced))) if voiced.size and median_hz > 0 else 0.0
    raised = (features.f0_hz * 2 ** (moved / 12)).astype(np.float32)
    return Features(features.content, raised, features.voicing, features.loudness_db)
