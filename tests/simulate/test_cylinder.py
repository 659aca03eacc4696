import numpy as np
import pytest

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.crackle import Thumps
from restoration.simulate.cylinder import SpringMotor, cylinder_groove, draw_cylinder
from restoration.simulate.disc import TurntableRumble

RATE = 16000


def frequencies_hz(sound: np.ndarray, step_s: float = 0.02) -> np.ndarray:
    """Of a tone, from step to step: its phase is that of its positive half of the spectrum."""
    spectrum = np.fft.fft(sound)
    spectrum[sound.size // 2 :] = 0
    phase = np.unwrap(np.angle(np.fft.ifft(spectrum)))[:: int(step_s * RATE)]
    return np.diff(phase) / (2 * np.pi * step_s)


def tone(seconds: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 1000 * np.arange(int(seconds * RATE)) / RATE)[None]


def test_a_spring_sags_as_far_as_asked_and_no_further():
    motor = SpringMotor(wow_percent=0, sag_percent=5, after_s=8, bend=2)
    heard, _ = motor.apply(tone(12), RATE, np.random.default_rng(1))
    hz = frequencies_hz(heard[0])
    assert hz[5] == pytest.approx(1000, abs=1)
    assert hz[200] == pytest.approx(1000 * (1 - 0.05 * (4 / 8) ** 2), abs=1)
    assert hz[450] == pytest.approx(950, abs=1)
    assert hz[550] == pytest.approx(950, abs=1)


def test_a_cylinder_recorded_by_a_tired_spring_rises():
    heard, _ = SpringMotor(wow_percent=0, sag_percent=-4, after_s=4).apply(tone(5), RATE, np.random.default_rng(1))
    assert frequencies_hz(heard[0])[210] == pytest.approx(1040, abs=1)


@pytest.mark.parametrize("rpm", [160.0, 120.0])
def test_it_sways_once_and_less_twice_a_turn(rpm):
    motor = SpringMotor(groove=cylinder_groove(rpm), wow_percent=0.6, sag_percent=0)
    heard, _ = motor.apply(tone(30), RATE, np.random.default_rng(1))
    deviation = frequencies_hz(heard[0]) / 1000 - 1
    # The mean speed over a step is the sway at its middle: steps of 20 ms take half a percent off 2.7 Hz.
    times_s = (np.arange(deviation.size) + 0.5) * 0.02
    inner = slice(20, -20)
    for turns, percent in ((1, 0.6), (2, 0.2)):
        wave = np.exp(-2j * np.pi * turns * rpm / 60 * times_s[inner])
        assert 200 * abs(np.mean(deviation[inner] * wave)) == pytest.approx(percent, rel=0.05)


def test_its_time_axis_can_be_followed_back():
    clean = np.random.default_rng(1).standard_normal((1, 4 * RATE)).cumsum(axis=1)
    clean = np.convolve(clean[0] - clean.mean(), np.ones(64) / 64, "same")[None] / 200
    aged = age(Audio(clean.astype(np.float32), RATE), [SpringMotor(wow_percent=1, sag_percent=3, after_s=4)], seed=5)
    times_s = np.arange(4 * RATE) / RATE
    back = np.interp(aged.clean_time_s(times_s), times_s, clean[0])
    inner = slice(RATE // 4, -RATE // 4)
    apart = aged.audio.samples[0, inner] - back[inner]
    assert np.sqrt(np.mean(apart**2)) < 0.003 * np.sqrt(np.mean(back[inner] ** 2))
    assert np.sqrt(np.mean((clean[0, inner] - back[inner]) ** 2)) > 0.05 * np.sqrt(np.mean(back[inner] ** 2))


def test_a_cylinder_turns_at_one_speed_from_end_to_end():
    speeds = cylinder_groove(160.0).speed_m_s(np.array([0.0, 60.0, 240.0]))
    assert speeds == pytest.approx(2 * np.pi * 0.0274 * 160 / 60)


def test_drawn_cylinders_rumble_and_thump_at_their_turns():
    for seed in range(60):
        chain = draw_cylinder(np.random.default_rng(seed))
        rumble = next(fault for fault in chain if isinstance(fault, TurntableRumble))
        assert rumble.motor_hz is None
        assert 2.0 <= rumble.groove.turn_hz <= 2.7
        assert all(fault.groove == rumble.groove for fault in chain if isinstance(fault, Thumps))
        voice = tone(12)
        added = rumble.apply(voice, RATE, np.random.default_rng(seed))[0] - voice
        spectrum = np.abs(np.fft.rfft(added[0] * np.hanning(added.size)))
        hz = np.fft.rfftfreq(added.size, 1 / RATE)
        strongest = hz[1:][np.argmax(spectrum[1:])]
        if rumble.in_partials > 0.6:
            assert strongest == pytest.approx(rumble.groove.turn_hz, abs=0.1)
