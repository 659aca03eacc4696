"""What a step leaves alone is the source, bit for bit, whatever the size of the blocks."""

import numpy as np
import pytest

from restoration.audio import Audio, Writer
from restoration.errors import StepFailed
from restoration.overruling import Overruling, joined
from restoration.progress import Progress
from restoration.recipe import step_kind
from restoration.scratch import Scratch
from restoration.sparing import FADE_S, spare
from restoration.turn import Turn, Workshop

RATE = 48000
STRETCHES = ((0.0, 0.05), (0.2, 0.25), (0.252, 0.3), (0.49, 0.5))


@pytest.fixture
def both(recording_of):
    rng = np.random.default_rng(3)
    source, treated = rng.standard_normal((2, 2, RATE // 2)).astype(np.float32)
    return recording_of(source, RATE), recording_of(treated, RATE)


def spared(both, place, block_frames):
    source, treated = both
    with Writer(place) as writer:
        spare(source, treated.with_blocks(block_frames), STRETCHES, writer)
    return writer.recording


def test_the_stretches_are_the_source_and_the_rest_the_result(both, tmp_path):
    source, treated = (one.read().samples for one in both)
    found = spared(both, tmp_path / "a.f32", 2**18).read().samples
    inside = np.zeros(found.shape[1], dtype=bool)
    near = inside.copy()
    fade = round(FADE_S * RATE)
    for start_s, stop_s in STRETCHES:
        first, last = round(start_s * RATE), round(stop_s * RATE)
        inside[first:last] = True
        near[max(0, first - fade) : last + fade] = True
    assert np.array_equal(found[:, inside].view(np.int32), source[:, inside].view(np.int32))
    assert np.array_equal(found[:, ~near].view(np.int32), treated[:, ~near].view(np.int32))
    low, high = np.minimum(source, treated), np.maximum(source, treated)
    assert (found >= low - 1e-6).all()
    assert (found <= high + 1e-6).all()


@pytest.mark.parametrize("block_frames", [31, 97, 4096, 10**6])
def test_the_size_of_the_blocks_is_not_heard(both, tmp_path, block_frames):
    first = spared(both, tmp_path / "a.f32", 2**18)
    assert spared(both, tmp_path / "b.f32", block_frames).pcm_sha256 == first.pcm_sha256


def test_another_length_cannot_be_mixed(recording_of, tmp_path):
    source, shorter = recording_of(np.zeros(100), RATE), recording_of(np.zeros(99), RATE)
    with Writer(tmp_path / "a.f32") as writer:
        writer.write(Audio(np.zeros((1, 1), np.float32), RATE))
        with pytest.raises(ValueError, match="changes the length"):
            spare(source, shorter, STRETCHES, writer)


def turn_of(name, parameters, **overruling):
    return Turn(1, name, step_kind(name)(**parameters), Overruling(**overruling))


def test_a_step_leaves_stretches_alone_and_its_sounds_do_not_get_mixed_up(recording_of, tmp_path):
    """The scratch keeps the whole result and the spared one apart."""
    source = recording_of(0.1 * np.random.default_rng(1).standard_normal(RATE), RATE)
    workshop = Workshop(Scratch(tmp_path / "scratch", 2**30), Progress(tmp_path / "progress.json", []))
    findings = {"needed": True, "gain_db": 6.0, "reason": ""}
    plain, sparing = turn_of("set_level", {}), turn_of("set_level", {}, spared=((0.2, 0.4),), decisions=(1,))
    spared_first = sparing.result(source, findings, workshop)
    whole = plain.result(source, findings, workshop)
    assert spared_first.pcm_sha256 != whole.pcm_sha256
    other = Workshop(Scratch(tmp_path / "other", 2**30), Progress(tmp_path / "progress.json", []))
    assert sparing.result(source.with_blocks(1000), findings, other).pcm_sha256 == spared_first.pcm_sha256
    inside = slice(round(0.2 * RATE), round(0.4 * RATE))
    assert np.array_equal(spared_first.read().samples[:, inside], source.read().samples[:, inside])
    assert np.array_equal(spared_first.read().samples[:, RATE // 2 :], whole.read().samples[:, RATE // 2 :])


def test_a_step_that_changes_the_rate_fails_in_a_sentence(recording_of, tmp_path):
    source = recording_of(np.zeros(RATE), RATE)
    workshop = Workshop(Scratch(tmp_path / "scratch", 2**30), Progress(tmp_path / "progress.json", []))
    turn = turn_of("resample", {"sample_rate": 44100}, spared=((0.2, 0.4),), decisions=(1,))
    with pytest.raises(StepFailed, match="cannot be left alone"):
        turn.result(source, turn.step.measure(source), workshop)


def test_stretches_that_touch_are_one():
    assert joined([(3, 4), (1, 2), (2, 2.5), (3.5, 3.6)]) == ((1, 2.5), (3, 4))
