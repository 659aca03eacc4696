"""Hum that sways: what was recorded with the programme moves with the tape, within a second or two.

The partials are demodulated by what is roughly known of the frequency. What their phases gain from one window to a
later one tells by how much it was wrong there, whatever the depth; then how far each phase lies off its own mean tells
the rest far better. The plain partials tell most, and a voice that passes one has little to say.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.ndimage import convolve1d, uniform_filter1d

from restoration.audio import Recording
from restoration.measures.mains import EMPTY, HOP_S, Complex128, Partials, Track, Views, sections, views
from restoration.measures.metering import Float64

STEP_S = 0.25
LAGS = ((5, 2), (5, 4), (10, 8))
"""Windows between which phases are compared, 0.2 s and then 0.4 s, which noise disturbs less; and in how many partials:
the high ones turn more than half a turn before the track is nearly right."""
MEANS_S = ((1.0, 4), (2.0, 8), (4.0, 12))
"""A phase is compared with its mean over so long, in so many partials."""
SMOOTHED_S = 0.4
REST_S, REST_SHARE = 2.0, 0.003
"""No window is trusted more than that share of its neighbours' power allows."""
TRUSTED = 20.0
"""Weight, in squared signal-to-noise, at which half of what the phases say is believed."""


class Wrong(NamedTuple):
    """By how many Hz a track is too low at ``times_s``, and how far that can be trusted."""

    times_s: Float64
    hz: Float64
    trust: Float64


def swayed(low: Recording, track: Track, partials: Partials) -> Track:
    """The track of a low copy's hum, made fine enough to follow swaying of up to about 1 Hz."""
    grid_s = np.arange(0.0, low.duration_s + STEP_S, STEP_S)
    slopes = [(partial(_slope, lag=lag), count) for lag, count in LAGS]
    phases = [(partial(_phase, mean_s=mean_s), count) for mean_s, count in MEANS_S]
    for look, count in slopes + phases:
        asked = Partials(partials.orders[:count])
        found = [look(views(section, track, asked), asked) for section in sections(low)]
        parts = (np.concatenate(each) for each in zip(*found, strict=True))
        track = _corrected(track, grid_s, Wrong(*parts))
    return track


def _slope(seen: Views, partials: Partials, lag: int) -> Wrong:
    amplitude, order = seen.amplitude, partials.orders[None, :, None]
    if amplitude.shape[2] <= lag:
        return Wrong(*np.zeros((3, 0)))
    pairs = amplitude[..., lag:] * amplitude[..., :-lag].conj()
    rest = _rest(amplitude)
    trust = order**2 * np.abs(pairs) / np.maximum(rest[..., lag:], rest[..., :-lag])
    total = trust.sum(axis=(0, 1))
    hz = (trust * np.angle(pairs) / order).sum(axis=(0, 1)) / (total + EMPTY) / (2 * np.pi * lag * HOP_S)
    return Wrong(0.5 * (seen.times_s[lag:] + seen.times_s[:-lag]), hz, total)


def _phase(seen: Views, partials: Partials, mean_s: float) -> Wrong:
    amplitude, order = seen.amplitude, partials.orders[None, :, None]
    weight = 1.0 / _rest(amplitude)
    shape = np.hanning(round(mean_s / HOP_S) + 2)[1:-1]
    mean = convolve1d(weight * amplitude, shape, axis=2, mode="constant")
    trust = order**2 * weight * np.abs(amplitude) ** 2
    total = trust.sum(axis=(0, 1))
    off = (trust * np.angle(amplitude * mean.conj()) / order).sum(axis=(0, 1)) / (total + EMPTY)
    return Wrong(seen.times_s, np.gradient(_smooth(total, off), HOP_S) / (2 * np.pi), total)


def _rest(amplitude: Complex128) -> Float64:
    """Power of what is no steady partial: how far each window lies off the mean of its neighbours."""
    near = round(REST_S / HOP_S)
    power = np.abs(amplitude) ** 2
    size = np.abs(amplitude)
    off = uniform_filter1d((size - uniform_filter1d(size, 5, axis=2)) ** 2, 5, axis=2)
    return np.asarray(off + REST_SHARE * uniform_filter1d(power, near, axis=2) + EMPTY)


def _corrected(track: Track, grid_s: Float64, wrong: Wrong) -> Track:
    """The track on a finer grid, put right where the phases can be trusted."""
    before = np.interp(grid_s, track.step_s * np.arange(track.hz.size), track.hz)
    if not wrong.times_s.size:
        return Track(before, STEP_S)
    order = np.argsort(wrong.times_s, kind="stable")
    times_s, hz, trust = wrong.times_s[order], wrong.hz[order], wrong.trust[order]
    return Track(before + np.interp(grid_s, times_s, _smooth(trust, hz)), STEP_S)


def _smooth(trust: Float64, value: Float64) -> Float64:
    shape = np.hanning(round(SMOOTHED_S / HOP_S) + 2)[1:-1]
    weight = convolve1d(trust, shape, mode="nearest")
    return np.asarray(convolve1d(trust * value, shape, mode="nearest") / (weight + TRUSTED * shape.sum()))
