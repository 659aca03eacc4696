"""How many voices there are among many windows of speech, and which window is whose.

The windows are parted in two by spherical k-means, and the parts again, as long as the means of the two halves are less
alike than those of one voice are. A Viterbi pass over the windows in order then decides each window, so that a speaker
is not interrupted by a single odd window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""Unit vectors, shape (windows, size)."""
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """How voices are told apart; ``alike`` comes from ``tests/speech/calibrate_speakers.py``.

    Attributes:
        min_speakers: fewest voices.
        max_speakers: most voices.
        alike: cosine of two voices' mean embeddings from which they are one voice.
        smallest: windows that a voice must have to be one.
        most_windows: more are thinned out evenly when voices are looked for; all are labelled afterwards.
        sharpness: how much a cosine weighs against ``switch``.
        switch: cost of a change of speaker within a region of speech; across a pause it is a quarter of it.
        rounds: times that voices' means and windows' labels are brought into agreement.
    """

    min_speakers: int = 1
    max_speakers: int = 8
    alike: float = 0.65
    smallest: int = 8
    most_windows: int = 2000
    sharpness: float = 10.0
    switch: float = 6.0
    rounds: int = 3


def label_windows(
    embeddings: Vectors, regions: Labels, parameters: Clustering, whole: npt.NDArray[np.bool_] | None = None
) -> Labels:
    """A voice's number for each window, from 0.

    Args:
        embeddings: of the windows, in order of time.
        regions: number of the region of speech that each window lies in.
        parameters: see there.
        whole: which windows have their full length; where there are enough of them, voices are looked for in these
            only, because a short exclamation tells little of a voice. All of them by default.
    """
    if len(embeddings) < 2 or parameters.max_speakers == 1:
        return np.zeros(len(embeddings), dtype=np.int64)
    trusted = np.arange(len(embeddings)) if whole is None else np.flatnonzero(whole)
    if len(trusted) < 2 * parameters.smallest:
        trusted = np.arange(len(embeddings))
    chosen = trusted[np.linspace(0, len(trusted) - 1, min(len(trusted), parameters.most_windows)).astype(int)]
    labels = _parted(embeddings[chosen], smoothed(embeddings, regions)[chosen], parameters)
    voices = _merged(_means(embeddings[chosen], labels), np.bincount(labels), parameters)
    for _ in range(parameters.rounds):
        assigned = most_likely_voices(likeness_of(embeddings, voices), regions, parameters)
        if np.unique(assigned).size < parameters.min_speakers:
            break
        known = assigned[trusted]
        kept = _large_enough(known, parameters)
        voices = _merged(_means(embeddings[trusted], known)[kept], np.bincount(known)[kept], parameters)
    likeness = likeness_of(embeddings, voices)
    assigned = most_likely_voices(likeness, regions, parameters)
    if np.unique(assigned).size < parameters.min_speakers:
        # Voices so alike that no change between them is worth its cost, but somebody knows that they are there.
        assigned = np.argmax(likeness, axis=1)
    return np.asarray(np.unique(assigned, return_inverse=True)[1], dtype=np.int64)


def smoothed(embeddings: Vectors, regions: Labels, reach: int = 2) -> Vectors:
    """Each window's embedding averaged with up to ``reach`` neighbours on both sides in its region; unit vectors."""
    total = np.zeros_like(embeddings)
    for shift in range(-reach, reach + 1):
        source = np.arange(len(embeddings)) + shift
        inside = (source >= 0) & (source < len(embeddings))
        inside[inside] = regions[source[inside]] == regions[inside]
        total[inside] += embeddings[source[inside]]
    return _unit(total)


def likeness_of(embeddings: Vectors, voices: Vectors) -> Vectors:
    """Cosines, shape (windows, voices)."""
    return np.asarray(np.matmul(embeddings, voices.T), dtype=np.float32)


def most_likely_voices(likeness: npt.NDArray[np.float32], regions: Labels, parameters: Clustering) -> Labels:
    """Viterbi: the course of voices with the highest sum of ``likeness`` (windows, voices) less the cost of changes."""
    windows, voices = likeness.shape
    score = parameters.sharpness * likeness[0].astype(np.float64)
    came_from = np.zeros((windows, voices), dtype=np.int64)
    for window in range(1, windows):
        cost = parameters.switch * (1.0 if regions[window] == regions[window - 1] else 0.25)
        best = int(np.argmax(score))
        stays = score >= score[best] - cost
        came_from[window] = np.where(stays, np.arange(voices), best)
        score = np.maximum(score, score[best] - cost) + parameters.sharpness * likeness[window]
    labels = np.zeros(windows, dtype=np.int64)
    labels[-1] = int(np.argmax(score))
    for window in range(windows - 1, 0, -1):
        labels[window - 1] = came_from[window, labels[window]]
    return labels


