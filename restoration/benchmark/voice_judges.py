"""What a converted voice is worth: who is heard, which words are understood, how it sounds, whether the melody stayed.

All sound is mono float32 (time,) at 16 kHz. Where the voice model itself was made with a judge's help, that judge is
partial: the converter hears Moonshine's features and our own speaker embedding. So there are two judges of words and
two of the voice, and the second of each (pocketsphinx, GE2E) had no part in any model.

* Speaker: cosine of embeddings, by GE2E (``ge2e``) and by our own network (``nets.speaker_embedding``).
* Words: word error rate of the converted sound beside the text that Moonshine hears in the source, by Moonshine and by
  pocketsphinx (Huggins-Daines et al. 2006). Where the text that was read is known, also beside that: a speaker whom a
  recogniser hardly understands is heard otherwise after any change, so that the first says more of the recogniser.
* DistillMOS (Stahl and Gamper 2025), 1 to 5.
* Pitch by swift-f0: how well the logarithm of F0 follows that of the source.

A judge whose package is not installed is a sentence that names the extra ``benchmark``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.benchmark import extras, learned
from restoration.nets import recogniser
from restoration.nets.pitch import pitch

FloatArray = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float32]

SAMPLE_RATE = 16000
OWN_WINDOW_FRAMES, OWN_HOP_FRAMES = 24000, 8000
LEAST_COMMON_FRAMES = 20
LOWEST_HZ, HIGHEST_HZ = 50.0, 1000.0
SEMITONES = 12.0


def ge2e_embedding(sound: FloatArray) -> Vector:
    """The unit vector (256,) of a voice by GE2E.

    Raises:
        RestorationError: the package Resemblyzer is not installed.
    """
    extras.need("resemblyzer")
    from restoration.benchmark.ge2e import embed

    return embed(sound)


def own_embedding(sound: FloatArray) -> Vector:
    """The unit vector (128,) of a voice by our own network: the mean direction of the windows of 1.5 s with speech.

    Raises:
        MissingWeights: the network's file is not there.
    """
    from restoration.nets.speaker_embedding import embed, speaker_network

    long_enough = np.resize(sound, max(sound.size, OWN_WINDOW_FRAMES))
    windows = np.lib.stride_tricks.sliding_window_view(long_enough, OWN_WINDOW_FRAMES)[::OWN_HOP_FRAMES]
    power = np.mean(np.square(windows, dtype=np.float64), axis=1)
    speech = windows[power >= power.max() * 10 ** (-learned.SPEECH_WITHIN_DB / 10)]
    level = np.sqrt(np.mean(np.square(speech), axis=1, keepdims=True)) + 1e-9
    return centroid(embed(speaker_network(), np.asarray(speech / level, dtype=np.float32)))


SPEAKER_JUDGES: Mapping[str, Callable[[FloatArray], Vector]] = {"ge2e": ge2e_embedding, "own": own_embedding}
"""By name, what gives a voice's direction."""


def centroid(vectors: Sequence[Vector] | npt.NDArray[np.float32]) -> Vector:
    """The mean direction of unit vectors (vectors, size), as a unit vector (size,)."""
    mean = np.mean(np.asarray(vectors, dtype=np.float64), axis=0)
    return np.asarray(mean / (np.linalg.norm(mean) + 1e-12), dtype=np.float32)


def cosine(first: Vector, second: Vector) -> float:
    """The cosine of two unit vectors."""
    return float(first @ second)


def heard_by_moonshine(sound: FloatArray) -> list[str]:
    """The English words that Moonshine tiny hears.

    Raises:
        RestorationError: the package moonshine-voice, or the version of it that holds the networks, is not installed.
    """
    extras.need(recogniser.PACKAGE, recogniser.NETWORKS)
    return recogniser.words(recogniser.recognised(np.asarray(sound, dtype=np.float64)))


