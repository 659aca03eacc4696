"""Training on a few clips: the same twice, and the same when it was cut off and went on."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from restoration.errors import RestorationError
from restoration.nets.denoiser import DenoiserShape, spectrum
from restoration.training.clips import Clips, is_held_out, read_clips
from restoration.training.denoiser import DenoiserTask, shown_noise, si_sdr_db
from restoration.training.loop import Run, Schedule
from restoration.training.model import card_of, draw_curve, export, train_model
from restoration.training.pairs import Drawing, Pairs
from restoration.weights import Card

SMALL = DenoiserShape(channels=(8, 8), hidden=16, layers=1)
SCHEDULE = Schedule(steps=6, batch=2, warm_up=2, decay=2, evaluate_every=2)


def run(corpus, folder, schedule=SCHEDULE):
    task = DenoiserTask(corpus, folder, schedule, SMALL)
    return Run(task, schedule, folder)


def test_a_corpus_without_its_table_is_a_sentence(tmp_path):
    with pytest.raises(RestorationError, match=r"train\.csv is not there"):
        read_clips(tmp_path, 16000, tmp_path)


def test_held_out_clips_are_never_drawn(small_corpus, tmp_path):
    clips = read_clips(small_corpus, 16000, tmp_path)
    held_out = {clips.paths[number] for number in clips.chosen(True)}
    assert held_out and all(is_held_out(path) for path in held_out)
    assert not held_out & {clips.paths[number] for number in clips.chosen(False)}


def test_a_pair_has_its_number_and_the_same_time(small_corpus, tmp_path):
    clips = read_clips(small_corpus, 16000, tmp_path)
    pairs = Pairs(clips, Drawing(seconds=2.0), 2, 4, seed=3)
    first, again, other = pairs[1], pairs[1], pairs[2]
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    assert first[0].shape == (2, 32000) and torch.isfinite(first[0]).all()


def test_a_stretch_of_silence_is_never_made_loud(small_corpus, tmp_path):
    """Where a coarse converter leaves nothing, the programme under it must not be raised to the level of a voice."""
    clips = read_clips(small_corpus, 16000, tmp_path)
    still = replace(clips, samples=(clips.samples / 8000).astype(np.int16))
    pairs = Pairs(still, Drawing(seconds=1.0, carriers=("tape", "telephone", "copy")), 40, 1, seed=3)
    aged, programme = (side.square().mean(1).sqrt() for side in pairs[0])
    assert (aged < 1e-6).any()
    assert programme.max() < 1


def test_the_noisier_of_two_agings_is_noisier(small_corpus, tmp_path):
    """The same stretches, aged once and aged twice to take the noisier."""
    clips, apart = read_clips(small_corpus, 16000, tmp_path), []
    for share in (0.0, 1.0):
        drawing = Drawing(seconds=2.0, clean_share=0.0, pause_share=0.0, noisier_share=share)
        pairs = Pairs(clips, drawing, 24, 1, seed=3)
        aged, programme = pairs[0]
        noise = (aged - programme).square().sum(1) / programme.square().sum(1)
        apart.append(10 * noise.log10().mean().item())
    assert apart[1] > apart[0] + 1.5


def test_noise_that_comes_with_the_voice_is_not_shown():
    """A tape's pauses tell what is in its pauses, not what is under its words."""
    draw = torch.Generator().manual_seed(4)
    programme, noise = torch.randn((2, 64000), generator=draw), torch.randn((2, 64000), generator=draw)
    programme[:, 30000:] *= 1e-3
    noise[:, 30000:] *= 0.1
    wanted, known = spectrum(programme), spectrum(0.01 * noise)
    shown = shown_noise(wanted + known, wanted)[0]
    in_pauses, in_all = (power.mean().item() for power in (known[0, :, 150:].abs().square(), known[0].abs().square()))
    assert shown.mean().item() == pytest.approx(in_pauses, rel=0.1)
    assert in_all > 10 * in_pauses


