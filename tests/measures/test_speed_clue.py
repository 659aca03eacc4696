"""Laws of finding a periodic sway in noisy series of which little is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from restoration.measures.speed_clue import (
    Clue,
    Line,
    find_lines,
    fitted,
    in_both_halves,
    keeps_time,
    rates,
    shown,
    spectrum,
)

STEP_S = 0.04


def plain(hz):
    return np.ones(hz.size, dtype=complex)


def integrating(hz):
    return 1.0 / (2j * np.pi * hz)


def clue_of(lines, gain=plain, noise=0.01, seconds=60.0, seed=0, start_s=0.0):
    rng = np.random.default_rng(seed)
    size = int(seconds / STEP_S)
    # Known in bursts only, as pauses come.
    weight = np.repeat(rng.random(size // 10 + 1) < 0.5, 10)[:size] / noise**2
    empty = Clue("test", start_s, STEP_S, np.zeros(size), weight, gain)
    value = shown(empty, lines) + noise * rng.standard_normal(size)
    return Clue("test", start_s, STEP_S, value, weight, gain)


@pytest.mark.parametrize("gain", [plain, integrating])
@pytest.mark.parametrize("hz", [0.556, 1.3, 4.4, 9.1])
def test_a_line_is_found_with_its_rate_depth_and_phase(gain, hz):
    line = Line(hz, 0.02 * np.exp(0.7j), 0.0)
    noise = 0.002 if gain is plain else 2e-4
    found, *others = sorted(
        find_lines([clue_of([line], gain, noise, start_s=12.0)]), key=lambda one: abs(one.depth), reverse=True
    )
    assert all(abs(other.depth) < 0.1 * abs(line.depth) for other in others)
    assert found.hz == pytest.approx(hz, abs=0.003)
    at_middle = np.exp(2j * np.pi * (found.hz - hz) * 42.0)
    assert abs(found.depth * at_middle - line.depth) < 0.1 * abs(line.depth)


def test_lines_near_each_other_are_told_apart():
    lines = [Line(1.0, 0.02, 0.0), Line(1.1, 0.01j, 0.0), Line(6.0, 0.005, 0.0)]
    found = sorted(find_lines([clue_of(lines)]), key=lambda line: line.hz)
    assert [line.hz for line in found] == pytest.approx([1.0, 1.1, 6.0], abs=0.004)
    assert [abs(line.depth) for line in found] == pytest.approx([0.02, 0.01, 0.005], rel=0.15)


def test_noise_alone_has_no_lines():
    assert not [line for seed in range(100) for line in find_lines([clue_of([], seed=seed)])]


def test_a_line_that_half_of_the_sound_denies_is_not_believed():
    line = Line(2.0, 0.02, 0.0)
    clue = clue_of([line])
    assert in_both_halves([clue], [line], line)
    for second in (-1.0, 0.0):
        turning = replace(clue, value=np.where(clue.times_s < 30.0, 1.0, second) * clue.value)
        assert not in_both_halves([turning], [line], line)


def test_clues_that_contradict_each_other_are_not_believed():
    line = Line(2.0, 0.008, 0.0)
    assert find_lines([clue_of([line], noise=0.02)])
    assert not find_lines([clue_of([line], noise=0.02), clue_of([], noise=0.001, seed=1)])


def test_the_information_is_the_inverse_of_the_scatter():
    clues = [clue_of([Line(3.0, 0.01, 0.0)], seed=seed) for seed in range(60)]
    found = [fitted([clue], [Line(3.0, 0j, 0.0)])[0] for clue in clues]
    depths = [line.depth * np.exp(2j * np.pi * (line.hz - 3.0) * 30.0) for line in found]
    hz = rates(clues)
    expected = np.median([4.0 / spectrum(clue, hz).information[int(np.argmin(np.abs(hz - 5.0)))] for clue in clues])
    assert np.var(depths) == pytest.approx(expected, rel=0.6)


def test_what_begins_anew_every_few_seconds_does_not_keep_time():
    line = Line(5.8, 0.02, 0.0)
    assert all(keeps_time(clue_of([line], seconds=240.0, seed=seed), [line], line) for seed in range(20))
    for seed in range(20):
        clue = clue_of([], seconds=240.0, seed=seed)
        phrase = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 60)[(clue.times_s / 4.0).astype(int)]
        sung = replace(clue, value=clue.value + 0.02 * np.cos(2.0 * np.pi * line.hz * clue.times_s + phrase))
        loudest = find_lines([sung], 0.0)[:1] or [line]
        assert not keeps_time(sung, loudest, loudest[0])


def test_too_little_says_nothing():
    assert find_lines([]) == []
    assert find_lines([clue_of([Line(2.0, 0.1, 0.0)], seconds=6.0)]) == []
    short = clue_of([Line(2.0, 0.1, 0.0)], seconds=15.0)
    assert not keeps_time(short, [], Line(2.0, 0.1, 0.0))
