import numpy as np
import pytest
from scipy import signal

from restoration.simulate.disc import GrooveEcho, TracingDistortion, TurntableRumble, draw_disc
from restoration.simulate.groove import Groove
from restoration.simulate.level import rms, speech_level

RATE = 16000
DISC = Groove(rpm=78.0, radius_mm=100.0, inward_mm_per_turn=0.0)


def tone(hz: float, seconds: float = 2.0, peak: float = 0.5) -> np.ndarray:
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)[None]


def partial_db(sound: np.ndarray, hz: float) -> float:
    turns = np.exp(-2j * np.pi * hz * np.arange(sound.shape[1]) / RATE)
    return float(20 * np.log10(2 * abs(np.mean(sound[0] * turns)) + 1e-12))


def traced(radius_mm: float, hz: float = 300.0, **fields) -> np.ndarray:
    groove = Groove(rpm=78.0, radius_mm=radius_mm, innermost_mm=20.0)
    return TracingDistortion(groove=groove, **fields).apply(tone(hz), RATE, np.random.default_rng(1))[0]


@pytest.mark.parametrize("in_partials", [0.0, 0.4, 1.0])
def test_rumble_is_as_loud_as_asked_and_lies_low(in_partials):
    voice = tone(440, 40)
    fault = TurntableRumble(groove=DISC, snr_db=12, below_hz=40, in_partials=in_partials)
    rumble = fault.apply(voice, RATE, np.random.default_rng(1))[0] - voice
    assert 20 * np.log10(speech_level(voice, RATE) / rms(rumble)) == pytest.approx(12, abs=0.05)
    power = np.abs(np.fft.rfft(rumble[0])) ** 2
    assert power[np.fft.rfftfreq(rumble.size, 1 / RATE) > 130].sum() < 0.02 * power.sum()


def test_rumble_has_partials_of_the_turns_and_of_the_motor():
    voice = tone(440, 60)
    fault = TurntableRumble(groove=DISC, snr_db=0, motor_hz=25.0, turn_partials=4, in_partials=1.0)
    rumble = fault.apply(voice, RATE, np.random.default_rng(1))[0] - voice
    first = partial_db(rumble, 1.3)
    for order in (2, 3, 4):
        assert first - partial_db(rumble, 1.3 * order) == pytest.approx(20 * np.log10(order), abs=0.2)
    assert partial_db(rumble, 25) == pytest.approx(first, abs=0.2)
    assert partial_db(rumble, 26.3) == pytest.approx(first + 20 * np.log10(0.3), abs=0.2)
    assert partial_db(rumble, 5 * 1.3) < first - 40


def test_a_spring_has_no_motor():
    voice = tone(440, 60)
    fault = TurntableRumble(groove=DISC, snr_db=0, motor_hz=None, in_partials=1.0)
    rumble = fault.apply(voice, RATE, np.random.default_rng(1))[0] - voice
    assert partial_db(rumble, 25) < partial_db(rumble, 1.3) - 40


def test_tracing_distorts_a_lateral_groove_by_odd_harmonics_alone():
    read = traced(50)
    # The mean of sin(w t) read e sin(w t) early and late has a third harmonic of (w e)^2 / 8.
    error_s = 65e-6 * 0.15 / (2 * np.pi * 0.05 * 1.3) ** 2
    expected_db = 20 * np.log10((2 * np.pi * 300 * error_s) ** 2 / 8)
    assert partial_db(read, 900) - partial_db(read, 300) == pytest.approx(expected_db, abs=0.5)
    assert partial_db(read, 600) < partial_db(read, 900) - 40


def test_tracing_loses_the_highs_of_a_loud_voice_near_the_middle():
    assert partial_db(traced(50, hz=3000), 3000) < partial_db(tone(3000), 3000) - 1


def test_tracing_distorts_hill_and_dale_by_even_harmonics():
    read = traced(50, vertical=True)
    # Reading at t + e sin(w t) gives a second harmonic of w e / 2.
    error_s = 65e-6 * 0.15 / (2 * np.pi * 0.05 * 1.3) ** 2
    assert partial_db(read, 600) - partial_db(read, 300) == pytest.approx(20 * np.log10(np.pi * 300 * error_s), abs=0.5)


def test_tracing_distortion_grows_towards_the_inner_groove():
    outside, inside = partial_db(traced(100), 900), partial_db(traced(50), 900)
    # The error goes with 1 / V^2, and the third harmonic with its square.
    assert inside - outside == pytest.approx(24, abs=1.5)


def test_a_large_groove_and_a_small_tip_are_read_as_they_were_cut():
    read = traced(140, tip_um=5)
    assert rms(read - tone(300)) < 1e-3 * rms(read)


def test_the_groove_beside_is_heard_a_turn_early_and_fainter_a_turn_late():
    voice = np.zeros((1, 4 * RATE))
    voice[0, 2 * RATE] = 1
    groove = Groove(rpm=100 / 3, radius_mm=140.0)
    echoed, _ = GrooveEcho(groove=groove, before_db=-30, after_db=-40).apply(voice, RATE, np.random.default_rng(1))
    turn = round(1.8 * RATE)
    before, after = echoed[0, :RATE], echoed[0, 3 * RATE :]
    assert np.argmax(np.abs(before)) == 2 * RATE - turn
    assert np.argmax(np.abs(after)) == turn - RATE
    assert echoed[0, RATE : 3 * RATE] == pytest.approx(voice[0, RATE : 3 * RATE], abs=1e-3)
    assert 20 * np.log10(np.abs(np.fft.rfft(before))[10]) == pytest.approx(-30, abs=0.2)
    assert 20 * np.log10(np.abs(np.fft.rfft(after))[10]) == pytest.approx(-40, abs=0.2)
    # 6 dB down at 2.5 kHz.
    assert 20 * np.log10(np.abs(np.fft.rfft(before))[2500]) == pytest.approx(-36, abs=0.3)


def test_the_echo_of_a_recording_shorter_than_a_turn_is_silent():
    voice = tone(440, 0.5)
    assert np.array_equal(GrooveEcho(groove=DISC).apply(voice, RATE, np.random.default_rng(1))[0], voice)


def test_discs_recorded_by_a_horn_are_narrow_and_long_playing_ones_wide():
    bands: dict[str, list[float]] = {}
    for seed in range(200):
        chain = draw_disc(np.random.default_rng(seed))
        first = next(fault for fault in chain if fault.kind == "programme")
        rpm = next(fault for fault in chain if type(fault).__name__ == "SurfaceNoise").groove.rpm
        assert rpm in (45.0, 100 / 3) or 70 <= rpm <= 84
        bands.setdefault(type(first).__name__, []).append(first.high_hz)
    assert max(bands["Horn"]) <= 4500
    assert max(bands["BandLimit"]) > 10_000
    assert 0.1 < len(bands["Horn"]) / 200 < 0.3


def test_surface_noise_of_a_drawn_disc_falls_towards_the_top():
    chain = draw_disc(np.random.default_rng(3))
    surface = next(fault for fault in chain if type(fault).__name__ == "SurfaceNoise")
    voice = tone(440, 10)
    noise = surface.apply(voice, RATE, np.random.default_rng(1))[0] - voice
    hz, power = signal.welch(noise[0], RATE, nperseg=2048)
    assert power[(hz > 300) & (hz < 600)].mean() > 1.5 * power[(hz > 2400) & (hz < 4800)].mean()
