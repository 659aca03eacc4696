"""The sound around a moment: its levels by octave, and what the map says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from restoration.audio import Recording, Samples
from restoration.errors import BadSoundFile
from restoration.measures.octave_levels import CENTRES_HZ, SILENCE_DB, octave_levels_db
from restoration.sound_map.grid import COLUMNS_PER_S, Grid
from restoration.sound_map.pages import read_pages

WINDOW_S = 1.0
ALL = "all"
OCTAVES_HZ = (*CENTRES_HZ, 8000.0, 16000.0)
Levels = dict[str, float]
"""By band: "all", or the centre of an octave such as "1000 Hz"; dB re full scale, root mean square."""


def levels_db(samples: Samples, sample_rate: int) -> Levels:
    """Of all channels together."""
    power = float(np.square(samples, dtype=np.float64).mean()) if samples.size else 0.0
    whole = 10 * np.log10(max(power, 10 ** (SILENCE_DB / 10)))
    octaves = octave_levels_db(samples, sample_rate, OCTAVES_HZ)
    return {ALL: round(float(whole), 2), **{f"{hz:g} Hz": round(level, 2) for hz, level in octaves.items()}}


def change_db(before: Levels, after: Levels) -> Levels:
    """How much louder each band became that both have."""
    return {band: round(after[band] - before[band], 2) for band in before if band in after}


def around(recording: Recording, at_s: float) -> Samples:
    """The window of a recording around a moment."""
    first, last = _frames(at_s, recording.sample_rate)
    return recording.read(first, last).samples


def around_in_file(path: Path, at_s: float) -> tuple[Samples, int]:
    """The window of a file, and its sample rate.

    Raises:
        BadSoundFile: it cannot be read there.
    """
    try:
        with soundfile.SoundFile(path) as file:
            first, last = _frames(at_s, file.samplerate)
            file.seek(min(first, file.frames))
            samples = file.read(last - first, dtype="float32", always_2d=True)
            return np.ascontiguousarray(samples.T), int(file.samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise BadSoundFile(path, f"cannot be read at {at_s:.3f} s ({error})") from error


def map_shares(index: Path, samples: Samples, sample_rate: int, at_s: float) -> dict[str, float]:
    """``generated``, ``removed`` and ``confidence`` in the window: means of the cells, the louder the heavier.

    Args:
        index: the JSON of the map.
        samples: the restored sound from the beginning of the window on.
        sample_rate: of it.
        at_s: the moment.

    Raises:
        BadBag: the map is not whole.
    """
    grid = Grid(sample_rate)
    first = max(0, int((at_s - WINDOW_S / 2) * COLUMNS_PER_S))
    count = max(1, int(samples.shape[1] / sample_rate * COLUMNS_PER_S))
    begin = _frames(at_s, sample_rate)[0]
    energies = grid.energies(grid.spectra(grid.cut(samples, begin, first, count)))
    for page in read_pages(index):
        skipped = round(page.start_s * COLUMNS_PER_S)
        if skipped <= first < skipped + page.generated.shape[1]:
            columns = slice(first - skipped, first - skipped + count)
            planes = {name: getattr(page, name)[:, columns] for name in ("generated", "removed", "confidence")}
            return {name: _weighted(plane, energies) for name, plane in planes.items()}
    return {}


def _weighted(plane: Samples, energies: Samples) -> float:
    bands, columns = min(plane.shape[0], energies.shape[0]), min(plane.shape[1], energies.shape[1])
    weights = energies[:bands, :columns].astype(np.float64)
    total = float(weights.sum())
    return round(float((plane[:bands, :columns] * weights).sum()) / total, 4) if total else 0.0


def _frames(at_s: float, sample_rate: int) -> tuple[int, int]:
    return max(0, round((at_s - WINDOW_S / 2) * sample_rate)), round((at_s + WINDOW_S / 2) * sample_rate)
