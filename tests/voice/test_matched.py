"""A clean reference through a worn channel: as far above the noise in every band, and as like as it should be."""

import numpy as np
import pytest

from restoration.simulate.chains import worn_disc, worn_tape
from restoration.voice.channel import channel_of, mel_levels
from restoration.voice.choosing_material import embeddings_of
from restoration.voice.matched import matched


@pytest.fixture(scope="module", params=["tape", "disc"])
def worn_and_matched(request, reading_by, aged_by):
    sound = reading_by("nathalie", 18)
    middle = sound.size // 2
    worn = aged_by({"tape": worn_tape, "disc": worn_disc}[request.param](), sound[:middle])
    return worn, sound[middle:], matched(sound[middle:], worn)


def above_noise_db(sound):
    channel = channel_of(sound)
    voice, pauses = mel_levels(channel.frequencies_hz, channel.voice, channel.pauses)
    return 10 * np.log10(voice / pauses)


def test_the_voice_stands_as_far_above_the_noise_in_every_band(worn_and_matched):
    worn, clean, through = worn_and_matched
    off = np.abs(above_noise_db(through) - above_noise_db(worn))
    assert np.median(off) < 1.5
    assert np.median(off) < 0.15 * np.median(np.abs(above_noise_db(clean) - above_noise_db(worn)))


def test_the_speaker_is_as_like_as_in_two_clean_halves(worn_and_matched, pieces_of):
    """The trap: a worn recording of a speaker is unlike a clean one of the same; not so through the same channel."""
    worn, clean, through = worn_and_matched
    worn, clean, through = embeddings_of(pieces_of([worn, clean, through]))
    assert worn @ clean < 0.88
    assert worn @ through > 0.92


def test_twice_is_the_same(worn_and_matched):
    worn, clean, through = worn_and_matched
    assert np.array_equal(matched(clean, worn), through)
    assert through.shape == clean.shape


def test_matched_to_itself_it_stays(reading_by):
    sound = reading_by("nathalie", 6)
    rest = matched(sound, sound) - sound
    assert 10 * np.log10(np.sum(rest**2) / np.sum(sound**2)) < -30
