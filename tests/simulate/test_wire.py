import numpy as np
import pytest

from restoration.simulate.wire import TwistFades, draw_wire

RATE = 16000


def white(seconds: float) -> np.ndarray:
    return 0.1 * np.random.default_rng(2).standard_normal((1, int(seconds * RATE)))


def test_a_fade_is_as_deep_at_its_middle_and_as_long_as_it_says():
    voice = np.full((1, 60 * RATE), 0.5)
    fades = TwistFades(per_s=0.1, depth_db=20, duration_s=(0.2, 0.8))
    faded, drawn = fades.apply(voice, RATE, np.random.default_rng(1))
    level_db = 20 * np.log10(faded[0] / 0.5)
    assert len(drawn["middle_frames"]) >= 3
    for middle, length_s, depth_db in zip(drawn["middle_frames"], drawn["lengths_s"], drawn["depths_db"], strict=True):
        assert 10 <= depth_db <= 20
        assert 0.2 <= length_s <= 0.8
        half = round(length_s * RATE / 2)
        if half < middle < voice.size - half:
            assert level_db[middle] == pytest.approx(-depth_db, abs=0.2)
            assert level_db[middle - half] == pytest.approx(0, abs=0.01)
            assert level_db[middle + half // 2] == pytest.approx(-depth_db / 2, abs=0.2)


def test_fades_are_as_frequent_as_asked():
    _, drawn = TwistFades(per_s=2, duration_s=(0.05, 0.1)).apply(white(100), RATE, np.random.default_rng(1))
    assert len(drawn["middle_frames"]) == pytest.approx(200, abs=50)


def test_a_fade_is_dull():
    voice = white(30)
    fades = TwistFades(per_s=0.1, depth_db=0, duration_s=(2, 2), dull_above_hz=500)
    faded, drawn = fades.apply(voice, RATE, np.random.default_rng(3))
    middle = drawn["middle_frames"][0]
    window = slice(middle - 1600, middle + 1600)
    hz = np.fft.rfftfreq(3200, 1 / RATE)
    change = np.abs(np.fft.rfft(faded[0, window] * np.hanning(3200))) ** 2
    change /= np.abs(np.fft.rfft(voice[0, window] * np.hanning(3200))) ** 2
    assert 10 * np.log10(np.median(change[(hz > 50) & (hz < 150)])) == pytest.approx(0, abs=1)
    assert 10 * np.log10(np.median(change[(hz > 1900) & (hz < 2100)])) == pytest.approx(-12.3, abs=1.5)


def test_a_wire_that_does_not_twist_is_left_alone():
    voice = white(2)
    assert np.array_equal(TwistFades(per_s=0).apply(voice, RATE, np.random.default_rng(1))[0], voice)


def test_drawn_wires_are_dull_and_hum():
    for seed in range(60):
        chain = draw_wire(np.random.default_rng(seed))
        names = {type(fault).__name__: fault for fault in chain}
        assert names["BandLimit"].high_hz <= 7000
        assert names["Hum"].snr_db <= 30
        assert names["Hiss"].snr_db <= 35
