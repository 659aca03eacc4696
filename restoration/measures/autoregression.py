"""Autoregressive models of short stretches of sound, and what can be done with them.

A model predicts a sample from the ``order`` samples before it: a disturbance is what it cannot predict, and a gap is
filled with what it would have expected on both sides. After Godsill and Rayner, *Digital Audio Restoration* (1998),
chapters 4 and 5, and Janssen, Veldhuis and Vries, *Adaptive interpolation of discrete-time signals that can be modeled
as autoregressive processes*, IEEE Trans. ASSP 34 (1986).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.linalg import solveh_banded
from scipy.signal import get_window

Float64 = npt.NDArray[np.float64]
Hops = npt.NDArray[np.intp]

WHITE_SHARE = 1e-8
"""A floor of white noise 80 dB under the sound, and one of 16 bits: empty bands and silence stay solvable."""
WHITE_POWER = (2.0**-15) ** 2 / 12
LEAST_POWER = 1e-14
TOGETHER = 16
"""Hops that are worked on at once: few enough for the cache."""


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

    def hops(self, frames: int) -> int:
        """How many hops cover so many samples."""
        return -(-frames // self.hop)


def models(samples: Float64, grid: Grid, hops: Hops | None = None) -> Float64:
    """Prediction error filters (hops, order + 1), the first coefficient 1, for those ``hops`` of (time,) or all.

    Autocorrelation method with a Hann window that is centred on the hop; Levinson's recursion for all frames at once.
    """
    hop, order = grid
    length = 4 * hop
    padded = np.zeros((grid.hops(samples.size) + 3) * hop)
    padded[hop + hop // 2 : hop + hop // 2 + samples.size] = samples
    view = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    window = get_window("hann", length)
    size = 2 * fft.next_fast_len(-(-(length + order) // 2))
    lags = _few_lags(size, order)
    count = view.shape[0] if hops is None else hops.size
    correlation = np.zeros((count, order + 1))
    for first in range(0, count, TOGETHER):
        part = slice(first, first + TOGETHER)
        spectra = fft.rfft((view[part] if hops is None else view[hops[part]]) * window, size, axis=1)
        correlation[part] = (spectra.real**2 + spectra.imag**2) @ lags
    correlation[:, 0] = correlation[:, 0] * (1 + WHITE_SHARE) + WHITE_POWER * float((window**2).sum())
    return levinson(correlation)


@lru_cache(maxsize=4)
def _few_lags(size: int, order: int) -> Float64:
    """Power spectra of so many samples, (..., size // 2 + 1), times this are autocorrelations (..., order + 1): the few
    lags that a model needs cost less so than by a transform that gives them all. ``size`` is even."""
    places = np.arange(size // 2 + 1)
    twice = np.where(places % (size // 2) == 0, 1.0, 2.0)[:, None]
    return np.asarray(twice / size * np.cos(2 * np.pi / size * (places[:, None] * np.arange(order + 1) % size)))


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


def residual(samples: Float64, filters: Float64, grid: Grid, hops: Hops | None = None) -> Float64:
    """What the models do not predict of ``samples`` (time,), as (hops, hop): each hop through the filter of its own."""
    hop, order = grid
    padded = np.zeros(grid.hops(samples.size) * hop + order)
    padded[order : order + samples.size] = samples
    view = np.lib.stride_tricks.sliding_window_view(padded, hop + order)[::hop]
    size = fft.next_fast_len(hop + order, real=True)
    found = np.zeros((filters.shape[0], hop))
    for first in range(0, found.shape[0], TOGETHER):
        part = slice(first, first + TOGETHER)
        spectra = fft.rfft(view[part] if hops is None else view[hops[part]], size, axis=1)
        # Circular convolution: its first ``order`` samples of each hop wrap around, and are those that are dropped.
        sound = fft.irfft(spectra * fft.rfft(filters[part], size, axis=1), size, axis=1)
        found[part] = sound[:, order : order + hop]
    return found


class Gaps:
    """Samples of unknown worth, and what models of the sound around expect of them.

    The sound is taken as excitation of known power through the models: its most probable samples make the weighted
    prediction error least. Each depends on the ``order`` samples on either side only, so that the matrix of thousands
    of them is a narrow band, and one solution fills all gaps of a stretch together, whatever model each lies in.
    """

    def __init__(
        self, samples: Float64, unknown: npt.NDArray[np.intp], filters: Float64, excitation: Float64, grid: Grid
    ) -> None:
        """The ``unknown`` positions (sorted) of ``samples`` (time,); ``excitation`` (frames,) is the power of the
        prediction error in each frame. What lies beyond the ends counts as zero."""
        self._unknown, self._found = unknown, samples[unknown]
        own = unknown // grid.hop
        used = np.unique(np.concatenate((own, own + 1)))
        place = np.searchsorted(used, own)
        inside = np.minimum(used, filters.shape[0] - 1)
        filters, excitation = filters[inside], excitation[inside]
        known = np.zeros((int(used[-1]) + 1) * grid.hop)
        known[: samples.size] = samples[: known.size]
        known[unknown] = 0.0
        errors = residual(known, filters, grid, used) / excitation[:, None]
        back = _adjoint(errors, filters, grid)
        ahead = unknown % grid.hop
        self._pull = -back[place, ahead + grid.order]
        late = ahead >= grid.hop - grid.order
        self._pull[late] -= back[place[late] + 1, ahead[late] - grid.hop + grid.order]
        self._band = _band(unknown, place, filters, excitation, grid)

    def expected(self) -> Float64:
        """What the models expect, from the known samples alone."""
        return np.asarray(solveh_banded(self._band, self._pull, lower=True, check_finite=False))

    def separate(self, smoothing: int, rounds: int) -> Float64:
        """The sound where what was found is sound and a disturbance of unknown envelope.

        Plain interpolation throws away what was found. Here the disturbance is noise whose power is learnt sample by
        sample (expectation and maximisation, smoothed over ``smoothing`` samples), and the estimate is the mean of the
        sound given the models and what was found. Where the disturbance is strong that is the interpolation, where it
        has died away it is what was found.
        """
        sound = self.expected()
        power = self._smooth((self._found - sound) ** 2, smoothing)
        for number in range(rounds + 1):
            band = self._band.copy()
            band[0] += 1.0 / power
            sound = solveh_banded(
                band, self._pull + self._found / power, lower=True, check_finite=False, overwrite_ab=True
            )
            if number < rounds:
                # What the neighbours leave open is not counted: it takes a full inverse, and changes little.
                power = self._smooth((self._found - sound) ** 2 + 1.0 / (self._band[0] + 1.0 / power), smoothing)
        return np.asarray(sound)

    def _smooth(self, power: Float64, length: int) -> Float64:
        """The mean over the unknown samples within half of ``length``."""
        reach = length // 2
        first = np.searchsorted(self._unknown, self._unknown - reach)
        beyond = np.searchsorted(self._unknown, self._unknown + reach, side="right")
        total = np.concatenate(([0.0], np.cumsum(power)))
        return np.maximum((total[beyond] - total[first]) / (beyond - first), LEAST_POWER)


def _adjoint(errors: Float64, filters: Float64, grid: Grid) -> Float64:
    """Prediction errors (frames, hop) back through their filters: each frame from ``order`` samples before it on."""
    hop, order = grid
    size = fft.next_fast_len(hop + order, real=True)
    turned = fft.irfft(fft.rfft(errors, size, axis=1) * fft.rfft(filters, size, axis=1).conj(), size, axis=1)
    return np.concatenate((turned[:, size - order :], turned[:, :hop]), axis=1)


def _band(
    unknown: npt.NDArray[np.intp], place: npt.NDArray[np.intp], filters: Float64, excitation: Float64, grid: Grid
) -> Float64:
    """The lower band of the precision of the unknown samples, as LAPACK keeps it: (up to order + 1, unknown).

    Two samples ``lag`` apart meet in the errors of the ``order - lag`` samples after them, of which some belong to the
    next frame: so the autocorrelation of each filter is kept as running sums.
    """
    hop, order = grid
    sums = np.zeros((filters.shape[0], order + 1, order + 2))
    for shift in range(order + 1):
        products = filters[:, : order + 1 - shift] * filters[:, shift:]
        sums[:, shift, 1 : order + 2 - shift] = np.cumsum(products, axis=1) / excitation[:, None]
    band = np.zeros((min(order + 1, unknown.size), unknown.size))
    left = hop - unknown % hop
    for distance in range(band.shape[0]):
        apart = unknown[distance:] - unknown[: unknown.size - distance]
        near = np.nonzero(apart <= order)[0]
        lag, frame = apart[near], place[near]
        both = order + 1 - lag
        here = np.clip(left[near] - lag, 0, both)
        band[distance, near] = sums[frame, lag, here] + sums[frame + 1, lag, both] - sums[frame + 1, lag, here]
    band[0] *= 1.0 + 1e-9
    return band
