"""Above the network's band: hiss goes, sibilants stay."""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from restoration.repair.upper_band import UpperBand

RATE, OWN_RATE = 48000, 16000


def above_8_khz(sound):
    return sosfiltfilt(butter(8, 8200, "highpass", fs=RATE, output="sos"), sound)


def level_db(sound):
    return 10 * np.log10(np.mean(sound**2))


def noise(seed, seconds=2):
    return np.random.default_rng(seed).normal(0, 0.01, seconds * RATE).astype(np.float32)


def test_hiss_alone_goes_by_more_than_thirty_decibels():
    hiss = noise(1)
    treated = UpperBand(noise(2), RATE, OWN_RATE)(hiss, hiss)
    assert level_db(above_8_khz(treated)) < level_db(above_8_khz(hiss)) - 30


def test_a_sibilant_that_stands_above_the_hiss_stays():
    hiss = noise(1)
    sibilant = np.zeros(hiss.size)
    burst = sosfiltfilt(butter(8, 11000, fs=RATE, output="sos"), noise(3))
    sibilant[RATE // 2 : RATE] = 10 * burst[: RATE // 2]
    treated = UpperBand(noise(2), RATE, OWN_RATE)((hiss + sibilant).astype(np.float32), sibilant)
    inside = slice(RATE // 2 + 2000, RATE - 2000)
    kept = level_db(above_8_khz(treated)[inside]) - level_db(above_8_khz(sibilant)[inside])
    assert abs(kept) < 1


def test_what_is_louder_than_the_octave_below_is_held_to_it():
    loud = 10 * noise(3)
    treated = UpperBand(noise(2), RATE, OWN_RATE)(loud, 0.01 * loud)
    assert level_db(above_8_khz(treated)) < level_db(above_8_khz(loud)) - 30
