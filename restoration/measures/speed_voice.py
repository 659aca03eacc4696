"""The speed of a carrier told by the voice on it: a sway of the pitch that keeps time for minutes is no speaker's.

Prosody moves the pitch by a hundred times what wow does, but it never keeps time. What of the pitch cannot be foretold
from the moments before is left when an autoregression learnt from the recording is taken out; a sway that is strictly
periodic is still in there, and adds up over minutes. So slow wow cannot be told from a voice; fast wow can, if it is
deep or the recording long. What is left of the pitch falls with the cube of the rate, in power: measured on readings,
wow at half the rate must be three times as deep to be told, and in a quarter of the time twice as deep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restoration.measures.mains import Complex128, Section
from restoration.measures.metering import Float64
from restoration.measures.speed_clue import Clue

HOP_S, WINDOW_S = 0.01, 0.048
LOWEST_F0_HZ, HIGHEST_F0_HZ = 65.0, 400.0
FINER = 2
OCTAVE_COST = 0.03
VOICED = 0.6
LOUD_SHARE = 0.05
STEP = 0.04
"""In a hundredth of a second a voice changes its pitch by no more than 4 %: more is another word, or a mistake."""
LEAST_RUN = 5
ORDER = 3
"""Each run of voice says nothing for so long, and most of them are short."""
FITS = 6
FREEDOM = 3.0
LEAST_VALUES = 400
LEAST_SHOWN = 0.3
LITTLE = 1e-12


class Pitch(NamedTuple):
    """Logarithm of the fundamental frequency every ``HOP_S`` from ``start_s`` on, and where it is to be trusted."""

    log_hz: Float64
    run: Float64
    start_s: float


def section_pitch(section: Section, duration_s: float) -> Pitch:
    """Pitch in the section's own part, of all channels together, by autocorrelation in windows of 48 ms.

    ``run`` numbers the stretches in which the voice goes on without a break; 0 is no voice.
    """
    log_hz, strength, level = _autocorrelated(section, duration_s)
    start_s = section.own_s
    if not log_hz.size:
        return Pitch(log_hz, np.zeros(0), start_s)
    voiced = (strength > VOICED) & (level > LOUD_SHARE * float(np.quantile(level, 0.95)) + LITTLE)
    joined = voiced[1:] & voiced[:-1] & (np.abs(np.diff(log_hz)) < STEP)
    number = np.cumsum(np.concatenate(([True], ~joined)))
    long_enough = np.bincount(number)[number] >= LEAST_RUN
    return Pitch(log_hz, np.where(voiced & long_enough, number, 0).astype(np.float64), start_s)


def voice_clue(pitches: Sequence[Pitch]) -> Clue | None:
    """What of the pitch cannot be foretold, in units of log frequency; None where there is too little voice."""
    log_hz = np.concatenate([pitch.log_hz for pitch in pitches])
    run = np.concatenate([pitch.run + 1e5 * place * (pitch.run > 0) for place, pitch in enumerate(pitches)])
    change, within = np.diff(log_hz), (np.diff(run) == 0) & (run[1:] > 0)
    if change.size < LEAST_VALUES:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(change, ORDER + 1)
    usable = np.lib.stride_tricks.sliding_window_view(within, ORDER + 1).all(axis=1)
    if np.count_nonzero(usable) < LEAST_VALUES:
        return None
    past, now = windows[usable][:, -2::-1], windows[usable][:, -1]
    foretold, spread = _autoregression(past, now)
    left = now - past @ foretold
    weight, value = np.zeros(log_hz.size), np.zeros(log_hz.size)
    places = np.flatnonzero(usable) + ORDER + 1
    # Weights of Student's distribution: a creak or a slip of the octave has no say.
    odd = (left / spread) ** 2 / FREEDOM
    own = 1.0 / (1.0 + odd)
    weight[places] = (1.0 + 1.0 / FREEDOM) * own / spread**2
    # A sway makes large values larger, and so less trusted: what they tell of it is told too small by so much.
    value[places] = left * own.sum() / max(float(((1.0 - odd) * own**2).sum()), LEAST_SHOWN * float(own.sum()))
    taps = np.convolve([1.0, -1.0], np.concatenate(([1.0], -foretold)))
    return Clue("voice", pitches[0].start_s + 0.5 * WINDOW_S, HOP_S, value, weight, lambda hz: _gain(hz, taps))


def _gain(hz: Float64, taps: Float64) -> Complex128:
    delays = np.exp(-2j * np.pi * np.outer(hz, np.arange(taps.size)) * HOP_S)
    turns = hz * WINDOW_S
    return np.asarray(delays @ taps * np.sinc(turns) / (1.0 - turns**2))


def _autoregression(past: Float64, now: Float64) -> tuple[Float64, float]:
    """Coefficients that foretell ``now`` from ``past``, and the spread of what is left; outliers count little."""
    weight = np.ones(now.size)
    for _ in range(FITS):
        weighted = past * weight[:, None]
        normal = weighted.T @ past
        foretold = np.linalg.solve(normal + 1e-9 * (np.trace(normal) + LITTLE) * np.eye(ORDER), weighted.T @ now)
        left = now - past @ foretold
        spread = 1.4826 * float(np.median(np.abs(left))) + LITTLE
        weight = 1.0 / (1.0 + (left / spread) ** 2 / FREEDOM)
    return foretold, spread


def _autocorrelated(section: Section, duration_s: float) -> tuple[Float64, Float64, Float64]:
    """Logarithm of the pitch, how periodic the sound is (0 to 1), and its level, in each window of the own part."""
    rate, size = section.rate, round(WINDOW_S * section.rate)
    samples = section.samples.mean(axis=0)
    starts_s = section.own_s + HOP_S * np.arange(3200)
    starts = np.rint((starts_s[starts_s < duration_s] - section.start_s) * rate).astype(int)
    starts = starts[starts + size <= samples.size]
    if not starts.size:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    window = np.hanning(size)
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[starts]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * window
    length = 2 ** int(np.ceil(np.log2(2 * size)))
    likeness = _autocorrelation(frames, length)
    lags = np.arange(int(rate * FINER / HIGHEST_F0_HZ), int(min(rate * FINER / LOWEST_F0_HZ, 0.8 * size * FINER)))
    of_window = _autocorrelation(window[None], length)[0]
    own = likeness[:, lags] / (likeness[:, :1] + LITTLE) / (of_window[lags] / of_window[0])
    best = np.argmax(own - OCTAVE_COST * np.log2(lags / lags[0]), axis=1)
    inner = np.clip(best, 1, lags.size - 2)
    row = np.arange(starts.size)
    left, middle, right = (own[row, inner + step] for step in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -LITTLE)
    lag = (lags[inner] + np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) / (rate * FINER)
    return -np.log(lag), middle, np.sqrt(np.maximum(likeness[:, 0], 0.0))


def _autocorrelation(frames: Float64, length: int) -> Float64:
    power = np.abs(np.fft.rfft(frames, length, axis=1)) ** 2
    return np.asarray(np.fft.irfft(power, FINER * length, axis=1) * FINER)
