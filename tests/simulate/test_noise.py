import numpy as np
import pytest
from scipy import signal

from restoration.simulate import noise

RATE = 48000


def level_dbfs(samples: np.ndarray) -> float:
    return 20 * np.log10(noise.rms(samples))


def power_at(samples: np.ndarray, hz: float) -> float:
    """Mean power of the partial at ``hz``, by correlation with it over whole seconds."""
    turns = np.exp(-2j * np.pi * hz * np.arange(samples.size) / RATE)
    return 2 * abs(np.mean(samples * turns)) ** 2


@pytest.mark.parametrize("tilt", [-3.0, 0.0, 2.0])
def test_hiss_has_the_level_and_the_tilt_asked_for(tilt: float) -> None:
    hiss = noise.hiss((1, 20 * RATE), RATE, -50.0, tilt, np.random.default_rng(1))
    assert level_dbfs(hiss) == pytest.approx(-50.0, abs=0.01)
    frequencies, power = signal.welch(hiss[0], RATE, nperseg=8192)
    octaves = [10 * np.log10(power[(frequencies >= low) & (frequencies < 2 * low)].mean()) for low in (500, 2000, 8000)]
    assert np.diff(octaves) == pytest.approx([2 * tilt, 2 * tilt], abs=0.5)


def test_hiss_is_independent_in_every_channel() -> None:
    hiss = noise.hiss((2, 10 * RATE), RATE, -50.0, 0.0, np.random.default_rng(2))
    assert abs(np.corrcoef(hiss)[0, 1]) < 0.01


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_has_the_level_and_the_partials_asked_for(mains_hz: float) -> None:
    hum, phases = noise.hum(10 * RATE, RATE, -40.0, mains_hz, 5, np.random.default_rng(3))
    assert level_dbfs(hum) == pytest.approx(-40.0, abs=0.05)
    fundamental = power_at(hum[0], mains_hz)
    for order in range(2, 6):
        assert 10 * np.log10(fundamental / power_at(hum[0], order * mains_hz)) == pytest.approx(
            20 * np.log10(order), abs=0.1
        )
    assert power_at(hum[0], 6 * mains_hz) < 1e-6 * fundamental
    assert len(phases) == 5


def test_partials_above_half_the_sample_rate_do_not_fold_back() -> None:
    hum, _ = noise.hum(800, 800, -20.0, 60.0, 20, np.random.default_rng(4))
    spectrum = np.abs(np.fft.rfft(hum[0]))
    partials = 60 * np.arange(1, 7)
    others = np.delete(spectrum, partials)
    assert others.max() < 1e-6 * spectrum.max()


def test_rumble_lies_low_and_has_its_level() -> None:
    rumble = noise.rumble((1, 60 * RATE), RATE, -45.0, 30.0, np.random.default_rng(5))
    assert level_dbfs(rumble) == pytest.approx(-45.0, abs=0.01)
    frequencies, power = signal.welch(rumble[0], RATE, nperseg=65536)
    assert power[frequencies > 200].sum() < 1e-3 * power.sum()
