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
PLACES = 24
OPPOSED = -0.8

Mono = npt.NDArray[np.float32]
"""Shape (time,), full scale is 1.0."""


def listening_chunks(recording: Recording) -> Iterator[Mono]:
    """The mean of the channels at 16 kHz, high-passed at 70 Hz, in chunks of about 10 s.

    A channel wired the wrong way round is turned, because it would cancel the voice (see ``polarities``).
    The chunks do not follow ``recording.block_frames``, so what is heard does not depend on the size of the blocks.
    Together they hold ``round(duration_s * 16000)`` frames, to within one.
    """
    import soxr
    from scipy.signal import butter, sosfilt

    resampler = soxr.ResampleStream(recording.sample_rate, LISTENING_RATE, 1, dtype="float32", quality="HQ")
    sections = butter(4, RUMBLE_HZ, "highpass", fs=LISTENING_RATE, output="sos")
    state = np.zeros((sections.shape[0], 2))
    signs = polarities(recording)[:, None]
    step = CHUNK_S * recording.sample_rate
    for start in range(0, recording.frames, step):
        mono = np.mean(recording.read(start, start + step).samples * signs, axis=0, dtype=np.float32)
        heard = resampler.resample_chunk(mono, last=start + step >= recording.frames)
        if heard.size:
            filtered, state = sosfilt(sections, heard, zi=state)
            yield filtered.astype(np.float32)


def polarities(recording: Recording) -> Mono:
    """1.0 for each channel, or -1.0 where it is the first channel turned upside down.

    That is so where the correlation with the first channel, over 0.5 s at each of 24 places spread over the recording,
    has a median below -0.8: two tracks of a stereo recording are never so alike and so opposed.
    """
    length = max(1, recording.sample_rate // 2)
    starts = np.unique(np.linspace(0, max(0, recording.frames - length), PLACES).astype(int))
    correlations = np.zeros((starts.size, recording.channels))
    for row, start in enumerate(starts if recording.channels > 1 else ()):
        heard = recording.read(int(start), int(start) + length).samples.astype(np.float64)
        heard -= heard.mean(axis=1, keepdims=True)
        power = np.sum(heard**2, axis=1)
        correlations[row] = heard @ heard[0] / np.maximum(np.sqrt(power * power[0]), 1e-12)
    return np.where(np.median(correlations, axis=0) < OPPOSED, -1.0, 1.0).astype(np.float32)


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
