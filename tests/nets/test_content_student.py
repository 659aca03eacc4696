"""Our own content encoder: its frames lie where the embedded one's lie, and it looks 96 ms ahead and no further."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restoration.nets.content_encoder import (
    EMBEDDED,
    ContentEncoder,
    content_encoder,
    described,
    in_the_space_of,
    space_of,
)
from restoration.nets.content_student import HOP_FRAMES, OWN, ContentStudent
from restoration.voice.trial import stretch


@pytest.fixture(scope="module")
def student() -> ContentStudent:
    torch.manual_seed(3)
    network = ContentStudent()
    with torch.no_grad():
        for block in network.blocks:
            block.gain.fill_(1.0)  # type: ignore[union-attr, operator]
    return network.eval()


@pytest.mark.parametrize("size", [895, 896, 1278, 1279, 5000, 16000, 48001])
def test_as_many_frames_as_the_teacher(student: ContentStudent, size: int) -> None:
    sound = np.random.default_rng(1).normal(0, 0.05, size).astype(np.float32)
    with torch.inference_mode():
        ours = student(torch.from_numpy(sound)[None])
    theirs = content_encoder().encode(sound)
    assert 0 <= ours.shape[1] - len(theirs) <= 1
    assert ours.shape[2] == theirs.shape[1]


@torch.inference_mode()
def test_looks_96_ms_ahead_and_no_further(student: ContentStudent) -> None:
    sound = torch.from_numpy(stretch("reading.opus", 20.0)[:48000])[None]
    changed = sound.clone()
    changed[:, 32000:] = 0.0
    apart = (student(sound) - student(changed)).abs().amax(-1)[0]
    first = int((apart > 1e-6).nonzero()[0])
    heard_until = first * HOP_FRAMES + 1024 + sum(student.shape.ahead) * HOP_FRAMES
    # A frame itself hears seven windows of 32 ms, 8 ms apart: 1024 samples from where it begins.
    assert sum(student.shape.ahead) * HOP_FRAMES == pytest.approx(0.096 * 16000)
    assert 32000 <= heard_until < 32000 + 3 * HOP_FRAMES


@pytest.fixture(scope="module")
def own() -> ContentEncoder:
    return content_encoder(OWN)


@pytest.mark.parametrize("size", [0, 1, 894, 895, 1278, 1279, 5000, 48001])
def test_what_ships_gives_as_many_frames_as_the_teacher(own: ContentEncoder, size: int) -> None:
    sound = stretch("reading.opus", 20.0)[:size]
    assert own.encode(sound).shape == content_encoder().encode(sound).shape
    assert own.encode(sound).dtype == np.float32


def test_what_ships_hears_what_the_teacher_hears(own: ContentEncoder) -> None:
    """Frame by frame, more like the teacher's own frame than like that of 100 ms before or later."""
    sound = stretch("reading.opus", 20.0)
    ours, theirs = own.encode(sound), content_encoder().encode(sound)
    assert cosine(ours, theirs) > 0.85
    for apart in (4, -4):
        assert cosine(ours, theirs) > cosine(ours, np.roll(theirs, apart, axis=0)) + 0.1
    assert (own.hop_frames, own.centre_frames, own.size) == (384, 447.5, 288)


def test_later_sound_than_96_ms_changes_nothing_before(own: ContentEncoder) -> None:
    """Other sound, or none, from two seconds on: frames that end 96 ms before are what they were."""
    sound, other = stretch("reading.opus", 20.0)[:48000], stretch("interview.opus", 32.0)[:48000]
    whole = own.encode(sound)
    ends = np.arange(len(whole)) * HOP_FRAMES + 1024 + 0.096 * 16000
    before = ends <= 32000
    for later in (other[32000:], np.zeros(16000, dtype=np.float32)):
        changed = own.encode(np.concatenate([sound[:32000], later]))
        assert np.allclose(changed[before], whole[before], atol=1e-4)
        assert np.abs(changed - whole)[~before].max() > 0.1
    short = own.encode(sound[:32000])
    assert np.allclose(short[before[: len(short)]], whole[before], atol=1e-4)


def test_four_seconds_and_a_half_of_the_past_are_all_it_hears(own: ContentEncoder) -> None:
    """What was said before that changes nothing: what a stream has to keep."""
    sound, other = stretch("reading.opus", 20.0), stretch("interview.opus", 32.0)
    whole, changed = own.encode(sound), own.encode(np.concatenate([other[:32000], sound[32000:]]))
    begin = 32000 // HOP_FRAMES + 1
    past = round(4.5 * 16000 / HOP_FRAMES)
    assert np.allclose(changed[begin + past :], whole[begin + past :], atol=1e-4)
    assert np.abs(changed - whole)[begin + 20 : begin + 40].max() > 1e-2


def test_silence_is_heard_as_one_thing(own: ContentEncoder) -> None:
    frames = own.encode(np.zeros(16000 * 6, dtype=np.float32))
    assert np.isfinite(frames).all()
    assert np.abs(np.diff(frames[185:-8], axis=0)).max() < 1e-4


def test_it_stands_for_its_teacher(own: ContentEncoder) -> None:
    teacher = described(content_encoder())
    assert "stands_for" not in teacher
    assert described(own)["stands_for"] == teacher
    assert space_of(described(own)) == space_of(teacher)
    assert in_the_space_of(teacher) == (EMBEDDED, OWN)
    assert in_the_space_of({**teacher, "sha256": "0" * 64}) == (EMBEDDED,)


def cosine(ours: np.ndarray, theirs: np.ndarray) -> float:
    shared = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    return float(shared.mean())


@torch.inference_mode()
def test_level_hardly_matters_to_the_teacher(student: ContentStudent) -> None:
    """The teacher is what the student is to learn: what is asked of it must be there to be learnt."""
    sound = stretch("reading.opus", 20.0)[:48000]
    loud, soft = (content_encoder().encode(np.asarray(gain * sound, dtype=np.float32)) for gain in (1.0, 0.5))
    shared = (loud * soft).sum(1) / np.linalg.norm(loud, axis=1) / np.linalg.norm(soft, axis=1)
    assert float(shared.mean()) > 0.97
