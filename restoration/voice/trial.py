"""A trial of two voices: performances by others, lent to each, and held to what was kept back of the speaker.

The performances are the readings that the package ships with its demonstration, so that a trial needs nothing that an
archive does not have. Likeness is the cosine of our speaker embedding, the words are those of the embedded recogniser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.recogniser import distance, recognised, words
from restoration.nets.speaker_embedding import embed, load_speaker_embedding
from restoration.voice.decoding import Lent, decoded
from restoration.voice.features import VOICE_RATE, Features, FloatArray, analyse, levelled
from restoration.voice.model import VoiceModel, channel_of_use
from restoration.weights import locate

PERFORMANCES = (("reading.opus", 12.0), ("reading.opus", 60.0), ("interview.opus", 16.0), ("interview.opus", 40.0))
"""Files of the demonstration and where a stretch of them begins, in seconds."""
STRETCH_S = 8.0
MOST_LOST = 0.05
"""Of the words: a tuned voice that loses more than that is not taken."""
WINDOW_FRAMES, STEP_FRAMES = 24000, 12000


@dataclass(frozen=True)
class Verdict:
    """Likeness (cosine) and word error rate of the zero-shot and of the tuned voice, and which is kept."""

    zero_shot_likeness: float
    tuned_likeness: float
    zero_shot_word_errors: float
    tuned_word_errors: float
    accepted: bool
    sentence: str


@dataclass(frozen=True, eq=False)
class Trial:
    """Performances with the words heard in them, and the speaker's direction from the phrases kept back."""

    performances: tuple[Features, ...]
    texts: tuple[tuple[str, ...], ...]
    speaker: FloatArray

    @classmethod
    def of(cls, held_out: Sequence[FloatArray], encoder: ContentEncoder) -> Trial:
        """A trial against phrases (time,) of the speaker that nothing was learnt from."""
        sounds = [stretch(name, start_s) for name, start_s in PERFORMANCES]
        texts = tuple(tuple(words(recognised(sound.astype(np.float64)))) for sound in sounds)
        return cls(tuple(analyse(sound, encoder) for sound in sounds), texts, direction(np.concatenate(held_out)))

    def lent(self, voice: VoiceModel) -> list[FloatArray]:
        """The performances in the voice, at its height."""
        ready = Lent(voice.decoder(), voice.speaker, channel_of_use())
        return [decoded(ready, _raised(each, voice.card["f0"]["median_hz"])) for each in self.performances]

    def likeness(self, voice: VoiceModel) -> float:
        """Mean cosine between the performances in the voice and the speaker."""
        return float(np.mean([direction(sound) @ self.speaker for sound in self.lent(voice)]))

    def scores(self, voice: VoiceModel) -> tuple[float, float]:
        """Likeness, and share of the words that are heard otherwise than in the performances."""
        sounds = self.lent(voice)
        wrong = sum(
            distance(list(text), words(recognised(sound.astype(np.float64))))
            for text, sound in zip(self.texts, sounds, strict=True)
        )
        likeness = float(np.mean([direction(sound) @ self.speaker for sound in sounds]))
        return likeness, wrong / sum(len(text) for text in self.texts)


def compared(trial: Trial, zero_shot: VoiceModel, tuned: VoiceModel) -> Verdict:
    """Which of the two is to be kept: the tuned one if it is more like the speaker and nearly as well understood."""
    before, before_errors = trial.scores(zero_shot)
    after, after_errors = trial.scores(tuned)
    if after <= before:
        why = f"it is no more like the speaker ({after:.3f}, zero-shot {before:.3f}): the zero-shot voice is kept"
    elif after_errors > before_errors + MOST_LOST:
        why = f"{after_errors:.0%} of its words are lost (zero-shot {before_errors:.0%}): the zero-shot voice is kept"
    else:
        why = f"likeness {before:.3f} -> {after:.3f}, word errors {before_errors:.0%} -> {after_errors:.0%}: it is kept"
    accepted = why.endswith(": it is kept")
    return Verdict(before, after, before_errors, after_errors, accepted, f"The tuned voice: {why}.")


def direction(sound: FloatArray) -> FloatArray:
    """The speaker's direction (128,), of unit length, from a sound (time,) at 16 kHz."""
    level = levelled(sound)
    padded = np.pad(level, (0, max(0, WINDOW_FRAMES - level.size)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::STEP_FRAMES]
    powers = (windows.astype(np.float64) ** 2).mean(axis=1)
    mean = embed(_network(), np.ascontiguousarray(windows[powers >= 0.05 * powers.max()])).mean(axis=0)
    return np.asarray(mean / (np.linalg.norm(mean) + 1e-9), dtype=np.float32)


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


@cache
def _network():  # type: ignore[no-untyped-def]
    return load_speaker_embedding(locate("speaker-embedding"))
