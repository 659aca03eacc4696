"""What a stream knows of a performance that it has not heard to the end: its level, and how high it lies."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from restoration.voice.features import HOP, SPEECH_DBFS
from restoration.voice.samples import VOICE_RATE, FloatArray

logger = logging.getLogger(__name__)

FRAMES_PER_S = VOICE_RATE / HOP
REMEMBERED_S, FREE_S, GAIN_DB_PER_S = 10.0, 1.0, 1.5
"""The level is that of the last ten seconds. The gain is free for the first second of speech, and slow from then on."""
AS_LOUD, LOUD_SHARE = 1e-2, 0.7
"""Power beside the loudest frame's from which a frame is taken for speech, so that the noise of a room before the first
word does not settle the gain; and the share of those, the loudest, that make the level: about the one that
``features.gain_db`` gives, which knows the pauses (tests/voice/test_running.py)."""
KNOCK_FRAMES, KNOCK_RISE = 8, 4.0
"""So many frames, the loudest, may be a knock at the microphone: they count as so many times the power of the next."""
MOST_GAIN_DB = 30.0
LEAST_POWER = 1e-6
"""-60 dBFS: what is fainter is not counted as speech, however faint all is."""
SETTLED_S = 10.0
REGISTERS_HZ, REGISTER_OCTAVES = (120.0, 215.0), 0.2
"""Where the voices of men and of women lie in the mean, and how far one lies from that (64 speakers of speechocean762
and 25 clips of many speakers: medians from 99 to 147 Hz and from 180 to 250 Hz, with few between)."""
FIRST_OCTAVES, FIRST_FRAMES = 0.42, 70.0
"""How far the median of the first frames lies from that of a performance, and after how many frames that is halved in
power. A phrase begins high: it falls towards its end."""
BEGINS_HIGHER_OCTAVES = 0.1
FAR_SEMITONES = 5.0
"""A height that moves within a phrase is heard as another melody: it moves only when it is that far off."""
STAY_SEMITONES, KNOWN_FRAMES, PAUSE_FRAMES = 0.7, 250, 62
"""In a pause of half a second, after two seconds of voice, nobody hears it move: there it is set right."""
LOUD_DB = -20.0
"""What is fainter does not tell of the height: hum and breath have a pitch too."""


class RunningLevel:
    """The gain that brings the loud part of the speech to -23 dBFS, as far as it was heard.

    Attributes:
        gain_db: now.
        course: (second, gain_db) of every change by 1 dB or more, for the log.
    """

    def __init__(self) -> None:
        self.gain_db = 0.0
        self.course: list[tuple[float, float]] = []
        self._powers: npt.NDArray[np.float64] = np.zeros(0)
        self._frames = 0

    def hear(self, powers: npt.NDArray[np.float64]) -> None:
        """Frames of 8 ms more, by their mean power."""
        self._frames += powers.size
        self._powers = np.concatenate([self._powers, powers])[-round(REMEMBERED_S * FRAMES_PER_S) :]
        ranked = np.sort(self._powers)
        if not ranked.size:
            return
        ranked = np.minimum(ranked, KNOCK_RISE * ranked[-1 - KNOCK_FRAMES :][0])
        speech = ranked[ranked > max(LEAST_POWER, ranked[-1] * AS_LOUD)]
        if not speech.size:
            return
        loud = speech[round((1 - LOUD_SHARE) * speech.size) :]
        wanted = float(np.clip(SPEECH_DBFS - 10 * np.log10(loud.mean()), -MOST_GAIN_DB, MOST_GAIN_DB))
        free = speech.size <= FREE_S * FRAMES_PER_S
        most = np.inf if free else GAIN_DB_PER_S * powers.size / FRAMES_PER_S
        self.gain_db += float(np.clip(wanted - self.gain_db, -most, most))
        self._note()

    def _note(self) -> None:
        if abs(self.gain_db - (self.course[-1][1] if self.course else 0.0)) >= 1.0:
            self.course.append((round(self._frames / FRAMES_PER_S, 2), round(self.gain_db, 1)))
            logger.info("%.2f s: the performance is raised by %.1f dB", *self.course[-1])


class RunningHeight:
    """By how many semitones a performance is moved, from the pitch that was heard so far.

    ``auto`` moves by whole semitones, ``octave`` by twelve; a number stays as it is. The first guess, which has to be
    made at the first voiced frames, leans on where voices lie at all; it holds unless it is far off, and is set right
    in a pause. In the first pause after ten seconds of voice the height is settled, and stays.
    """

    def __init__(self, asked: float | str, median_hz: float) -> None:
        self.semitones = 0.0 if isinstance(asked, str) else float(asked)
        self._grid = {"auto": 1.0, "octave": 12.0}.get(str(asked), 0.0)
        self._wanted = float(np.log2(max(median_hz, 1.0)))
        self._octaves: FloatArray = np.zeros(0, dtype=np.float32)
        self._silent = 0
        self._guessed = self._set_right = False

    @property
    def settled(self) -> bool:
        """Whether it moves no more."""
        return not self._grid or (self._set_right and self._octaves.size >= SETTLED_S * FRAMES_PER_S)

    def hear(self, f0_hz: FloatArray, loudness_db: FloatArray, ahead: int, *, may_move: bool) -> None:
        """Frames more, 0 Hz where unvoiced, the last ``ahead`` of which will come again.

        The height moves only where ``may_move``, which is between two words, or for the first time.
        """
        if self.settled:
            return
        own = f0_hz.size - ahead
        loud = (f0_hz > 0) & (loudness_db > LOUD_DB)
        heard = np.concatenate([self._octaves, np.log2(f0_hz[loud])])
        self._silent = 0 if loud.any() else self._silent + own
        in_pause = self._silent >= PAUSE_FRAMES and self._octaves.size >= KNOWN_FRAMES
        if heard.size and (may_move or not self._guessed):
            self._move(float(np.median(heard)), heard.size, in_pause=in_pause)
            self._set_right |= in_pause
        if self._octaves.size < SETTLED_S * FRAMES_PER_S:
            self._octaves = np.concatenate([self._octaves, np.log2(f0_hz[:own][loud[:own]])])
            self._set_right = False

    def _move(self, median: float, frames: int, *, in_pause: bool) -> None:
        apart = 12 * (self._wanted - (median if in_pause else likely_octaves(median, frames)))
        stay = STAY_SEMITONES if in_pause else FAR_SEMITONES
        if not self._guessed or abs(apart - self.semitones) > max(stay, STAY_SEMITONES * self._grid):
            self.semitones = float(self._grid * np.round(apart / self._grid))
        self._guessed = True


def likely_octaves(median: float, frames: int) -> float:
    """Where a performance lies (log2 of Hz) whose first voiced ``frames`` have that median.

    The mean of what is likely when voices lie around two registers, each as a normal distribution, and the median of
    the first frames lies around that of the whole, a little above it.
    """
    doubt = FIRST_OCTAVES * (1 + frames / FIRST_FRAMES) ** -0.5
    found = median - BEGINS_HIGHER_OCTAVES * doubt / FIRST_OCTAVES
    registers = np.log2(REGISTERS_HZ)
    away = (found - registers) ** 2 / (2 * (REGISTER_OCTAVES**2 + doubt**2))
    weights = np.exp(away.min() - away)
    trust = REGISTER_OCTAVES**2 / (REGISTER_OCTAVES**2 + doubt**2)
    return float(np.average(registers + trust * (found - registers), weights=weights))
