"""The cells of a map: energies that add up, in the right place, whatever the rate."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.sound_map.grid import COLUMNS_PER_S, Grid, energies_of, voice_power


def whole(recording):
    parts = list(energies_of(recording))
    assert [first for first, _ in parts] == list(np.cumsum([0, *(part.shape[1] for _, part in parts[:-1])]))
    return np.concatenate([part for _, part in parts], axis=1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000, 192_000])
def test_every_band_has_cells_of_its_own(rate):
    grid = Grid(rate)
    assert (np.diff(grid.bins) > 0).all()
    assert grid.bins[-1] <= grid.size // 2 + 1
    assert grid.edges_hz[-1] <= rate / 2
    assert grid.centres_hz[0] == pytest.approx(50.1, abs=0.1)
    assert grid.centres_hz == Grid(192_000).centres_hz[: grid.bands]


@pytest.mark.parametrize("rate", [8_000, 11_025, 48_000, 192_000])
@pytest.mark.parametrize("hz", [80.0, 315.0, 1_000.0, 3_150.0])
def test_a_sine_lies_in_its_band_with_its_power(recording_of, rate, hz):
    times_s = np.arange(round(1.3 * rate)) / rate
    energies = whole(recording_of(0.5 * np.sin(2 * np.pi * hz * times_s), rate))[:, 2:-3]
    band = np.argmin(np.abs(np.log(np.array(Grid(rate).centres_hz) / hz)))
    assert (energies.argmax(axis=0) == band).all()
    assert energies.sum(axis=0) == pytest.approx(0.125, rel=0.02)


def test_channels_are_added_up(recording_of):
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 48_000))
    both, each = whole(recording_of(noise, 48_000)), [whole(recording_of(channel, 48_000)) for channel in noise]
    assert np.allclose(both, each[0] + each[1], rtol=1e-4, atol=0)


def test_a_sound_is_in_the_columns_of_its_time(recording_of):
    samples = np.zeros(70_000)
    samples[44_100 : 44_100 + 2_205] = np.random.default_rng(2).normal(0, 0.3, 2_205)
    loud = whole(recording_of(samples, 44_100)).sum(axis=0)
    assert loud.argmax() == COLUMNS_PER_S
    assert np.flatnonzero(loud).tolist() == [19, 20, 21]


@pytest.mark.parametrize("frames", [1, 2, 399, 400, 401, 100_003])
def test_recordings_of_any_length_have_their_columns(recording_of, frames):
    recording = recording_of(np.full(frames, 0.5), 8_000)
    energies = whole(recording)
    assert energies.shape == (Grid(8_000).bands, Grid(8_000).columns(frames))
    assert energies.shape[1] == max(1, int(np.ceil(frames / 400)))


def test_blocks_of_any_size_give_the_same_cells(recording_of):
    recording = recording_of(np.random.default_rng(3).normal(0, 0.1, 300_000), 48_000)
    assert np.array_equal(whole(recording), whole(recording.with_blocks(1_000)))


def test_the_voice_is_the_louder_half(recording_of):
    sound = np.random.default_rng(4).normal(0, 0.1, 96_000)
    sound[:40_000] *= 1e-3
    recording = recording_of(sound, 48_000)
    assert voice_power(recording) == pytest.approx(0.01, rel=0.03)
    assert voice_power(recording_of(np.zeros(5_000), 48_000)) == 0.0
