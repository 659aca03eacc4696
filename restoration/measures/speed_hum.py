"""The speed of a carrier told by its hum: hum that was recorded sways with everything else on the tape.

Each partial is seen through short windows. What its phase gains from window to window is the speed, whatever the depth
of the wow; once that is roughly known, the phase against its own mean over some seconds tells the rest far better. All
partials must tell the same, and count by the inverse of the noise around them: a voice that passes has no say. How loud
it is in a window is heard half way to the next partials, where there is no hum: so the shortest pause tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import fftconvolve

from restoration.audio import Recording
from restoration.measures.hum import LEAST_COMB_DB, LEAST_SECONDS, comb_score
from restoration.measures.mains import SECTION_S, Complex128, Section, sections
from restoration.measures.metering import Float64
from restoration.measures.speed_clue import Clue, Line, find_lines, shown

HOP_S = 0.04
PERIODS = 6
"""A Hann window so long does not see the neighbouring partials, and still sees wow of 10 Hz."""
MOST_PARTIALS = 12
MEAN_S = 6.0
"""A partial is compared with its mean over so long."""
SLOW_S = 12.0
"""What changes more slowly is no wow: it is followed, and taken out."""
SMOOTHED = 7
ROUNDS = 2
FEW = 2
"""Strong wow turns the high partials more than half a turn: the lowest are asked first."""
LAGS = (5, 25)
"""Windows from one to the next of which the phase is compared: first 0.2 s, then, the wow taken out, 1 s."""
LOOKS = 3
"""Noise holds each look back towards what was known before it."""
PLAIN = 20.0
"""Power of a partial over what chance would give it, at least."""
FLOOR = 0.3
"""The noise of a window is never far below that of the quiet ones: no window decides alone."""
FREEDOM, FREEDOM_OF_SIZE = 3.0, 10.0
"""Of Student's distributions."""
MOST_OFF = 1.5
CLEAR_DB, APART_HZ = 7.0, 1.0
"""By so much the comb of faint hum stands above all that are not beside it; those of speech are all alike."""
SAMPLED = 6
"""Sections in which hum is looked for, at most."""
LITTLE = 1e-18


@dataclass(frozen=True, eq=False)
class HumViews:
    """Partials seen through short windows: ``amplitude`` (channels, partials, windows), turned back by ``phase``
    (radians of the mains, windows); their ``orders``; a window of ``window_s`` every ``step_s`` from ``start_s``.

    ``beside`` is the power half way to the next partials (channels, partials, windows); no windows where not asked.
    """

    amplitude: Complex128
    phase: Float64
    orders: Float64
    start_s: float
    step_s: float
    hum_hz: float
    window_s: float
    beside: Float64

    def window(self, hz: Float64) -> Float64:
        """What a window leaves of wow of a rate."""
        return hann_response(hz * self.window_s)

    def turning(self, hz: Float64) -> Complex128:
        """Radians of the mains' phase per unit of speed."""
        return np.asarray(self.hum_hz / (1j * hz) * self.window(hz))

    def phase_gain(self, hz: Float64) -> Complex128:
        """The same, less what the mean over some seconds takes away."""
        return np.asarray(self.turning(hz) * (1.0 - hann_response(hz * MEAN_S)))

    def turned(self, radians: Float64) -> HumViews:
        """Turned back further, by so many radians of the mains in each window."""
        back = np.exp(-1j * self.orders[None, :, None] * radians)
        return replace(self, amplitude=self.amplitude * back, phase=self.phase + radians)


def coarse_hum_hz(low: Recording, lowest_hz: float, highest_hz: float) -> tuple[float, float] | None:
    """The mains frequency whose partials stand out of the quiet spectrum, and by how many dB in all; else None.

    Faint hum, whose partials hardly stand out one by one, is there if they do so at no other frequency.
    """
    if low.duration_s < LEAST_SECONDS:
        return None
    candidates = np.arange(lowest_hz, highest_hz, 0.05)
    every = max(1, round(low.duration_s / SECTION_S / SAMPLED))
    scores = [comb_score(section, candidates) for section in sections(low, every)]
    heard = [score for score in scores if score is not None]
    if not heard:
        return None
    comb = np.mean(heard, axis=0)
    best = int(np.argmax(comb))
    others = comb[np.abs(candidates - candidates[best]) > APART_HZ]
    heard_at_all = comb[best] >= LEAST_COMB_DB or comb[best] - others.max(initial=-np.inf) >= CLEAR_DB
    return (float(candidates[best]), float(comb[best])) if heard_at_all else None


