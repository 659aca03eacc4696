"""Clips are freed from the noise of the room that they were read in, and what was said stays."""

import numpy as np
import pytest
import soxr

from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude
from restoration.training.cleaning import cleaned

RATE = 16000


@pytest.fixture(scope="module")
def voice(reading):
    sound = soxr.resample(reading.samples[0], 48000, RATE).astype(np.float64)
    sound[6 * RATE : 8 * RATE] = 0.0
    return sound


def room_noise(frames: int, level: float) -> np.ndarray:
    """Falls by 3 dB an octave from 60 Hz on."""
    drawn = np.fft.rfft(np.random.default_rng(5).standard_normal(frames))
    drawn /= np.sqrt(np.maximum(np.fft.rfftfreq(frames, 1 / RATE), 60.0))
    sound = np.fft.irfft(drawn, frames)
    return level * sound / np.std(sound)


def decibels(ratio: float) -> float:
    return 20 * np.log10(ratio)


@pytest.mark.parametrize("snr_db", [25.0, 35.0])
def test_the_noise_of_a_room_goes_and_the_voice_stays(voice, snr_db):
    noise = room_noise(voice.size, np.std(voice) * 10 ** (-snr_db / 20))
    noisy = voice + noise
    (clean,) = cleaned([noisy], RATE)
    pause = slice(int(6.3 * RATE), int(7.7 * RATE))
    assert decibels(np.std(clean[pause]) / np.std(noise[pause])) < -35.0
    assert decibels(np.std(clean - voice) / np.std(noise)) < 1.0


def test_clips_of_one_room_help_each_other(voice):
    """A clip in which somebody speaks all the time does not show the noise by itself."""
    noise = room_noise(voice.size, 0.003)
    noisy = voice + noise
    dense = noisy[int(8.3 * RATE) : int(9.8 * RATE)]
    truth = voice[int(8.3 * RATE) : int(9.8 * RATE)]
    alone, together = cleaned([dense], RATE)[0], cleaned([dense, noisy[: 8 * RATE]], RATE)[0]
    assert np.std(together - truth) < np.std(alone - truth)


def test_a_clean_voice_and_digital_silence_are_left_alone(voice):
    (clean,) = cleaned([voice], RATE)
    assert decibels(np.std(clean - voice) / np.std(voice)) < -30.0
    (silent,) = cleaned([np.zeros(RATE)], RATE)
    assert not silent.any()


def test_the_floor_under_a_voice_is_found(voice):
    noise = room_noise(voice.size, np.std(voice) * 10 ** (-30 / 20))
    known = LogSpectralAmplitude(noise, RATE).noise_power
    found = LogSpectralAmplitude.of_floor([voice + noise], RATE).noise_power
    apart_db = 10 * np.log10(found / known)[5:-5]
    assert 0.0 < np.median(apart_db) < 5.0
    assert np.quantile(np.abs(apart_db), 0.9) < 7.0
