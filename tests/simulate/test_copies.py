"""Copies of copies: their noises have any colour."""

import numpy as np

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.copies import draw_copy
from restoration.simulate.noise import Hiss
from tests.simulate.measured import RATE, noise, spectrum_db

MANY = 60


def colours_db():
    """Level at 250 Hz over that at 4 kHz of what each of many copies adds."""
    clean = Audio(noise(3).astype(np.float32), RATE)
    for seed in range(MANY):
        made = age(clean, draw_copy(np.random.default_rng(seed)), seed)
        added = (made.audio.samples - made.programme.samples)[0].astype(np.float64)
        yield spectrum_db(added, 250) - spectrum_db(added, 4000)


def test_the_noise_has_any_colour_and_falls_more_often_than_it_rises():
    found = np.array(list(colours_db()))
    assert np.quantile(found, 0.9) > 20 and np.quantile(found, 0.1) < 5
    assert np.median(found) > 6


def test_some_noise_is_narrower_than_the_voice_and_some_sways():
    hisses = [fault for seed in range(MANY) for fault in draw_copy(np.random.default_rng(seed)) if type(fault) is Hiss]
    for share in (
        np.mean([hiss.band_hz is not None for hiss in hisses]),
        np.mean([hiss.swish_depth > 0 for hiss in hisses]),
    ):
        assert 0.15 < share < 0.5
