from __future__ import annotations

import numpy as np
import pytest

from restoration.measures.noise import digital_silence_share, noise_floor_dbfs, snr_db


def hiss(frames: int, level_dbfs: float, slope: float = 0.0) -> np.ndarray:
    """Noise of an RMS level; its power falls as 1/f to the power ``slope``, from 30 Hz up at 48 kHz."""
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(frames))
    bins = np.maximum(np.arange(spectrum.size), 30.0 * frames / 48_000)
    noise = np.fft.irfft(spectrum * bins ** (-slope / 2.0), frames)
    return noise * 10.0 ** (level_dbfs / 20.0) / np.sqrt((noise**2).mean())


def active_level_dbfs(samples: np.ndarray) -> float:
    """Level of the 43 ms stretches within 15.9 dB of the mean, the margin of ITU-T P.56."""
    powers = (samples[: samples.size // 2_064 * 2_064].reshape(-1, 2_064).astype(np.float64) ** 2).mean(axis=1)
    return 10.0 * np.log10(powers[powers > powers.mean() * 10.0**-1.59].mean())


@pytest.mark.parametrize("slope", [0.0, 1.0])
@pytest.mark.parametrize("expected_db", [0.0, 10.0, 20.0, 30.0, 40.0])
def test_known_mixtures(recording_of, reading, expected_db, slope):
    speech = reading.samples[0]
    level_dbfs = active_level_dbfs(speech) - expected_db
    recording = recording_of(speech + hiss(speech.size, level_dbfs, slope), 48_000)
    assert noise_floor_dbfs(recording) == pytest.approx(level_dbfs, abs=1.5)
    assert snr_db(recording) == pytest.approx(expected_db, abs=3.0)


@pytest.mark.parametrize("sample_rate", [8_000, 48_000, 192_000])
def test_steady_noise_is_its_own_floor_and_no_signal(recording_of, sample_rate):
    recording = recording_of(hiss(sample_rate * 4, -40.0), sample_rate)
    # Few samples a window make its level waver, and L90 lies under the mean.
    assert noise_floor_dbfs(recording) == pytest.approx(-40.0, abs=0.6 if sample_rate > 8_000 else 1.0)
    ratio_db = snr_db(recording)
    assert ratio_db is None or ratio_db < -3.0


def test_an_offset_is_no_noise(recording_of):
    noise = hiss(200_000, -60.0)
    assert noise_floor_dbfs(recording_of(noise + 0.1, 48_000)) == pytest.approx(-60.0, abs=0.6)


def test_digital_silence_is_no_floor(recording_of):
    noise = hiss(200_000, -50.0)
    noise[60_000:140_000] = 0.0
    recording = recording_of(noise, 48_000)
    assert digital_silence_share(recording) == pytest.approx(0.4, abs=1e-4)
    assert noise_floor_dbfs(recording) == pytest.approx(-50.0, abs=0.6)


def test_silence_and_what_is_too_short_have_neither(recording_of):
    for samples in (np.zeros((2, 100_000)), hiss(500, -20.0)):
        recording = recording_of(samples, 48_000)
        assert noise_floor_dbfs(recording) is None
        assert snr_db(recording) is None


def test_one_silent_channel_is_not_silence(recording_of):
    noise = hiss(100_000, -30.0)
    recording = recording_of(np.stack([noise, np.zeros_like(noise)]), 48_000)
    assert digital_silence_share(recording) == 0.0
    assert noise_floor_dbfs(recording) == pytest.approx(-33.0, abs=0.6)  # the mean power of the channels