def hum_views(section: Section, hum_hz: float) -> HumViews:
    """The section's own part, seen at each partial of a hum, on a grid that begins at 0 s of the recording."""
    hop, length = round(HOP_S * section.rate), round(PERIODS * section.rate / hum_hz) | 1
    first = round(section.start_s * section.rate)
    begin = round(section.own_s * section.rate)
    end = min(first + section.samples.shape[1], round((section.own_s + SECTION_S) * section.rate))
    centres = np.arange(-(-begin // hop) * hop, end, hop)
    count = max(1, min(MOST_PARTIALS, int(0.35 * section.rate / hum_hz)))
    halves = np.arange(1, 2 * count + 2, dtype=np.float64) / 2
    window = np.hanning(length + 2)[1:-1]
    within_s = (np.arange(length) - length // 2) / section.rate
    carriers = (window / window.sum())[:, None] * np.exp(-2j * np.pi * hum_hz * np.outer(within_s, halves))
    padded = np.pad(section.samples, ((0, 0), (length // 2, length // 2)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, centres - first]
    whole = np.swapaxes(seen @ carriers, 1, 2)
    between = np.abs(whole[:, ::2]) ** 2
    beside = 0.5 * (between[:, :-1] + between[:, 1:])
    start_s, step_s = float(begin and -(-begin // hop) * hop) / section.rate, hop / section.rate
    window_s, still = length / section.rate, np.zeros(centres.size)
    plain = HumViews(whole[:, 1::2], still, halves[1::2], start_s, step_s, hum_hz, window_s, beside)
    return plain.turned(2.0 * np.pi * hum_hz * centres / section.rate)


def joined(parts: Sequence[HumViews]) -> HumViews:
    """The views of sections that follow one another."""
    return replace(
        parts[0],
        amplitude=np.concatenate([part.amplitude for part in parts], axis=2),
        phase=np.concatenate([part.phase for part in parts]),
        beside=np.concatenate([part.beside for part in parts], axis=2),
    )


def steadied(seen: HumViews, lines: Sequence[Line]) -> HumViews:
    """The views with the wow of ``lines`` taken out."""
    clue = Clue("", seen.start_s, seen.step_s, np.zeros_like(seen.phase), seen.phase, seen.turning)
    return seen.turned(shown(clue, lines))


def slope_clue(seen: HumViews, lag: int, orders: slice = slice(None)) -> Clue:
    """The speed less 1, from what the phase gains in ``lag`` windows: true of wow of any depth."""
    amplitude, order = seen.amplitude[:, orders], seen.orders[orders][None, :, None]
    power, rest = _power_and_rest(amplitude)
    trust = order**2 * power / np.maximum(rest[..., lag:], rest[..., :-lag])
    trust *= np.abs(amplitude[..., lag:] * amplitude[..., :-lag]) > LITTLE
    gained = np.angle(amplitude[..., lag:] * amplitude[..., :-lag].conj()) / order
    size = np.abs(amplitude) + LITTLE
    louder = np.clip(np.log(size[..., lag:] / size[..., :-lag]), -1.0, 1.0) / order
    total = trust.sum(axis=(0, 1))
    per_speed = 2.0 * np.pi * seen.hum_hz * lag * seen.step_s
    value, swing = ((trust * one).sum(axis=(0, 1)) / (total + LITTLE) / per_speed for one in (gained, louder))
    start_s, lag_s = seen.start_s + 0.5 * lag * seen.step_s, lag * seen.step_s
    return Clue(
        "hum",
        start_s,
        seen.step_s,
        value,
        total * per_speed**2,
        lambda hz: (seen.window(hz) * np.sinc(hz * lag_s)).astype(np.complex128),
        swing,
    )


def followed(seen: HumViews, lag: int) -> HumViews:
    """The views turned back by what the hum drifts in more than some seconds."""
    clue = slope_clue(seen, lag)
    shape = np.hanning(2 * round(0.5 * SLOW_S / seen.step_s) + 3)[1:-1]
    weight = fftconvolve(np.pad(clue.weight, shape.size), shape, mode="same")[shape.size : -shape.size]
    both = fftconvolve(np.pad(clue.weight * clue.value, shape.size), shape, mode="same")[shape.size : -shape.size]
    slow = np.interp(np.arange(seen.phase.size), np.arange(clue.value.size) + 0.5 * lag, both / (weight + LITTLE))
    return seen.turned(2.0 * np.pi * seen.hum_hz * seen.step_s * np.cumsum(slow))


def hum_clue(raw: HumViews) -> Clue:
    """All that the hum tells of wow.

    Strong wow turns the high partials by more than half a turn, and leaves little of their means: what the lowest tell
    is taken out of all of them before these are asked for the rest, and then put back.
    """
    slope = slope_clue(raw, LAGS[0], slice(0, FEW))
    middle = float((slope.weight * slope.value).sum() / (slope.weight.sum() + LITTLE))
    lines = find_lines([replace(slope, value=slope.value - middle)])
    for _ in range(ROUNDS):
        left = phase_clue(without_drift(steadied(raw, lines)))
        clue = replace(left, value=left.value + shown(left, lines))
        lines = find_lines([clue])
    return clue


def mean_hz(raw: HumViews, lines: Sequence[Line]) -> float:
    """The frequency of the hum in the mean over the views, the wow of ``lines`` taken out."""
    steady = steadied(raw, lines)
    for _ in range(LOOKS):
        steady = without_drift(steady)
    times_s = steady.step_s * np.arange(steady.phase.size)
    if times_s.size < 2:
        return raw.hum_hz
    # The wow that was taken out is in the phase too, but has no part in its slope.
    return float(np.polyfit(times_s, steady.phase, 1)[0]) / (2.0 * np.pi)


def without_drift(seen: HumViews) -> HumViews:
    """The views turned back by what the hum drifts, looked at twice as the second look sees better."""
    return followed(followed(seen, LAGS[0]), LAGS[1]) if seen.phase.size > 2 * LAGS[1] else seen


def phase_clue(seen: HumViews) -> Clue:
    """The phase of the mains, in radians, from all partials together, against their own means over some seconds.

    A partial that differs from what all of them tell, by more than its noise explains, counts little: weights of
    Student's distribution.
    """
    mean, noise, weight = _mean_noise_and_weight(seen)
    orders, power = seen.orders[None, :, None], np.abs(mean) ** 2
    relative = seen.amplitude * mean.conj() / (power + LITTLE)
    off = np.clip(relative.imag, -MOST_OFF, MOST_OFF) / orders
    agreeing = weight
    for _ in range(LOOKS):
        agreed = (agreeing * off).sum(axis=(0, 1)) / (agreeing.sum(axis=(0, 1)) + LITTLE)
        agreeing = weight / (1.0 + 2.0 * power / noise * (orders * (off - agreed)) ** 2 / FREEDOM)
    total = agreeing.sum(axis=(0, 1))
    louder = np.clip(np.abs(relative) - 1.0, -1.0, 1.0) / orders
    value, swing = ((agreeing * one).sum(axis=(0, 1)) / (total + LITTLE) for one in (off, louder))
    return Clue("hum", seen.start_s, seen.step_s, value, total, seen.phase_gain, swing)


def hann_response(turns: Float64) -> Float64:
    """What a Hann window leaves of a wave that makes so many turns in it."""
    return np.asarray(np.sinc(turns) / (1.0 - np.where(np.abs(turns) == 1.0, 0.0, turns) ** 2))


def _power_and_rest(amplitude: Complex128) -> tuple[Float64, Float64]:
    """The power of each partial (one value), and that of the rest around each window.

    The rest is learnt from the magnitude alone: wow turns a partial, and must not be taken for noise.
    """
    size = np.abs(amplitude)
    rest = _smooth(size**2)
    level = np.zeros((*size.shape[:2], 1))
    for _ in range(3):
        weight = (size**2 > LITTLE) / rest
        level = (weight * size).sum(axis=2, keepdims=True) / (weight.sum(axis=2, keepdims=True) + LITTLE)
        rest = _smooth(2.0 * (size - level) ** 2)
    return level**2, rest


def _mean_noise_and_weight(seen: HumViews) -> tuple[Complex128, Float64, Float64]:
    """The mean of each partial over some seconds around each window, the power of the noise in the window, and how
    far it tells the phase of the mains (inverse variance; 0 for a partial that noise alone would give).

    The noise is that beside the partial; where the magnitude differs from that of the mean by more than it explains,
    a voice lies on the partial. The magnitude alone is asked: wow turns a partial, and must not be taken for noise.
    """
    shape = np.hanning(2 * round(0.5 * MEAN_S / seen.step_s) + 3)[None, None, 1:-1]
    power = np.abs(seen.amplitude) ** 2
    noise = seen.beside + FLOOR * np.quantile(seen.beside, 0.2, axis=2, keepdims=True) + LITTLE
    trust, mean, total = (power > LITTLE) / noise, seen.amplitude, noise
    for _ in range(LOOKS):
        total = np.maximum(_same(trust, shape), LITTLE)
        mean = _same(trust * seen.amplitude, shape) / total
        odd = 2.0 * (np.sqrt(power) - np.abs(mean)) ** 2 / noise
        trust = (power > LITTLE) / (1.0 + odd / FREEDOM_OF_SIZE) / noise
    chance = 3.0 * np.maximum(_same(trust**2 * noise, shape**2), 0.0) / total**2
    plain = np.median(np.abs(mean) ** 2 / (chance + LITTLE), axis=2, keepdims=True) > PLAIN
    return mean, noise, np.asarray(2.0 * seen.orders[None, :, None] ** 2 * np.abs(mean) ** 2 * trust * plain)


def _same(values: Complex128 | Float64, shape: Float64) -> Complex128:
    full = fftconvolve(values, shape, mode="full", axes=2)
    first = shape.shape[2] // 2
    return np.asarray(full[..., first : first + values.shape[2]])


def _smooth(power: Float64) -> Float64:
    smooth = uniform_filter1d(power, SMOOTHED, axis=2)
    return np.asarray(smooth + 0.3 * np.quantile(smooth, 0.2, axis=2, keepdims=True) + LITTLE)
