"""The voices that the speaker embedding is trained on: clips of a corpus as 16 kHz waveforms, one label a voice.

A corpus is a folder with ``train.csv`` (columns path, speaker, duration_s). Two of its sets name no speakers: the
chapters of ``fleurs_readers`` and the clips of ``picovoice_crowd``. There a file is one voice, but two files may or
may not be the same.
"""

from __future__ import annotations

import csv
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

SAMPLE_RATE = 16000
UNLABELLED = ("fleurs_readers", "picovoice_crowd")
MAX_SPEAKER_S = 600.0
MAX_FILE_S = 75.0
SPEEDS = (0.8, 0.89, 1.0, 1.12, 1.25)
"""A voice at another speed has another pitch and another vocal tract: it counts as another voice."""

HELD_OUT = (
    "so0024", "so0482", "so0575", "so0765", "so0813", "so1027",
    "so2016", "so2059", "so2441", "so2799", "so3023", "so9600", "so9619", "so9647",
)  # fmt: skip
"""Eight women and six men who are never trained on."""

Wave = npt.NDArray[np.int16]


@dataclass
class Voice:
    """One voice: its name, the set it comes from, and its clips.

    Voices of an unlabelled set may be the same person as others of that set (``maybe_others``).
    """

    name: str
    collection: str
    clips: list[Wave] = field(default_factory=list)

    @property
    def maybe_others(self) -> bool:
        return self.collection in UNLABELLED


def read_voices(corpus: Path, only: Container[str] | None = None) -> tuple[list[Voice], list[Voice]]:
    """The voices to train on, and those held out; ``only`` names the voices to read, all of them by default."""
    voices: dict[str, Voice] = {}
    for name, collection, file in _files(corpus):
        if only is not None and name not in only:
            continue
        voice = voices.setdefault(name, Voice(name, collection))
        if sum(clip.size for clip in voice.clips) < MAX_SPEAKER_S * SAMPLE_RATE:
            voice.clips.append(_read(file))
    training = [voice for voice in voices.values() if voice.name not in HELD_OUT]
    return training, [voice for voice in voices.values() if voice.name in HELD_OUT]


def _files(corpus: Path) -> Iterator[tuple[str, str, Path]]:
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            unlabelled = row["speaker"] in UNLABELLED
            yield Path(row["path"]).stem if unlabelled else row["speaker"], row["speaker"], corpus / row["path"]


def _read(file: Path) -> Wave:
    with soundfile.SoundFile(file) as sound:
        samples = sound.read(int(MAX_FILE_S * sound.samplerate), dtype="float32", always_2d=True).mean(axis=1)
        heard = soxr.resample(samples, sound.samplerate, SAMPLE_RATE)
    return np.asarray(np.clip(np.round(heard * 32767), -32768, 32767), dtype=np.int16)


def draw_window(voice: Voice, frames: int, speed: float, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """``frames`` of a random clip at a random place where somebody speaks, played at ``speed``.

    The loudest of three places: a window of breath or page-turning would teach nothing.
    """
    clip = voice.clips[int(random.integers(len(voice.clips)))]
    wanted = int(np.ceil(frames * speed))
    places = [int(random.integers(max(1, clip.size - wanted + 1))) for _ in range(3)]
    cuts = [clip[place : place + wanted] / np.float32(32768) for place in places]
    window = max(cuts, key=lambda cut: float(np.median(np.abs(cut))))
    if window.size < wanted:
        window = np.tile(window, -(-wanted // max(1, window.size)))[:wanted]
    if speed != 1.0:
        # Linear interpolation would dull the top octave and mark the speed; soxr's quick setting does not.
        window = soxr.resample(window, speed, 1.0, quality="LQ")
    return np.pad(window.astype(np.float32), (0, max(0, frames - window.size)))[:frames]
