"""What a treatment took from a voice: laws of the measures, on speech under a known hiss."""

import numpy as np
import pytest

from restoration.choosing.limits import MOST_EATEN_SHARE
from restoration.choosing.voice import cells, clear_cells, eaten_share, follows_voice, frames_within, typical_loss_db

RATE = 48000


@pytest.fixture(scope="module")
def mixed(reading):
    """Six seconds of speech, a second of pause put before it, and a hiss 25 dB below: (voice, hiss), (1, time)."""
    voice = np.concatenate([np.zeros(RATE), reading.samples[0, : 6 * RATE].astype(np.float64)])
    hiss = np.random.default_rng(1).standard_normal(voice.size)
    hiss *= np.sqrt(np.mean(voice**2) / np.mean(hiss**2)) * 10 ** (-25 / 20)
    return voice[None], hiss[None]


@pytest.fixture(scope="module")
def measured(mixed):
    """The three measures of a treated sound beside the mixture."""
    before = cells(sum(mixed), RATE)
    clear = clear_cells(before, frames_within([(0.1, 0.9)], before.shape[1], RATE))
    assert 0.02 < clear.mean() < 0.7

    def of(treated):
        after = cells(treated, RATE)
        return (
            eaten_share(before, after, clear),
            typical_loss_db(before, after, clear),
            follows_voice(before, after, clear),
        )

    return of


def test_taking_the_hiss_alone_takes_nothing_from_the_voice(mixed, measured):
    eaten, loss_db, follows = measured(mixed[0])
    assert eaten < 0.01
    assert abs(loss_db) < 0.3
    assert follows < 0.5


def test_a_delay_and_a_turned_sign_are_no_loss(mixed, measured):
    eaten, loss_db, _ = measured(-np.roll(sum(mixed), 30, axis=1))
    assert eaten < 0.01
    assert abs(loss_db) < 0.3


def test_a_voice_that_is_turned_down_is_lost_by_so_much(mixed, measured):
    voice, hiss = mixed
    eaten, loss_db, follows = measured(voice * 10 ** (-4 / 20) + hiss)
    assert loss_db == pytest.approx(4.0, abs=0.6)
    assert follows > 0.9
    assert eaten < 0.05
    assert measured(voice * 10 ** (-9 / 20) + hiss)[0] > 0.9


def test_muffled_consonants_are_eaten(mixed, measured):
    from scipy.signal import butter, sosfilt

    muffled = sosfilt(butter(4, 1500, fs=RATE, output="sos"), sum(mixed), axis=1)
    assert measured(muffled)[0] > MOST_EATEN_SHARE


def test_clicks_are_not_taken_for_a_voice():
    hiss = 0.001 * np.random.default_rng(2).standard_normal((1, 4 * RATE))
    hiss[0, RATE::4800] += 0.5
    before = cells(hiss, RATE)
    clear = clear_cells(before, frames_within([(0.0, 0.9)], before.shape[1], RATE))
    assert clear.mean() < 0.001


@pytest.mark.parametrize(("rate", "bands"), [(8000, 15), (11025, 16), (44100, 17), (192000, 17)])
def test_any_rate_and_any_length(rate, bands):
    samples = np.random.default_rng(0).standard_normal((2, rate // 2))
    found = cells(samples, rate)
    assert found.shape[0] == bands
    assert np.isfinite(found).all()
    assert cells(np.ones((1, 1)), rate).shape[1] >= 1


def test_where_too_little_is_clear_nothing_is_told():
    silence = np.zeros((17, 40))
    clear = clear_cells(silence, np.ones(40, dtype=bool))
    assert (eaten_share(silence, silence, clear), typical_loss_db(silence, silence, clear)) == (None, None)
    assert follows_voice(silence, silence, clear) is None


def test_what_nobody_hears_follows_nothing(mixed, measured):
    voice, hiss = mixed
    assert measured(voice * (1 - 1e-5) + hiss)[2] is None
