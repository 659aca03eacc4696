"""How far the spectra of two voices are apart: nothing for one voice, much for two, and whatever the channel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import firwin2, oaconvolve

from restoration.voice.sphericity import spectra_apart
from restoration.voice.trial import stretch


@pytest.fixture(scope="module")
def reader():
    return [np.concatenate([stretch("reading.opus", start), stretch("reading.opus", start + 8)]) for start in (10, 90)]


@pytest.fixture(scope="module")
def announcer():
    return np.concatenate([stretch("interview.opus", start) for start in (32.0, 48.0)])


def test_a_sound_is_not_apart_from_itself_at_any_level(reader):
    assert spectra_apart(reader[0], reader[0]) == pytest.approx(0.0, abs=1e-6)
    assert spectra_apart(reader[0], 0.05 * reader[0]) == pytest.approx(0.0, abs=1e-3)


def test_the_order_does_not_matter(reader, announcer):
    assert spectra_apart(reader[0], announcer) == pytest.approx(spectra_apart(announcer, reader[0]), rel=1e-9)


def test_two_voices_are_farther_apart_than_two_texts(reader, announcer):
    assert spectra_apart(reader[0], announcer) > 2 * spectra_apart(*reader)


def test_the_colour_of_a_channel_hardly_counts(reader, announcer):
    coloured = oaconvolve(reader[1], firwin2(129, [0, 0.25, 0.6, 1], [1.0, 0.7, 1.2, 0.8]), mode="same")
    assert spectra_apart(reader[0], coloured.astype(np.float32)) < 0.5 * spectra_apart(reader[0], announcer)


def test_how_loud_each_word_is_does_not_count(reader, announcer):
    """The level, which comes and goes by 6 dB, lies in the one cepstrum that is left out."""
    seconds = np.arange(reader[1].size) / 16000
    swelling = reader[1] * 10 ** (6 * np.sin(2 * np.pi * 0.5 * seconds) / 20)
    assert spectra_apart(reader[1], swelling.astype(np.float32)) < 0.03
