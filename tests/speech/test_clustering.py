"""Voices as directions with scatter: the number of them is found, and each window gets its own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from restoration.speech.clustering import Clustering, label_windows, most_likely_voices, smoothed

LIKENESS = 0.6  # cosine between two windows of one voice


def windows_of(turns, seed: int = 0, size: int = 128):
    """Unit vectors around a direction for each voice; regions of ten windows; (embeddings, regions, truth)."""
    random = np.random.default_rng(seed)
    voices = np.linalg.qr(random.normal(size=(size, size)))[0]
    truth = np.concatenate([np.full(length, voice) for voice, length in turns])
    scatter = random.normal(size=(truth.size, size)) / np.sqrt(size)
    vectors = np.sqrt(LIKENESS) * voices[truth] + np.sqrt(1 - LIKENESS) * scatter
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    regions = np.concatenate([np.full(length, number) for number, (_, length) in enumerate(turns)])
    return vectors.astype(np.float32), regions, truth


def agree(labels, truth) -> float:
    """Share of windows that are right under the best naming."""
    names = range(max(labels.max(), truth.max()) + 1)
    return max(float(np.mean(np.array(order)[labels] == truth)) for order in itertools.permutations(names))


@pytest.mark.parametrize("voices", [1, 2, 3, 5])
def test_the_number_of_voices_is_found(voices):
    turns = [(turn % voices, 12) for turn in range(6 * voices)]
    embeddings, regions, truth = windows_of(turns)
    labels = label_windows(embeddings, regions, Clustering())
    assert labels.max() + 1 == voices
    assert agree(labels, truth) == 1.0


def test_a_voice_that_speaks_little_is_found_beside_one_that_speaks_much():
    embeddings, regions, truth = windows_of([(0, 200), (1, 12), (0, 200)])
    assert agree(label_windows(embeddings, regions, Clustering()), truth) == 1.0


def test_a_few_odd_windows_are_no_speaker():
    embeddings, regions, _ = windows_of([(0, 60), (1, 2), (0, 60), (2, 2), (0, 20)])
    assert label_windows(embeddings, regions, Clustering()).max() == 0


def test_fewest_and_most_speakers_are_kept_to():
    one = windows_of([(0, 80)])
    assert label_windows(*one[:2], Clustering(min_speakers=2, max_speakers=3)).max() + 1 in (2, 3)
    four = windows_of([(voice, 20) for voice in (0, 1, 2, 3, 0, 1, 2, 3)])
    assert label_windows(*four[:2], Clustering(max_speakers=2)).max() + 1 == 2
    assert label_windows(*four[:2], Clustering(max_speakers=1)).max() == 0


def test_a_long_tape_is_clustered_by_a_part_and_labelled_whole():
    embeddings, regions, truth = windows_of([(turn % 2, 50) for turn in range(80)])
    labels = label_windows(embeddings, regions, Clustering(most_windows=200))
    assert labels.size == 4000
    assert agree(labels, truth) == 1.0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_next_to_nothing_is_one_voice(count):
    embeddings, regions, _ = windows_of([(0, 10)])
    assert label_windows(embeddings[:count], regions[:count], Clustering()).tolist() == [0] * count


def test_smoothing_stays_within_the_region():
    embeddings, regions, _ = windows_of([(0, 6), (1, 6)])
    apart = np.concatenate([smoothed(embeddings[:6], regions[:6]), smoothed(embeddings[6:], regions[6:])])
    assert smoothed(embeddings, regions) == pytest.approx(apart, abs=1e-6)


def test_the_course_of_voices_is_the_best_of_all_courses():
    random = np.random.default_rng(2)
    parameters = Clustering(sharpness=5.0, switch=2.0)
    for _ in range(20):
        likeness = random.uniform(-1, 1, size=(6, 3)).astype(np.float32)
        regions = np.array([0, 0, 1, 1, 1, 2])

        def worth(course, likeness=likeness, regions=regions):
            changes = [
                parameters.switch * (1.0 if regions[at] == regions[at - 1] else 0.25)
                for at in range(1, 6)
                if course[at] != course[at - 1]
            ]
            return parameters.sharpness * sum(likeness[at, voice] for at, voice in enumerate(course)) - sum(changes)

        best = max(worth(course) for course in itertools.product(range(3), repeat=6))
        assert worth(most_likely_voices(likeness, regions, parameters)) == pytest.approx(best)


def test_voices_are_looked_for_in_whole_windows_and_short_ones_go_to_the_nearest():
    embeddings, regions, truth = windows_of([(0, 30), (1, 30), (2, 12)])
    whole = truth != 2
    labels = label_windows(embeddings, regions, Clustering(), whole)
    assert labels.max() == 1
    assert agree(labels[whole], truth[whole]) == 1.0
