"""The band that a carrier keeps."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import signal

Float64 = npt.NDArray[np.float64]

ORDER = 5


def keep_band(samples: Float64, sample_rate: int, low_hz: float | None, high_hz: float | None) -> Float64:
    """``samples`` (channels, time) between two frequencies, which are 3 dB down; None leaves that end open.

    Butterworth filters run forwards and backwards, so that nothing is delayed: a comparison with the clean recording
    then sees what is lost, not when. A limit at or above 95 % of half the sample rate is no limit.
    """
    # Run twice, a filter is 6 dB down at its own edge; there the two runs together must be 3 dB down instead.
    widening = (np.sqrt(2) - 1) ** (-1 / (2 * ORDER))
    half = sample_rate / 2
    kept = samples
    if low_hz is not None and low_hz > 0:
        kept = _both_ways(kept, low_hz / widening, "highpass", sample_rate)
    if high_hz is not None and high_hz < 0.95 * half:
        # The bilinear transform bends the frequency axis: the widening holds for the tangent of half the angle.
        edge = half * 2 / np.pi * np.arctan(widening * np.tan(np.pi / 2 * high_hz / half))
        kept = _both_ways(kept, float(edge), "lowpass", sample_rate)
    return kept


def _both_ways(samples: Float64, edge_hz: float, kind: Literal["highpass", "lowpass"], sample_rate: int) -> Float64:
    sections = signal.butter(ORDER, edge_hz, kind, fs=sample_rate, output="sos")
    forwards = signal.sosfilt(sections, samples, axis=1)
    return np.ascontiguousarray(signal.sosfilt(sections, forwards[:, ::-1], axis=1)[:, ::-1])
