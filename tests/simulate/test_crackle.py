import numpy as np
import pytest

from restoration.simulate.crackle import Crackle, Scratch, Thumps
from restoration.simulate.groove import Groove

RATE = 48000
DISC = Groove(rpm=78.0, radius_mm=100.0, inward_mm_per_turn=0.0)
TURN = RATE * 60 / 78


def alone(fault, seconds: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What the fault adds to a voice whose speech level is 1, and the frames that it says it begins at."""
    voice = np.ones((2, int(seconds * RATE)))
    heard, drawn = fault.apply(voice, RATE, np.random.default_rng(seed))
    added = heard - voice
    assert np.array_equal(added[0], added[1])
    return added[0], np.array(next(iter(drawn.values())))


def peaks_of(sound: np.ndarray, starts: np.ndarray, reach: int) -> np.ndarray:
    return np.array([np.abs(sound[start : start + reach]).max() for start in starts])


@pytest.mark.parametrize("per_s", [5.0, 200.0])
def test_there_are_as_many_clicks_as_asked_and_they_lie_where_it_says(per_s):
    sound, starts = alone(Crackle(groove=DISC, per_s=per_s, decay_ms=(0.1, 0.2)), 30)
    assert starts.size == pytest.approx(30 * per_s, abs=4 * np.sqrt(30 * per_s))
    near = np.zeros(sound.size, dtype=bool)
    near[(starts[:, None] + np.arange(64)).clip(0, sound.size - 1)] = True
    assert np.abs(sound[~near]).max() < 0.01 * np.abs(sound).max()


@pytest.mark.parametrize("tail", [1.2, 3.0])
def test_peaks_have_the_median_and_the_tail_asked_for(tail):
    sound, starts = alone(Crackle(groove=DISC, per_s=20, peak_db=-6, tail=tail, decay_ms=(0.1, 0.1)), 100)
    apart = np.flatnonzero(np.diff(starts) > 200)
    peaks_db = 20 * np.log10(peaks_of(sound, starts[apart], 100))
    assert np.median(peaks_db) == pytest.approx(-6, abs=0.6)
    assert np.quantile(peaks_db, 0.9) + 6 == pytest.approx(20 * np.log10(5) / tail, abs=1.5)


@pytest.mark.parametrize("decay_ms", [0.3, 3.0])
def test_a_click_decays_as_fast_as_asked(decay_ms):
    sound, starts = alone(Crackle(groove=DISC, per_s=3, decay_ms=(decay_ms, decay_ms), tail=10), 60)
    apart = starts[:-1][np.diff(starts) > RATE // 20]
    clicks = np.array([sound[start : start + RATE // 20] for start in apart if start + RATE // 20 < sound.size])
    power = (clicks**2).mean(axis=0)
    # The energy that is left after a time t is exp(-2 t / decay).
    left = np.cumsum(power[::-1])[::-1] / power.sum()
    assert np.argmax(left < np.exp(-2)) / RATE * 1000 == pytest.approx(decay_ms, rel=0.15)


def test_clicks_are_long_and_short_within_the_span():
    sound, starts = alone(Crackle(groove=DISC, per_s=3, tail=10), 100)
    lengths_ms = []
    for start in starts[:-1][np.diff(starts) > RATE // 20]:
        power = np.cumsum(sound[start : start + RATE // 20][::-1] ** 2)[::-1]
        lengths_ms.append(np.argmax(power < np.exp(-2) * power[0]) / RATE * 1000)
    assert min(lengths_ms) < 0.3
    assert 1.5 < max(lengths_ms) < 4.5


@pytest.mark.parametrize(("patchy", "expected"), [(0.0, 0.0), (0.8, 0.4)])
def test_some_angles_of_the_disc_are_dirtier(patchy, expected):
    _, starts = alone(Crackle(groove=DISC, per_s=100, patchy=patchy), 60)
    gathered = np.abs(np.exp(2j * np.pi * starts / TURN).mean())
    assert gathered == pytest.approx(expected, abs=0.05)


def test_a_scratch_returns_once_a_turn():
    sound, starts = alone(Scratch(groove=DISC, peak_db=6, turns=200, slant_rad=0.01, uneven_db=0), 40)
    assert starts.size > 10
    assert np.diff(starts) == pytest.approx(TURN * (1 + 0.01 / (2 * np.pi)), abs=1)
    whole = starts[starts < sound.size - RATE // 10]
    assert 20 * np.log10(peaks_of(sound, whole, RATE // 10)) == pytest.approx(6, abs=0.1)


def test_a_scratch_is_over_after_its_turns():
    _, starts = alone(Scratch(groove=DISC, turns=3), 60, seed=4)
    assert 1 <= starts.size <= 3


def test_thumps_come_at_the_same_angles_and_lie_low():
    sound, starts = alone(Thumps(groove=DISC, peak_db=-3, per_turn=2, uneven_db=0), 40)
    assert starts.size == pytest.approx(2 * 40 * 1.3, abs=4)
    one, other = starts[::2], starts[1::2]
    assert np.diff(one) == pytest.approx(TURN, abs=1)
    assert np.diff(other) == pytest.approx(TURN, abs=1)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3, abs=2)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(sound.size, 1 / RATE)
    assert power[hz < 250].sum() > 0.97 * power.sum()
