"""Sound as a voice model hears it: mono, at one rate, in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.audio import Audio, Recording

VOICE_RATE = 16000
"""Hz. Everything that a voice model hears and says has this rate, in one channel."""

FloatArray = npt.NDArray[np.float32]
"""Sound of the shape (time,), mono at 16 kHz; full scale is 1.0."""


@contextmanager
def as_recording(sound: FloatArray) -> Iterator[Recording]:
    """Sound in memory as a recording, which the measures of the house read; it goes with the block."""
    with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
        yield Recording.from_audio(Path(folder) / "sound.f32", Audio(np.array(sound[None]), VOICE_RATE))
