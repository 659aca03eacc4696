"""Clicks of a groove: crackle, scratches that return once a turn, thumps of a pressing or a swollen cylinder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range, check_span
from restoration.simulate.groove import DISC, Groove
from restoration.simulate.level import ratio, speech_level
from restoration.simulate.odds import log_uniform
from restoration.simulate.waves import Frames, place, ring

SHAPES = 24
"""Different clicks in one recording; each is placed with a phase and a height of its own."""

LOUDEST_CLICK_DB = 24.0
RINGING_HZ = (300.0, 12_000.0)
CYCLES = (0.3, 2.0)
"""Of the ringing while a click falls to 1/e: a stylus on a soft arm does not sing."""


@dataclass(frozen=True, kw_only=True)
class Crackle:
    """Dust and worn walls: many small clicks, more of them at some angles of the disc, the same in all channels.

    Args:
        groove: under the stylus.
        per_s: mean number of clicks in a second (Poisson distributed), 0 to 5000.
        peak_db: median of their peaks relative to the speech level of what arrives, -80 to 60.
        tail: exponent of the Pareto distribution of the peaks: one click in ten is more than 14 / ``tail`` dB above the
            median, and none more than 24 dB. 0.5 to 20.
        decay_ms: least and greatest time in which a click falls to 1/e, log-uniform between them, 0.01 to 20.
        patchy: 0 is the same rate at every angle, 1 leaves the cleanest angle without a click.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    per_s: float = 40.0
    peak_db: float = 0.0
    tail: float = 2.0
    decay_ms: tuple[float, float] = (0.1, 3.0)
    patchy: float = 0.5

    def __post_init__(self) -> None:
        check_range(self, 0, 5000, "per_s")
        check_range(self, -80, 60, "peak_db")
        check_range(self, 0.5, 20, "tail")
        check_span(self, 0.01, 20, "decay_ms")
        check_range(self, 0, 1, "patchy")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        starts = self._starts(frames, sample_rate, draw)
        # Median 1: half of a Pareto distribution lies above 2 ** (1 / tail) times its least value.
        heights = np.minimum((draw.pareto(self.tail, starts.size) + 1) / 2 ** (1 / self.tail), ratio(LOUDEST_CLICK_DB))
        heights *= speech_level(samples, sample_rate) * ratio(self.peak_db)
        decays_ms = np.exp(draw.uniform(np.log(self.decay_ms[0]), np.log(self.decay_ms[1]), SHAPES))
        phases = draw.uniform(0, 2 * np.pi, starts.size)
        crackle = np.zeros(frames)
        for shape in range(SHAPES):
            mine = slice(shape, None, SHAPES)
            wave = ring(decays_ms[shape], _ringing_hz(decays_ms[shape], sample_rate, draw), sample_rate)
            waves = np.cos(phases[mine])[:, None] * wave.real - np.sin(phases[mine])[:, None] * wave.imag
            waves /= np.max(np.abs(waves), axis=1, keepdims=True)
            place(crackle, starts[mine], waves * heights[mine][:, None])
        return samples + crackle, {"click_frames": [int(start) for start in np.sort(starts)]}

    def _starts(self, frames: int, sample_rate: int, draw: np.random.Generator) -> Frames:
        dirtiest_at = draw.uniform(0, 2 * np.pi)
        # Thinning: as many as the dirtiest angle would have everywhere, of which each angle keeps its share.
        count = int(draw.poisson((1 + self.patchy) * self.per_s * frames / sample_rate)) if frames else 0
        starts = draw.integers(0, max(1, frames), count)
        share = 1 + self.patchy * np.cos(self.groove.angle_rad(starts / sample_rate) - dirtiest_at)
        return starts[draw.uniform(0, 1 + self.patchy, count) < share]


