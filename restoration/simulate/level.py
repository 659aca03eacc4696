"""How loud a recording is where somebody speaks, and levels relative to it."""

from __future__ import annotations

import numpy as np

from restoration.simulate.fault import Float64

FRAME_S = 0.020


def rms(samples: Float64) -> float:
    """Root of the mean square of all samples; 0 where there are none."""
    return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0


def speech_level(samples: Float64, sample_rate: int) -> float:
    """RMS of the louder half of the frames of 20 ms, all channels together, so that pauses do not matter.

    0 for silence. Recordings shorter than a frame have the RMS of the whole.
    """
    size = max(1, round(FRAME_S * sample_rate))
    count = samples.shape[1] // size
    if not count:
        return rms(samples)
    framed = samples[:, : count * size].reshape(samples.shape[0], count, size)
    powers = np.sort(np.einsum("cft,cft->f", framed, framed)) / (size * samples.shape[0])
    return float(np.sqrt(powers[count // 2 :].mean()))


def at_level(sound: Float64, level: float) -> Float64:
    """``sound`` scaled to an RMS of ``level`` (linear, full scale is 1); silence stays silence."""
    found = rms(sound)
    return sound * (level / found) if found else sound


def decibels(ratio: float) -> float | None:
    """20 log10 of an amplitude ratio; None for 0, as JSON knows no infinity."""
    return 20 * float(np.log10(ratio)) if ratio > 0 else None


def ratio(level_db: float) -> float:
    """The amplitude ratio of a level in dB."""
    return float(10 ** (level_db / 20))
