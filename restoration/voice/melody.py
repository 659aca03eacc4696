"""The melody of a performance, brought to where a voice lies: to its height, and where it is spoken to its range.

A speaker is known by how wide the voice ranges as well as by how high it lies: a lively reader who is lent to somebody
who speaks without rise and fall is not known again. So a spoken melody is stretched, or narrowed, around its middle
until it ranges as wide as the voice's material (the Gaussian normalised transformation of the logarithm of F0, Liu et
al. 2007), within bounds; its course stays the performer's. What is sung keeps its intervals: it is known by its notes,
for those are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, minimum_filter1d, uniform_filter1d

from restoration.voice.samples import FloatArray

Float64 = npt.NDArray[np.float64]

MOST_STRETCH = 1.5
"""The wider, the more flat performers sound like a lively reader; up to here no judge of naturalness or words minded.
Beyond, a melody would be another one."""
LINEAR_SEMITONES = 8.0
"""What lies further from the middle is moved as far as that: it is creak or another octave as a rule."""
TRUSTED_FRAMES = 60.0
"""Of so many voiced frames of 8 ms, half of what they tell is believed."""
NOTE_FRAMES, NOTE_SEMITONES, VIBRATO_FRAMES = 38, 0.4, 25
"""A note is held for 0.3 s within that range, its vibrato smoothed away."""
SPOKEN_HELD, SUNG_HELD = 0.25, 0.45
"""Share of the voiced time in held notes up to which a performance is spoken for certain, and from which it is sung. In
speech it is hardly ever above the first and never above the second; in drawn melodies, a note of which takes half a
second, it is far above (tests/voice/test_melody.py). No real singing was at hand."""
NORMAL_QUANTILES = 3.29
"""Standard deviations between the 5 % and the 95 % quantile, which a voice's card holds."""
SETTLED_FRAMES = 1250


@dataclass(frozen=True)
class Melody:
    """How a melody is changed.

    Attributes:
        semitones: by which it is moved.
        stretch: by how many times its range becomes wider, around ``middle_hz``.
        held_notes: share of the voiced time that is in notes; from 0.45 on the melody is sung, and not stretched.
    """

    semitones: float = 0.0
    stretch: float = 1.0
    middle_hz: float = 0.0
    held_notes: float = 0.0

    def of(self, f0_hz: FloatArray) -> FloatArray:
        """The changed F0 (frames,) in Hz; 0, which is unvoiced, stays 0."""
        octaves = np.full(f0_hz.shape, self.semitones / 12)
        if self.stretch != 1 and self.middle_hz:
            away = np.log2(np.where(f0_hz > 0, f0_hz, self.middle_hz) / self.middle_hz)
            octaves += (self.stretch - 1) * np.clip(away, -LINEAR_SEMITONES / 12, LINEAR_SEMITONES / 12)
        return np.asarray(f0_hz * 2**octaves, dtype=np.float32)

    @property
    def sentence(self) -> str:
        """For whoever lent the voice."""
        way = "higher" if self.semitones >= 0 else "lower"
        wide = f"its range {self.stretch:.2f} times as wide" if self.stretch != 1 else "its range kept"
        sung = " (sung)" if self.held_notes >= SUNG_HELD and self.stretch == 1 else ""
        return f"melody {abs(self.semitones):g} semitones {way}, {wide}{sung}"

    def as_dict(self) -> dict[str, float]:
        """For a log."""
        return {name: round(value, 3) for name, value in vars(self).items()}


def melody_of(f0_hz: FloatArray, voice: Mapping[str, float], pitch: float | str, range_share: float) -> Melody:
    """How the melody of a whole performance is brought to a voice.

    Args:
        f0_hz: of the performance (frames,), 0 where unvoiced.
        voice: ``median_hz``, ``low_hz`` and ``high_hz`` (quantiles of 5 and 95 %) of the voice, 0 where not known.
        pitch: semitones, or ``auto`` (to the voice's height), ``octave`` (to the nearest octave of it).
        range_share: how far its range gives way to the voice's, 0 to 1.
    """
    voiced = f0_hz[f0_hz > 0]
    if not voiced.size:
        return Melody(0.0 if isinstance(pitch, str) else float(pitch))
    middle_hz = float(np.median(voiced))
    held = held_share(f0_hz)
    stretch = stretch_of(voiced, held, spread_of(voice), range_share)
    if not isinstance(pitch, str):
        return Melody(float(pitch), stretch, middle_hz, held)
    apart = 12 * np.log2(voice["median_hz"] / middle_hz) if voice["median_hz"] > 0 else 0.0
    moved = np.round(apart) if pitch == "auto" else 12 * np.round(apart / 12)
    return Melody(float(moved), stretch, middle_hz, held)