def test_a_long_pause_is_no_stretch_to_learn_from():
    """A clip that is silent but for its last second."""
    sound = np.zeros(16000 * 60, dtype=np.int16)
    sound[-16000:] = (8000 * np.sin(np.arange(16000) / 5)).astype(np.int16)
    path = next(f"{number}.wav" for number in range(100) if not is_held_out(f"{number}.wav"))
    clips = Clips(sound, np.array([0, sound.size]), (path,), ("one",), 16000)
    pairs = Pairs(clips, Drawing(seconds=2.0, pause_share=0.0), 8, 1, seed=5)
    heard = sum(bool(pairs._speech(np.random.default_rng(number)).any()) for number in range(50))
    assert heard > 20


def test_other_speeds_are_other_voices():
    """A tone is heard higher or lower, by no more than a fifth, and as long as before."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(600 * 1000) / 16000)).astype(np.int16)
    starts = np.arange(0, tone.size + 1, 60000)
    paths = tuple(f"{number}.wav" for number in range(starts.size - 1))
    clips = Clips(tone, starts, paths, ("one",) * len(paths), 16000)
    pairs = Pairs(clips, Drawing(pause_share=0.0, carriers=("radio",), other_speeds=1.0), 12, 1, seed=2)
    programme = pairs[0][1].numpy()
    heard_hz = np.abs(np.fft.rfft(programme * np.hanning(programme.shape[1]))).argmax(1) * 16000 / programme.shape[1]
    assert programme.shape == (12, 64000)
    assert heard_hz.min() > 440 / 1.2 and heard_hz.max() < 440 * 1.2
    assert np.std(heard_hz) > 20


def test_a_run_that_was_cut_off_comes_to_the_same_end(small_corpus, tmp_path):
    whole = run(small_corpus, tmp_path / "whole")
    whole.train()
    cut = run(small_corpus, tmp_path / "cut")
    batches = iter(cut._batches())
    for _ in range(4):
        cut._learn(next(batches))
        cut.step += 1
    cut._evaluate(0.0)
    resumed = run(small_corpus, tmp_path / "cut")
    assert resumed.step == 4
    resumed.train()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


def test_half_the_bits_teach_nearly_the_same(small_corpus, tmp_path):
    """Parameters keep all their bits; what is reckoned with fewer comes out near, and not the same."""
    whole, half = (
        run(small_corpus, tmp_path / name, replace(SCHEDULE, steps=2, bfloat16=bits))
        for name, bits in (("a", False), ("b", True))
    )
    figures = [each.train()["held_out_loss"] for each in (whole, half)]
    assert figures[1] == pytest.approx(figures[0], rel=0.02)
    assert figures[1] != figures[0]
    assert {value.dtype for value in half.network.parameters()} == {torch.float32}


def test_the_rate_rises_stays_and_falls():
    rates = [Schedule(steps=100, warm_up=10, decay=20, rate=1.0).rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1) and rates[9:81] == [1.0] * 72 and rates[99] == pytest.approx(0.05)


def test_the_card_says_what_was_done(small_corpus, tmp_path):
    import tomllib

    trained = run(small_corpus, tmp_path / "run")
    trained.train()
    weights = export(trained.task, tmp_path / "run" / "best.pt", tmp_path / "run" / "denoiser.safetensors")
    draw_curve(trained.curve, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    (table,) = tomllib.loads(card_of("denoiser", small_corpus, weights, trained.curve, SCHEDULE))["model"]
    assert table["training"] == [{"name": "demo, 2 minutes", "licence": "CC0"}]
    assert "steps 6" in table["recipe"] and "si_sdr_db" in table["quality"]
    assert set(table) <= set(Card.__dataclass_fields__)
    assert [json.loads(line)["step"] for line in trained.curve.read_text().splitlines()] == [2, 4, 6]


def test_an_unknown_model_is_a_sentence(small_corpus, tmp_path):
    with pytest.raises(RestorationError, match="no recipe to train 'denoyser'"):
        train_model("denoyser", small_corpus, tmp_path, SCHEDULE)


def test_si_sdr_is_what_it_says():
    wanted = torch.randn(1, 16000)
    noise = torch.randn(1, 16000)
    noise -= (noise * wanted).sum() / wanted.square().sum() * wanted
    noise *= 0.1 * wanted.norm() / noise.norm()
    assert float(si_sdr_db(3 * (wanted + noise), wanted)) == pytest.approx(20.0, abs=0.01)
    assert np.isfinite(float(si_sdr_db(wanted, wanted)))
