"""Phrases lie within the segments, are of 1.5 to 12 s, and are cut where it is quiet."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from restoration.voice.phrases import LONGEST_S, SHORTEST_S, Phrase, phrases_of


def noise_with_pauses(seconds, pauses):
    sound = 0.1 * np.random.default_rng(3).standard_normal(round(seconds * 16000)).astype(np.float32)
    for start_s, stop_s in pauses:
        sound[round(start_s * 16000) : round(stop_s * 16000)] *= 0.01
    return sound


def test_a_long_segment_is_cut_in_its_pauses():
    sound = noise_with_pauses(30, [(9.0, 9.3), (19.5, 19.8), (14.0, 14.02)])
    cut = phrases_of([Phrase(0.0, 30.0, "a")], sound)
    assert [phrase.start_s for phrase in cut[1:]] == pytest.approx([9.15, 19.65], abs=0.1)


def test_words_are_joined_to_what_is_near_and_of_the_same_speaker():
    said = [Phrase(0.0, 1.0, "a"), Phrase(1.4, 4.0, "a"), Phrase(4.3, 5.0, "b"), Phrase(7.0, 7.9, "b")]
    joined = phrases_of(said, noise_with_pauses(10, []))
    assert joined == [Phrase(0.0, 4.0, "a"), Phrase(4.3, 5.0, "b"), Phrase(7.0, 7.9, "b")]


@given(st.lists(st.tuples(st.floats(0.1, 30), st.floats(0.05, 2), st.sampled_from("ab")), min_size=1, max_size=6))
def test_nothing_is_lost_or_said_twice(lengths):
    segments, at_s = [], 0.0
    for length_s, pause_s, speaker in lengths:
        segments.append(Phrase(at_s, at_s + length_s, speaker))
        at_s += length_s + pause_s
    cut = phrases_of(segments, SOUND[: round(at_s * 16000)])
    assert all(before.stop_s <= after.start_s for before, after in pairwise(cut))
    assert all(0 < phrase.stop_s - phrase.start_s <= LONGEST_S for phrase in cut)
    assert sum(stop - start for start, stop, _ in cut) >= sum(stop - start for start, stop, _ in segments) - 1e-6
    for phrase in cut:
        longer = [s for s in segments if s.stop_s - s.start_s > LONGEST_S and s.start_s <= phrase.start_s < s.stop_s]
        assert not longer or phrase.stop_s - phrase.start_s >= SHORTEST_S - 0.02


SOUND = noise_with_pauses(195, [])
