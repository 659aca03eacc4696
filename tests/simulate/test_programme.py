import numpy as np
import pytest
from scipy import signal

from restoration.simulate.clipping import Clipping
from restoration.simulate.level import speech_level
from restoration.simulate.programme import BandLimit, Gain
from tests.simulate.measured import applied, drawn_by, gain_db, level_dbfs, noise, response


def test_speech_level_does_not_know_of_pauses() -> None:
    loud = noise(4)
    with_pauses = np.concatenate([loud[:, :96000], np.zeros((1, 80000)), loud[:, 96000:], np.zeros((1, 80000))], axis=1)
    alone, paused = (20 * np.log10(speech_level(sound, 48000)) for sound in (loud, with_pauses))
    assert alone == pytest.approx(level_dbfs(loud), abs=0.3)
    assert paused == pytest.approx(alone, abs=0.3)
    assert speech_level(np.zeros((1, 9999)), 48000) == 0


@pytest.mark.parametrize("asked_db", [-20.0, 6.0])
def test_gain_is_gain(asked_db: float) -> None:
    assert level_dbfs(applied(Gain(gain_db=asked_db), noise(1))) == pytest.approx(level_dbfs(noise(1)) + asked_db)


@pytest.mark.parametrize("rate", [16000, 48000, 96000])
@pytest.mark.parametrize(("low_hz", "high_hz"), [(40.0, 3000.0), (300.0, 7000.0)])
@pytest.mark.parametrize("order", [2, 5, 8])
def test_the_edges_are_3_db_down_and_the_slopes_as_steep_as_asked(rate, low_hz, high_hz, order) -> None:
    band = BandLimit(low_hz=low_hz, high_hz=high_hz, order=order)
    assert gain_db(band, low_hz, rate) == pytest.approx(-3.01, abs=0.1)
    assert gain_db(band, high_hz, rate) == pytest.approx(-3.01, abs=0.1)
    assert gain_db(band, np.sqrt(low_hz * high_hz), rate) == pytest.approx(0, abs=0.1)
    assert gain_db(band, low_hz / 2, rate) == pytest.approx(-10 * np.log10(1 + 4.0**order), abs=0.3)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_brick_wall_ends_within_60_hz(rate: int) -> None:
    wall = BandLimit(low_hz=300.0, high_hz=3400.0, order=None)
    for edge, kept, lost in ((300, 335, 265), (3400, 3365, 3435)):
        assert gain_db(wall, edge, rate) == pytest.approx(-6.0, abs=0.2)
        assert gain_db(wall, kept, rate) == pytest.approx(0, abs=0.05)
        assert gain_db(wall, lost, rate) < -70


def test_nothing_is_delayed() -> None:
    white = noise(1)
    kept = applied(BandLimit(low_hz=100.0, high_hz=5000.0), white)
    assert np.argmax(signal.correlate(kept[0], white[0], mode="same")) == white.shape[1] // 2
    assert np.abs(np.angle(response(BandLimit(high_hz=5000.0))[1][:5000])).max() < 1e-3


def test_open_ends_leave_the_sound_as_it_was() -> None:
    assert np.array_equal(applied(BandLimit(), noise(1)), noise(1))
    assert np.array_equal(applied(BandLimit(high_hz=4000.0), noise(1, rate=8000), rate=8000), noise(1, rate=8000))


def test_clipping_has_its_ceiling_and_counts() -> None:
    loud = 10 * noise(1)
    clipped = applied(Clipping(ceiling_dbfs=-6.0, asymmetry_db=-6.0), loud)
    assert clipped.max() == pytest.approx(10**-0.3)
    assert clipped.min() == pytest.approx(-(10**-0.6))
    assert drawn_by(Clipping(), loud)["clipped_samples"] == np.count_nonzero(np.abs(loud) > 1)


def test_headroom_is_relative_to_the_speech() -> None:
    for scale in (0.1, 1.0):
        clipped = applied(Clipping(headroom_db=3.0), scale * noise(1))
        assert np.abs(clipped).max() == pytest.approx(speech_level(scale * noise(1), 48000) * 10**0.15)
