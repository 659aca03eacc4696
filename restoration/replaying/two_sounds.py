"""Two restored sounds of one master: how far they are apart, where most, and in which octave."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from restoration import sound_files
from restoration.audio import Recording, Writer
from restoration.measures.octave_levels import SILENCE_DB, octave_levels_db
from restoration.replaying.comparing import peak_difference
from restoration.replaying.window import OCTAVES_HZ

CHUNK_S = 10


@dataclass(frozen=True, kw_only=True)
class Apart:
    """How far two sounds are apart.

    Attributes:
        sentence: what is to be known first: that they are the same, or cannot be subtracted.
        gain_db: by how much the second is louder, as the gain that brings the first nearest to it; None: silence.
        level_dbfs: of the difference, after that gain, root mean square.
        peak_dbfs: greatest difference of two samples, without it, and where it is (``peak_at_s``).
        octaves_dbfs: of the difference after that gain, by the centre of each octave.
    """

    sentence: str
    gain_db: float | None = None
    level_dbfs: float | None = None
    peak_dbfs: float | None = None
    peak_at_s: float | None = None
    octaves_dbfs: dict[str, float] = field(default_factory=dict)


def apart(first: Path, second: Path) -> Apart:
    """Two production masters, read in parts.

    Raises:
        BadSoundFile: one of them cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
        one, other = (_sound(path, Path(folder) / f"{n}.f32") for n, path in enumerate((first, second)))
        if one.pcm_sha256 == other.pcm_sha256:
            return Apart(sentence="The two restored sounds are the same to the sample.")
        if (one.sample_rate, one.channels, one.frames) != (other.sample_rate, other.channels, other.frames):
            told = (f"{each.duration_s:.3f} s at {each.sample_rate} Hz, {each.channels} ch." for each in (one, other))
            return Apart(sentence=f"The two restored sounds lie on different axes: {' and '.join(told)}")
        return _subtracted(one, other)


def _subtracted(one: Recording, other: Recording) -> Apart:
    gain = _gain(one, other)
    power, octaves, seconds = 0.0, dict.fromkeys(OCTAVES_HZ, 0.0), 0.0
    for start in range(0, one.frames, CHUNK_S * one.sample_rate):
        stop = min(one.frames, start + CHUNK_S * one.sample_rate)
        a, b = (each.read(start, stop).samples.astype(np.float64) for each in (one, other))
        rest, length_s = b - gain * a, (stop - start) / one.sample_rate
        power += float(np.square(rest).mean()) * length_s
        for centre, level in octave_levels_db(rest, one.sample_rate, OCTAVES_HZ).items():
            octaves[centre] += 10 ** (level / 10) * length_s
        seconds += length_s
    peak_dbfs, at_s = peak_difference(one, other)
    level_dbfs = _db(power / seconds)
    return Apart(
        sentence=f"Beside the gain the two restored sounds differ by {level_dbfs:.1f} dBFS (root mean square).",
        gain_db=round(20 * math.log10(gain), 2) + 0.0 if gain > 0 else None,
        level_dbfs=level_dbfs,
        peak_dbfs=round(peak_dbfs, 1),
        peak_at_s=round(at_s, 3),
        octaves_dbfs={f"{hz:g} Hz": _db(each / seconds) for hz, each in octaves.items() if each},
    )


def _gain(one: Recording, other: Recording) -> float:
    """The factor by which ``one`` is nearest to ``other``; 1 for silence."""
    both = own = 0.0
    for block in one.blocks():
        a = block.samples.astype(np.float64)
        both += float((a * other.read(block.start, block.start + block.frames).samples).sum())
        own += float(np.square(a).sum())
    return both / own if own and both > 0 else 1.0


def _db(power: float) -> float:
    return round(10 * math.log10(max(power, 10 ** (SILENCE_DB / 10))), 1)


def _sound(path: Path, place: Path) -> Recording:
    with Writer(place) as writer:
        sound_files.decode(path, writer)
    return writer.recording
