"""A corpus small enough to train on in a test."""

import csv

import pytest
import soundfile


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory, reading):
    """Sixty clips of a second and a half; two speakers; some of the names fall among the held out."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = []
    for number in range(60):
        start = number * 16000
        soundfile.write(folder / f"{number}.wav", reading.samples[0, start : start + 72000], 48000)
        about = {"duration_s": 2.0, "bandwidth_hz": 11000, "origin": "demo", "licence": "CC0"}
        rows.append({"path": f"{number}.wav", "speaker": f"voice-{number % 2}", **about})
    with (folder / "train.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder
