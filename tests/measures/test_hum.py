"""Hum is found where there is some, at its frequency and level, and nowhere else."""

import numpy as np
import pytest

from restoration.measures.hum import hum


def with_hum(hz, seconds, rate, level=0.01):
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(3).normal(0, 0.002, time.size)
    return noise + level * np.sin(2 * np.pi * hz * time) + level / 3 * np.sin(2 * np.pi * 3 * hz * time)


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("hz", [46.0, 50.0, 60.0])
def test_frequency_and_level(hz, rate, recording_of):
    found = hum(recording_of(with_hum(hz, 8, rate), rate))
    assert found["hum_hz"] == pytest.approx(hz, abs=0.02)
    level = 10 * np.log10(0.01**2 / 2 * (1 + 1 / 9))
    assert found["hum_dbfs"] == pytest.approx(level, abs=0.3)


def test_a_long_recording_is_sampled(recording_of):
    found = hum(recording_of(with_hum(50.0, 200, 8000), 8000))
    assert found["hum_hz"] == pytest.approx(50.0, abs=0.02)


@pytest.mark.parametrize("frames", [1, 7, 1000, 24000])
def test_too_little_to_tell(frames, recording_of):
    assert hum(recording_of(np.full((2, frames), 0.1), 8000))["hum_hz"] is None


def test_silence_and_noise_have_none(recording_of):
    rng = np.random.default_rng(11)
    assert hum(recording_of(np.zeros((2, 160_000)), 16000))["hum_hz"] is None
    for _ in range(3):
        assert hum(recording_of(rng.normal(0, 0.1, 160_000), 16000))["hum_hz"] is None


def test_eight_channels_of_which_one_hums(recording_of):
    sound = np.random.default_rng(12).normal(0, 0.002, (8, 80_000))
    sound[5] = with_hum(60.0, 10, 8000, 0.02)
    assert hum(recording_of(sound, 8000))["hum_hz"] == pytest.approx(60.0, abs=0.02)
