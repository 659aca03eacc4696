"""Speakers told apart: regions of speech are cut where another voice begins, and each piece gets its speaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.speech.clustering import Clustering, Vectors, label_windows
from restoration.speech.listen import LISTENING_RATE, Mono, listening_chunks
from restoration.weights import locate

SPEAKER_MODEL = "speaker-embedding"
WINDOW_FRAMES = int(1.5 * LISTENING_RATE)
HOP_FRAMES = int(0.5 * LISTENING_RATE)
BATCH = 64

Region = tuple[float, float]
"""Start and end in seconds."""


class Turn(NamedTuple):
    """Speech by one speaker: start and end in seconds, and the speaker's number."""

    start_s: float
    end_s: float
    speaker: int


def speaker_turns(
    recording: Recording,
    regions: Sequence[Region],
    min_speakers: int = 1,
    max_speakers: int = 8,
    clustering: Clustering | None = None,
) -> list[Turn]:
    """The regions, in order, split where the speaker changes; speakers are numbered from 0, the most talkative first.

    Args:
        recording: what is listened to.
        regions: where somebody speaks, in order and without overlap, in seconds.
        min_speakers: fewest speakers to tell apart.
        max_speakers: most speakers to tell apart.
        clustering: how voices are told apart; calibrated values by default.

    Raises:
        MissingWeights: the speaker embedding's file is not on this machine.
    """
    if not regions:
        return []
    parameters = replace(clustering or Clustering(), min_speakers=min_speakers, max_speakers=max_speakers)
    windows = windows_in(regions)
    embeddings = window_embeddings(recording, windows)
    owner = np.array([window.region for window in windows], dtype=np.int64)
    whole = np.array([window.stop - window.start == WINDOW_FRAMES for window in windows], dtype=np.bool_)
    labels = label_windows(embeddings, owner, parameters, whole)
    return _by_speech_time(turns_of(regions, windows, labels))


class Window(NamedTuple):
    """A piece of speech to embed: start and end in frames at 16 kHz, and the number of its region."""

    start: int
    stop: int
    region: int


def windows_in(regions: Sequence[Region]) -> list[Window]:
    """Windows of 1.5 s, every 0.5 s, that cover each region to its end; a shorter region is one shorter window."""
    size = WINDOW_FRAMES
    windows = []
    for number, (start_s, end_s) in enumerate(regions):
        start, stop = round(start_s * LISTENING_RATE), round(end_s * LISTENING_RATE)
        starts = [*range(start, stop - size, HOP_FRAMES), max(start, stop - size)]
        windows += [Window(first, min(first + size, stop), number) for first in starts]
    return windows


def window_embeddings(recording: Recording, windows: Sequence[Window]) -> Vectors:
    """The embeddings (windows, 128) of ``windows``, which begin in order of time; heard once, in bounded memory."""
    from restoration.nets.speaker_embedding import EMBEDDING_SIZE, embed, load_speaker_embedding

    network = load_speaker_embedding(locate(SPEAKER_MODEL))
    parts = [np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)]
    batch: list[Mono] = []
    for heard in _heard(recording, windows):
        batch.append(heard)
        if len(batch) == BATCH:
            parts.append(embed(network, np.stack(batch)))
            batch = []
    if batch:
        parts.append(embed(network, np.stack(batch)))
    return np.concatenate(parts)


class _Listener:
    """Reads forward through what is heard, keeping no more than is asked for."""

    def __init__(self, recording: Recording) -> None:
        self._chunks = listening_chunks(recording)
        self._kept = np.zeros(0, dtype=np.float32)
        self._first = 0

    def read(self, start: int, stop: int) -> Mono:
        """Frames ``start`` to ``stop`` at 16 kHz, as far as there are any; ``start`` never goes back."""
        self._forget(start)
        while self._first + self._kept.size < stop:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._kept = np.concatenate([self._kept, chunk])
            self._forget(start)
        return self._kept[: max(0, stop - self._first)]

    def _forget(self, start: int) -> None:
        gone = min(max(0, start - self._first), self._kept.size)
        self._kept, self._first = self._kept[gone:], self._first + gone


def _heard(recording: Recording, windows: Sequence[Window]) -> Iterator[Mono]:
    """The sound of each window, repeated until it is 1.5 s long, at a level of 1."""
    listener = _Listener(recording)
    for window in windows:
        cut = listener.read(window.start, window.stop)
        sound = np.resize(cut, WINDOW_FRAMES) if cut.size else np.zeros(WINDOW_FRAMES, dtype=np.float32)
        yield sound / np.float32(np.sqrt(np.mean(np.square(sound))) + 1e-9)


def turns_of(regions: Sequence[Region], windows: Sequence[Window], labels: npt.NDArray[np.int64]) -> list[Turn]:
    """Turns of the labelled windows; in a region one ends halfway between the middles of two windows of two voices."""
    turns: list[Turn] = []
    for index, window in enumerate(windows):
        speaker = int(labels[index])
        same_region = index > 0 and windows[index - 1].region == window.region
        if same_region and speaker == turns[-1].speaker:
            continue
        start_s, end_s = regions[window.region]
        if same_region:
            start_s = (_middle_s(windows[index - 1]) + _middle_s(window)) / 2
            turns[-1] = turns[-1]._replace(end_s=start_s)
        turns.append(Turn(start_s, end_s, speaker))
    return turns


def _middle_s(window: Window) -> float:
    return (window.start + window.stop) / 2 / LISTENING_RATE


def _by_speech_time(turns: list[Turn]) -> list[Turn]:
    speech_s: dict[int, float] = {}
    for turn in turns:
        speech_s[turn.speaker] = speech_s.get(turn.speaker, 0.0) + turn.end_s - turn.start_s
    ranks = {speaker: rank for rank, speaker in enumerate(sorted(speech_s, key=lambda name: -speech_s[name]))}
    return [turn._replace(speaker=ranks[turn.speaker]) for turn in turns]
