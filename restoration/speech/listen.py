"""What the speech models hear: the recording as one channel at 16 kHz, without rumble, a chunk at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording

LISTENING_RATE = 16000
"""Hz. The rate that both models, the speech detector and the speaker embedding, were trained at."""

RUMBLE_HZ = 70.0
"""Below it there is turntable rumble, mains hum and tape drum noise, but no voice."""

CHUNK_S = 10
LEVEL_WINDOW_S = 0.4
SILENCE_DBFS = -120.0

Mono = npt.NDArray[np.float32]
"""Shape (time,), full scale is 1.0."""


def listening_chunks(recording: Recording) -> Iterator[Mono]:
    """The mean of the channels at 16 kHz, high-passed at 70 Hz, in chunks of about 10 s.

    The chunks do not follow ``recording.block_frames``, so what is heard does not depend on the size of the blocks.
    Together they hold ``round(duration_s * 16000)`` frames, to within one.
    """
    import soxr
    from scipy.signal import butter, sosfilt

    resampler = soxr.ResampleStream(recording.sample_rate, LISTENING_RATE, 1, dtype="float32", quality="HQ")
    sections = butter(4, RUMBLE_HZ, "highpass", fs=LISTENING_RATE, output="sos")
    state = np.zeros((sections.shape[0], 2))
    step = CHUNK_S * recording.sample_rate
    for start in range(0, recording.frames, step):
        mono = recording.read(start, start + step).samples.mean(axis=0, dtype=np.float32)
        heard = resampler.resample_chunk(mono, last=start + step >= recording.frames)
        if heard.size:
            filtered, state = sosfilt(sections, heard, zi=state)
            yield filtered.astype(np.float32)


def speech_level_dbfs(recording: Recording) -> float:
    """The level of the loud passages: 95th percentile of the RMS of 0.4 s windows, as the models hear it, in dBFS.

    A percentile rather than a mean, because it does not sink with the share of pauses, nor rise with a few clicks.
    """
    window = int(LEVEL_WINDOW_S * LISTENING_RATE)
    levels: list[npt.NDArray[np.float64]] = []
    rest = np.zeros(0, dtype=np.float32)
    for chunk in listening_chunks(recording):
        rest = np.concatenate([rest, chunk])
        whole = rest.size // window * window
        levels.append(np.mean(np.square(rest[:whole].reshape(-1, window), dtype=np.float64), axis=1))
        rest = rest[whole:]
    power = np.concatenate(levels) if levels else np.zeros(0)
    if not power.size:
        power = np.array([np.mean(np.square(rest, dtype=np.float64)) if rest.size else 0.0])
    return max(SILENCE_DBFS, 10 * math.log10(max(float(np.percentile(power, 95)), 1e-12)))
