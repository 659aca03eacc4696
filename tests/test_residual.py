"""What was removed: master = restored / gain + residual, also where a step moved time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from restoration.audio import Audio
from restoration.progress import Progress
from restoration.provenance.generated import treated_steps
from restoration.recipe import parse_recipe
from restoration.record import Record
from restoration.residual import Residual
from restoration.scratch import Scratch
from restoration.steps.correct_speed import warp_of
from restoration.time_axis import moving_steps, on_restored_axis
from restoration.treatment import apply
from restoration.turn import Workshop

RATE = 24_000


def recipe_of(*steps):
    return parse_recipe({"purpose": "Try.", "step": list(steps)}, "try", "")


MOVE = {"name": "correct_speed", "ask_voice": False}
LEVEL = {"name": "set_level", "target_lufs": -30.0}


class Bench:
    """One treatment, with all that belongs to it."""

    def __init__(self, folder, source, recipe):
        folder.mkdir()
        self.source, self.record = source, Record(folder / "events.jsonl")
        self.scratch = Scratch(folder / "scratch", 2**30)
        self.progress = Progress(folder / "progress.json", [("all", 1.0)])
        # What a run does first; the chain of events begins there.
        self.record.append("extraction", result=source.pcm_sha256)
        self.treated = apply(recipe, source, self.record, self.scratch, self.progress)

    @property
    def aligned(self):
        return on_restored_axis(self.record.events, self.source, Workshop(self.scratch, self.progress))

    @property
    def residual(self):
        return Residual.between(self.aligned, self.treated.recording, self.treated.gain_db)


def peak_dbfs(samples):
    return 20 * np.log10(max(float(np.abs(samples).max()), 1e-12))


@pytest.fixture
def tape(reading, recording_of):
    """The reading with hum, played by a carrier of a seeded wow, and too slow or fast where asked."""
    import soxr

    speech = soxr.resample(reading.samples[0], reading.sample_rate, RATE).astype(np.float64)

    def make(seed, ratio=1.0):
        draw = np.random.default_rng(seed)
        times_s = np.arange(speech.size) / RATE
        hum = sum(np.sin(2 * np.pi * 50 * k * times_s + k) / k for k in (1, 2, 3, 5, 7))
        whole = speech + hum * 10 ** (-45 / 20) / np.sqrt(np.mean(hum**2)) + 0.02
        hz, depth = draw.uniform(0.8, 4.0), draw.uniform(0.003, 0.006)
        heard_s = np.arange(int(speech.size / ratio)) / RATE
        right_s = ratio * (heard_s + depth / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * heard_s))
        played = CubicSpline(times_s, whole)(np.minimum(right_s, times_s[-1]))
        return recording_of(np.stack([played, 0.5 * played]), RATE)

    return make


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_step_that_only_moves_time_removes_nothing(tmp_path, tape, seed):
    """The master is brought onto the restored axis: what then is left is rounding."""
    bench = Bench(tmp_path / "run", tape(seed), recipe_of(MOVE, LEVEL))
    assert [turn.name for turn, _ in moving_steps(bench.record.events)] == ["correct_speed"]
    assert bench.treated.gain_db != 0.0
    assert peak_dbfs(bench.residual.read().samples) < -120
    naive = Residual.between(bench.source, bench.treated.recording, bench.treated.gain_db)
    assert peak_dbfs(naive.read().samples) > -40  # what it was before


@pytest.mark.parametrize(("seed", "ratio"), [pytest.param(4, 1.0, marks=pytest.mark.slow), (5, 0.97)])
def test_restored_and_residual_make_the_moved_master(tmp_path, tape, seed, ratio):
    """Against the warp itself, not against the code under test; with steps before and after that move nothing."""
    steps = ({"name": "remove_dc"}, MOVE, {"name": "remove_hum"}, LEVEL)
    bench = Bench(tmp_path / "run", tape(seed, ratio), recipe_of(*steps))
    events = {event["name"]: event for event in bench.record.events if event["event"] == "step"}
    assert [event["outcome"] for event in events.values()] == ["treated"] * 4
    warp = warp_of(events["correct_speed"]["findings"])
    restored = bench.treated.recording.read().samples.astype(np.float64)
    again = restored * 10 ** (-bench.treated.gain_db / 20) + bench.residual.read().samples
    frames = again.shape[1]
    assert frames == round(bench.source.frames * warp.ratio)

    source = bench.source.read().samples.astype(np.float64)
    places = warp.transfer_frames(0, frames, RATE)
    wanted = CubicSpline(np.arange(source.shape[1]), source, axis=1)(places)
    inside = slice(RATE, frames - RATE)
    error = np.std((again - wanted)[:, inside]) / np.std(wanted[:, inside])
    assert 20 * np.log10(error) < -35  # a spline is no band-limited interpolation
    assert peak_dbfs(again - bench.aligned.read().samples) < -120
    offset = bench.residual.read().samples[:, inside].mean(axis=1)
    assert offset == pytest.approx([0.02, 0.01], abs=2e-4)  # what remove_dc took is there


def test_the_moved_master_is_the_result_of_the_step_where_it_came_first(tmp_path, tape):
    bench = Bench(tmp_path / "run", tape(6), recipe_of(MOVE, LEVEL))
    (step, *_) = treated_steps(bench.record.events)
    made = set(bench.scratch.folder.glob("*.f32"))
    assert bench.aligned.pcm_sha256 == step["result"]
    assert set(bench.scratch.folder.glob("*.f32")) == made


@pytest.mark.slow
def test_the_moved_master_is_made_again_without_losing_what_is_in_use(tmp_path, tape):
    bench = Bench(tmp_path / "run", tape(7), recipe_of({"name": "remove_dc"}, MOVE))
    first = bench.aligned.pcm_sha256
    bench.scratch.make_room(2**40, in_use=[bench.treated.recording])
    bench.scratch.limit_bytes = 1
    used = Workshop(bench.scratch, bench.progress, (bench.source, bench.treated.recording))
    assert on_restored_axis(bench.record.events, bench.source, used).pcm_sha256 == first
    assert bench.treated.recording.read(0, 10).frames == 10


def test_where_time_stayed_the_master_itself_is_taken(tmp_path, tape):
    bench = Bench(tmp_path / "run", tape(8), recipe_of({"name": "remove_dc"}, LEVEL))
    assert bench.aligned is bench.source


def test_a_step_that_was_left_out_moved_nothing(tmp_path, reading, recording_of):
    source = recording_of(reading.samples[:, : 5 * 48_000] + 0.02, 48_000)
    bench = Bench(tmp_path / "run", source, recipe_of({"name": "remove_dc"}, MOVE))
    assert bench.record.events[-1]["outcome"] == "left out"
    assert moving_steps(bench.record.events) == []


def test_what_the_restored_sound_lacks_was_removed(recording_of):
    master = recording_of(np.linspace(-0.5, 0.5, 1_000), 8_000)
    short = recording_of(np.linspace(-0.5, 0.5, 1_000)[:990] / 2, 8_000)
    residual = Residual.between(master, short, -6.0206)
    assert residual.frames == 1_000
    assert np.abs(residual.read(0, 990).samples).max() < 1e-6
    assert np.array_equal(residual.read(990, 1_000).samples, master.read(990, 1_000).samples)


def test_two_formats_have_no_residual(recording_of):
    with pytest.raises(ValueError, match="one format"):
        Residual.between(recording_of(np.zeros(10), 8_000), recording_of(np.zeros((2, 10)), 8_000), 0.0)
    with pytest.raises(ValueError, match=r"Residual\.between"):
        Residual(recording_of(np.zeros(10), 8_000).path, 8_000, 1, 10, "").read()


def test_a_residual_is_read_in_any_pieces(recording_of):
    draw = np.random.default_rng(9)
    master, restored = (recording_of(draw.normal(0, 0.1, (2, 5_000)), 8_000) for _ in range(2))
    residual = Residual.between(master, restored, 3.0)
    pieces = [
        block.samples[:, block.lead : block.lead + block.frames] for block in residual.with_blocks(777).blocks(50)
    ]
    assert np.array_equal(np.concatenate(pieces, axis=1), residual.read().samples)
    assert isinstance(residual.read(), Audio)
