"""Phrases: speech of 1.5 to 12 s, cut at pauses.

What the speech detector calls a segment may last a minute, or be a single word. Words that follow each other closely
are joined, and what is too long is parted where the sound is quietest, again and again, away from the ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.voice.samples import VOICE_RATE, FloatArray

SHORTEST_S, LONGEST_S = 1.5, 12.0
JOINED_S = 0.6
"""A phrase that is too short is joined to its neighbour across a pause of at most this length."""
HOP_FRAMES = 160
SMOOTHED_HOPS = 15
"""The pause that a phrase is parted at is the quietest 0.15 s."""
CENTRED_DB = 3.0
"""A pause in the middle is worth so much more than one at the end."""


class Phrase(NamedTuple):
    """Start and stop in seconds, and the name of the speaker."""

    start_s: float
    stop_s: float
    speaker: str


def phrases_of(segments: Sequence[Phrase], sound: FloatArray) -> list[Phrase]:
    """The phrases of a recording, in order; those that stay shorter than 1.5 s are among them.

    Args:
        segments: where somebody speaks, in order and without overlap.
        sound: the recording (time,) at 16 kHz.
    """
    levels_db = _levels_db(sound)
    return [phrase for joined in _joined(segments) for phrase in _parted(joined, levels_db)]


def _joined(segments: Sequence[Phrase]) -> list[Phrase]:
    joined: list[Phrase] = []
    for segment in segments:
        before = joined[-1] if joined else None
        if before is not None and _belong_together(before, segment):
            joined[-1] = before._replace(stop_s=segment.stop_s)
        else:
            joined.append(segment)
    return joined


def _belong_together(before: Phrase, after: Phrase) -> bool:
    too_short = min(before.stop_s - before.start_s, after.stop_s - after.start_s) < SHORTEST_S
    near = after.start_s - before.stop_s <= JOINED_S and after.stop_s - before.start_s <= LONGEST_S
    return too_short and near and before.speaker == after.speaker


def _parted(phrase: Phrase, levels_db: npt.NDArray[np.float64]) -> list[Phrase]:
    if phrase.stop_s - phrase.start_s <= LONGEST_S:
        return [phrase]
    cut_s = _quietest_s(phrase, levels_db)
    edges = (phrase.start_s, cut_s, phrase.stop_s)
    halves = [phrase._replace(start_s=start, stop_s=stop) for start, stop in pairwise(edges)]
    return [part for half in halves for part in _parted(half, levels_db)]


def _quietest_s(phrase: Phrase, levels_db: npt.NDArray[np.float64]) -> float:
    """Where the phrase is quietest, at least 1.5 s from its ends, in whole milliseconds."""
    hop_s = HOP_FRAMES / VOICE_RATE
    first = round((phrase.start_s + SHORTEST_S) / hop_s)
    stop = round((phrase.stop_s - SHORTEST_S) / hop_s)
    inside = levels_db[first:stop]
    if not inside.size:
        return round((phrase.start_s + phrase.stop_s) / 2, 3)
    off_centre = np.abs(np.linspace(-1, 1, inside.size))
    return round((first + int(np.argmin(inside + CENTRED_DB * off_centre)) + 0.5) * hop_s, 3)


def _levels_db(sound: FloatArray) -> npt.NDArray[np.float64]:
    """The level at every 10 ms, over 0.15 s around it."""
    from scipy.ndimage import uniform_filter1d

    hops = sound.size // HOP_FRAMES
    power = np.square(sound[: hops * HOP_FRAMES], dtype=np.float64).reshape(hops, HOP_FRAMES).mean(axis=1)
    return np.asarray(10 * np.log10(uniform_filter1d(power, SMOOTHED_HOPS, mode="nearest") + 1e-10))
