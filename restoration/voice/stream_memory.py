"""What a stream keeps of a performance: the sound of its window, the loudness of frames, and how loud it was lately."""

from __future__ import annotations

import numpy as np

from restoration.voice.convert import envelope_db, gains_between
from restoration.voice.features import HOP, loudness_of
from restoration.voice.rumble import RumbleFilter
from restoration.voice.samples import FloatArray
from restoration.voice.stepwise import REACH_FRAMES


class Past:
    """The last ``size`` samples of a sound, or a little more; ``start`` and ``stop`` count from its beginning."""

    def __init__(self, size: int) -> None:
        self._size, self._samples = size, np.zeros(0, dtype=np.float32)
        self.stop = 0

    @property
    def start(self) -> int:
        return self.stop - self._samples.size

    def add(self, sound: FloatArray) -> None:
        self.stop += sound.size
        joined = np.concatenate([self._samples, sound.astype(np.float32)])
        self._samples = joined[max(0, self.stop - self._size) // HOP * HOP - (self.stop - joined.size) :]

    def cut(self, start: int, stop: int) -> FloatArray:
        return self._samples[start - self.start : stop - self.start]

    def all(self) -> FloatArray:
        return self._samples


class Track:
    """Loudness of the frames that are about to be given, as it was when first used."""

    def __init__(self) -> None:
        self.levelled = 0
        self._first = 0
        self._kept = np.zeros(0, dtype=np.float32)

    def add(self, loudness_db: FloatArray) -> None:
        """The frames that come next."""
        self._kept = np.concatenate([self._kept, loudness_db])

    def between(self, first: int, last: int) -> FloatArray:
        """Of the frames from ``first`` to ``last``, both of them; what is before ``last`` is not kept."""
        found = self._kept[first - self._first : last + 1 - self._first]
        self._first, self._kept = last, self._kept[last - self._first :]
        return found


class Envelope:
    """The performer's loudness, as far as it is asked for; it is told from the 32 ms that end with each frame."""

    def __init__(self, volume_envelope: float) -> None:
        self._asked = volume_envelope
        self._clear_of = RumbleFilter(), RumbleFilter()
        self._clear = [np.zeros(2 * REACH_FRAMES * HOP, dtype=np.float32)] * 2

    def give(self, source: FloatArray, made: FloatArray) -> FloatArray:
        if self._asked >= 1:
            return made
        clear = [of(sound) for of, sound in zip(self._clear_of, (source, made), strict=True)]
        whole = [np.concatenate([past, new]) for past, new in zip(self._clear, clear, strict=True)]
        self._clear = [each[-past.size :] for past, each in zip(self._clear, whole, strict=True)]
        gain_db = envelope_db(loudness_of(whole[0]), loudness_of(whole[1]), self._asked)[REACH_FRAMES:-REACH_FRAMES]
        return np.asarray(made * gains_between(gain_db, made.size), dtype=np.float32)
