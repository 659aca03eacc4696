import numpy as np
import pytest

from restoration.simulate.clicks import LONGEST_MS, clicks, one_click

RATE = 48000


@pytest.mark.parametrize("clicks_per_s", [0.5, 10.0])
def test_the_rate_is_the_one_asked_for_within_its_statistics(clicks_per_s: float) -> None:
    _, starts = clicks(200 * RATE, RATE, clicks_per_s, -20.0, 0.0, np.random.default_rng(1))
    wanted = 200 * clicks_per_s
    assert abs(len(starts) - wanted) < 4 * np.sqrt(wanted)
    assert starts == sorted(starts)


def test_peaks_spread_around_their_median() -> None:
    sound, starts = clicks(600 * RATE, RATE, 1.0, -20.0, 4.0, np.random.default_rng(2))
    lengths = int(LONGEST_MS / 1000 * RATE) + 1
    peaks = [np.abs(sound[0, start : start + lengths]).max() for start in starts]
    decibels = 20 * np.log10(peaks)
    assert np.median(decibels) == pytest.approx(-20.0, abs=0.7)
    assert np.std(decibels) == pytest.approx(4.0, abs=0.6)


def test_nothing_sounds_away_from_the_clicks() -> None:
    sound, starts = clicks(60 * RATE, RATE, 2.0, -10.0, 3.0, np.random.default_rng(3))
    sounding = np.zeros(sound.shape[1], dtype=bool)
    for start in starts:
        sounding[start : start + int(LONGEST_MS / 1000 * RATE) + 1] = True
    assert not sound[0, ~sounding].any()
    assert all(sound[0, start] for start in starts)


def test_a_click_peaks_at_one_and_dies_away() -> None:
    for seed in range(50):
        click = one_click(RATE, np.random.default_rng(seed))
        assert np.abs(click).max() == pytest.approx(1.0)
        assert abs(click[-1]) < 0.5


def test_no_frames_hold_no_clicks() -> None:
    sound, starts = clicks(0, RATE, 100.0, -10.0, 3.0, np.random.default_rng(4))
    assert sound.shape == (1, 0)
    assert starts == []
