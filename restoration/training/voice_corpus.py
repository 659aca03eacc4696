"""The voices that a base is taught with: clips at several speeds, each with its features and codes, kept on disk.

A clip that is played faster or slower is another voice that says the same. So a piece is prepared at two speeds, and a
third time aged; a decoder hears the content of one and makes the sound of another, and learns that the content does not
say who speaks. What it is to make is freed from the noise of the room; what it hears is not, for those who lend their
words have rooms too.
"""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor

from restoration.audio import Audio
from restoration.errors import RestorationError
from restoration.nets.content_encoder import EMBEDDED, ContentEncoder, content_encoder
from restoration.nets.speaker_corpus import HELD_OUT, UNLABELLED
from restoration.nets.voice_decoder import VOICE_DIRECTIONS
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS
from restoration.training.clips import Clips, is_held_out, read_clips, read_sound
from restoration.voice.features import channel_code, levelled, prosody, speaker_code
from restoration.voice.samples import VOICE_RATE

logger = logging.getLogger(__name__)

SPEEDS = {"plain": 1.0, "faster": 1.15, "aged": 1.0}
CARRIERS = ("tape", "disc", "cylinder", "telephone", "radio")
MAX_PIECE_S, MIN_PIECE_S = 12.0, 1.2
LEAST_SNR_DB = 6.0
SAVED_EVERY = 200
SAMPLED_SOUNDS, SAMPLE_FRAMES = 48, 64000
CONTENT_STEP = 50
"""Of the frames that tell how the content lies, each so many-th is enough."""
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """A stretch of a file: whose voice it is, and whether it is kept from the training."""

    path: str
    voice: str
    start_s: float
    stop_s: float
    held_out: bool


def pieces_of(corpus: Path) -> list[Piece]:
    """The pieces, 1.2 to 12 s, of the clips that ``train.csv`` of a corpus lists.

    Raises:
        RestorationError: there is no ``train.csv``.
    """
    table = corpus / "train.csv"
    if not table.is_file():
        raise RestorationError(f"{table} is not there; --corpus is a folder with a train.csv (columns path, speaker)")
    with table.open(encoding="utf-8", newline="") as file:
        return [piece for row in csv.DictReader(file) for piece in _pieces(row)]


def _pieces(row: dict[str, str]) -> Iterator[Piece]:
    length = float(row["duration_s"])
    voice = Path(row["path"]).stem if row["speaker"] in UNLABELLED else row["speaker"]
    held_out = row["speaker"] in HELD_OUT or is_held_out(row["path"])
    parts = max(1, int(np.ceil(length / MAX_PIECE_S)))
    if length / parts >= MIN_PIECE_S:
        for part in range(parts):
            yield Piece(row["path"], voice, length * part / parts, length * (part + 1) / parts, held_out)


