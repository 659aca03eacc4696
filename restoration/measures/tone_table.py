"""Make the table of ``restoration.measures.tone`` from a corpus: ``python -m restoration.measures.tone_table CORPUS``.

Every speaker of ``train.csv`` whose sex is known and whose ``bandwidth_hz`` is 8 kHz or more counts once, by up to a
minute of clips; women and men weigh the same, however many there are of each.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from restoration.measures.metering import Float64
from restoration.measures.spectrum import LevelSpectra
from restoration.measures.tone import BANDS_HZ, CORE, JUDGED, band_powers, smoothed, voice_and_pauses

SECONDS_A_SPEAKER = 60.0
LEAST_BANDWIDTH_HZ = 7900.0


@dataclass
class Speaker:
    """A speaker's clips, ``sex`` as in the table (f, m), and the narrowest bandwidth among them."""

    sex: str
    bandwidth_hz: float
    duration_s: float = 0.0
    paths: list[Path] = field(default_factory=list)


def speakers_of(corpus: Path) -> dict[str, Speaker]:
    """The speakers of known sex in ``train.csv``, each with clips of about a minute in the order of the table."""
    speakers: dict[str, Speaker] = {}
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["sex"] not in ("f", "m"):
                continue
            speaker = speakers.setdefault(row["speaker"], Speaker(row["sex"], float(row["bandwidth_hz"])))
            if speaker.duration_s < SECONDS_A_SPEAKER:
                speaker.duration_s += float(row["duration_s"])
                speaker.bandwidth_hz = min(speaker.bandwidth_hz, float(row["bandwidth_hz"]))
                speaker.paths.append(corpus / row["path"])
    return speakers


def levels_of(speaker: Speaker) -> Float64:
    """Level of a speaker's voice in the bands ``JUDGED``, 0 dB being that of ``CORE``."""
    spectra: LevelSpectra | None = None
    for path in speaker.paths:
        samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
        spectra = spectra or LevelSpectra(rate, 1)
        mono = samples.mean(axis=1)
        # Clips were recorded at levels of their own; pauses must be told from voices of the whole minute.
        spectra.feed(mono[None] * (0.05 / max(float(np.sqrt((mono**2).mean())), 1e-9)))
    if spectra is None:
        raise ValueError("a speaker without clips has no spectrum")
    voice, pauses, _ = voice_and_pauses(spectra)
    powers = band_powers(spectra.frequencies_hz, np.maximum(voice - pauses, 1e-30))
    levels: Float64 = 10.0 * np.log10(np.maximum(powers, 1e-30) / powers[CORE].sum())[JUDGED]
    return levels


def table_of(levels: dict[str, list[Float64]]) -> Float64:
    """Mean and spread (standard deviation, smoothed over an octave) in dB, shape (bands, 2); both sexes weigh the same.

    Args:
        levels: of every speaker of each sex, in the bands ``JUDGED``.
    """
    target = np.mean([np.mean(of_sex, axis=0) for of_sex in levels.values()], axis=0)
    squares = []
    for of_sex in levels.values():
        deviations = np.array([smoothed(level - target, CORE[JUDGED]) for level in of_sex])
        squares.append((deviations**2).mean(axis=0))
    return np.stack((target, np.sqrt(np.mean(squares, axis=0))), axis=1)


def main(arguments: list[str] | None = None) -> None:
    """Print the table as it stands in ``restoration.measures.tone``."""
    parser = argparse.ArgumentParser(description="Print the long-term average spectrum of the voices of a corpus.")
    parser.add_argument("corpus", type=Path, help="folder with train.csv")
    corpus = parser.parse_args(arguments).corpus
    levels: dict[str, list[Float64]] = defaultdict(list)
    for speaker in speakers_of(corpus).values():
        if speaker.bandwidth_hz >= LEAST_BANDWIDTH_HZ:
            levels[speaker.sex].append(levels_of(speaker))
    for band_hz, (mean, spread) in zip(BANDS_HZ[JUDGED], table_of(levels), strict=True):
        sys.stdout.write(f"({mean:.1f}, {spread:.1f}),  # {band_hz:.0f} Hz\n")


if __name__ == "__main__":
    main()
