from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample

from restoration.measures.channels import NAMES, channels


@pytest.fixture
def voice(reading) -> np.ndarray:
    return reading.samples[0, : 10 * 48_000].astype(np.float64)


@pytest.mark.parametrize("lag", [-700, -3, 0, 1, 200])
@pytest.mark.parametrize("polarity", [1, -1])
def test_lag_and_polarity(recording_of, voice, lag, polarity):
    second = polarity * 0.5 * np.roll(voice, lag)
    measured = channels(recording_of(np.stack([voice, second]), 48_000))
    assert measured["channel_lag_samples"] == pytest.approx(lag, abs=0.05)
    assert measured["channel_polarity"] == polarity
    assert measured["channel_level_difference_db"] == pytest.approx(6.02, abs=0.01)


def test_a_part_of_a_sample(recording_of, voice):
    fine = resample(voice, voice.size * 4)
    measured = channels(recording_of(np.stack([fine[::4], np.roll(fine, 1)[::4]]), 48_000))
    assert measured["channel_lag_samples"] == pytest.approx(0.25, abs=0.05)


def test_correlation_is_pearsons(recording_of, voice):
    second = voice + 0.05 * np.random.default_rng(2).standard_normal(voice.size) + 0.1
    measured = channels(recording_of(np.stack([voice, second]), 48_000))
    assert measured["channel_correlation"] == pytest.approx(np.corrcoef(voice, second)[0, 1], abs=1e-5)


def test_two_programmes_have_no_lag(recording_of):
    noise = np.random.default_rng(3).standard_normal((2, 200_000)) * 0.1
    measured = channels(recording_of(noise, 48_000))
    assert abs(measured["channel_correlation"]) < 0.02
    assert measured["channel_lag_samples"] is None
    assert measured["channel_polarity"] is None


def test_mono_and_silence_have_nothing_to_compare(recording_of, voice):
    assert channels(recording_of(voice, 48_000)) == dict.fromkeys(NAMES)
    assert channels(recording_of(np.stack([voice, 0.0 * voice]), 48_000)) == dict.fromkeys(NAMES)
    assert channels(recording_of(np.ones((2, 1)), 48_000)) == dict.fromkeys(NAMES)
