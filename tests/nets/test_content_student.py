"""Our own content encoder: its frames lie where the embedded one's lie, and it looks 96 ms ahead and no further."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restoration.nets.content_encoder import content_encoder
from restoration.nets.content_student import HOP_FRAMES, ContentStudent
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


@torch.inference_mode()
def test_level_hardly_matters_to_the_teacher(student: ContentStudent) -> None:
    """The teacher is what the student is to learn: what is asked of it must be there to be learnt."""
    sound = stretch("reading.opus", 20.0)[:48000]
    loud, soft = (content_encoder().encode(np.asarray(gain * sound, dtype=np.float32)) for gain in (1.0, 0.5))
    shared = (loud * soft).sum(1) / np.linalg.norm(loud, axis=1) / np.linalg.norm(soft, axis=1)
    assert float(shared.mean()) > 0.97
