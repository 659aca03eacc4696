"""What a stream knows of a performance that it has not heard to the end: its level, and how high it lies."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from restoration.voice.features import HOP, SPEECH_DBFS, VOICE_RATE, FloatArray

logger = logging.getLogger(__name__)

FRAMES_PER_S = VOICE_RATE / HOP
REMEMBERED_S, FREE_S, GAIN_DB_PER_S = 10.0, 1.0, 1.5
"""The level is that of the last ten seconds. The gain is free for the first second of speech, and slow from then on."""
MOST_GAIN_DB = 30.0
LEAST_POWER = 1e-6
"""-60 dBFS: what is fainter is not counted as speech, however faint all is."""
SETTLED_S = 10.0
STAY_SEMITONES = 0.7
"""A height that is settling moves only when it is that far off, not at every half semitone."""


class RunningLevel:
    """The gain that brings the loud half of the speech to -23 dBFS, as far as it was heard.

    Attributes:
        gain_db: now.
        course: (second, gain_db) of every change by 1 dB or more, for the log.
    """

    def __init__(self) -> None:
        self.gain_db = 0.0
        self.course: list[tuple[float, float]] = []
        self._powers: npt.NDArray[np.float64] = np.zeros(0)
        self._frames = self._spoken = 0

    def hear(self, powers: npt.NDArray[np.float64]) -> None:
        """Frames of 8 ms more, by their mean power."""
        self._frames += powers.size
        self._powers = np.concatenate([self._powers, powers])[-round(REMEMBERED_S * FRAMES_PER_S) :]
        speech = self._powers[self._powers > max(LEAST_POWER, self._powers.max(initial=0.0) * 1e-4)]
        if not speech.size:
            return
        loud = np.sort(speech)[speech.size // 2 :]
        wanted = float(np.clip(SPEECH_DBFS - 10 * np.log10(loud.mean()), -MOST_GAIN_DB, MOST_GAIN_DB))
        free = self._spoken < FREE_S * FRAMES_PER_S
        most = np.inf if free else GAIN_DB_PER_S * powers.size / FRAMES_PER_S
        self.gain_db += float(np.clip(wanted - self.gain_db, -most, most))
        self._spoken += int((powers > LEAST_POWER).sum())
        self._note()

    def _note(self) -> None:
        if abs(self.gain_db - (self.course[-1][1] if self.course else 0.0)) >= 1.0:
            self.course.append((round(self._frames / FRAMES_PER_S, 2), round(self.gain_db, 1)))
            logger.info("%.2f s: the performance is raised by %.1f dB", *self.course[-1])


class RunningHeight:
    """By how many semitones a performance is moved, from the running median of its pitch.

    ``auto`` moves by whole semitones, ``octave`` by twelve; a number stays as it is. After ten seconds of voice the
    height is settled, and stays.
    """

    def __init__(self, asked: float | str, median_hz: float) -> None:
        self.semitones = 0.0 if isinstance(asked, str) else float(asked)
        self._grid = {"auto": 1.0, "octave": 12.0}.get(str(asked), 0.0)
        self._wanted = np.log2(max(median_hz, 1.0))
        self._octaves: list[FloatArray] = []
        self._voiced = 0

    @property
    def settled(self) -> bool:
        """Whether it moves no more."""
        return not self._grid or self._voiced >= SETTLED_S * FRAMES_PER_S

    def hear(self, f0_hz: FloatArray, *, may_move: bool) -> None:
        """Frames more, 0 Hz where unvoiced; the height moves only where ``may_move``, which is between two words."""
        if self.settled:
            return
        voiced = f0_hz[f0_hz > 0]
        first = not self._voiced
        self._octaves.append(np.log2(voiced))
        self._voiced += voiced.size
        if not self._voiced or not (may_move or first):
            return
        apart = 12 * (self._wanted - float(np.median(np.concatenate(self._octaves))))
        if first or abs(apart - self.semitones) > STAY_SEMITONES * self._grid:
            self.semitones = float(self._grid * np.round(apart / self._grid))
