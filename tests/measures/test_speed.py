"""What hum and voice tell of the speed, on a real reading that a known wow has warped."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from restoration.measures.speed import find_speed, nominal_hz, sure_hum_hz
from restoration.measures.speed_hum import coarse_hum_hz

RATE = 16_000
MAINS_HZ = (45.0, 65.0)


def hum(frames: int, hz: float, dbfs: float = -45.0, rate: int = RATE) -> np.ndarray:
    times_s = np.arange(frames) / rate
    partials = sum(np.sin(2 * np.pi * hz * k * times_s + k) / k for k in (1, 2, 3, 5, 7))
    return partials * 10 ** (dbfs / 20) / np.sqrt(np.mean(partials**2))


def warped(sound: np.ndarray, depth: float, hz: float, ratio: float = 1.0, rate: int = RATE) -> np.ndarray:
    """A cubic spline over the sound, read at the integral of the speed."""
    times_s = np.arange(int(sound.size / ratio)) / rate
    right_s = ratio * (times_s + depth / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * times_s))
    return CubicSpline(np.arange(sound.size) / rate, sound)(np.minimum(right_s, (sound.size - 1) / rate))


@pytest.fixture(scope="module")
def speech(reading):
    import soxr

    return soxr.resample(reading.samples[0], reading.sample_rate, RATE).astype(np.float64)


@pytest.mark.parametrize("hz", [1.0, 3.0, 6.0])
def test_wow_shows_in_the_hum(speech, recording_of, hz):
    recording = recording_of(warped(speech + hum(speech.size, 50.0), 0.003, hz), RATE)
    (stretch,) = find_speed(recording, MAINS_HZ, voice=False).stretches
    plainest = max(stretch.lines, key=lambda line: abs(line.depth))
    assert plainest.hz == pytest.approx(hz, abs=0.02)
    middle = plainest.depth * np.exp(2j * np.pi * (plainest.hz - hz) * 15.0)
    assert abs(middle - 0.003) < 0.3 * 0.003


def bursts(seconds: int) -> np.ndarray:
    """Noise as loud as a voice, with rests of a quarter of a second or less, as they come."""
    rng = np.random.default_rng(7)
    changes_s = np.cumsum(rng.uniform(0.1, 0.25, 10 * seconds) * np.tile([2.0, 1.0], 5 * seconds))
    loud = np.searchsorted(changes_s, np.arange(seconds * RATE) / RATE) % 2 == 0
    return rng.standard_normal(loud.size) * np.where(loud, 0.03, 0.0005)


def test_fast_wow_shows_in_the_hum_of_short_rests(recording_of):
    noise = bursts(40)
    recording = recording_of(warped(noise + hum(noise.size, 50.0, -48.0), 0.003, 6.0), RATE)
    (stretch,) = find_speed(recording, MAINS_HZ, voice=False).stretches
    (line,) = stretch.lines
    assert line.hz == pytest.approx(6.0, abs=0.01)
    assert abs(line.depth * np.exp(2j * np.pi * (line.hz - 6.0) * 20.0) - 0.003) < 0.3 * 0.003
    even = find_speed(recording_of(noise + hum(noise.size, 50.0, -48.0), RATE), MAINS_HZ, voice=False)
    assert even.depth == 0.0


@pytest.mark.parametrize("fault", ["nothing", "loudness", "drift"])
def test_hum_that_is_even_shows_no_wow(speech, recording_of, fault):
    times_s = np.arange(speech.size) / RATE
    noise = hum(speech.size, 50.0)
    if fault == "loudness":
        noise *= 1 + 0.5 * np.sin(2 * np.pi * 2.0 * times_s)
    if fault == "drift":
        noise = hum(speech.size, 50.0 + 0.0015 * times_s)
    speed = find_speed(recording_of(speech + noise, RATE), MAINS_HZ, voice=False)
    assert speed.hum_hz == pytest.approx(50.0, abs=0.1)
    assert speed.depth < 0.0003


@pytest.mark.parametrize(("ratio", "mains_hz"), [(0.956, 60.0), (1.02, 50.0), (1.0, 60.0)])
def test_the_hum_tells_a_constant_error(speech, recording_of, ratio, mains_hz):
    recording = recording_of(warped(speech + hum(speech.size, mains_hz), 0.0, 1.0, ratio), RATE)
    hum_hz = sure_hum_hz(recording, find_speed(recording, MAINS_HZ, voice=False).hum_hz)
    assert hum_hz / mains_hz == pytest.approx(ratio, rel=0.001)
    assert nominal_hz(hum_hz, None, 6.0) == mains_hz


def test_a_frequency_between_the_mains_belongs_to_neither():
    assert nominal_hz(55.0, None, 6.0) is None
    assert nominal_hz(55.0, 60.0, 10.0) == 60.0


def test_faint_hum_is_hum_if_nothing_else_is_like_it(recording_of):
    frames, rate = 32 * 5000, 5000
    for seed in range(3):
        noise = 0.01 * np.random.default_rng(seed).standard_normal(frames)
        assert coarse_hum_hz(recording_of(noise, rate), *MAINS_HZ) is None
        found = coarse_hum_hz(recording_of(noise + hum(frames, 50.0, -62.0, rate), rate), *MAINS_HZ)
        assert found is not None
        assert found[0] == pytest.approx(50.0, abs=0.11)


def test_no_hum_tells_nothing(speech, recording_of):
    speed = find_speed(recording_of(speech, RATE), MAINS_HZ)
    assert speed.hum_hz is None
    assert speed.depth == 0.0


def voice(seconds: int, depth: float, hz: float) -> np.ndarray:
    """Vowels of half a second and rests, of a pitch that wanders as a speaker's does."""
    rng = np.random.default_rng(4)
    times_s = np.arange(seconds * 8000) / 8000
    targets = np.interp(times_s, np.arange(0, seconds + 1, 0.25), rng.normal(0.0, 0.1, 4 * seconds + 4))
    wander = np.convolve(targets, np.hanning(1600) / 800, mode="same")
    phase = 2 * np.pi * np.cumsum(140 * np.exp(wander) * (1 + depth * np.sin(2 * np.pi * hz * times_s))) / 8000
    sound = sum(np.sin(k * phase) / k for k in range(1, 12)) * (times_s % 0.7 < 0.5)
    return 0.1 * sound + 1e-4 * rng.standard_normal(times_s.size)


