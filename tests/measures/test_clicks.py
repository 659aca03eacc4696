"""Clicks are counted, voices are not."""

import numpy as np
import pytest

from restoration.measures.autoregression import Grid, models, residual
from restoration.measures.click_search import ClickSearch, runs
from restoration.measures.clicks import clicks_per_s, find_clicks, repair_clicks


def test_a_known_number_of_clicks(recording_of):
    rng = np.random.default_rng(1)
    sound = rng.normal(0, 0.005, 10 * 48000)
    sound[2400::4800] += 0.3
    assert clicks_per_s(recording_of(sound, 48000)) == pytest.approx(10.0, abs=0.2)


def test_the_worst_channel_counts(recording_of):
    rng = np.random.default_rng(2)
    sound = rng.normal(0, 0.005, (8, 40_000))
    sound[3, 1000::2000] += 0.3
    assert clicks_per_s(recording_of(sound, 8000)) == pytest.approx(4.0, abs=0.3)


def test_a_long_recording_is_sampled_and_agrees(recording_of):
    sound = np.random.default_rng(3).normal(0, 0.005, 45 * 8000)
    sound[100::800] += 0.3
    assert clicks_per_s(recording_of(sound, 8000)) == pytest.approx(10.0, abs=0.5)


def test_a_voice_has_next_to_none(reading, recording_of):
    assert clicks_per_s(recording_of(reading.samples[:, : 20 * 48000], 48000)) < 0.5


@pytest.mark.parametrize("frames", [1, 2, 37, 1000])
def test_moments_and_silence(frames, recording_of):
    sound = np.random.default_rng(4).uniform(-0.3, 0.3, (2, frames))
    assert clicks_per_s(recording_of(sound, 48000)) >= 0.0
    assert clicks_per_s(recording_of(0 * sound, 48000)) == 0.0


def test_a_model_leaves_the_excitation():
    """Noise through a resonance: the models take the resonance out again."""
    rng = np.random.default_rng(5)
    excitation = rng.normal(0, 0.01, 20_000)
    sound = np.zeros_like(excitation)
    for n in range(2, sound.size):
        sound[n] = excitation[n] + 1.8 * sound[n - 1] - 0.9 * sound[n - 2]
    grid = Grid.at(8000)
    error = residual(sound, models(sound, grid), grid).reshape(-1)[1000 : sound.size - 1000]
    assert np.corrcoef(error, excitation[1000:-1000])[0, 1] > 0.95


def test_a_gap_in_a_predictable_sound_is_closed():
    time = np.arange(16_000) / 16_000
    sound = np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 700 * time)
    sound += np.random.default_rng(6).normal(0, 0.001, time.size)
    struck = sound.copy()
    struck[8000:8020] += np.random.default_rng(7).normal(0, 2.0, 20)
    clicks = find_clicks(struck, 16_000, ClickSearch())
    assert runs(clicks.mask)[0].size == 1
    repaired = repair_clicks(struck, clicks, 16_000)
    assert np.abs(repaired - sound).max() < 0.05


def test_longer_bursts_are_left():
    rng = np.random.default_rng(8)
    sound = rng.normal(0, 0.002, 48_000)
    sound[20_000:20_096] += rng.normal(0, 0.2, 96)
    assert find_clicks(sound, 48_000, ClickSearch()).mask[20_020:20_080].all()
    clicks = find_clicks(sound, 48_000, ClickSearch(max_click_ms=1.0))
    assert not clicks.mask[20_000:20_096].any()
    assert clicks.too_long.size == 1
