"""The mean of the sound, of digital silence, and of nothing."""

import numpy as np
import pytest

from restoration.measures.dc import dc_offset, digital_silence


def test_the_mean_of_each_channel(recording_of):
    sound = np.random.default_rng(1).normal(0, 0.1, (8, 30_000))
    recording = recording_of(sound, 8000, block_frames=777)
    assert dc_offset(recording) == pytest.approx(sound.mean(axis=1), abs=1e-7)


def test_silence_lies_on_zero(recording_of):
    assert dc_offset(recording_of(np.zeros((2, 5000)), 8000)) == [0.0, 0.0]


def test_one_sample(recording_of):
    assert dc_offset(recording_of(np.array([0.25]), 48000)) == pytest.approx([0.25])


def test_blocks_do_not_matter(recording_of):
    recording = recording_of(np.random.default_rng(2).normal(0.1, 0.1, 20_000), 8000)
    assert dc_offset(recording.with_blocks(101)) == dc_offset(recording.with_blocks(99_999))


@pytest.mark.parametrize(("zeros", "silent"), [(9, False), (10, True), (11, True), (300, True)])
def test_ten_milliseconds_of_zeros_are_silence(zeros, silent):
    sound = np.ones((1, 1000))
    sound[:, 500 : 500 + zeros] = 0
    found = digital_silence(sound, 1000)
    assert found[:, 500 : 500 + zeros].all() == silent
    assert int(found.sum()) == (zeros if silent else 0)