def spread_of(voice: Mapping[str, float]) -> float:
    """Standard deviation of a voice's pitch in semitones, from the quantiles in its card; 0 where they tell nothing."""
    low_hz, high_hz = voice["low_hz"], voice["high_hz"]
    return float(12 * np.log2(high_hz / low_hz) / NORMAL_QUANTILES) if high_hz > low_hz > 0 else 0.0


def stretch_of(voiced_hz: FloatArray, held: float, wanted: float, range_share: float) -> float:
    """By how many times the range of a performance becomes wider, from its voiced frames (frames,) in Hz, the share of
    held notes and the wanted standard deviation in semitones."""
    low, high = np.percentile(12 * np.log2(voiced_hz), [16, 84])
    if not wanted or high <= low:
        return 1.0
    most = np.log2(MOST_STRETCH)
    octaves = np.clip(np.log2(wanted / ((high - low) / 2)), -most, most)
    spoken = np.clip((SUNG_HELD - held) / (SUNG_HELD - SPOKEN_HELD), 0, 1)
    trust = voiced_hz.size / (voiced_hz.size + TRUSTED_FRAMES)
    return float(2 ** (range_share * spoken * trust * octaves))


def held_share(f0_hz: FloatArray) -> float:
    """The share of the voiced frames that are in notes which are held."""
    voiced = int(np.count_nonzero(f0_hz > 0))
    return sum(_held_frames(12 * np.log2(run)) for run in _voiced_runs(f0_hz)) / voiced if voiced else 0.0


def _voiced_runs(f0_hz: FloatArray) -> Iterator[FloatArray]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], f0_hz > 0, [False]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2):
        if last - first >= NOTE_FRAMES:
            yield f0_hz[first:last]


def _held_frames(semitones: FloatArray) -> int:
    smooth = uniform_filter1d(semitones.astype(np.float64), VIBRATO_FRAMES, mode="nearest")
    ranges = maximum_filter1d(smooth, NOTE_FRAMES) - minimum_filter1d(smooth, NOTE_FRAMES)
    before = NOTE_FRAMES // 2  # a filter's window begins that much before its frame
    held = ranges[before : before + smooth.size - NOTE_FRAMES + 1] < NOTE_SEMITONES
    return int(np.count_nonzero(np.convolve(held, np.ones(NOTE_FRAMES, dtype=int))))


class RunningRange:
    """The same for a performance whose end is not known: as wide as was heard so far, and settled after ten seconds of
    voice. It changes between two words only.

    Attributes:
        stretch, middle_hz, held_notes: now, as in ``Melody``.
    """

    def __init__(self, wanted: float, range_share: float) -> None:
        self.stretch, self.middle_hz, self.held_notes = 1.0, 0.0, 0.0
        self._wanted, self._share = wanted, range_share
        self._heard: FloatArray = np.zeros(1, dtype=np.float32)
        self._settled = not (wanted and range_share)

    def hear(self, f0_hz: FloatArray, *, may_move: bool) -> None:
        """Frames more, 0 Hz where unvoiced."""
        if self._settled:
            return
        if may_move and self._heard.any():
            self._tell()
        after = np.concatenate([self._heard[-1:], f0_hz])
        # Of an unvoiced stretch one frame is kept, so that a long pause costs nothing.
        self._heard = np.concatenate([self._heard, f0_hz[(after[1:] > 0) | (after[:-1] > 0)]]).astype(np.float32)

    def _tell(self) -> None:
        voiced = self._heard[self._heard > 0]
        self.held_notes = held_share(self._heard)
        self.stretch = stretch_of(voiced, self.held_notes, self._wanted, self._share)
        self.middle_hz = float(np.median(voiced))
        self._settled = voiced.size >= SETTLED_FRAMES
