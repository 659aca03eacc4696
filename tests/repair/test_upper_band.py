"""Above the denoiser's band: hiss goes, sibilants stay, and nothing comes out that did not go in."""

import numpy as np
import pytest
import soxr
from scipy.signal import butter, sosfiltfilt

from restoration.nets.band_below import above
from restoration.repair.upper_band import UpperBand

RATE, OWN_RATE = 48000, 16000
LEVEL_DBFS = -26.0


def level_db(sound):
    return 10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-20)


def noise(seed, seconds=2, rate=RATE):
    return np.random.default_rng(seed).normal(0, 0.003, round(seconds * rate)).astype(np.float32)


def below_8_khz(sound, rate=RATE):
    return (sound - above(sound, rate, OWN_RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def voice(reading):
    return reading.samples[0][: 12 * RATE] * 10 ** ((LEVEL_DBFS - level_db(reading.samples[0])) / 20)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_hiss_alone_goes_by_more_than_thirty_decibels(rate):
    hiss = noise(1, rate=rate)
    treated = UpperBand(noise(2, rate=rate), rate, OWN_RATE, -40.0)(hiss, np.zeros(hiss.size, np.float32))
    assert level_db(treated) < level_db(above(hiss, rate, OWN_RATE)) - 30


def test_the_upper_band_of_a_voice_comes_closer_to_what_it_was(voice):
    hiss = noise(1, 12)
    clean, noisy = above(voice, RATE, OWN_RATE), above(voice + hiss, RATE, OWN_RATE)
    treated = UpperBand(noise(2), RATE, OWN_RATE, LEVEL_DBFS)(voice + hiss, below_8_khz(voice))
    assert level_db(treated - clean) < level_db(noisy - clean) - 6


def test_the_sibilants_of_a_clean_voice_stay(voice):
    clean = above(voice, RATE, OWN_RATE)
    treated = UpperBand(1e-4 * noise(2), RATE, OWN_RATE, LEVEL_DBFS)(voice, below_8_khz(voice))
    loud = np.abs(sosfiltfilt(butter(2, 50, fs=RATE, output="sos"), clean**2)) > np.quantile(clean**2, 0.99)
    assert abs(level_db(treated[loud]) - level_db(clean[loud])) < 1.5


def test_nothing_becomes_louder(voice):
    heard = voice + noise(1, 12)
    treated = UpperBand(noise(2), RATE, OWN_RATE, LEVEL_DBFS)(heard, below_8_khz(voice))
    was = above(heard, RATE, OWN_RATE)
    frames = (-1, RATE // 50)
    powers = [np.mean(each[: 11 * RATE].reshape(frames) ** 2, axis=1) for each in (treated, was)]
    assert np.all(powers[0] <= 1.2 * powers[1] + 1e-9)


def test_where_it_is_cut_does_not_matter(voice):
    heard = (voice + noise(1, 12)).astype(np.float32)
    below = below_8_khz(voice)
    upper = UpperBand(noise(2), RATE, OWN_RATE, LEVEL_DBFS)
    hop = 384  # the spectra of a piece begin where those of the whole lie
    start = 500 * hop
    whole, piece = upper(heard, below)[start:], upper(heard[start:], below[start:])
    assert level_db((whole - piece)[RATE:]) < -90


def test_silence_stays_silence():
    silence = np.zeros(RATE, np.float32)
    assert not UpperBand(noise(2), RATE, OWN_RATE, LEVEL_DBFS)(silence, silence).any()


def test_digital_silence_as_noise_takes_nothing_from_a_voice(voice):
    treated = UpperBand(np.zeros(RATE, np.float32), RATE, OWN_RATE, LEVEL_DBFS)(voice, below_8_khz(voice))
    clean = above(voice, RATE, OWN_RATE)
    assert abs(level_db(treated) - level_db(clean)) < 1.0


def test_a_resampled_voice_is_treated_alike(voice):
    other = soxr.resample(voice, RATE, 44_100).astype(np.float32)
    hiss = noise(1, 12)
    ours = UpperBand(noise(2), RATE, OWN_RATE, LEVEL_DBFS)(voice + hiss, below_8_khz(voice))
    hiss = soxr.resample(hiss, RATE, 44_100)
    upper = UpperBand(soxr.resample(noise(2), RATE, 44_100), 44_100, OWN_RATE, LEVEL_DBFS)
    theirs = upper((other + hiss).astype(np.float32), below_8_khz(other, 44_100))
    assert abs(level_db(ours) - level_db(theirs)) < 1.0
