"""Cleaner speech to learn from: a corpus read in people's homes has a noise of its own.

What is wanted of a network is what it learns to leave in: taught with voices 30 dB above their rooms' noise, it takes a
tape's noise of that level for a part of the voice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude

FRAME_S = 0.01
PAUSE_DB = 38.0
"""So far below the loud moments lies no speech any more, if for ``NEAR_S`` on both sides there is none."""
NEAR_S = 0.06
DEEPEST_DB = 30.0
SILENCE = 1e-6

Float64 = npt.NDArray[np.float64]


def cleaned(clips: Sequence[npt.NDArray[np.floating]], sample_rate: int) -> list[Float64]:
    """Clips (time,) of one speaker in one room, without the noise of the room and with silent pauses."""
    estimator = LogSpectralAmplitude.of_floor(clips, sample_rate)
    quieter = [estimator(clip) for clip in clips]
    return [clip * _pauses_down(clip, sample_rate) for clip in quieter]


def _pauses_down(speech: Float64, sample_rate: int) -> Float64:
    """A factor for each sample: 1 where somebody speaks, down to ``DEEPEST_DB`` below where nobody does."""
    frame = round(FRAME_S * sample_rate)
    count = -(-speech.size // frame)
    power = np.pad(speech, (0, count * frame - speech.size)).reshape(count, frame)
    level_db = 10 * np.log10((power**2).mean(axis=1) + SILENCE**2)
    near = maximum_filter1d(level_db, 2 * round(NEAR_S / FRAME_S) + 1)
    below_db = np.quantile(level_db, 0.95) - PAUSE_DB - near
    down_db = uniform_filter1d(np.clip(3 * below_db, 0, DEEPEST_DB), 5)
    return np.interp(np.arange(speech.size), (np.arange(count) + 0.5) * frame, 10 ** (-down_db / 20))
