"""Dropouts mended: what is left of the sound is lifted, what is gone is expected from both sides.

Lifting divides by the loss that was measured, band by band, and invents nothing. A complete gap is filled with what
makes the prediction error least (Janssen, Veldhuis and Vries, IEEE Trans. ASSP 34, 1986) of one autoregressive model of
the sound on both sides, long enough to span a period of the voice; its coefficients are found by Burg's method, which
keeps partials from fading (Kay and Marple, *Spectrum analysis: a modern perspective*, Proc. IEEE 69, 1981).
"""

from __future__ import annotations

import numpy as np
from scipy import fft
from scipy.linalg import solve_toeplitz
from scipy.signal import get_window

from restoration.measures.holes import WINDOW_HOPS, band_levels, edges_at, hop_at
from restoration.measures.metering import Float64

SIDE_S = 0.04
LONGEST_MODEL_S = 0.0125
SOLVABLE = 1e-11
LEAST_POWER = 1e-20
AROUND = 12
NEAR = 2


def filled(samples: Float64, start: int, stop: int, sample_rate: int) -> Float64:
    """What the sound on both sides expects between ``start`` and ``stop`` of ``samples`` (time,): (stop - start,).

    No louder than the loudest of the sides; nothing where they hold less than a few samples.
    """
    side = round(SIDE_S * sample_rate)
    before, after = samples[max(0, start - side) : start], samples[stop : stop + side]
    order = min(round(LONGEST_MODEL_S * sample_rate), min(before.size, after.size) // 3)
    most = max(float(np.abs(before).max(initial=0.0)), float(np.abs(after).max(initial=0.0)))
    if order < 2 or most == 0.0:
        return np.zeros(stop - start)
    error_filter = burg([before / most, after / most], order)
    weights = np.correlate(error_filter, error_filter, mode="full")
    known = np.concatenate((before[-order:], np.zeros(stop - start), after[:order]))
    pull = -np.convolve(known, weights, mode="valid")
    column = np.zeros(stop - start)
    column[: order + 1] = weights[order:][: column.size]
    column[0] *= 1.0 + SOLVABLE
    return np.asarray(np.clip(solve_toeplitz(column, pull), -most, most))


def burg(pieces: list[Float64], order: int) -> Float64:
    """The prediction error filter (order + 1,) of several ``pieces`` (time,) together; its first coefficient is 1."""
    forward, backward = [piece[1:] for piece in pieces], [piece[:-1] for piece in pieces]
    coefficients = np.ones(1)
    for _ in range(order):
        pairs = list(zip(forward, backward, strict=True))
        power = sum(float(ahead @ ahead + back @ back) for ahead, back in pairs)
        if power <= LEAST_POWER:
            break
        reflection = -2.0 * sum(float(ahead @ back) for ahead, back in pairs) / power
        padded = np.append(coefficients, 0.0)
        coefficients = padded + reflection * padded[::-1]
        forward = [(ahead + reflection * back)[1:] for ahead, back in pairs]
        backward = [(back + reflection * ahead)[:-1] for ahead, back in pairs]
    return np.append(coefficients, np.zeros(order + 1 - coefficients.size))


def lifted(samples: Float64, start: int, stop: int, sample_rate: int, most_db: float) -> Float64:
    """``samples`` (time,) with what was lost between ``start`` and ``stop`` given back, as far as ``most_db``.

    The loss of a band is the way from its level to a line between the levels on both sides, smoothed over three
    milliseconds but constant in the middle: pulses of the voice stay as they are. Beyond 4 ms outside not a bit is
    changed.
    """
    hop = hop_at(sample_rate)
    margin = 2 * WINDOW_HOPS
    first = max(0, start // hop - AROUND - margin)
    last = min(samples.size // hop, stop // hop + AROUND + margin)
    levels = band_levels(samples[first * hop : last * hop], sample_rate)
    gains_db = np.minimum(loss(levels, start // hop - first, stop // hop - first), most_db)
    window = get_window("hann", WINDOW_HOPS * hop) / (0.5 * WINDOW_HOPS)
    size = int(fft.next_fast_len(WINDOW_HOPS * hop, real=True))
    edges = np.array(edges_at(sample_rate))
    centres = np.sqrt(edges[1:] * edges[:-1])
    bins = np.log(np.maximum(fft.rfftfreq(size, 1.0 / sample_rate), 1.0))
    added = np.zeros((last - first + WINDOW_HOPS) * hop)
    half = WINDOW_HOPS * hop // 2
    for frame in np.nonzero(gains_db.any(axis=1))[0]:
        place = int(frame) * hop
        piece = np.zeros(2 * half)
        here = slice(max(0, first * hop + place - half), min(samples.size, first * hop + place + half))
        offset = here.start - (first * hop + place - half)
        piece[offset : offset + here.stop - here.start] = samples[here]
        gain = 10.0 ** (np.interp(bins, np.log(centres), gains_db[frame]) / 20.0) - 1.0
        added[place : place + 2 * half] += fft.irfft(fft.rfft(piece * window, size) * gain, size)[: 2 * half]
    result = samples.copy()
    begin = first * hop
    piece = added[half : half + min(samples.size - begin, added.size - half)]
    result[begin : begin + piece.size] += piece
    return result


def loss(levels_db: Float64, start: int, stop: int) -> Float64:
    """How much each of the bands (frames, bands) has lost in dB between two frames; 0 elsewhere."""
    before = levels_db[max(0, start - AROUND) : max(1, start - 1)].mean(axis=0)
    after = levels_db[stop + 1 : stop + AROUND].mean(axis=0) if stop + 1 < levels_db.shape[0] else before
    way = ((np.arange(stop - start) + 0.5) / (stop - start))[:, None]
    lost = (1.0 - way) * before + way * after - levels_db[start:stop]
    inner = lost[1:-1] if lost.shape[0] > 3 else lost
    depth = np.maximum(inner.mean(axis=0), 0.0)
    shape = np.clip(lost.mean(axis=1) / max(float(depth.mean()), 1e-9), 0.0, 1.0)
    shape[NEAR:-NEAR] = 1.0
    gains = np.zeros_like(levels_db)
    gains[start:stop] = depth * shape[:, None]
    return gains
