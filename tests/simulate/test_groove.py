import numpy as np
import pytest
from scipy import signal, stats

from restoration.simulate.groove import Groove, SurfaceNoise
from restoration.simulate.level import rms, speech_level

RATE = 16000
LATHE = Groove(rpm=78.0, radius_mm=100.0, inward_mm_per_turn=0.0)


def noise_of(fault: SurfaceNoise, seconds: float, channels: int = 1, seed: int = 1) -> np.ndarray:
    """The noise alone, on a voice whose speech level is 1: pauses for half of the time."""
    voice = np.ones((channels, int(seconds * RATE)))
    voice[:, ::2] *= -1
    voice[:, : voice.shape[1] // 2] = 0
    assert speech_level(voice, RATE) == pytest.approx(1, abs=0.01)
    return fault.apply(voice, RATE, np.random.default_rng(seed))[0] - voice


def swish_of(noise: np.ndarray) -> tuple[float, float]:
    """How often the noise above 1 kHz swells, in Hz, and how far it swings in dB, from the spectrum of its power."""
    bright = signal.sosfilt(signal.butter(4, 2000, "highpass", fs=RATE, output="sos"), noise)
    power = (bright**2).reshape(-1, RATE // 50).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(power * np.hanning(power.size)))
    hz = np.fft.rfftfreq(power.size, 1 / 50)
    slow = (hz > 0.2) & (hz < 10)
    strongest = np.flatnonzero(slow)[np.argmax(spectrum[slow])]
    swing = 2 * spectrum[strongest] / spectrum[0]
    return float(hz[strongest]), float(10 * np.log10((1 + swing) / (1 - swing)))


def test_a_groove_runs_slower_as_the_stylus_travels_inwards_and_stops_at_the_innermost():
    groove = Groove(rpm=78.0, radius_mm=120.0, inward_mm_per_turn=0.25, innermost_mm=50.0)
    speeds = groove.speed_m_s(np.array([0.0, 60 / 78, 120.0, 1000.0]))
    assert speeds[0] == pytest.approx(2 * np.pi * 0.120 * 1.3)
    assert speeds[1] == pytest.approx(2 * np.pi * 0.11975 * 1.3)
    assert speeds[2] == pytest.approx(2 * np.pi * (0.120 - 120 * 1.3 * 0.25e-3) * 1.3)
    assert speeds[3] == pytest.approx(2 * np.pi * 0.050 * 1.3)


@pytest.mark.parametrize("snr_db", [-3.0, 20.0])
def test_the_noise_is_as_loud_as_asked(snr_db):
    noise = noise_of(SurfaceNoise(groove=LATHE, snr_db=snr_db), 10)
    assert 20 * np.log10(rms(noise)) == pytest.approx(-snr_db, abs=0.1)


def test_the_noise_loses_three_db_where_the_groove_runs_half_as_fast():
    inwards = Groove(rpm=78.0, radius_mm=100.0, inward_mm_per_turn=2.5, innermost_mm=50.0)
    noise = noise_of(SurfaceNoise(groove=inwards, snr_db=10.0, swish_db=0.0), 40)
    outside, inside = rms(noise[:, : 2 * RATE]), rms(noise[:, 20 * RATE :])
    assert 20 * np.log10(outside / inside) == pytest.approx(3.0, abs=0.4)


@pytest.mark.parametrize("tilt", [-3.0, 0.0])
def test_its_spectrum_has_the_tilt_asked_for(tilt):
    noise = noise_of(SurfaceNoise(groove=LATHE, snr_db=10, tilt_db_per_octave=tilt, swish_db=0), 30)
    hz, power = signal.welch(noise[0], RATE, nperseg=4096)
    octaves = [10 * np.log10(power[(hz >= low) & (hz < 2 * low)].mean()) for low in (125, 500, 2000)]
    assert np.diff(octaves) == pytest.approx([2 * tilt, 2 * tilt], abs=0.5)


def test_a_band_ends_where_it_is_asked_to():
    fault = SurfaceNoise(groove=LATHE, snr_db=10, tilt_db_per_octave=0, low_hz=200, high_hz=3000, swish_db=0)
    hz, power = signal.welch(noise_of(fault, 30)[0], RATE, nperseg=4096)

    def level_db(low: float, high: float) -> float:
        return float(10 * np.log10(power[(hz >= low) & (hz < high)].mean()))

    assert level_db(700, 1500) - level_db(2950, 3050) == pytest.approx(3, abs=0.7)
    assert level_db(700, 1500) - level_db(5900, 6100) == pytest.approx(36, abs=1.5)
    assert level_db(700, 1500) - level_db(45, 55) == pytest.approx(24, abs=2)


@pytest.mark.parametrize("rpm", [78.0, 100 / 3, 160.0])
def test_it_swells_once_a_turn(rpm):
    groove = Groove(rpm=rpm, radius_mm=100.0, inward_mm_per_turn=0.0)
    turn_hz, swing_db = swish_of(noise_of(SurfaceNoise(groove=groove, snr_db=10, swish_db=8, grain=0), 60)[0])
    assert turn_hz == pytest.approx(rpm / 60, abs=0.03)
    assert 5 < swing_db < 10


def test_without_a_swish_it_is_even():
    _, swing_db = swish_of(noise_of(SurfaceNoise(groove=LATHE, snr_db=10, swish_db=0, grain=0), 60)[0])
    assert swing_db < 1


def test_grains_stand_out_of_it_and_leave_its_level():
    smooth, grainy = (
        noise_of(SurfaceNoise(groove=LATHE, snr_db=10, swish_db=0, grain=grain), 20) for grain in (0, 0.5)
    )
    assert abs(stats.kurtosis(smooth[0])) < 0.1
    assert stats.kurtosis(grainy[0]) > 1
    assert rms(smooth) == pytest.approx(rms(grainy), rel=0.01)


def test_channels_have_noise_of_their_own():
    left, right = noise_of(SurfaceNoise(groove=LATHE, snr_db=10, swish_db=0), 10, channels=2)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.05
