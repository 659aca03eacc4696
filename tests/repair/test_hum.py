"""The hum that is made again is the sum of its partials, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.measures.mains import Partials, Track
from restoration.repair.hum import HumWave

RATE = 48_000


@pytest.fixture
def hum():
    rng = np.random.default_rng(2)
    value = rng.standard_normal((2, 24, 9)) + 1j * rng.standard_normal((2, 24, 9))
    return HumWave(Track(50 + 0.05 * rng.standard_normal(4), 4.0), Partials(np.arange(1, 25)), value, 1.0)


def test_it_is_the_sum_of_its_partials(hum):
    times_s = np.arange(6 * RATE, 10 * RATE) / RATE
    turns, knots_s = hum.track.phase(times_s), np.arange(9.0)
    expected = np.zeros((2, times_s.size))
    for channel in range(2):
        for place, order in enumerate(hum.partials.orders):
            knots = hum.value[channel, place]
            joined = np.interp(times_s, knots_s, knots.real) + 1j * np.interp(times_s, knots_s, knots.imag)
            expected[channel] += 2 * (joined * np.exp(2j * np.pi * order * turns)).real
    error = np.std(hum.wave(6 * RATE, 4 * RATE, RATE) - expected) / np.std(expected)
    assert 20 * np.log10(error) < -90


def test_blocks_do_not_matter(hum):
    whole = hum.wave(100, 3 * RATE, RATE)
    parts = [hum.wave(100, 1, RATE), hum.wave(101, 777, RATE), hum.wave(878, 3 * RATE - 778, RATE)]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-9
