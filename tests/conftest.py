"""Sounds that many tests share. All are seeded; nothing here reads the network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from restoration.audio import Audio, Recording

DEMO = Path(__file__).parent.parent / "archive_manifests" / "demo"

RecordingOf = Callable[..., Recording]


@pytest.fixture
def recording_of(tmp_path: Path) -> RecordingOf:
    """Make a recording of an array (time,) or (channels, time): ``recording_of(samples, 48000)``."""
    count = 0

    def make(samples: np.ndarray, sample_rate: int, block_frames: int | None = None) -> Recording:
        nonlocal count
        count += 1
        audio = Audio(np.atleast_2d(np.asarray(samples, dtype=np.float32)), sample_rate)
        recording = Recording.from_audio(tmp_path / f"recording-{count}.f32", audio)
        return recording.with_blocks(block_frames) if block_frames else recording

    return make


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real recordings; tests that need it are skipped without it."""
    folder = os.environ.get("RESTORATION_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RESTORATION_CORPUS does not name a folder with the corpus")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def reading() -> Audio:
    """Thirty seconds of the demonstration's clean reading, mono, 48 kHz."""
    samples, sample_rate = soundfile.read(DEMO / "reading.opus", dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples[: 30 * sample_rate].T[:1]), sample_rate)


@pytest.fixture(scope="session")
def interview() -> Audio:
    """Forty seconds of the demonstration's interview of two voices, mono, 48 kHz."""
    samples, sample_rate = soundfile.read(DEMO / "interview.opus", dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples[: 40 * sample_rate].T[:1]), sample_rate)
