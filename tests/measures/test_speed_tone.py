"""What a steady tone under a real reading tells of the speed, and what is not to be taken for wow."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from scipy.interpolate import CubicSpline
from scipy.signal import lfilter

from restoration.measures.speed import Stretch, find_speed
from restoration.measures.speed_clue import Line
from restoration.measures.speed_tone import find_tones

RATE = 16_000
MAINS_HZ = (45.0, 65.0)


def tone(frames: int, hz: float, dbfs: float) -> np.ndarray:
    return np.sqrt(2.0) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz / RATE * np.arange(frames))


def swaying(sound: np.ndarray, percent: float, hz: float) -> np.ndarray:
    times_s = np.arange(sound.size) / RATE
    right_s = times_s + percent / 100 / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * times_s)
    return CubicSpline(times_s, sound)(np.minimum(right_s, times_s[-1]))


@pytest.fixture(scope="module")
def speech(reading):
    clean = soxr.resample(reading.samples[0, : 24 * reading.sample_rate], reading.sample_rate, RATE)
    return clean + 1e-4 * np.random.default_rng(1).standard_normal(clean.size)


@pytest.mark.parametrize(
    ("tone_hz", "dbfs", "percent", "hz"),
    [(900.0, -55.0, 0.3, 1.0), (1210.0, -58.0, 0.1, 3.0), (6900.0, -58.0, 0.8, 6.0)],
)
def test_wow_shows_in_a_tone_and_never_deeper_than_it_is(speech, recording_of, tone_hz, dbfs, percent, hz):
    sound = swaying(speech + tone(speech.size, tone_hz, dbfs), percent, hz)
    (stretch,) = find_speed(recording_of(sound, RATE), MAINS_HZ, voice=False).stretches
    assert stretch.by == "tone"
    plainest = max(stretch.lines, key=lambda line: abs(line.depth))
    assert plainest.hz == pytest.approx(hz, abs=0.01)
    middle = plainest.depth * np.exp(2j * np.pi * (plainest.hz - hz) * 12.0)
    assert abs(middle - percent / 100) < 0.3 * percent / 100
    assert abs(plainest.depth) < 1.05 * percent / 100


def test_a_tone_that_came_in_at_the_transfer_shows_none(speech, recording_of):
    sound = swaying(speech, 0.3, 1.0) + tone(speech.size, 1210.0, -58.0)
    assert find_speed(recording_of(sound, RATE), MAINS_HZ, voice=False).depth == 0.0


def test_of_two_tones_that_contradict_each_other_neither_is_believed(speech, recording_of):
    sound = swaying(speech + tone(speech.size, 1210.0, -58.0), 0.3, 1.0) + tone(speech.size, 3000.0, -58.0)
    recording = recording_of(sound, RATE)
    assert sorted(round(one.hz, -2) for one in find_tones(recording))[-2:] == [1200.0, 3000.0]
    assert find_speed(recording, MAINS_HZ, voice=False).depth == 0.0


def test_noise_in_a_resonance_that_swishes_is_no_tone(recording_of):
    rng, swish = np.random.default_rng(2), np.sin(2 * np.pi * 1.3 / RATE * np.arange(24 * RATE))
    low, high = (
        lfilter([1.0], [1.0, -2 * 0.995 * np.cos(2 * np.pi * hz / RATE), 0.995**2], rng.standard_normal(swish.size))
        for hz in (3270.0, 3330.0)
    )
    recording = recording_of(1e-4 * ((1.0 + swish) * low + (1.0 - swish) * high), RATE)
    assert find_tones(recording)
    assert find_speed(recording, MAINS_HZ, voice=False).depth == 0.0


def test_the_beat_of_two_hums_is_no_wow(speech, recording_of):
    hums = sum(tone(speech.size, 50.0 * order, -45.0) / order for order in (1, 2, 3, 5))
    recording = recording_of(speech + hums + tone(speech.size, 59.06, -52.0), RATE)
    speed = find_speed(recording, MAINS_HZ, voice=False)
    assert speed.hum_hz == pytest.approx(50.0, abs=0.1)
    assert speed.depth == 0.0


def test_wow_that_cannot_be_measured_again_counts_as_left(speech, recording_of):
    known = [Stretch(0.0, 24.0, (Line(1.0, 0j, 0.0),), (), "tone")]
    assert find_speed(recording_of(speech, RATE), MAINS_HZ, known, voice=False, tones=()).depth == 1.0


def test_shreds_and_silence_hold_no_tone(recording_of):
    for frames in (1, 100, 20 * RATE):
        assert find_tones(recording_of(np.zeros(frames), RATE)) == []
