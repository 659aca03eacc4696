"""Noise is taken from coarse sound as from any other: a zero is not yet silence."""

import numpy as np
import pytest

from restoration.nets.spectral_gate import Smoothing
from restoration.repair.noise_reduction import Reduction, still_silent

RATE = 48000


def test_silence_stays_and_single_zeros_do_not_become_holes():
    channel = np.ones(RATE, dtype=np.float32)
    channel[1000:1003] = 0
    channel[5000:6000] = 0
    channel[-20:] = 0
    clean = still_silent(np.full(RATE, 0.5), channel, RATE)
    assert (clean[1000:1003] == 0.5).all()
    assert not clean[5000:6000].any() and not clean[-20:].any()
    assert np.count_nonzero(clean) == RATE - 1020


@pytest.mark.parametrize("bits", [8, 9])
def test_a_coarse_converter_makes_no_holes(reading, bits):
    """The same with an offset that nobody hears, which leaves no sample zero."""
    draw = np.random.default_rng(6)
    voice = 0.3 * reading.samples[0, : 6 * RATE]
    noise = (0.004 * draw.standard_normal(8 * RATE)).astype(np.float32)
    step = 2.0 ** (1 - bits)
    coarse = (np.round((voice + noise[: voice.size]) / step) * step).astype(np.float32)
    alone = (np.round(noise[voice.size :] / step) * step).astype(np.float32)
    assert (coarse == 0).mean() > 0.1
    reduce = Reduction("network", Smoothing(500.0, 50.0), -30.0, 42.0).learnt_from(alone, RATE)
    apart = reduce(coarse) - reduce(coarse + np.float32(1e-7))
    assert np.std(apart) < 1e-3 * np.std(voice)