def _ringing_hz(decay_ms: float, sample_rate: int, draw: np.random.Generator) -> float:
    """The shorter a click, the higher it rings."""
    lowest_hz, highest_hz = RINGING_HZ
    hz = log_uniform(draw, *CYCLES) / (decay_ms / 1000)
    return min(max(hz, lowest_hz), highest_hz, 0.4 * sample_rate)


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """A scratch across the grooves: a click that returns once a turn, with a thump of the tone arm under it.

    Args:
        groove: under the stylus.
        peak_db: median of the peaks of its returns relative to the speech level of what arrives, -80 to 60.
        turns: how many grooves it crosses, 1 to 10000; where it begins is drawn.
        slant_rad: how much later in the turn it comes from one groove to the next, -0.5 to 0.5.
        uneven_db: standard deviation of the peaks from turn to turn, 0 to 20.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    peak_db: float = 6.0
    turns: int = 40
    slant_rad: float = 0.003
    uneven_db: float = 2.5

    def __post_init__(self) -> None:
        check_range(self, -80, 60, "peak_db")
        check_range(self, 1, 10_000, "turns")
        check_range(self, -0.5, 0.5, "slant_rad")
        check_range(self, 0, 20, "uneven_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        turn_s = 1 / self.groove.turn_hz * (1 + self.slant_rad / (2 * np.pi))
        span = max(0.0, frames / sample_rate - 0.5 * turn_s)
        first_s = draw.uniform(-0.5 * min(self.turns * turn_s, span), span) if span else 0.0
        starts = np.round((first_s + turn_s * np.arange(self.turns)) * sample_rate).astype(np.int64)
        heights = 10 ** ((self.peak_db + self.uneven_db * draw.standard_normal(self.turns)) / 20)
        wave = self._wave(sample_rate, draw)
        heard = (starts >= 0) & (starts < frames)
        scratch = np.zeros(frames)
        place(scratch, starts[heard], speech_level(samples, sample_rate) * heights[heard][:, None] * wave)
        return samples + scratch, {"click_frames": [int(start) for start in starts[heard]]}

    @staticmethod
    def _wave(sample_rate: int, draw: np.random.Generator) -> Float64:
        decay_ms = draw.uniform(0.2, 1.5)
        click = ring(decay_ms, _ringing_hz(decay_ms, sample_rate, draw), sample_rate).real
        thump = ring(draw.uniform(4, 12), draw.uniform(25, 90), sample_rate).imag * draw.uniform(0, 0.4)
        wave = thump.copy()
        wave[: click.size] += click
        return np.asarray(wave / np.max(np.abs(wave)) * draw.choice((-1.0, 1.0)))


@dataclass(frozen=True, kw_only=True)
class Thumps:
    """Low blows that come at the same angles in every turn: a blister of the pressing, a seam, a swollen core.

    Args:
        groove: under the stylus.
        peak_db: median of the peaks of the loudest thump relative to the speech level of what arrives, -80 to 60.
        per_turn: how many different ones there are in a turn, 1 to 8; each is 3 dB below the one before.
        ringing_hz: least and greatest frequency at which one rings, 5 to 500.
        uneven_db: standard deviation of the peaks from turn to turn, 0 to 20.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    peak_db: float = -3.0
    per_turn: int = 1
    ringing_hz: tuple[float, float] = (25.0, 120.0)
    uneven_db: float = 1.5

    def __post_init__(self) -> None:
        check_range(self, -80, 60, "peak_db")
        check_range(self, 1, 8, "per_turn")
        check_span(self, 5, 500, "ringing_hz")
        check_range(self, 0, 20, "uneven_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        turn_frames = sample_rate / self.groove.turn_hz
        turns = np.arange(int(np.ceil(frames / turn_frames)))
        level = speech_level(samples, sample_rate) * ratio(self.peak_db)
        thumps = np.zeros(frames)
        begun: list[int] = []
        for number in range(self.per_turn):
            wave = ring(draw.uniform(6, 25), draw.uniform(*self.ringing_hz), sample_rate).imag
            wave *= level * 10 ** (-3.0 * number / 20) / np.max(np.abs(wave))
            starts = np.round((turns + draw.uniform()) * turn_frames).astype(np.int64)
            starts = starts[starts < frames]
            heights = 10 ** (self.uneven_db * draw.standard_normal(starts.size) / 20)
            place(thumps, starts, heights[:, None] * wave)
            begun += [int(start) for start in starts]
        return samples + thumps, {"thump_frames": sorted(begun)}
