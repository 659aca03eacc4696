"""The estimator of Ephraim and Malah: noise falls, the voice stays."""

import numpy as np
import pytest

from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude

RATE = 16000


def si_sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    kept = (sound @ clean) / (clean @ clean) * clean
    return float(10 * np.log10((kept @ kept) / ((sound - kept) @ (sound - kept))))


@pytest.fixture(scope="module")
def voice(reading):
    import soxr

    return soxr.resample(reading.samples[0], 48000, RATE)[: 12 * RATE].astype(np.float64)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0])
def test_a_noisy_voice_comes_closer_to_the_clean_one(voice, snr_db):
    noise = np.random.default_rng(1).standard_normal(2 * voice.size)
    noise *= 10 ** (-snr_db / 20) * np.std(voice) / np.std(noise)
    noisy = voice + noise[: voice.size]
    treated = LogSpectralAmplitude(noise[voice.size :], RATE)(noisy)
    assert si_sdr_db(treated, voice) > si_sdr_db(noisy, voice) + 3.0


def test_noise_alone_falls_far(voice):
    noise = 0.01 * np.random.default_rng(2).standard_normal(8 * RATE)
    left = LogSpectralAmplitude(noise[: 4 * RATE], RATE)(noise[4 * RATE :])
    assert 20 * np.log10(np.std(left) / np.std(noise)) < -15.0


def test_what_is_far_above_the_noise_is_left(voice):
    noise = 1e-5 * np.random.default_rng(3).standard_normal(RATE)
    treated = LogSpectralAmplitude(noise, RATE)(voice + 0.0)
    assert si_sdr_db(treated, voice) > 40.0


@pytest.mark.parametrize("frames", [1, 100, 5000])
def test_any_length(frames):
    sound = np.random.default_rng(4).standard_normal(frames)
    assert LogSpectralAmplitude(sound, RATE)(sound).shape == (frames,)
