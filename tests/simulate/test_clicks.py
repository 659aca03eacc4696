import numpy as np
import pytest

from restoration.simulate.clicks import LONGEST_MS, Clicks, clicks, one_click
from restoration.simulate.level import speech_level
from tests.simulate.measured import RATE, added, drawn_by, noise

LENGTH = int(LONGEST_MS / 1000 * RATE) + 1


@pytest.mark.parametrize("clicks_per_s", [0.5, 10.0, 200.0])
def test_the_rate_is_the_one_asked_for_within_its_statistics(clicks_per_s: float) -> None:
    _, starts = clicks(200 * RATE, RATE, clicks_per_s, -20.0, 0.0, np.random.default_rng(1))
    wanted = 200 * clicks_per_s
    assert abs(len(starts) - wanted) < 4 * np.sqrt(wanted)
    assert starts == sorted(starts)


def test_peaks_spread_around_their_median_with_a_heavy_tail() -> None:
    sound, starts = clicks(1500 * RATE, RATE, 1.0, -20.0, 4.0, np.random.default_rng(2))
    peaks_db = 20 * np.log10([np.abs(sound[0, start : start + LENGTH]).max() for start in starts])
    assert np.median(peaks_db) == pytest.approx(-20.0, abs=0.5)
    assert np.std(peaks_db) == pytest.approx(4.0, abs=0.5)
    # Laplace: seven in a thousand lie more than three deviations above; of a normal distribution one would.
    assert 0.004 < np.mean(peaks_db > -20 + 3 * 4.0) < 0.013


def test_clicks_lie_as_far_above_the_speech_as_asked() -> None:
    fault = Clicks(per_s=5.0, peak_db=6.0, spread_db=0.0)
    for scale in (0.1, 1.0):
        sound = scale * noise(20)
        struck = np.abs(added(fault, sound))[0]
        peaks = [struck[start : start + LENGTH].max() for start in drawn_by(fault, sound)["click_frames"]]
        assert np.median(peaks) == pytest.approx(speech_level(sound, RATE) * 10**0.3, rel=1e-6)


def test_nothing_sounds_away_from_the_clicks() -> None:
    sound, starts = clicks(60 * RATE, RATE, 2.0, -10.0, 3.0, np.random.default_rng(3))
    sounding = np.zeros(sound.shape[1], dtype=bool)
    for start in starts:
        sounding[start : start + LENGTH] = True
    assert not sound[0, ~sounding].any()
    assert all(sound[0, start] for start in starts)


def test_clicks_that_overlap_add_up() -> None:
    # A hundred thousand in a tenth of a second, of random signs: their energies add up, unless some are lost.
    sound, starts = clicks(RATE // 10, RATE, 1_000_000.0, 0.0, 0.0, np.random.default_rng(4))
    energies = [np.sum(one_click(RATE, length_ms, 3000.0) ** 2) for length_ms in np.geomspace(0.1, 3.0, 500)]
    assert np.sum(sound**2) == pytest.approx(len(starts) * np.mean(energies), rel=0.3)


def test_a_click_peaks_at_one_and_dies_away() -> None:
    for length_ms in (0.1, 0.5, 3.0):
        click = one_click(RATE, length_ms, 2000.0)
        assert click.size == round(length_ms / 1000 * RATE)
        assert np.abs(click).max() == pytest.approx(1.0)
        assert np.abs(click[-3:]).max() < 0.2 or length_ms < 0.2


def test_no_frames_hold_no_clicks() -> None:
    sound, starts = clicks(0, RATE, 100.0, -10.0, 3.0, np.random.default_rng(4))
    assert sound.shape == (1, 0)
    assert starts == []
