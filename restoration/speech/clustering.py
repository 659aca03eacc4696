"""How many voices there are among many windows of speech, and which window is whose.

Average-linkage clustering of cosine distances finds the voices; a Viterbi pass over the windows in order then decides
each window, so that a speaker is not interrupted by a single odd window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage

Vectors = npt.NDArray[np.float32]
"""Unit vectors, shape (windows, size)."""
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """How voices are told apart; ``distance`` and ``merge`` come from ``tests/speech/calibrate_speakers.py``.

    Attributes:
        min_speakers: fewest voices.
        max_speakers: most voices.
        distance: cosine distance, averaged between groups of smoothed windows, from which they are two voices.
        merge: cosine of two voices' mean embeddings from which they are one after all.
        smallest: windows that a voice must have to be one.
        most_windows: more are thinned out evenly for the clustering; all are labelled afterwards.
        sharpness: how much a cosine weighs against ``switch``.
        switch: cost of a change of speaker within a region of speech; across a pause it is a quarter of it.
        rounds: times that voices' means and windows' labels are brought into agreement.
    """

    min_speakers: int = 1
    max_speakers: int = 8
    distance: float = 0.6
    merge: float = 0.55
    smallest: int = 5
    most_windows: int = 2000
    sharpness: float = 10.0
    switch: float = 6.0
    rounds: int = 3


def label_windows(embeddings: Vectors, regions: Labels, parameters: Clustering) -> Labels:
    """A voice's number for each window, from 0.

    Args:
        embeddings: of the windows, in order of time.
        regions: number of the region of speech that each window lies in.
        parameters: see there.
    """
    if len(embeddings) < 2 or parameters.max_speakers == 1:
        return np.zeros(len(embeddings), dtype=np.int64)
    chosen = np.unique(np.linspace(0, len(embeddings) - 1, min(len(embeddings), parameters.most_windows)).astype(int))
    labels = _agglomerate(smoothed(embeddings, regions)[chosen], parameters)
    voices = _merged(_means(embeddings[chosen], labels), np.bincount(labels), parameters)
    for _ in range(parameters.rounds):
        assigned = most_likely_voices(likeness_of(embeddings, voices), regions, parameters)
        if np.unique(assigned).size < parameters.min_speakers:
            break
        kept = _large_enough(assigned, parameters)
        voices = _merged(_means(embeddings, assigned)[kept], np.bincount(assigned)[kept], parameters)
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


def _agglomerate(vectors: Vectors, parameters: Clustering) -> Labels:
    tree = linkage(vectors.astype(np.float64), method="average", metric="cosine")
    labels = np.asarray(fcluster(tree, parameters.distance, criterion="distance") - 1, dtype=np.int64)
    if _count_large(labels, parameters) < parameters.min_speakers:
        return _divided(vectors, parameters.min_speakers, parameters.rounds)
    large = _large_enough(labels, parameters)
    if len(large) > parameters.max_speakers:
        large = large[np.argsort(-np.bincount(labels)[large], kind="stable")[: parameters.max_speakers]]
    nearest = np.argmax(likeness_of(vectors, _means(vectors, labels)[large]), axis=1)
    return np.asarray(np.unique(nearest, return_inverse=True)[1], dtype=np.int64)


def _divided(vectors: Vectors, voices: int, rounds: int) -> Labels:
    """Into a number of voices that is known: spherical k-means from the windows that are least like each other."""
    least = likeness_of(vectors, vectors)
    starts = [int(np.argmin(least.mean(axis=1)))]
    while len(starts) < min(voices, len(vectors)):
        starts.append(int(np.argmin(least[:, starts].max(axis=1))))
    means = vectors[starts]
    for _ in range(4 * rounds):
        labels = np.asarray(np.argmax(likeness_of(vectors, means), axis=1), dtype=np.int64)
        present = np.unique(labels)
        means[present] = _means(vectors, labels)[present]
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def _count_large(labels: Labels, parameters: Clustering) -> int:
    return int(np.count_nonzero(np.bincount(labels) >= parameters.smallest))


def _large_enough(labels: Labels, parameters: Clustering) -> Labels:
    """Numbers of the voices with enough windows; at least as many of the largest as there must be speakers."""
    counts = np.bincount(labels)
    ranked = np.argsort(-counts, kind="stable")
    enough = max(_count_large(labels, parameters), min(parameters.min_speakers, int(np.count_nonzero(counts))))
    return np.sort(ranked[:enough])


def _merged(voices: Vectors, counts: Labels, parameters: Clustering) -> Vectors:
    """Voices that are as alike as ``merge`` become one, the most alike first."""
    weights = counts.astype(np.float64)
    while len(voices) > parameters.min_speakers and len(voices) > 1:
        likeness = likeness_of(voices, voices) - 2 * np.eye(len(voices), dtype=np.float32)
        first, second = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[first, second] < parameters.merge:
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