class _Split(NamedTuple):
    """Two halves of a group of windows, by the windows' numbers, and the cosine of the halves' means."""

    likeness: float
    halves: tuple[Labels, Labels]


def _parted(embeddings: Vectors, smooth: Vectors, parameters: Clustering) -> Labels:
    """Groups of windows; the group whose halves are least alike is parted first."""
    splits = {0: _split(embeddings, smooth, np.arange(len(embeddings)), parameters)}
    labels = np.zeros(len(embeddings), dtype=np.int64)
    while len(splits) < parameters.max_speakers:
        group = min(splits, key=lambda number: splits[number].likeness)
        likeness, halves = splits[group]
        if not np.isfinite(likeness) or (likeness >= parameters.alike and len(splits) >= parameters.min_speakers):
            break
        labels[halves[1]] = len(splits)
        splits[len(splits)] = _split(embeddings, smooth, halves[1], parameters)
        splits[group] = _split(embeddings, smooth, halves[0], parameters)
    return labels


def _split(embeddings: Vectors, smooth: Vectors, group: Labels, parameters: Clustering) -> _Split:
    """The halves of ``group``; infinitely alike if one of them would be too small to be a voice."""
    whole = _Split(np.inf, (group, group[:0]))
    if len(group) < 2:
        return whole
    labels = _halved(smooth[group], 4 * parameters.rounds)
    for _ in range(parameters.rounds):
        if len(np.unique(labels)) < 2:
            return whole
        voices = _means(embeddings[group], labels)
        labels = np.asarray(np.argmax(likeness_of(smooth[group], voices), axis=1), dtype=np.int64)
    halves = (group[labels == 0], group[labels == 1])
    least = parameters.smallest if parameters.min_speakers == 1 else 1
    if min(len(half) for half in halves) < least:
        return whole
    first, second = _means(embeddings[group], labels)
    return _Split(float(first @ second), halves)


def _halved(vectors: Vectors, rounds: int) -> Labels:
    """Spherical k-means with two means, from the vector least like the mean of all and the one least like that."""
    first = int(np.argmin(vectors @ vectors.mean(axis=0)))
    means = vectors[[first, int(np.argmin(vectors @ vectors[first]))]]
    labels = np.zeros(len(vectors), dtype=np.int64)
    for _ in range(rounds):
        labels = np.asarray(np.argmax(likeness_of(vectors, means), axis=1), dtype=np.int64)
        present = np.unique(labels)
        means[present] = _means(vectors, labels)[present]
    return labels


def _large_enough(labels: Labels, parameters: Clustering) -> Labels:
    """Numbers of the voices with enough windows; at least as many of the largest as there must be speakers."""
    counts = np.bincount(labels)
    ranked = np.argsort(-counts, kind="stable")
    large = int(np.count_nonzero(counts >= parameters.smallest))
    enough = max(large, min(parameters.min_speakers, int(np.count_nonzero(counts))))
    return np.sort(ranked[:enough])


def _merged(voices: Vectors, counts: Labels, parameters: Clustering) -> Vectors:
    """Voices that are as alike as ``alike`` become one, the most alike first."""
    weights = counts.astype(np.float64)
    while len(voices) > parameters.min_speakers and len(voices) > 1:
        likeness = likeness_of(voices, voices) - 2 * np.eye(len(voices), dtype=np.float32)
        first, second = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[first, second] < parameters.alike:
            break
        joined = _unit((weights[first] * voices[first] + weights[second] * voices[second])[None])
        rest = [index for index in range(len(voices)) if index not in (first, second)]
        weights = np.append(weights[rest], weights[first] + weights[second])
        voices = np.concatenate([voices[rest], joined.astype(np.float32)])
    return voices


def _means(vectors: Vectors, labels: Labels) -> Vectors:
    sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]), dtype=np.float64)
    np.add.at(sums, labels, vectors)
    return _unit(sums)


def _unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)
