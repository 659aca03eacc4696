"""The partials of mains hum: their common frequency followed along a tape, and the complex amplitude of each.

Everything is done on a copy of the sound at a low rate (5 kHz; 12 kHz for the partials above 1750 Hz), seen through
Hann windows of eight mains periods, which do not see the neighbouring partials. Hum goes on in the pauses of a voice,
at the same frequency and the same phase: so every estimate is a least-squares fit over seconds in which each window
counts by the inverse of the power that is left in it when the hum is taken out. A voice that passes a partial is loud
and has next to no weight; a pause has much.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr
from scipy.interpolate import CubicSpline, PPoly
from scipy.ndimage import uniform_filter1d

from restoration.audio import Audio, Recording, Samples, Writer
from restoration.measures.metering import Float64

Complex128 = npt.NDArray[np.complex128]

LOW_RATE, WIDE_RATE = 5000, 12_000
READ_S = 5.0
HIGHEST_SHARE = 0.35
"""Partials reach up to this share of the rate of the copy, where its filter is still flat."""
PERIODS = 8
HOP_S = 0.04
SECTION_S = 32.0
CONTEXT_S = 8.0
SMOOTHED = 7
"""Windows over which the rest is averaged: 0.3 s."""
TOGETHER = 12
"""Windows that are turned back by one frequency, that of the track in their middle: it changes little in 0.5 s."""
SLACK_HZ = 0.4
"""Steps of the frequency that the highest partial is looked for at: half a step off it is seen 0.07 % too weak."""
CORRELATED = 3.0
"""Windows overlap: so many of them are worth an independent one."""
SEARCH_STEPS = 121
PLAINEST = 3
EMPTY = 1e-18


class Pace(NamedTuple):
    """How fast hum may change: a frequency every ``track_s``, an amplitude every ``amplitude_s``.

    A frequency is estimated from the ``track_s`` on either side, an amplitude from the ``reach_s``. The frequency is
    looked for within the first of ``search_hz`` of what is roughly known, then closer and closer to what was found, in
    the first ``tracked`` partials: those above have little to say in a short time.
    """

    track_s: float
    amplitude_s: float
    reach_s: float
    search_hz: tuple[float, ...]
    tracked: int


PACES = {
    "steady": Pace(4.0, 1.0, 6.0, (0.4, 0.15, 0.06, 0.03), 24),
    "wavering": Pace(1.0, 0.25, 1.0, (0.8, 0.5, 0.3, 0.2), 4),
    "swaying": Pace(0.25, 0.5, 2.0, (), 12),
}
"""Hum of the playing machine is steady; hum that was recorded wavers with the tape, and with a gain that follows it.
Where its phases can be followed it is known to sway, and its amplitude can be taken over a longer time again."""


class Partials(NamedTuple):
    """Which partials there are, in whole multiples of the mains frequency."""

    orders: npt.NDArray[np.intp]

    @classmethod
    def up_to(cls, count: int, mains_hz: float, rate: int) -> Partials:
        """The first ``count`` of them, as far as a copy of this rate reaches."""
        highest = int(HIGHEST_SHARE * rate / mains_hz)
        return cls(np.arange(1, max(1, min(count, highest)) + 1))


@dataclass(frozen=True, eq=False)
class Track:
    """A frequency in Hz every ``step_s`` from 0 s on, joined by a cubic spline; the last one holds on."""

    hz: Float64
    step_s: float

    def phase(self, times_s: Float64) -> Float64:
        """Turns (1 is a whole period) since 0 s, at times that may lie before it or after the last value."""
        if self.hz.size == 1:
            return np.asarray(times_s * self.hz[0])
        end_s = self.step_s * (self.hz.size - 1)
        within = np.clip(times_s, 0.0, end_s)
        beyond = np.minimum(times_s, 0.0) * self.hz[0] + np.maximum(times_s - end_s, 0.0) * self.hz[-1]
        return np.asarray(self._turns(within) + beyond)

    @cached_property
    def _turns(self) -> PPoly:
        return CubicSpline(self.step_s * np.arange(self.hz.size), self.hz).antiderivative()


class Section(NamedTuple):
    """A stretch at the low rate: ``samples`` (channels, time) from ``start_s`` on; the section is from ``own_s``."""

    samples: Samples
    rate: int
    start_s: float
    own_s: float

    def knots_s(self, step_s: float, duration_s: float) -> Float64:
        """The times of the section, a multiple of ``step_s`` each; after the end of the recording there is one more."""
        times_s = self.own_s + np.arange(0.0, SECTION_S, step_s)
        return times_s[times_s < duration_s + step_s]


class Views(NamedTuple):
    """The sound seen at each partial: ``amplitude`` (channels, partials, windows), complex, at ``times_s``."""

    amplitude: Complex128
    times_s: Float64


@contextmanager
def low_copy(recording: Recording, rate: int = LOW_RATE) -> Iterator[Recording]:
    """The recording at a low rate, or at its own where that is lower: a file beside it that goes with the context.

    Hum is looked at many times over: each time only the copy is read. Nothing is shifted in time.
    """
    if recording.sample_rate <= rate:
        yield recording
        return
    with TemporaryDirectory(prefix="low-", dir=recording.path.parent) as folder:
        with Writer(Path(folder) / "low.f32") as writer:
            stream = soxr.ResampleStream(recording.sample_rate, rate, recording.channels, dtype="float32")
            pieces = recording.with_blocks(round(READ_S * recording.sample_rate))
            for block in pieces.blocks():
                last = block.start + block.frames == recording.frames
                low = stream.resample_chunk(np.ascontiguousarray(block.samples.T), last=last)
                writer.write(Audio(np.ascontiguousarray(low.T), rate))
        yield writer.recording


def sections(low: Recording, every: int = 1) -> Iterator[Section]:
    """A copy at a low rate in stretches of 32 s with 8 s more on both sides; one in ``every`` of them."""
    rate = low.sample_rate
    for number in range(0, math.ceil(low.frames / rate / SECTION_S), every):
        own_s = number * SECTION_S
        first = max(0, round((own_s - CONTEXT_S) * rate))
        last = min(low.frames, round((own_s + SECTION_S + CONTEXT_S) * rate))
        yield Section(low.read(first, last).samples, rate, first / rate, own_s)


def views(section: Section, track: Track, partials: Partials) -> Views:
    """Demodulate every partial by the tracked phase, in windows of eight periods, on an absolute grid."""
    hop = max(1, round(HOP_S * section.rate))
    length = round(PERIODS * section.rate / float(track.hz.mean())) | 1
    first = round(section.start_s * section.rate)
    centres = np.arange(-(-first // hop) * hop, first + section.samples.shape[1], hop)
    padded = np.pad(section.samples, ((0, 0), (length // 2, length // 2)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)[:, centres - first]
    times_s = centres / section.rate
    amplitude = np.zeros((section.samples.shape[0], partials.orders.size, centres.size), dtype=np.complex128)
    tracked_hz = np.interp(times_s, track.step_s * np.arange(track.hz.size), track.hz)
    begins = np.arange(0, centres.size, TOGETHER)
    middle_hz = np.add.reduceat(tracked_hz, begins) / np.diff(np.append(begins, centres.size))
    carriers: dict[int, Samples] = {}
    slack_hz = SLACK_HZ / partials.orders.max()
    for begin, now_hz in zip(begins.tolist(), middle_hz.tolist(), strict=True):
        group = slice(begin, begin + TOGETHER)
        step = round(now_hz / slack_hz)
        if step not in carriers:
            carriers[step] = _carriers(length, step * slack_hz / section.rate, partials)
        both = np.swapaxes(seen[:, group] @ carriers[step], 1, 2)
        amplitude[:, :, group] = both[:, : partials.orders.size] - 1j * both[:, partials.orders.size :]
    turned = _powers(np.exp(-2j * np.pi * track.phase(times_s)), partials)
    return Views(amplitude * turned, times_s)


def _carriers(length: int, turns: float, partials: Partials) -> Samples:
    """A window times the cosines, and after them the sines, of all partials: (length, 2 * partials), length odd."""
    half, count = length // 2, partials.orders.size
    window = np.hanning(length + 2)[1:-1]
    later = window[half:] / window.sum() * _powers(np.exp(2j * np.pi * turns * np.arange(half + 1)), partials)
    waves = np.empty((2 * count, length), dtype=np.float32)
    waves[:count, half:], waves[count:, half:] = later.real, later.imag
    # The first half mirrors the second: the same cosines, the sines upside down.
    waves[:count, :half], waves[count:, :half] = later.real[:, :0:-1], -later.imag[:, :0:-1]
    return waves.T


def _powers(fundamental: Complex128, partials: Partials) -> Complex128:
    """The phasors (partials, time) of all partials, from that of the first (time,)."""
    highest = int(partials.orders.max())
    powers = np.empty((highest, fundamental.size), dtype=np.complex128)
    powers[0], done = fundamental, 1
    while done < highest:
        more = min(done, highest - done)
        np.multiply(powers[:more], powers[done - 1], out=powers[done : done + more])
        done += more
    return powers[partials.orders - 1]


def frequencies(
    seen: Views, around: Track, partials: Partials, knots_s: Float64, window: tuple[float, float]
) -> tuple[Float64, Float64]:
    """The frequency in Hz at each knot, and how sure it is: the power of the fit over that of chance (1), in the
    three partials in which it is plainest.

    It is looked for within so many Hz (``window``, first) of the track by which the partials were demodulated, in so
    many seconds (second) on either side.

    Each is the maximum-likelihood estimate for partials of unknown amplitudes in noise of known power: that
    which makes the sum over the partials of the weighted periodograms largest.
    """
    search_hz, reach_s = window
    offsets = np.linspace(-search_hz, search_hz, SEARCH_STEPS)
    weight = 1.0 / _rest_power(np.abs(seen.amplitude) ** 2)
    weight[np.abs(seen.amplitude) ** 2 < EMPTY] = 0.0
    found, sure = np.zeros(knots_s.size), np.zeros(knots_s.size)
    for index, knot_s in enumerate(knots_s):
        near = np.abs(seen.times_s - knot_s) < reach_s
        since = seen.times_s[near] - knot_s
        shape = np.cos(0.5 * np.pi * since / reach_s) ** 2
        gains, chances = [], []
        turn = np.exp(-2j * np.pi * np.outer(since, offsets))
        turned, reached = np.ones_like(turn), 0
        for place, order in enumerate(partials.orders):
            weighted = weight[:, place, near] * shape
            while reached < order:
                turned, reached = turned * turn, reached + 1
            scores = (weighted * seen.amplitude[:, place, near]) @ turned
            weights = weighted.sum(axis=1)[:, None] + 1e-30
            gains.append(np.abs(scores) ** 2 / weights)
            spread = (weighted**2 * np.abs(seen.amplitude[:, place, near]) ** 2).sum(axis=1)[:, None]
            chances.append(CORRELATED * spread / weights + 1e-30)
        gain = np.sum(gains, axis=(0, 1))
        best = int(np.argmax(gain))
        found[index] = offsets[best] + _peak_shift(gain, best) * (offsets[1] - offsets[0])
        ratios = np.concatenate(gains)[:, best] / np.concatenate(chances)[:, 0]
        sure[index] = np.sort(ratios)[-PLAINEST:].mean()
    return found + np.interp(knots_s, np.arange(around.hz.size) * around.step_s, around.hz), sure


def amplitudes(seen: Views, knots_s: Float64, reach_s: float) -> tuple[Complex128, Float64]:
    """The complex amplitude of every partial at each knot (channels, partials, knots), and the power of the rest.

    A weighted mean over ``reach_s`` on either side, the weights learnt in three rounds, and made smaller by the share
    of it that chance explains: where there is no hum it is near zero. The second value, (channels, partials), is the
    power of what is left in the quietest quarter of the windows: that of the noise around the partial.
    """
    near = np.clip(1.0 - (np.abs(seen.times_s[None, :] - knots_s[:, None]) / reach_s), 0.0, None)
    near = np.sin(0.5 * np.pi * near) ** 2
    power = np.abs(seen.amplitude) ** 2
    sounding = power >= EMPTY
    rest = _rest_power(power)
    value = np.zeros((*seen.amplitude.shape[:2], knots_s.size), dtype=np.complex128)
    for _ in range(3):
        weight = np.where(sounding, 1.0 / rest, 0.0)
        total = weight @ near.T + 1e-30
        value = ((weight * seen.amplitude) @ near.T) / total
        left = np.abs(seen.amplitude - _between(value, knots_s, seen.times_s)) ** 2
        rest = _rest_power(left)
    chance = CORRELATED * ((weight**2 * left) @ (near**2).T) / total**2
    value *= np.clip(1.0 - chance / (np.abs(value) ** 2 + 1e-30), 0.0, None)
    return value, np.quantile(uniform_filter1d(left, SMOOTHED, axis=2), 0.25, axis=2)


def amplitude_track(low: Recording, track: Track, partials: Partials, pace: Pace) -> Complex128:
    """The complex amplitude of every partial, every ``amplitude_s`` from 0 s on: (channels, partials, knots)."""
    values = []
    for section in sections(low):
        knots_s = section.knots_s(pace.amplitude_s, low.duration_s)
        values.append(amplitudes(views(section, track, partials), knots_s, pace.reach_s)[0])
    return np.concatenate(values, axis=2)


def _rest_power(power: Float64) -> Float64:
    """The power in each window, smoothed, and never far below that of the quiet ones: no window decides alone."""
    smooth = uniform_filter1d(power, SMOOTHED, axis=2)
    return np.asarray(smooth + 0.3 * np.quantile(smooth, 0.2, axis=2, keepdims=True) + EMPTY)


def _between(value: Complex128, knots_s: Float64, times_s: Float64) -> Complex128:
    right = np.clip(np.searchsorted(knots_s, times_s), 1, max(1, knots_s.size - 1))
    if knots_s.size == 1:
        return np.repeat(value, times_s.size, axis=2)
    share = np.clip((times_s - knots_s[right - 1]) / (knots_s[right] - knots_s[right - 1]), 0.0, 1.0)
    return np.asarray(value[:, :, right - 1] * (1 - share) + value[:, :, right] * share)


def _peak_shift(gain: Float64, best: int) -> float:
    """How far the top of the parabola through a maximum and its neighbours lies from it, in steps."""
    if not 0 < best < gain.size - 1:
        return 0.0
    left, middle, right = gain[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0
