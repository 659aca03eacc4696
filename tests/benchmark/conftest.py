"""Two short clips of the demonstration's reading, as a folder to run a benchmark on."""

import numpy as np
import pytest
import soundfile

from restoration.audio import Audio
from restoration.benchmark.clips import SAMPLE_RATE, Clip


@pytest.fixture(scope="session")
def clips_folder(reading, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for number, start_s in enumerate((1, 9)):
        piece = reading.samples[0, start_s * SAMPLE_RATE : (start_s + 3) * SAMPLE_RATE]
        soundfile.write(folder / f"reading-{number}.flac", piece, SAMPLE_RATE, subtype="PCM_24")
    return folder


@pytest.fixture(scope="session")
def speech(reading):
    """Four seconds of clean speech, (time,)."""
    return reading.samples[0, SAMPLE_RATE : 5 * SAMPLE_RATE].astype(np.float64)


@pytest.fixture(scope="session")
def clip(speech):
    return Clip("reading", "en", Audio(speech.astype(np.float32)[None], SAMPLE_RATE))