def heard_by_pocketsphinx(sound: FloatArray) -> list[str]:
    """The English words that pocketsphinx hears with the acoustic and language model of its wheel.

    Raises:
        RestorationError: the package pocketsphinx is not installed.
    """
    extras.need("pocketsphinx")
    decoder, first_mean = _pocketsphinx()
    # Its running mean of the cepstrum would carry one clip into the next.
    decoder.set_cmn(first_mean)
    decoder.start_utt()
    decoder.process_raw(_sixteen_bits(sound), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return recogniser.words(found.hypstr) if found is not None else []


WORD_JUDGES: Mapping[str, Callable[[FloatArray], list[str]]] = {
    "moonshine": heard_by_moonshine,
    "pocketsphinx": heard_by_pocketsphinx,
}
"""By name, what gives the words that are heard."""


def word_error_rate(spoken: Sequence[str], heard: Sequence[str]) -> float | None:
    """Words wrong, missing or added, over the words spoken; None when there are none. It can be above 1."""
    return recogniser.distance(list(spoken), list(heard)) / len(spoken) if spoken else None


def distill_mos(sound: FloatArray) -> float:
    """The mean opinion, 1 to 5, that DistillMOS predicts.

    Raises:
        RestorationError: the package distillmos is not installed.
    """
    extras.need("distillmos")
    told = learned.distill_mos(np.asarray(sound, dtype=np.float64))
    return float("nan") if told is None else told


@dataclass(frozen=True)
class PitchAgreement:
    """How a melody follows another.

    Attributes:
        correlation: of the logarithms of F0, where both are voiced; None where that is hardly ever, or F0 stands still.
        semitone_error: the median distance, in semitones, after the two were transposed to one height.
        transposed_semitones: the median interval from the first to the second.
        common: the share of the first one's voiced frames that are voiced in the second.
    """

    correlation: float | None
    semitone_error: float | None
    transposed_semitones: float | None
    common: float


def pitch_agreement(source: FloatArray, converted: FloatArray) -> PitchAgreement:
    """How the melody of ``converted`` follows that of ``source``, frame by frame of 8 ms."""
    first, second = f0_hz(source), f0_hz(converted)
    frames = min(first.size, second.size)
    first, second = first[:frames], second[:frames]
    both = (first > 0) & (second > 0)
    common = float(both.sum() / max(1, (first > 0).sum()))
    if both.sum() < LEAST_COMMON_FRAMES:
        return PitchAgreement(None, None, None, common)
    ours, theirs = (SEMITONES * np.log2(f0[both]) for f0 in (first, second))
    interval = float(np.median(theirs - ours))
    error = float(np.median(np.abs(theirs - ours - interval)))
    moves = ours.std() > 0 and theirs.std() > 0
    return PitchAgreement(float(np.corrcoef(ours, theirs)[0, 1]) if moves else None, error, interval, common)


def f0_hz(sound: FloatArray) -> npt.NDArray[np.float64]:
    """F0 in Hz every 8 ms by swift-f0, 0 where it is not sure of a voice."""
    return pitch(sound, "swift-f0", LOWEST_HZ, HIGHEST_HZ).f0_hz.astype(np.float64)


def judges_missing() -> dict[str, str]:
    """By the name of the judge, why it cannot judge here."""
    found = {
        "ge2e": extras.missing("resemblyzer"),
        "moonshine": extras.missing(recogniser.PACKAGE, recogniser.NETWORKS),
        "pocketsphinx": extras.missing("pocketsphinx"),
        "distill_mos": extras.missing("distillmos"),
    }
    return {name: reason for name, reason in found.items() if reason}


def _sixteen_bits(sound: FloatArray) -> bytes:
    # Its front end expects speech at a usual level, and has no use for what lies above full scale.
    peak = float(np.abs(sound).max(initial=0.0))
    scaled = sound * (16384 / peak) if peak else sound
    return np.asarray(np.round(scaled), dtype="<i2").tobytes()


@cache
def _pocketsphinx() -> tuple[Any, str]:
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL", samprate=SAMPLE_RATE)
    return decoder, decoder.get_cmn(False)