class Version:
    """One version of all pieces, memory-mapped: ``sound`` int16 at 16 kHz, ``content`` float16 as the encoder gave it,
    ``tracks`` (frames, 3) float16: f0_hz, voicing, loudness_db; and where each piece begins in them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.speed = name, SPEEDS[name]
        self.sound = np.load(folder / f"{name}-sound.npy", mmap_mode="r")
        self.content = np.load(folder / f"{name}-{EMBEDDED}.npy", mmap_mode="r")
        self.tracks = np.load(folder / f"{name}-tracks.npy", mmap_mode="r")
        self.codes = np.load(folder / f"{name}-codes.npy")
        starts = np.load(folder / f"{name}-starts.npy")
        self.sound_starts, self.content_starts, self.track_starts = starts


def sampled(version: Version) -> list[Tensor]:
    """Sounds of four seconds (time,), from all over a version."""
    begins = version.sound_starts[:: max(1, len(version.sound_starts) // SAMPLED_SOUNDS)][:SAMPLED_SOUNDS]
    cuts = (version.sound[int(begin) : int(begin) + SAMPLE_FRAMES] for begin in begins)
    return [torch.from_numpy(cut.astype(np.float32) / 32767) for cut in cuts if cut.size == SAMPLE_FRAMES]


def content_lies(version: Version) -> tuple[FloatArray, FloatArray]:
    """Mean and spread (size,) of the frames of content."""
    sample = version.content[::CONTENT_STEP].astype(np.float32)
    return sample.mean(axis=0), sample.std(axis=0)


def voice_directions(version: Version, voices: list[str]) -> Tensor:
    """Directions (16, size), of length one, in which the mean content of voices, standardised, differs most; ``voices``
    names that of each piece. Zeros where there are fewer voices than that."""
    (mean, spread), starts = content_lies(version), version.content_starts
    means: dict[str, list[FloatArray]] = {}
    for voice, begin, end in zip(voices, starts[:-1], starts[1:], strict=True):
        frames = (version.content[begin:end].astype(np.float32) - mean) / spread
        means.setdefault(voice, []).append(frames.mean(axis=0))
    of_voices = np.stack([np.mean(each, axis=0) for each in means.values()])
    found = np.linalg.svd(of_voices - of_voices.mean(axis=0), full_matrices=False)[2]
    known = min(VOICE_DIRECTIONS, len(of_voices) - 1)
    directions = np.zeros((VOICE_DIRECTIONS, of_voices.shape[1]), dtype=np.float32)
    directions[:known] = found[:known]
    return torch.from_numpy(directions)


def prepare(corpus: Path, folder: Path, name: str) -> Version:
    """The version ``name`` of a corpus, read from ``folder`` or made there first."""
    if not all((folder / f"{name}-{what}.npy").is_file() for what in (EMBEDDED, "starts")):
        folder.mkdir(parents=True, exist_ok=True)
        _make(corpus, folder, name)
    return Version(folder, name)


def _make(corpus: Path, folder: Path, name: str) -> None:
    encoder = content_encoder()
    pieces = pieces_of(corpus)
    clips = read_clips(corpus, VOICE_RATE, folder.parent)
    places = {path: place for place, path in enumerate(clips.paths)}
    made: list[list[Any]] = [[], [], [], []]
    for number, (piece, raw) in enumerate(_with_their_rooms(corpus, pieces)):
        clean = cut_of(clips, places[piece.path], piece)
        for store, part in zip(made, _prepared(clean, raw, number, name, encoder), strict=True):
            store.append(part)
        if number % SAVED_EVERY == 0:
            logger.info("%s: %d of %d pieces", name, number, len(pieces))
    starts = np.array([np.cumsum([0, *(len(part) for part in store)]) for store in made[:3]])
    for store, what in zip(made[:3], ("sound", EMBEDDED, "tracks"), strict=True):
        np.save(folder / f"{name}-{what}.npy", np.concatenate(store))
        store.clear()
    np.save(folder / f"{name}-codes.npy", np.stack(made[3]))
    (folder / "pieces.json").write_text(json.dumps([[p.voice, p.held_out] for p in pieces]), encoding="utf-8")
    np.save(folder / f"{name}-starts.npy", starts)


def cut_of(clips: Clips, clip: int, piece: Piece) -> FloatArray:
    """The sound (time,) of a piece of a clip."""
    start, stop = (round(at_s * clips.sample_rate) for at_s in (piece.start_s, piece.stop_s))
    length = int(clips.starts[clip + 1] - clips.starts[clip])
    return clips.cut(clip, start, min(stop, length) - start).astype(np.float32)


def _with_their_rooms(corpus: Path, pieces: list[Piece]) -> Iterator[tuple[Piece, FloatArray]]:
    """Each piece with its sound (time,) as it was recorded."""
    for path, those in groupby(pieces, key=lambda piece: piece.path):
        whole = read_sound(corpus / path, VOICE_RATE)
        for piece in those:
            yield piece, whole[round(piece.start_s * VOICE_RATE) : round(piece.stop_s * VOICE_RATE)]


def _prepared(clean: FloatArray, raw: FloatArray, number: int, name: str, encoder: ContentEncoder) -> tuple[Any, ...]:
    sound = levelled(_sound(clean, number, name))
    heard = sound if name == "aged" else levelled(_sound(raw, number, name))[: sound.size]
    heard = np.pad(heard, (0, sound.size - heard.size))
    tracks = np.stack(prosody(sound), axis=1)
    codes = np.concatenate([speaker_code(sound), channel_code(sound)])
    kept = np.clip(np.round(sound * 32767), -32768, 32767).astype(np.int16)
    return kept, encoder.encode(heard).astype(np.float16), tracks.astype(np.float16), codes


def _sound(sound: FloatArray, number: int, name: str) -> FloatArray:
    if name == "aged":
        return _aged(sound, number)
    return soxr.resample(sound, SPEEDS[name], 1.0) if SPEEDS[name] != 1.0 else sound


def _aged(sound: FloatArray, number: int) -> FloatArray:
    """As an old recording, drawn by the number until the voice stands far enough above the noise to be understood."""
    draw = np.random.default_rng([1912, number])
    for _ in range(20):
        chain = CHAINS[CARRIERS[int(draw.integers(len(CARRIERS)))]](draw)
        made = age(Audio(sound[None], VOICE_RATE), chain, int(draw.integers(2**31)))
        aged, programme = made.audio.samples[0], made.programme.samples[0]
        noise = float(np.sum((aged - programme) ** 2)) + 1e-12
        if float(np.sum(programme**2)) > noise * 10 ** (LEAST_SNR_DB / 10):
            return np.asarray(aged)
    return sound