def test_fast_wow_shows_in_the_voice_and_prosody_does_not(recording_of):
    found = find_speed(recording_of(voice(120, 0.006, 7.0), 8000), MAINS_HZ)
    (line,) = found.stretches[0].by_voice
    assert line.hz == pytest.approx(7.0, abs=0.01)
    assert abs(line.depth) == pytest.approx(0.006, rel=0.2)
    even = find_speed(recording_of(voice(120, 0.0, 7.0), 8000), MAINS_HZ)
    assert not even.stretches[0].by_voice


def sung(seconds: int) -> np.ndarray:
    """Notes of about six seconds, each with a vibrato of 1 % at 5.8 Hz that begins anew."""
    rng = np.random.default_rng(5)
    times_s = np.arange(seconds * 8000) / 8000
    begins_s = np.cumsum(rng.uniform(4.0, 8.0, seconds))
    note = np.searchsorted(begins_s, times_s)
    pitch = rng.choice([0, 2, 4, 7], seconds)[note] * np.log(2) / 12
    vibrato = 0.01 * np.sin(2 * np.pi * 5.8 * times_s + rng.uniform(0, 2 * np.pi, seconds)[note])
    phase = 2 * np.pi * np.cumsum(180 * np.exp(pitch + vibrato)) / 8000
    sound = sum(np.sin(k * phase) / k for k in range(1, 12)) * (begins_s[note] - times_s > 0.2)
    return 0.1 * sound + 1e-4 * rng.standard_normal(times_s.size)


def test_vibrato_is_no_wow(recording_of):
    alone = sung(200)
    with_hum = alone + hum(alone.size, 50.0, -50.0, 8000)
    for sound in (alone, with_hum):
        speed = find_speed(recording_of(sound, 8000), MAINS_HZ)
        assert speed.depth == 0.0
    assert speed.hum_hz == pytest.approx(50.0, abs=0.1)


def test_it_is_known_what_a_voice_would_have_told(recording_of):
    short, long = (find_speed(recording_of(voice(seconds, 0.0, 7.0), 8000), MAINS_HZ) for seconds in (30, 120))
    assert short.voice_depth is not None
    assert long.voice_depth == pytest.approx(short.voice_depth / 2, rel=0.5)
    assert find_speed(recording_of(voice(30, 0.0, 7.0), 8000), MAINS_HZ, voice=False).voice_depth is None


@pytest.mark.parametrize("frames", [1, 2, 100, 20_000, 100_000])
def test_silence_and_shreds_tell_nothing(recording_of, frames):
    for sound in (np.zeros(frames), 0.1 * np.random.default_rng(1).standard_normal(frames)):
        assert find_speed(recording_of(sound, RATE), MAINS_HZ).depth == 0.0
