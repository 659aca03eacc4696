"""The speed of a carrier told by steady tones on it: a line transformer, a motor, a fan, the leak of the bias.

A tone that sounded while the recording was made sways with everything else on the carrier, and a high one tells far
more of the speed than hum does: 0.1 % is 0.05 Hz of the hum, but 1 Hz of a whine of 1 kHz. A tone that came in when the
carrier was played is steady, and tells nothing. What tones are there is not known beforehand: whatever stands still in
the quiet spectrum, up to the highest frequency of the recording, is followed, and only a sway that keeps time counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import fftconvolve

from restoration.audio import Recording, Samples
from restoration.measures.mains import SECTION_S, Complex128
from restoration.measures.metering import Float64
from restoration.measures.speed_clue import Clue
from restoration.measures.speed_hum import LITTLE, SLOW_S, HumViews, hann_response, slope_clue

LOWEST_HZ = 600.0
"""What is lower lies among the first partials of voices: there only hum, by its many partials, is told from them."""
HIGHEST_SHARE = 0.47
"""Of the sample rate: above it the filters of converters leave nothing."""
WAVES, SCANNED_WAVES = 60, 40
"""A Hann window so long takes in what lies within 3 % of a tone: more than wow moves it."""
SHORTEST_S = 0.0005
HOPS = 3
LOOK_S, LOOKS = 8.0, 6
LEAST_SECONDS = 16.0
QUIET_SHARE = 0.25
LEAST_EXCESS_DB = 4.5
NEIGHBOURS = 16
"""Bins on either side that tell what is usual there: a third of an octave or more."""
MOST_TONES = 4
APART = 0.08
HUM_PARTIALS = 12
STEP_S = 0.01
BLOCK_S, BLOCK_WINDOWS = 0.3, 24
MOST_RESTLESS = 1.62


class Tone(NamedTuple):
    """A tone at ``hz`` that stands ``excess_db`` out of the quiet spectrum around it."""

    hz: float
    excess_db: float


def find_tones(recording: Recording, hum_hz: float | None = None) -> list[Tone]:
    """The steady tones that would tell most of the speed, in up to six looks of 8 s; none of them a low partial of the
    hum."""
    if recording.duration_s < LEAST_SECONDS:
        return []
    found = [tone for lowest_hz in _octaves(recording.sample_rate) for tone in _octave_tones(recording, lowest_hz)]
    tones: list[Tone] = []
    for tone in sorted(found, key=lambda tone: tone.excess_db + 20.0 * math.log10(tone.hz), reverse=True):
        near = any(abs(math.log(tone.hz / other.hz)) < APART for other in tones)
        if not near and not _is_partial(tone.hz, hum_hz) and len(tones) < MOST_TONES:
            tones.append(tone)
    return tones


def tone_views(recording: Recording, hz: float, own_s: float) -> HumViews:
    """A tone in the section from ``own_s`` on, through short windows, on a grid that begins at 0 s of the recording."""
    rate = recording.sample_rate
    length = round(max(SHORTEST_S, WAVES / hz) * rate) | 1
    hop, half = max(1, length // HOPS), length // 2
    begin, end = round(own_s * rate), min(recording.frames, round((own_s + SECTION_S) * rate))
    centres = np.arange(-(-begin // hop) * hop, end, hop)
    first = max(0, begin - half)
    samples = recording.read(first, min(recording.frames, end + half)).samples
    padded = np.pad(samples, ((0, 0), (half, half)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, centres - first]
    window = np.hanning(length + 2)[1:-1]
    turns = 2.0 * np.pi * hz * (np.arange(length) - half) / rate
    carriers = (window / window.sum())[:, None] * np.stack([np.cos(turns), -np.sin(turns)], axis=1)
    both = (seen @ carriers.astype(np.float32)).astype(np.float64)
    amplitude = (both[..., 0] + 1j * both[..., 1])[:, None]
    start_s = float(centres[0]) / rate if centres.size else own_s
    still, unasked = np.zeros(centres.size), np.zeros((samples.shape[0], 1, 0))
    views = HumViews(amplitude, still, np.ones(1), start_s, hop / rate, hz, length / rate, unasked)
    return views.turned(2.0 * np.pi * hz * centres / rate)


def restlessness(seen: HumViews) -> float:
    """Mean fourth power over the squared mean power in the quietest quarter: 1 of a tone, 2 of noise in a resonance."""
    size = max(BLOCK_WINDOWS, round(BLOCK_S / seen.step_s))
    power = (np.abs(seen.amplitude[:, 0]) ** 2).sum(axis=0)
    blocks = power[: power.size // size * size].reshape(-1, size)
    mean = blocks.mean(axis=1)
    quiet = (mean > LITTLE) & (mean <= np.quantile(mean, QUIET_SHARE))
    if not quiet.any():
        return 2.0
    return float(np.median((blocks[quiet] ** 2).mean(axis=1) / mean[quiet] ** 2))


def tone_clue(seen: HumViews) -> Clue:
    """All that a tone tells of wow; nothing where it is noise in a resonance, whose middle moves with the noise."""
    clue = _clue(seen)
    if restlessness(seen) > MOST_RESTLESS:
        return replace(clue, weight=np.zeros_like(clue.weight))
    return clue


def _clue(seen: HumViews) -> Clue:
    slope = coarser(slope_clue(seen, 1), max(1, round(STEP_S / seen.step_s)))
    shape = np.hanning(2 * round(0.5 * SLOW_S / slope.step_s) + 3)[1:-1]
    weight = _same(slope.weight, shape)
    slow = _same(slope.weight * slope.value, shape) / (weight + LITTLE * (1.0 + float(weight.max(initial=0.0))))

    def gain(hz: Float64) -> Complex128:
        return np.asarray(slope.gain(hz) * (1.0 - hann_response(hz * SLOW_S)))

    return replace(slope, name="tone", value=np.where(slope.weight > 0.0, slope.value - slow, 0.0), gain=gain)


def coarser(clue: Clue, factor: int) -> Clue:
    """The clue with ``factor`` values in one."""
    count = clue.value.size // factor
    if factor == 1 or count == 0:
        return clue
    weight = clue.weight[: count * factor].reshape(count, factor)
    total, before, step_s = weight.sum(axis=1), clue.gain, factor * clue.step_s

    def joined_up(values: Float64) -> Float64:
        rows = values[: count * factor].reshape(count, factor)
        return np.asarray((weight * rows).sum(axis=1) / (total + LITTLE))

    def gain(hz: Float64) -> Complex128:
        return np.asarray(before(hz) * np.sinc(hz * step_s))

    start_s = clue.start_s + 0.5 * (factor - 1) * clue.step_s
    swing = None if clue.swing is None else joined_up(clue.swing)
    return Clue(clue.name, start_s, step_s, joined_up(clue.value), total, gain, swing)


def _octaves(rate: int) -> list[float]:
    count = max(0, math.ceil(math.log2(HIGHEST_SHARE * rate / LOWEST_HZ)))
    return [LOWEST_HZ * 2.0**octave for octave in range(count)]


def _octave_tones(recording: Recording, lowest_hz: float) -> Iterator[Tone]:
    """What stands out of the quiet spectrum in an octave: bins as wide as suits its tones."""
    rate = recording.sample_rate
    size = int(2 ** round(math.log2(SCANNED_WAVES / lowest_hz * rate)))
    highest_hz = min(2.0 * lowest_hz, HIGHEST_SHARE * rate)
    power = np.concatenate([_power(recording, first, size) for first in _looks(recording)], axis=0)
    power = power[power.sum(axis=1) > 1e-12]
    if power.shape[0] < NEIGHBOURS:
        return
    quiet_db = 10.0 * np.log10(np.quantile(power, QUIET_SHARE, axis=0) + 1e-20)
    excess_db = quiet_db - median_filter(quiet_db, 2 * NEIGHBOURS + 1, mode="nearest")
    hz = np.arange(quiet_db.size) * rate / size
    inner = np.flatnonzero((hz >= lowest_hz) & (hz < highest_hz))
    for place in inner[(inner > 0) & (inner < hz.size - 1)]:
        left, middle, right = quiet_db[place - 1 : place + 2]
        if excess_db[place] >= LEAST_EXCESS_DB and middle > left and middle >= right:
            bend = left - 2.0 * middle + right
            yield Tone(float((place + 0.5 * (left - right) / bend) * rate / size), float(excess_db[place]))


def _looks(recording: Recording) -> list[int]:
    """First frames of the looks, evenly over the recording."""
    length = round(LOOK_S * recording.sample_rate)
    count = max(1, min(LOOKS, recording.frames // length))
    return [int(first) for first in np.linspace(0, max(0, recording.frames - length), count)]


def _power(recording: Recording, first: int, size: int) -> Samples:
    samples = recording.read(first, min(recording.frames, first + round(LOOK_S * recording.sample_rate))).samples
    window = np.hanning(size).astype(np.float32)
    total = np.zeros((0, size // 2 + 1), dtype=np.float32)
    for channel in samples:
        whole = channel[: channel.size // size * size].reshape(-1, size)
        spectra = np.fft.rfft(whole * window, axis=1)
        own = (spectra.real**2 + spectra.imag**2).astype(np.float32)
        total = total + own if total.size else own
    return total


def _is_partial(hz: float, hum_hz: float | None) -> bool:
    if hum_hz is None:
        return False
    order = round(hz / hum_hz)
    return 1 <= order <= HUM_PARTIALS and abs(hz - order * hum_hz) < 0.25 * hum_hz


def _same(values: Float64, shape: Float64) -> Float64:
    return np.asarray(fftconvolve(np.pad(values, shape.size), shape, mode="same")[shape.size : -shape.size])
