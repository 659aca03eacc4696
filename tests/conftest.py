"""Sounds that many tests share. All are seeded; nothing here reads the network."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from restoration import fixity
from restoration.audio import Audio, Recording
from tests.browser import chromium, window  # noqa: F401 - fixtures

DEMO = Path(__file__).parent.parent / "archive_manifests" / "demo"

RecordingOf = Callable[..., Recording]


def pytest_unconfigure() -> None:
    """A server of Prefect's that still runs says that it stops, to a screen that pytest has closed by then."""
    logging.raiseExceptions = False


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


ROW = {
    "title": "A reading",
    "carrier_type": "quarter-inch open-reel audio",
    "generation": "preservation master",
    "language": "en",
    "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
    "voice_consent": "not-required",
}


@pytest.fixture(scope="session")
def worn_samples(reading):
    clean = reading.samples[0, : 8 * 48000]
    rng = np.random.default_rng(5)
    seconds = np.arange(clean.size) / 48000
    hum = sum(0.01 / k * np.sin(2 * np.pi * 50 * k * seconds) for k in range(1, 5))
    worn = 0.5 * clean + hum + 0.003 * rng.standard_normal(clean.size)
    worn[rng.integers(0, clean.size, 60)] += 0.4
    return worn.astype(np.float32)


@pytest.fixture(scope="session")
def make_manifest() -> Callable[..., Path]:
    """Write masters and the manifest that lists them: ``make_manifest(folder, samples, recipe=..., names=...)``."""
    return write_manifest


def write_manifest(folder: Path, samples, recipe: str = "broadcast_tape", names=("tape-0001",)) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in names:
        soundfile.write(folder / f"{name}.wav", samples, 48000, subtype="PCM_24")
        digest = fixity.digests(folder / f"{name}.wav")["sha256"]
        rows.append({"identifier": name, "file": f"{name}.wav", "sha256": digest, "recipe": recipe, **ROW})
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder / "manifest.csv"


@pytest.fixture(scope="session")
def manifest(tmp_path_factory, worn_samples):
    return write_manifest(tmp_path_factory.mktemp("tapes"), worn_samples)


def the_order(manifest: Path, out: Path):
    # Imported here, so that the tests of the lower floors do not wait for the upper ones.
    from restoration import batch

    (order,) = batch.plan(batch.Request(manifest, out)).orders.values()
    return order


@pytest.fixture(scope="session")
def order_of():
    """The only order of a manifest: ``order_of(manifest, out)``."""
    return the_order


@pytest.fixture(scope="session")
def bag(manifest, tmp_path_factory):
    """A worn tape of eight seconds, restored by the recipe ``broadcast_tape``."""
    from restoration.restore import restore

    return restore(the_order(manifest, tmp_path_factory.mktemp("bags")))
