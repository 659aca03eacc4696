"""Training the network of the upper band: what its stretches show, what its distance means, and a run with its card."""

import tomllib

import numpy as np
import pytest
import torch

from restoration.nets.upper_band import FIRST, UPPER_BANDS, UpperBandShape
from restoration.nets.voice_bands import BANDS, EDGES_HZ
from restoration.training.loop import Run, Schedule
from restoration.training.model import card_of, export
from restoration.training.upper_band import FLOOR_DB, SPREAD_DECADES, Stretches, UpperBandTask, apart, distance
from restoration.training.upper_band_levels import read_levels
from restoration.weights import Card

SMALL = UpperBandShape(width=8, dilations=(1, 2))
SCHEDULE = Schedule(steps=6, batch=2, warm_up=2, decay=2, evaluate_every=2)
RECIPE = "train-model upper-band --corpus DIR --steps 6 --batch 2 (rate 0.001, warm_up 2,"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def levels(small_corpus, kept):
    return read_levels(small_corpus, kept, held_out=False, count=6)


def test_what_is_wanted_is_never_far_above_what_is_heard(levels):
    louder = levels.wanted.astype(float) - levels.aged.astype(float)
    assert louder.max() < 6.1
    assert (louder > 3).any()


def test_the_cleaned_band_is_nearer_to_the_wanted_one_than_the_aged(levels):
    aged, cleaned, wanted = (each[:, :FIRST].astype(float) for each in (levels.aged, levels.cleaned, levels.wanted))
    assert np.abs(cleaned - wanted).mean() < np.abs(aged - wanted).mean()


def test_measured_levels_are_remembered(levels, small_corpus, kept):
    again = read_levels(small_corpus, kept, held_out=False, count=6)
    assert np.array_equal(levels.aged, again.aged) and np.array_equal(levels.noise, again.noise)
    assert not np.array_equal(levels.aged[:2], read_levels(small_corpus, kept, held_out=True, count=2).aged)


def test_a_batch_has_its_number_and_colours_everything_alike(levels):
    batches = Stretches(levels, 3, 4, seed=3)
    first, again, other = batches[1], batches[1], batches[2]
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    assert [part.shape[:2] for part in first] == [(3, BANDS)] * 4
    between = (first[3] - first[0])[:, FIRST:]
    known = levels.wanted.astype(float) - levels.aged.astype(float)
    assert between.min() >= known.min() - 0.1 and between.max() <= known.max() + 0.1


def test_the_distance_is_nothing_but_its_spread_where_the_gains_are_right():
    torch.manual_seed(0)
    wanted = torch.rand(2, BANDS, 5) * 20 - 40
    gains = -torch.rand(2, UPPER_BANDS, 5) * 10
    heard = wanted.clone()
    heard[:, FIRST:] -= gains
    assert torch.allclose(distance(gains, heard, wanted), torch.tensor(SPREAD_DECADES))
    assert torch.allclose(apart(gains + 10, heard, wanted), torch.tensor(1.0), atol=1e-5)


def test_what_lies_under_the_floor_is_as_good_as_gone():
    wanted = torch.full((1, BANDS, 3), -30.0)
    wanted[:, FIRST:] = -30.0 - FLOOR_DB - 40
    heard = torch.full((1, BANDS, 3), -60.0)
    gone = torch.full((1, UPPER_BANDS, 3), -60.0)
    assert not apart(gone, heard, wanted).any()
    assert (apart(torch.zeros_like(gone), heard, wanted) > 4).all()


def test_a_wide_band_weighs_more_than_a_narrow_one():
    wanted = torch.full((1, BANDS, 1), -30.0)
    widths = np.diff(EDGES_HZ)[FIRST:]
    said = []
    for band in (0, UPPER_BANDS - 1):
        gains = torch.zeros(1, UPPER_BANDS, 1)
        gains[:, band] = -10.0
        said.append(float(distance(gains, wanted, wanted)[0, 0] ** 2 - SPREAD_DECADES**2))
    assert said[1] / said[0] == pytest.approx(widths[-1] / widths[0], rel=1e-3)


def test_a_run_that_was_cut_off_comes_to_the_same_end_and_writes_its_card(small_corpus, kept):
    def run(name):
        return Run(UpperBandTask(small_corpus, kept / name, SCHEDULE, SMALL, (6, 2)), SCHEDULE, kept / name)

    whole, cut = run("whole"), run("cut")
    whole.train()
    batches = iter(cut._batches())
    for _ in range(4):
        cut._learn(next(batches))
        cut.step += 1
    cut._evaluate(0.0)
    resumed = run("cut")
    resumed.train()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name
    weights_file = export(whole.task, kept / "whole" / "best.pt", kept / "whole" / "upper-band.safetensors")
    (table,) = tomllib.loads(card_of("upper-band", small_corpus, weights_file, whole.curve, SCHEDULE))["model"]
    assert set(table) <= set(Card.__dataclass_fields__)
    assert "distance_before" in table["quality"] and RECIPE in table["recipe"]
