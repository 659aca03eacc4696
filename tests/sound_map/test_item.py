"""The map of an item: its steps' maps together, on the axis of the restored sound, with figures that add up."""

from __future__ import annotations

import time

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.sound_map.compare import ITEM_PLANES, as_audio, planes_of
from restoration.sound_map.grid import Grid
from restoration.sound_map.item import Ends, combine, map_figures

RATE = 16_000
BANDS = Grid(RATE).bands


@pytest.fixture
def map_of(tmp_path):
    """A map of planes (planes, bands, columns): ``map_of(generated, confidence)``, or with ``removed`` between."""
    count = 0

    def make(*planes):
        nonlocal count
        count += 1
        with Writer(tmp_path / f"map-{count}") as writer:
            writer.write(as_audio(np.stack(planes).astype(np.float32)))
        return writer.recording

    return make


@pytest.fixture
def together(tmp_path):
    def of(maps, restored, master=None, gain_db=0.0):
        with Writer(tmp_path / "together") as writer:
            combine(maps, Ends(master or restored, restored, gain_db), writer)
        return planes_of(writer.recording, ITEM_PLANES, 0, writer.recording.frames)

    return of


def random_planes(columns, seed, bands=BANDS):
    return np.random.default_rng(seed).uniform(0, 1, (2, bands, columns))


def test_shares_and_confidences_multiply(recording_of, map_of, together):
    restored = recording_of(np.ones(5 * RATE), RATE)
    first, second = random_planes(100, 1), random_planes(100, 2)
    found = together([(map_of(*first), 5.0), (map_of(*second), 5.0)], restored)
    assert np.allclose(found[0], 1 - (1 - first[0]) * (1 - second[0]), atol=1e-6)
    assert np.allclose(found[2], first[1] * second[1], atol=1e-6)
    alone = together([(map_of(*first), 5.0)], restored)
    assert np.allclose(alone[[0, 2]], first, atol=1e-6)


def test_a_map_of_another_rate_joins_by_its_bands(recording_of, map_of, together):
    restored = recording_of(np.ones(5 * RATE), RATE)
    low, high = random_planes(100, 3, bands=Grid(8_000).bands), random_planes(100, 4, bands=Grid(48_000).bands)
    found = together([(map_of(*low), 5.0), (map_of(*high), 5.0)], restored)
    count = Grid(8_000).bands
    assert np.allclose(found[2, :count], low[1] * high[1, :count], atol=1e-6)
    assert np.allclose(found[[0, 2], count:], high[:, count:BANDS], atol=1e-6)


@pytest.mark.parametrize("pace", [0.956, 1.0, 1.03])
def test_a_map_from_before_time_was_moved_is_moved_along(recording_of, map_of, together, pace):
    """A moment at 4.02 s of a sound that then was played at another speed."""
    columns = 200
    generated = np.zeros((BANDS, columns))
    generated[:, round(4.0 * 20)] = 1.0
    restored = recording_of(np.ones(round(10 * RATE * pace)), RATE)
    found = together([(map_of(generated, 1 - generated), 10.0)], restored)
    middle = (np.flatnonzero(found[0].any(axis=0)) + 0.5) / 20
    assert middle == pytest.approx((4.0 + 0.025) * pace, abs=0.05)


def test_the_wow_that_is_taken_out_displaces_less_than_a_column():
    """What the proportion leaves out: 3 % peak, the most that is believed, at the slowest rate of wow."""
    from restoration.repair.warp import Sway, Warp

    times_s = np.arange(0, 60, 0.01)
    for phase in np.linspace(0, 2 * np.pi, 8):
        warp = Warp(1.0, (Sway(0.0, np.inf, 0.5, 0.03 * np.exp(1j * phase)),))
        assert np.abs(warp.transfer_time_s(times_s) - times_s).max() < 1 / 20


