"""Autoregressive models of short stretches of sound, and what can be done with them.

A model predicts a sample from the ``order`` samples before it: a disturbance is what it cannot predict, and a gap is
filled with what it would have expected on both sides. After Godsill and Rayner, *Digital Audio Restoration* (1998),
chapters 4 and 5, and Janssen, Veldhuis and Vries, *Adaptive interpolation of discrete-time signals that can be modeled
as autoregressive processes*, IEEE Trans. ASSP 34 (1986).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.linalg import solve
from scipy.signal import get_window

Float64 = npt.NDArray[np.float64]

WHITE_SHARE = 1e-8
"""A floor of white noise 80 dB under the sound, and one of 16 bits: empty bands and silence stay solvable."""
WHITE_POWER = (2.0**-15) ** 2 / 12
LEAST_POWER = 1e-14


class Grid(NamedTuple):
    """Frames in which the sound is taken as stationary: one begins every ``hop`` samples and is ``4 * hop`` long."""

    hop: int
    order: int

    @classmethod
    def at(cls, sample_rate: int) -> Grid:
        """Frames of about 40 ms every 10 ms; the order grows with the rate: 16 at 8 kHz, 32 at 48 kHz."""
        hop = max(16, round(sample_rate * 0.010))
        order = int(np.clip(round(13 + 0.0004 * sample_rate), 16, 64))
        return cls(hop, order)


def models(samples: Float64, grid: Grid) -> Float64:
    """Prediction error filters (frames, order + 1), the first coefficient 1, one for every ``hop`` samples of (time,).

    Autocorrelation method with a Hann window that is centred on the hop; Levinson's recursion for all frames at once.
    """
    hop, order = grid
    length, frames = 4 * hop, -(-samples.size // hop)
    padded = np.zeros((frames + 3) * hop)
    padded[hop + hop // 2 : hop + hop // 2 + samples.size] = samples
    view = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    window = get_window("hann", length)
    size = fft.next_fast_len(length + order, real=True)
    spectra = fft.rfft(view * window, size, axis=1)
    correlation = fft.irfft(spectra.real**2 + spectra.imag**2, size, axis=1)[:, : order + 1]
    correlation[:, 0] = correlation[:, 0] * (1 + WHITE_SHARE) + WHITE_POWER * float((window**2).sum())
    return levinson(correlation)


def levinson(correlation: Float64) -> Float64:
    """Prediction error filters (frames, order + 1) of autocorrelations (frames, order + 1)."""
    filters = np.zeros_like(correlation)
    filters[:, 0] = 1.0
    error = correlation[:, 0].copy()
    for order in range(1, correlation.shape[1]):
        ahead = np.einsum("fk,fk->f", filters[:, :order], correlation[:, order:0:-1])
        reflection = (-ahead / error)[:, None]
        filters[:, 1 : order + 1] += reflection * filters[:, order - 1 :: -1][:, :order]
        error *= 1.0 - reflection[:, 0] ** 2
    return filters


def residual(samples: Float64, filters: Float64, grid: Grid) -> Float64:
    """What the models do not predict of ``samples`` (time,): each hop through the filter of its frame."""
    hop, order = grid
    padded = np.zeros(filters.shape[0] * hop + order)
    padded[order : order + samples.size] = samples
    view = np.lib.stride_tricks.sliding_window_view(padded, hop + order)[::hop]
    size = fft.next_fast_len(hop + order, real=True)
    product = fft.rfft(view, size, axis=1) * fft.rfft(filters, size, axis=1)
    # Circular convolution: its first ``order`` samples of each hop wrap around, and are those that are dropped.
    errors = fft.irfft(product, size, axis=1)[:, order : order + hop]
    return errors.reshape(-1)[: samples.size]


class Gap(NamedTuple):
    """Samples of unknown worth, and what a model expects of them from the known ones around.

    ``precision`` is the inverse of the covariance of the unknown samples for an excitation of power 1, ``expected``
    their mean, both by least squares: the mean makes the prediction error least.
    """

    precision: Float64
    expected: Float64


def expect(samples: Float64, unknown: npt.NDArray[np.intp], error_filter: Float64) -> Gap:
    """What the model expects at the ``unknown`` positions (sorted) of ``samples`` (time,).

    The autocorrelation of the error filter makes the matrix of the unknown samples, and its convolution with the known
    ones the right side. What lies beyond the ends of ``samples`` counts as zero.
    """
    order = error_filter.size - 1
    weights = np.correlate(error_filter, error_filter, mode="full")
    known = samples.copy()
    known[unknown] = 0.0
    first, last = int(unknown[0]), int(unknown[-1])
    begin, end = first - order, last + 1 + order
    inside = known[max(0, begin) : max(0, end)]
    around = np.pad(inside, (max(0, -begin), max(0, end - samples.size)))
    pull = -np.convolve(around, weights, mode="valid")[unknown - first]
    lags = np.minimum(np.abs(unknown[:, None] - unknown[None, :]), order + 1)
    precision = np.append(weights[order:], 0.0)[lags]
    return Gap(precision, np.asarray(solve(precision, pull, assume_a="pos", check_finite=False)))


def separate(gap: Gap, found: Float64, excitation: float, smoothing: int, rounds: int = 3) -> Float64:
    """The sound in a gap where ``found`` is sound and a disturbance of unknown envelope.

    Plain interpolation throws away what was found. Here the disturbance is noise whose power is learnt sample by sample
    (expectation and maximisation, smoothed over ``smoothing`` samples), the sound what the model expects, give or take
    ``excitation`` (power of the prediction error); the estimate is the mean of the sound given both. Where the
    disturbance is strong that is the interpolation, where it has died away it is what was found.
    """
    covariance = excitation * np.linalg.inv(gap.precision)
    surprise = found - gap.expected
    power = _smooth(surprise**2, smoothing)
    for _ in range(rounds):
        inverse = np.linalg.inv(covariance + np.diag(power + LEAST_POWER))
        disturbance = power * (inverse @ surprise)
        power = _smooth(disturbance**2 + power * np.maximum(0.0, 1.0 - power * np.diag(inverse)), smoothing)
    weight = np.linalg.solve(covariance + np.diag(power + LEAST_POWER), surprise)
    return np.asarray(gap.expected + covariance @ weight)


def _smooth(values: Float64, length: int) -> Float64:
    half = length // 2
    return np.convolve(np.pad(values, half, mode="edge"), np.full(2 * half + 1, 1.0 / (2 * half + 1)), mode="valid")
