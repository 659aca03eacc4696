import numpy as np
import pytest
from scipy import signal

from restoration.simulate.converter import ClockJumps
from restoration.simulate.speed import WowFlutter, interpolated
from tests.simulate.measured import RATE, applied, drawn_by, noise, tone

TONE_HZ = 3150.0  # the test tone of IEC 60386


def speed_error_percent(samples: np.ndarray) -> np.ndarray:
    """The instantaneous frequency of the test tone against its nominal one, without the ends."""
    phase = np.unwrap(np.angle(signal.hilbert(samples[0])))
    return 100 * (np.diff(phase) * RATE / (2 * np.pi) / TONE_HZ - 1)[4800:-4800]


def depth_at(error: np.ndarray, hz: float) -> float:
    window = signal.windows.hann(error.size)
    return 2 * abs(np.sum(error * np.exp(-2j * np.pi * hz / RATE * np.arange(error.size)) * window)) / window.sum()


@pytest.mark.parametrize("sways", [((0.1, 0.55),), ((0.5, 4.0), (0.2, 1.3)), ((0.2, 0.7), (0.05, 9.0), (0.03, 25.0))])
def test_the_speed_sways_as_deep_and_as_often_as_asked(sways) -> None:
    error = speed_error_percent(applied(WowFlutter(sways=sways), tone(TONE_HZ, 20)))
    for percent, hz in sways:
        assert depth_at(error, hz) == pytest.approx(percent, rel=0.03)
    assert error.std() == pytest.approx(np.sqrt(sum(percent**2 for percent, _ in sways) / 2), rel=0.1)


def test_the_random_part_is_as_deep_as_asked_and_in_its_band() -> None:
    fault = WowFlutter(random_percent=0.1, random_hz=8.0, random_octaves=1.0)
    errors = [speed_error_percent(applied(fault, tone(TONE_HZ, 10), seed)) for seed in range(3)]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(0.1, rel=0.15)
    frequencies, power = signal.welch(errors[0], RATE, nperseg=2**18)
    band = (frequencies > 5.3) & (frequencies < 12)
    assert power[band].sum() > 0.98 * power.sum()


def test_the_curve_tells_where_every_moment_was() -> None:
    fault = WowFlutter(sways=((0.3, 0.8), (0.1, 25.0)), random_percent=0.05)
    times_s = np.arange(5 * RATE) / RATE
    expected = 0.5 * np.sin(2 * np.pi * TONE_HZ * fault.heard_at_s(times_s, drawn_by(fault, tone(TONE_HZ, 5))))
    assert np.abs(applied(fault, tone(TONE_HZ, 5)) - expected)[0, 2000:-2000].max() < 1e-3


@pytest.mark.parametrize(("share", "error_db"), [(0.02, -85), (0.1, -65), (0.5, -58), (0.8, -43)])
def test_the_interpolation_is_exact_up_to_four_fifths_of_the_band(share: float, error_db: float) -> None:
    turn = np.pi * share
    places = np.linspace(100, 3800, 9001)
    error = interpolated(np.sin(turn * np.arange(4000))[None], places) - np.sin(turn * places)
    assert 10 * np.log10(2 * np.mean(error**2)) < error_db


def test_whole_places_are_the_frames_themselves() -> None:
    samples = noise(0.1, channels=2)
    assert interpolated(samples, np.arange(4800.0)) == pytest.approx(samples, abs=1e-12)


def test_small_wow_stays_below_a_millisecond() -> None:
    fault = WowFlutter(sways=((0.15, 0.55),))
    times_s = np.linspace(0, 100, 100_001)
    displaced_s = fault.heard_at_s(times_s, {"sways": [{"percent": 0.15, "hz": 0.55, "phase": 0.0}]}) - times_s
    assert 0.0005 < np.abs(displaced_s).max() < 0.001


def test_a_steady_carrier_leaves_the_sound_as_it_was() -> None:
    assert np.array_equal(applied(WowFlutter(), noise(1)), noise(1))
    assert np.array_equal(applied(WowFlutter(sways=((0.0, 1.0),)), noise(1)), noise(1))


def test_channels_sway_together() -> None:
    played = applied(WowFlutter(sways=((0.2, 2.0),)), np.repeat(noise(1), 2, axis=0))
    assert np.array_equal(played[0], played[1])


def test_the_clock_jumps_as_often_as_asked_and_never_farther() -> None:
    fault = ClockJumps(per_min=120.0, longest_frames=5)
    ramp = np.arange(100.0 * RATE)[None]
    jumped = applied(fault, ramp)[0]
    beside = jumped - ramp[0]
    assert np.abs(beside[5:-5]).max() == 5
    jumps = np.count_nonzero(np.diff(jumped)[5:-5] != 1)
    # One in eleven jumps leads where the clock was already.
    assert jumps == pytest.approx(200 * 10 / 11, abs=4 * np.sqrt(200))
    times_s = np.arange(10, 100 * RATE - 10) / RATE
    heard = fault.heard_at_s(times_s, drawn_by(fault, ramp)) * RATE
    assert np.abs(heard - jumped[10:-10]).max() < 1e-3