def test_figures_are_those_of_the_speech(recording_of, map_of):
    """Ten seconds; somebody speaks from 2 to 4 s, where a tenth of the energy is generated and half is doubtful."""
    restored = recording_of(np.random.default_rng(5).normal(0, 0.1, 10 * RATE), RATE)
    generated, sure = np.full((BANDS, 200), 0.9), np.zeros((BANDS, 200))
    generated[:, 40:80], sure[:, 40:60], sure[:, 60:80] = 0.1, 0.9, 0.2
    removed = np.zeros((BANDS, 200))
    removed[:, 70:200] = 0.8
    map_ = map_of(generated, removed, sure)
    figures = map_figures(map_, restored, [(2.0, 4.0)])
    assert figures.extent == "speech"
    assert figures.generated_energy_share == pytest.approx(0.1, abs=1e-4)
    assert figures.removed_cell_share == pytest.approx(0.25, abs=1e-6)
    assert figures.doubtful_cell_share == pytest.approx(0.5, abs=1e-6)
    assert figures.doubtful_energy_share == pytest.approx(0.5, abs=0.02)
    whole = map_figures(map_, restored, [])
    assert whole.extent == "everything"
    assert whole.doubtful_cell_share == pytest.approx(0.9, abs=1e-6)


def test_silence_has_figures_of_nought(recording_of, map_of):
    restored = recording_of(np.zeros(RATE), RATE)
    figures = map_figures(map_of(*np.zeros((3, BANDS, 20))), restored, [(0.0, 1.0)])
    assert (figures.generated_energy_share, figures.doubtful_cell_share, figures.doubtful_energy_share) == (0, 0, 0)


@pytest.mark.parametrize("gain_db", [0.0, 12.0])
def test_what_was_removed_is_a_share_of_the_masters_energy(recording_of, together, gain_db):
    """A quarter of the energy is left in the first two seconds, then all, then more; the whole may be louder."""
    sound = np.random.default_rng(6).normal(0, 0.05, 6 * RATE)
    kept = np.repeat([0.5, 1.0, 1.2], 2 * RATE)
    master, restored = recording_of(sound, RATE), recording_of(10 ** (gain_db / 20) * kept * sound, RATE)
    removed = together([], restored, master, gain_db)[1]
    assert np.abs(removed[:, 2:38] - 0.75).max() < 1e-3
    assert removed[:, 42:78].max() < 1e-4
    assert removed[:, 82:].max() < 1e-4


def test_what_was_generated_does_not_count_as_kept(recording_of, map_of, together):
    """A sound that was put in the place of another, equally loud one: all of the master's is gone."""
    sound = recording_of(np.random.default_rng(7).normal(0, 0.05, 2 * RATE), RATE)
    made = np.zeros((BANDS, 40))
    made[:, 10:20] = 1.0
    generated, removed, _ = together([(map_of(made, 1 - made), 2.0)], sound)
    assert np.array_equal(generated, made)
    assert np.allclose(removed, made, atol=1e-6)


def test_silence_of_the_master_cannot_be_removed(recording_of, together):
    silent = recording_of(np.zeros((2, RATE)), RATE)
    assert not together([], recording_of(np.full((2, RATE), 0.1), RATE), silent)[1].any()


@pytest.mark.parametrize("rate", [8_000, 44_100])
@pytest.mark.parametrize(("frames", "longer"), [(1, 0), (20_001, 3)])
def test_any_rate_length_and_block_give_the_same_map_of_an_item(recording_of, together, rate, frames, longer):
    draw = np.random.default_rng(8)
    master, restored = (recording_of(draw.normal(0, 0.1, (2, size)), rate) for size in (frames + longer, frames))
    found = together([], restored, master)
    assert found.shape == (3, Grid(rate).bands, Grid(rate).columns(frames))
    assert np.array_equal(found, together([], restored.with_blocks(777), master.with_blocks(1_000)))


def test_the_map_of_an_item_costs_little(tmp_path, recording_of):
    """With its figures, less than a hundredth of the sound's duration."""
    draw = np.random.default_rng(1)
    master, restored = (recording_of(draw.normal(0, 0.1, 30 * 48_000), 48_000) for _ in range(2))
    begun = time.process_time()
    with Writer(tmp_path / "map") as written:
        combine([], Ends(master, restored, 0.0), written)
    map_figures(written.recording, restored, [(0.0, 20.0)])
    assert time.process_time() - begun < 0.3
