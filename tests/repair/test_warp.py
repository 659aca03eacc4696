"""Laws of the time axis."""

from __future__ import annotations

import math

import numpy as np
import pytest

from restoration.repair.warp import Sway, Warp, sound_at, source_span

WOW = (Sway(0.0, 20.0, 1.0, 0.004 + 0.002j), Sway(20.0, math.inf, 1.01, 0.004j), Sway(0.0, math.inf, 7.0, 0.001))


@pytest.mark.parametrize("ratio", [1.0, 0.956, 1.03])
def test_there_and_back_is_the_same_time(ratio):
    warp = Warp(ratio, WOW)
    right_s = np.linspace(0.1, 39.0, 5000)
    assert np.abs(warp.right_time_s(warp.transfer_time_s(right_s)) - right_s).max() < 1e-10


def test_time_begins_at_the_beginning_and_never_turns_back():
    times_s = Warp(1.02, WOW).right_time_s(np.linspace(0.0, 40.0, 100_000))
    assert times_s[0] == 0.0
    assert (np.diff(times_s) > 0).all()


def test_frames_are_where_the_exact_times_are_whatever_the_blocks():
    warp = Warp(0.97, WOW)
    exact = 48_000 * warp.transfer_time_s(np.arange(960_000 - 20_000, 960_000 + 20_000) / 48_000)
    whole = warp.transfer_frames(940_000, 40_000, 48_000)
    assert np.abs(whole - exact).max() < 1e-5
    parts = [warp.transfer_frames(940_000 + first, 8_000, 48_000) for first in range(0, 40_000, 8_000)]
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-7


def test_an_even_carrier_is_read_frame_by_frame():
    assert np.array_equal(Warp(1.0, ()).transfer_frames(1000, 500, 44_100), np.arange(1000.0, 1500.0))


@pytest.mark.parametrize("hz", [100.0, 4_000.0, 15_000.0])
def test_sound_between_the_frames_is_the_tone_it_was(hz):
    places = np.arange(3_000.0, 60_000.0) + 2.0 * np.sin(np.arange(57_000) / 5_000.0)
    tone = 0.5 * np.sin(2 * np.pi * hz / 48_000 * np.arange(70_000))[None].astype(np.float32)
    expected = 0.5 * np.sin(2 * np.pi * hz / 48_000 * places)
    assert np.abs(sound_at(tone, places)[0] - expected).max() < 1e-5


def test_only_what_is_near_is_read():
    sound = np.random.default_rng(2).standard_normal((2, 50_000)).astype(np.float32)
    places = np.linspace(20_000.3, 20_900.7, 900)
    first, last = source_span(places, 50_000)
    assert last - first < 1_100
    near = sound_at(sound[:, first:last], places - first)
    assert np.abs(near - sound_at(sound, places)).max() < 1e-6


def test_the_smallest_sounds():
    assert np.array_equal(sound_at(np.ones((3, 1), np.float32), [0.0, 0.4]), np.ones((3, 2)))
    assert sound_at(np.zeros((1, 10), np.float32), np.arange(10.0)).any() == np.False_
