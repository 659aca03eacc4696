"""Two tracks of one programme: one moved until they stand together, then summed, or the better one taken."""

from __future__ import annotations

import numpy as np
from scipy import fft

from restoration.measures.metering import Float64

HOP = 2048
"""The delay is that of the points of a grid of so many frames; the sound is cross-faded from one point to the next."""

REACH = 32
"""Half the length of the sinc, in samples: flat within 0.01 dB up to nine tenths of the band."""

KAISER_BETA = 8.0
POINTS_AT_ONCE = 64


def context(longest_delay: float) -> int:
    """Frames that ``delayed`` needs on both sides for delays up to ``longest_delay`` samples."""
    return HOP + REACH + int(np.ceil(longest_delay)) + 1


def delayed(samples: Float64, first: int, delays: Float64, longest_delay: float) -> Float64:
    """One channel (time,), later by a delay that changes slowly, as long as before.

    Args:
        samples: frame ``first``, a multiple of ``HOP``, and what follows.
        first: frame number of the first sample.
        delays: in samples, at the frames ``first``, ``first + HOP``, ... and one beyond the end at least.
        longest_delay: at least the largest magnitude of the delays; the same for the whole recording.

    What lies within ``context(longest_delay)`` of an end is not right, as what is beyond it is missing.
    """
    reach = context(longest_delay) - HOP
    points = -(-samples.size // HOP) + 1
    padded = np.zeros((points + 1) * HOP + 2 * reach)
    padded[HOP + reach : HOP + reach + samples.size] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP + 2 * reach)[::HOP][:points]
    fade = np.arange(2 * HOP) / HOP
    fade = np.minimum(fade, 2.0 - fade)
    result = np.zeros((points + 1) * HOP)
    for start in range(0, points, POINTS_AT_ONCE):
        some = slice(start, min(start + POINTS_AT_ONCE, points))
        moved = _filtered(frames[some], _sincs(delays[some], reach)) * fade
        for point, frame in enumerate(moved, start):
            result[point * HOP : (point + 2) * HOP] += frame
    return result[HOP : HOP + samples.size]


def crossfade(times_s: Float64, switches: list[tuple[float, int]], fade_s: float) -> Float64:
    """Share (0..1) of the second track at each time: ``switches`` are (time, track 0 or 1), the first at 0 s."""
    share = np.full(times_s.size, float(switches[0][1]))
    for (time_s, track), (_, before) in zip(switches[1:], switches[:-1], strict=True):
        share += (track - before) * np.clip((times_s - time_s) / fade_s + 0.5, 0.0, 1.0)
    return share


def _sincs(delays: Float64, reach: int) -> Float64:
    """Windowed sincs (points, 2 reach + 1), each as far from the middle as its delay; a constant stays one."""
    away = np.arange(-reach, reach + 1) - delays[:, None]
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(1.0 - (away / REACH) ** 2, 0.0))) * (np.abs(away) < REACH)
    taps = np.sinc(away) * window
    normal: Float64 = taps / taps.sum(axis=1, keepdims=True)
    return normal


def _filtered(frames: Float64, taps: Float64) -> Float64:
    """The part of each frame that its taps cover wholly."""
    size = fft.next_fast_len(frames.shape[1], real=True)
    whole = fft.irfft(fft.rfft(frames, size, axis=1) * fft.rfft(taps, size, axis=1), size, axis=1)
    return np.asarray(whole[:, taps.shape[1] - 1 : frames.shape[1]])


def thinned(times_s: Float64, values: Float64, error: float) -> list[list[float]]:
    """The fewest of the points, chosen from the left, between which a line is nowhere further than ``error`` off."""
    kept, low, high = [0], -np.inf, np.inf
    for number in range(1, values.size):
        start = kept[-1]
        run = times_s[number] - times_s[start]
        slope = (values[number] - values[start]) / run
        if not low <= slope <= high:
            kept.append(number - 1)
            run = times_s[number] - times_s[number - 1]
            slope, low, high = (values[number] - values[number - 1]) / run, -np.inf, np.inf
        low, high = max(low, slope - error / run), min(high, slope + error / run)
    kept.append(values.size - 1)
    return [[round(float(times_s[number]), 3), round(float(values[number]), 4)] for number in dict.fromkeys(kept)]
