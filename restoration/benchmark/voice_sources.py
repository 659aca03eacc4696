"""Whose performances are lent the voice, and the reading that the voice was learnt from: mono, 16 kHz.

Sources come from clips that no model of ours was trained on: those of the speakers that are held out whole first
(``nets.speaker_corpus.HELD_OUT``), then those that are held out by their paths (``training.clips.is_held_out``).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from restoration.benchmark.clips import find_clips
from restoration.errors import BadSoundFile, RestorationError
from restoration.nets.speaker_corpus import HELD_OUT
from restoration.training.clips import is_held_out

FloatArray = npt.NDArray[np.float32]

SAMPLE_RATE = 16000
SHORTEST_S, LONGEST_S = 3.0, 12.0
OTHERS = 6
"""So many other clips of a speaker say who that is."""
SEXES = ("f", "m")


@dataclass(frozen=True)
class Spoken:
    """A clip: its file, name, speaker, the speaker's sex (f, m, or empty where it is not known), and the words that are
    read in it (empty where they are not known)."""

    path: Path
    name: str
    speaker: str
    sex: str = ""
    text: str = ""


@dataclass(frozen=True)
class Sources:
    """The clips that are converted, and by their names other clips of the same speakers."""

    clips: tuple[Spoken, ...]
    others: Mapping[str, tuple[Spoken, ...]]


def draw_sources(corpus: Path, count: int, seed: int) -> Sources:
    """``count`` held-out English clips of at least 3 s, as many by women as by men, no speaker twice before all once.

    Args:
        corpus: a folder with a train.csv (columns path, speaker, language, sex, duration_s).
        count: how many.
        seed: of the draw: the same one gives the same clips.

    Raises:
        RestorationError: there is no such table, or too few such clips.
    """
    table = corpus / "train.csv"
    if not table.is_file():
        raise RestorationError(f"{table} is not there; --corpus is a folder with a train.csv, or name --sources FOLDER")
    eligible = list(_eligible(corpus, table))
    random = np.random.default_rng(seed)
    women, men = (_round_robin([clip for clip in eligible if clip.sex == sex], random) for sex in SEXES)
    drawn = [clip for pair in zip_longest(women, men) for clip in pair if clip is not None][:count]
    if len(drawn) < count:
        raise RestorationError(f"{table} lists {len(drawn)} held-out English clips of 3 s or more; {count} are wanted")
    return Sources(tuple(drawn), _others(drawn, eligible))


def find_sources(folder: Path, count: int | None) -> Sources:
    """The sound files of a folder; a folder inside it is a speaker, a file that lies in none is one of its own."""
    found = [
        Spoken(source.path, source.name, source.name.split("/")[0])
        for source in find_clips(folder)
        if duration_s(source.path) >= SHORTEST_S
    ]
    if not found:
        raise RestorationError(f"{folder} holds no sound of {SHORTEST_S:g} s or more")
    return Sources(tuple(found[:count]), _others(found[:count], found))


def find_reading(folder: Path) -> list[Spoken]:
    """The clips of the reading that are long enough to say who speaks; at least two of them.

    Raises:
        RestorationError: there are fewer.
    """
    clips = [source for source in find_clips(folder) if duration_s(source.path) >= SHORTEST_S]
    if len(clips) < 2:
        raise RestorationError(f"{folder} holds {len(clips)} clips of {SHORTEST_S:g} s or more; a reading has two")
    return [Spoken(source.path, source.name, folder.name) for source in clips]


def duration_s(path: Path) -> float:
    """How long a sound file is.

    Raises:
        BadSoundFile: it cannot be opened.
    """
    try:
        return float(soundfile.info(path).duration)
    except soundfile.SoundFileError as error:
        raise BadSoundFile(path, f"cannot be opened ({error})") from error


def read(spoken: Spoken) -> FloatArray:
    """The sound (time,) of a clip, its first 12 s, the mean of its channels.

    Raises:
        BadSoundFile: it cannot be decoded.
    """
    try:
        samples, sample_rate = soundfile.read(spoken.path, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise BadSoundFile(spoken.path, f"cannot be decoded ({error})") from error
    heard = samples[: round(LONGEST_S * sample_rate)].mean(axis=1)
    return np.asarray(soxr.resample(heard, sample_rate, SAMPLE_RATE, quality="VHQ"), dtype=np.float32)


def sha256(sound: FloatArray) -> str:
    """The digest of a sound as little-endian float32."""
    return hashlib.sha256(np.ascontiguousarray(sound, dtype="<f4").tobytes()).hexdigest()


def _eligible(corpus: Path, table: Path) -> Iterator[Spoken]:
    """The held-out clips; those of speakers that are held out whole come first."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {"path", "speaker", "language", "sex", "duration_s"}
    if rows and not wanted <= set(rows[0]):
        raise RestorationError(f"{table} lacks the columns {', '.join(sorted(wanted - set(rows[0])))}")
    usable = [
        row
        for row in rows
        if row["language"].lower().startswith("en") and row["sex"] in SEXES and float(row["duration_s"]) >= SHORTEST_S
    ]
    whole = [row for row in usable if row["speaker"] in HELD_OUT]
    for row in (*whole, *(row for row in usable if row["speaker"] not in HELD_OUT and is_held_out(row["path"]))):
        path = Path(row["path"])
        text = row.get("text") or "" if float(row["duration_s"]) <= LONGEST_S else ""  # more is not heard
        yield Spoken(corpus / path, f"{row['speaker']}/{path.stem}", row["speaker"], row["sex"], text)


def _round_robin(clips: Sequence[Spoken], random: np.random.Generator) -> list[Spoken]:
    """A clip of each speaker in turn, in a random order; speakers that are held out whole are used up first."""
    drawn: list[Spoken] = []
    for whole in (True, False):
        speakers: dict[str, list[Spoken]] = {}
        for clip in clips:
            if (clip.speaker in HELD_OUT) == whole:
                speakers.setdefault(clip.speaker, []).append(clip)
        names = [sorted(speakers)[number] for number in random.permutation(len(speakers))]
        lists = [[speakers[name][n] for n in random.permutation(len(speakers[name]))] for name in names]
        drawn += [clip for turn in zip_longest(*lists) for clip in turn if clip is not None]
    return drawn


def _others(drawn: Sequence[Spoken], every: Sequence[Spoken]) -> dict[str, tuple[Spoken, ...]]:
    return {
        clip.name: tuple(each for each in every if each.speaker == clip.speaker and each.path != clip.path)[:OTHERS]
        for clip in drawn
    }
