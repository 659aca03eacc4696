"""What a voice is taught: phrases of its material in stretches, what is heard of them, and what they sound like.

A phrase is heard at three speeds, and as others would have said it: the base lends it to voices that are drawn at
random, and hears what they say. Its own sound is always what is to come of it. So the decoder learns to take words from
other voices, which is what it is for (Neekhara et al. 2023, SelfVC: self-synthesised examples).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import soxr
import torch
from torch import Tensor

from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.voice_decoder import Controls, VoiceDecoder
from restoration.voice.decoding import Lent, decoded
from restoration.voice.features import (
    HOP,
    Features,
    channel_code,
    every_frame,
    levelled,
    prosody,
    speaker_code,
    studio_code,
)
from restoration.voice.samples import FloatArray

SPEEDS = (1.0, 0.87, 1.15)
FASTEST = 2
OCTAVES_APART = 0.7
"""How far another voice may lie above or below the phrase."""


@dataclass(frozen=True, eq=False)
class Taught:
    """A phrase as it is taught.

    Attributes:
        sound: the phrase (time,) at 16 kHz, levelled: what is to come of it.
        track: its f0_hz, voicing and loudness_db, each (frames of 8 ms,).
        heard: what the words are heard from: the phrase at three speeds, then others who say it.
        speeds: how much faster each of these is than the phrase.
        contents: the content frames of each.
    """

    sound: FloatArray
    track: tuple[FloatArray, ...]
    heard: tuple[FloatArray, ...]
    speeds: tuple[float, ...]
    contents: tuple[FloatArray, ...]


def taught(sound: FloatArray, encoder: ContentEncoder) -> Taught:
    """A phrase (time,) at 16 kHz, made ready; content is heard at every speed, and is to be the same."""
    heard = tuple(levelled(soxr.resample(sound, speed, 1.0) if speed != 1 else sound) for speed in SPEEDS)
    contents = tuple(encoder.encode(each) for each in heard)
    return Taught(heard[0], prosody(heard[0]), heard, SPEEDS, contents)


def said_by_others(
    phrase: Taught, base: VoiceDecoder, encoder: ContentEncoder, many: int, draw: np.random.Generator
) -> Taught:
    """The phrase, heard also from ``many`` voices that are drawn as the voices of the base lie."""
    others = [_said_by_another(phrase, base, encoder, draw) for _ in range(many)]
    return replace(
        phrase,
        heard=(*phrase.heard, *others),
        speeds=(*phrase.speeds, *[1.0] * many),
        contents=(*phrase.contents, *(encoder.encode(sound) for sound in others)),
    )


def _said_by_another(
    phrase: Taught, base: VoiceDecoder, encoder: ContentEncoder, draw: np.random.Generator
) -> FloatArray:
    f0_hz, voicing, loudness_db = phrase.track
    drawn = torch.from_numpy(draw.standard_normal(base.speaker_mean.shape, dtype=np.float32))
    speaker = (base.speaker_mean + drawn * base.speaker_spread).numpy()
    raised = f0_hz * np.float32(2 ** draw.uniform(-OCTAVES_APART, OCTAVES_APART))
    content = every_frame(phrase.contents[0], encoder, f0_hz.size)
    said = decoded(Lent(base, speaker, studio_code()), Features(content, raised, voicing, loudness_db))
    return levelled(said[: phrase.sound.size])


class Lesson:
    """Stretches of phrases as batches."""

    def __init__(
        self, phrases: Sequence[Taught], encoder: ContentEncoder, speaker: FloatArray, channel: FloatArray
    ) -> None:
        self.phrases, self.encoder = phrases, encoder
        self.speaker, self.channel = torch.from_numpy(speaker), torch.from_numpy(channel)
        lengths = np.array([phrase.sound.size for phrase in phrases], dtype=np.float64)
        self.shares = lengths / lengths.sum()

    def batch(self, size: int, frames: int, draw: np.random.Generator) -> tuple[Controls, Tensor]:
        """Controls of ``size`` random stretches, each heard in one of its ways by chance, and their sounds."""
        cuts = []
        for number in draw.choice(len(self.phrases), size, p=self.shares):
            phrase = self.phrases[number]
            last = max(1, phrase.track[0].size - frames)
            cuts.append(self._cut(phrase, int(draw.integers(last)), frames, int(draw.integers(len(phrase.speeds)))))
        return self._together(cuts)

    def all(self, frames: int) -> Iterator[tuple[Controls, Tensor]]:
        """Every stretch once, the content heard faster: as somebody else would have said it."""
        for phrase in self.phrases:
            starts = range(0, max(1, phrase.track[0].size - frames // 2), frames)
            yield self._together([self._cut(phrase, start, frames, FASTEST) for start in starts])

    def _cut(self, phrase: Taught, start: int, frames: int, heard: int) -> list[FloatArray]:
        count = phrase.track[0].size
        content = every_frame(phrase.contents[heard], self.encoder, count, phrase.speeds[heard])
        parts = [content, *phrase.track]
        cut = [_filled(part[start : start + frames], frames) for part in parts]
        return [*cut, _filled(phrase.sound[start * HOP : (start + frames) * HOP], frames * HOP)]

    def _together(self, cuts: list[list[FloatArray]]) -> tuple[Controls, Tensor]:
        content, f0_hz, voicing, loud, sound = (torch.from_numpy(np.stack(part)) for part in zip(*cuts, strict=True))
        many = len(cuts)
        controls = Controls(content, f0_hz, voicing, loud, self.speaker.expand(many, -1), self.channel.expand(many, -1))
        return controls, sound


def _filled(part: FloatArray, size: int) -> FloatArray:
    missing = size - len(part)
    return np.pad(part, [(0, missing), *[(0, 0)] * (part.ndim - 1)]) if missing > 0 else part


def codes_of(sounds: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Whose voice (208,) and what channel (12,), of phrases one after the other."""
    together = np.concatenate([levelled(sound) for sound in sounds])
    return speaker_code(together), channel_code(together)


def digest_of_phrases(learnt: Sequence[FloatArray], held_out: Sequence[FloatArray]) -> str:
    """SHA-256 of phrases (time,) to learn and of phrases kept back."""
    digest = hashlib.sha256()
    for part in (learnt, held_out):
        for sound in part:
            digest.update(np.ascontiguousarray(sound).tobytes())
        digest.update(b"|")
    return digest.hexdigest()


def f0_of(phrases: Sequence[Taught]) -> dict[str, float]:
    """How high a voice lies: median and the 5 % and 95 % quantiles, in Hz."""
    voiced = np.concatenate([phrase.track[0] for phrase in phrases])
    voiced = voiced[voiced > 0]
    low, median, high = np.percentile(voiced, [5, 50, 95]) if voiced.size else (0.0, 0.0, 0.0)
    return {"median_hz": round(float(median), 1), "low_hz": round(float(low), 1), "high_hz": round(float(high), 1)}
