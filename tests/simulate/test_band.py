import numpy as np
import pytest
from scipy import signal

from restoration.simulate.band import keep_band


def response_db(sample_rate: int, low_hz: float | None, high_hz: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and the gain in dB, from an impulse in the middle of ten seconds."""
    impulse = np.zeros((1, 10 * sample_rate))
    impulse[0, 5 * sample_rate] = 1.0
    gain = np.abs(np.fft.rfft(keep_band(impulse, sample_rate, low_hz, high_hz)[0]))
    return np.fft.rfftfreq(impulse.shape[1], 1 / sample_rate), 20 * np.log10(np.maximum(gain, 1e-9))


@pytest.mark.parametrize("sample_rate", [16000, 48000, 96000])
@pytest.mark.parametrize("high_hz", [3000.0, 7000.0])
def test_the_upper_edge_is_3_db_down(sample_rate: int, high_hz: float) -> None:
    frequencies, gain = response_db(sample_rate, None, high_hz)
    edge = frequencies[np.flatnonzero(gain > -3.01)[-1]]
    assert edge == pytest.approx(high_hz, rel=0.01)
    assert abs(gain[frequencies < 0.7 * high_hz]).max() < 0.3


@pytest.mark.parametrize("low_hz", [40.0, 300.0])
def test_the_lower_edge_is_3_db_down(low_hz: float) -> None:
    frequencies, gain = response_db(48000, low_hz, None)
    edge = frequencies[np.flatnonzero(gain > -3.01)[0]]
    assert edge == pytest.approx(low_hz, rel=0.01)
    assert gain[frequencies < low_hz / 2].max() < -40


def test_nothing_is_delayed() -> None:
    draw = np.random.default_rng(1)
    white = draw.standard_normal((1, 48000))
    kept = keep_band(white, 48000, 100.0, 5000.0)
    lags = signal.correlate(kept[0], white[0], mode="same")
    assert np.argmax(lags) == white.shape[1] // 2


def test_open_ends_leave_the_sound_as_it_was() -> None:
    white = np.random.default_rng(2).standard_normal((2, 1000))
    assert np.array_equal(keep_band(white, 8000, None, None), white)
    assert np.array_equal(keep_band(white, 8000, None, 3900.0), white)
