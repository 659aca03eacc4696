import numpy as np
import pytest

from restoration.simulate.level import speech_level
from restoration.simulate.saturation import Saturation, play
from tests.simulate.measured import RATE, applied, level_dbfs, noise, partial_db, tone


def harmonic_db(samples: np.ndarray, hz: float, order: int) -> float:
    return partial_db(samples[0], order * hz) - partial_db(samples[0], hz)


def test_the_third_harmonic_is_3_percent_at_the_headroom() -> None:
    # A tone alone is its own speech: at a headroom of 0 dB it lies at the maximum operating level.
    assert harmonic_db(applied(Saturation(headroom_db=0.0), tone(500, 1)), 500, 3) == pytest.approx(-30.5, abs=0.1)


def test_it_falls_by_2_db_for_each_db_of_headroom() -> None:
    found = [harmonic_db(applied(Saturation(headroom_db=db), tone(500, 1)), 500, 3) for db in (10.0, 20.0)]
    assert found[0] - found[1] == pytest.approx(20.0, abs=1.0)


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_the_level_of_the_transfer_does_not_matter(scale: float) -> None:
    fault = Saturation(headroom_db=3.0, lag=0.4, emphasis_us=50.0)
    assert applied(fault, scale * tone(500, 1)) == pytest.approx(scale * applied(fault, tone(500, 1)), rel=1e-6)


def test_a_symmetrical_tape_makes_odd_harmonics_and_a_magnetised_one_even_ones() -> None:
    assert harmonic_db(applied(Saturation(headroom_db=0.0), tone(500, 1)), 500, 2) < -100
    assert -40 < harmonic_db(applied(Saturation(headroom_db=0.0, asymmetry=0.3), tone(500, 1)), 500, 2) < -10


def test_what_is_quiet_comes_back_as_it_was() -> None:
    fault = Saturation(headroom_db=40.0, emphasis_us=70.0, asymmetry=0.1)
    assert level_dbfs(applied(fault, noise(1)) - noise(1)) < level_dbfs(noise(1)) - 35


def test_the_treble_saturates_first() -> None:
    plain, emphasised = Saturation(headroom_db=3.0), Saturation(headroom_db=3.0, emphasis_us=100.0)
    third_db = {
        (fault, hz): harmonic_db(applied(fault, tone(hz, 1)), hz, 3)
        for fault in (plain, emphasised)
        for hz in (200, 3000)
    }
    assert third_db[plain, 200] == pytest.approx(third_db[plain, 3000], abs=0.5)
    assert third_db[emphasised, 200] == pytest.approx(third_db[plain, 200], abs=0.5)
    # The harmonics of the treble are de-emphasised, but what makes them is much louder.
    squashed_db = [partial_db(applied(fault, tone(3000, 1))[0], 3000) for fault in (plain, emphasised)]
    assert squashed_db[0] - squashed_db[1] > 1.2


def test_the_magnetisation_lags_behind_the_field() -> None:
    def lag_turns(fault: Saturation, hz: float) -> float:
        played = applied(fault, tone(hz, 1))[0, RATE // 2 :]
        at = np.exp(-2j * np.pi * hz / RATE * np.arange(played.size))
        return float(np.angle(np.sum(tone(hz, 1)[0, RATE // 2 :] * at) / np.sum(played * at))) / (2 * np.pi)

    assert lag_turns(Saturation(headroom_db=6.0), 500) == pytest.approx(0, abs=1e-4)
    lags = [lag_turns(Saturation(headroom_db=6.0, lag=0.5, coercivity_db=db), 500) for db in (-30.0, -15.0, -10.0)]
    assert 0.001 < lags[0] < lags[1] < lags[2]
    # Hysteresis does not know how fast it is run through (but a head plays no direct current).
    assert lag_turns(Saturation(headroom_db=6.0, lag=0.5, coercivity_db=-15.0), 100) == pytest.approx(lags[1], rel=0.06)


def test_what_is_quieter_than_the_coercivity_loses_the_share_that_lags() -> None:
    fault = Saturation(headroom_db=30.0, lag=0.5, coercivity_db=-20.0)
    sound = np.concatenate([tone(500, 1), np.zeros((1, 100)), 0.01 * tone(500, 1)], axis=1)
    assert level_dbfs(applied(fault, sound)[:, -RATE // 2 :]) - level_dbfs(sound[:, -RATE // 2 :]) == pytest.approx(
        20 * np.log10(0.5), abs=0.5
    )


@pytest.mark.parametrize("frames", [1, 2, 10, 997, 5000])
def test_play_is_the_operator_frame_by_frame(frames: int) -> None:
    samples = np.cumsum(np.random.default_rng(frames).standard_normal((2, frames)), axis=1)
    expected = np.zeros_like(samples)
    for channel, row in enumerate(samples):
        state = 0.0
        for frame, value in enumerate(row):
            state = min(max(state, value - 1.5), value + 1.5)
            expected[channel, frame] = state
    assert np.array_equal(play(samples, 1.5), expected)


def test_silence_stays_silence() -> None:
    assert not applied(Saturation(headroom_db=0.0, lag=0.5, asymmetry=0.5), np.zeros((1, 999))).any()
    assert speech_level(np.zeros((1, 999)), RATE) == 0
