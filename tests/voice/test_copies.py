"""Copies are found through another channel; the same words said again are none."""

import numpy as np
import pytest

from restoration.simulate.chains import worn_disc, worn_tape
from restoration.voice.copies import copies_of, likeness, log_mel


@pytest.mark.parametrize("chain", [worn_tape(), worn_disc()])
def test_a_copy_through_another_channel_is_found(clips_of, pieces_of, aged_by, chain):
    sounds = [sound for _, sound in clips_of("kathleen", 6)]
    # Cut elsewhere, by a quarter of a second and not by whole hops.
    copy = aged_by(chain, sounds[2])[4037:]
    assert copies_of(pieces_of([*sounds, copy])) == [None] * 6 + [2]


def test_the_same_words_again_are_no_copy(clips_of, pieces_of):
    """Of 24 clips many are of one text, read again."""
    clips = clips_of("kathleen", 24)
    texts = [text for text, _ in clips]
    assert len(set(texts)) < len(texts) - 5
    assert copies_of(pieces_of([sound for _, sound in clips])) == [None] * len(clips)


def test_a_phrase_within_a_longer_one_is_a_copy(reading_by, pieces_of):
    sound = reading_by("nathalie", 4)
    assert copies_of(pieces_of([sound, sound[16000:56000]])) == [None, 0]


def test_a_copy_of_a_copy_is_of_the_first(clips_of, pieces_of):
    (_, sound), (_, other) = clips_of("kathleen", 2)
    assert copies_of(pieces_of([other, sound, sound[160:], sound[320:]])) == [None, None, 1, 1]


def test_likeness_is_between_equal_sounds_one(clips_of):
    spectrograms = [log_mel(sound) for _, sound in clips_of("kathleen", 3)]
    alike = likeness([*spectrograms, spectrograms[0]])
    assert np.allclose(alike, alike.T)
    assert alike[0, 3] == pytest.approx(1.0, abs=1e-6)
    assert alike.max() <= 1 + 1e-6
