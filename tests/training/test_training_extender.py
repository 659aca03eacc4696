"""Training the bandwidth extender: what its examples show, what they hide, and a run that ends in a card."""

import tomllib

import numpy as np
import pytest
import torch

from restoration.nets.extender import ExtenderShape
from restoration.nets.voice_bands import CENTRES_HZ, EDGES_HZ, loudness_db
from restoration.training.band_levels import AGED_UP_TO_HZ, drawn_chain, limit_hz, read_band_levels
from restoration.training.clips import is_held_out
from restoration.training.extender import ExtenderTask, lopsided_loss
from restoration.training.loop import Run, Schedule
from restoration.training.model import card_of, export
from restoration.training.voice_examples import Circumstances, Examples, weights, with_noise
from restoration.weights import Card

SMALL = ExtenderShape(width=8, dilations=(1, 2))
SCHEDULE = Schedule(steps=6, batch=2, warm_up=2, decay=2, evaluate_every=2)
RECIPE = "train-model extender --corpus DIR --steps 6 --batch 2 (rate 0.001, warm_up 2,"
SHORT = Circumstances(frames=60, heard_frames=150)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def levels(small_corpus, kept):
    return read_band_levels(small_corpus, kept)


def test_the_aged_clips_are_the_clean_ones_frame_by_frame(levels):
    """Where they are loud; ageing colours them and covers what is quiet."""
    alike = []
    for first, last in zip(levels.starts[:-1], levels.starts[1:], strict=True):
        clean, aged = (loudness_db(each[:, first:last].astype(float)) for each in (levels.clean, levels.aged))
        loud = clean > clean.max() - 20
        alike.append(np.corrcoef(clean[loud], aged[loud])[0, 1])
    assert np.median(alike) > 0.8


def test_no_carrier_moves_the_sound_in_time():
    for seed in range(40):
        chain = drawn_chain(np.random.default_rng(seed))
        assert chain and all(fault.kind != "time" for fault in chain)
        assert 1000 < limit_hz(chain) <= AGED_UP_TO_HZ


def test_an_example_has_its_number(levels):
    examples = Examples(levels, SHORT, 2, 4, seed=3)
    first, again, other = examples[1], examples[1], examples[2]
    assert all(torch.equal(one, two) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    assert [tuple(part.shape[1:]) for part in first] == [(48, 60), (48,), (48,), (48, 60), (48, 60)]
    assert all(torch.isfinite(part).all() for part in first)


def test_held_out_clips_are_never_drawn(levels):
    assert all(not is_held_out(levels.paths[clip]) for clip in Examples(levels, SHORT, 2, 4, seed=3)._chosen)
    assert all(is_held_out(levels.paths[clip]) for clip in Examples(levels, SHORT, 2, 4, 3).only_held_out()._chosen)


def test_nothing_is_wanted_that_was_recorded_or_that_nobody_knows(levels):
    examples = Examples(levels, SHORT, 8, 8, seed=3)
    for number in range(8):
        _, _, recorded, _, weight = examples[number]
        wanted = weight.amax(2) > 0
        assert not (wanted & (recorded > 0)).any()
        assert not wanted[:, EDGES_HZ[1:] > 0.95 * 11000].any()
        assert wanted.any(1).all()


def test_noise_is_added_at_its_level():
    silent = np.full((48, 400), -150.0)
    silent[:, :50] = -30.0
    noisy = with_noise(silent, -40.0, np.random.default_rng(5))
    assert (noisy >= silent).all()
    middle = noisy[(CENTRES_HZ > 500) & (CENTRES_HZ < 1500), 100:].mean()
    assert -85 < middle < -55


def test_a_loud_sibilant_weighs_more_than_what_is_quiet():
    wanted = np.full((48, 2), -60.0)
    wanted[CENTRES_HZ > 5000, 1] = -10.0
    weight = weights(wanted, CENTRES_HZ > 4000)
    assert np.allclose(weight[:, 1], 3 * weight[:, 0]) and not weight[CENTRES_HZ < 4000].any()


def test_too_much_costs_more_than_too_little():
    wanted, weight = torch.zeros(1, 4, 5), torch.ones(1, 4, 5)
    assert lopsided_loss(wanted + 10, wanted, weight) == pytest.approx(1.0)
    assert lopsided_loss(wanted - 10, wanted, weight) == pytest.approx(0.8)


def test_a_run_that_was_cut_off_comes_to_the_same_end_and_writes_its_card(small_corpus, kept):
    def run(name):
        return Run(ExtenderTask(small_corpus, kept / name, SCHEDULE, SMALL), SCHEDULE, kept / name)

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
    weights_file = export(whole.task, kept / "whole" / "best.pt", kept / "whole" / "extender.safetensors")
    (table,) = tomllib.loads(card_of("extender", small_corpus, weights_file, whole.curve, SCHEDULE))["model"]
    assert set(table) <= set(Card.__dataclass_fields__)
    assert "log_spectral_distance" in table["quality"] and RECIPE in table["recipe"]
