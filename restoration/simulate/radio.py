"""Broadcast by amplitude modulation: static, fading on two paths, the whistle of another station; whole receptions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Chain, Fault, Float64, Kind, check_range
from restoration.simulate.hum import Hum
from restoration.simulate.level import at_level, decibels, ratio, speech_level
from restoration.simulate.noise import Hiss
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.room import Reverberation
from restoration.simulate.waves import KNOTS_PER_S, between, knots, wandering

CONTROL_S = 0.15
LEAST_CARRIER = 0.1


@dataclass(frozen=True, kw_only=True)
class Static:
    """The noise of reception, the same in all channels: an even noise, and crashes of distant lightning.

    Args:
        snr_db: the speech level of what arrives over the RMS of the even noise, -40 to 120.
        crashes_per_s: mean number of crashes in a second (Poisson distributed), 0 to 50.
        crash_db: median of the crashes at their beginning over the even noise, 0 to 60; their heights are Pareto
            distributed with the exponent 2, and none is more than 20 dB above the median.
        longest_s: greatest time in which a crash falls to 1/e, 0.02 to 5; the least is 10 ms.
    """

    kind: ClassVar[Kind] = "added"
    snr_db: float
    crashes_per_s: float = 1.0
    crash_db: float = 12.0
    longest_s: float = 0.2

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, 0, 50, "crashes_per_s")
        check_range(self, 0, 60, "crash_db")
        check_range(self, 0.02, 5, "longest_s")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        noise = draw.standard_normal((frames,), dtype=np.float32).astype(np.float64)
        count = int(draw.poisson(self.crashes_per_s * frames / sample_rate))
        starts = draw.integers(0, max(1, frames), count)
        heights = np.minimum((draw.pareto(2.0, count) + 1) / np.sqrt(2), 10.0) * ratio(self.crash_db)
        decays_s = np.exp(draw.uniform(np.log(0.01), np.log(self.longest_s), count))
        louder = np.ones(frames)
        for start, height, decay_s in zip(starts, heights, decays_s, strict=True):
            times = np.arange(min(frames - start, int(5 * decay_s * sample_rate)))
            louder[start : start + times.size] += height * np.exp(times / (-decay_s * sample_rate))
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        return samples + level * noise * louder, {
            "noise_dbfs": decibels(level),
            "crash_frames": np.sort(starts).tolist(),
        }


@dataclass(frozen=True, kw_only=True)
class Fading:
    """Two paths through the sky, of which the second is late and turns in phase, as an envelope detector hears them.

    Where the carriers of both cancel, the side bands stand without a carrier: the sound is distorted and hollow, not
    only faint. An automatic gain control, slower than the voice and weaker than the deepest fades, follows.

    Args:
        second: strength of the second path, where the first is 1, 0 to 0.98.
        delay_ms: how much later the second is, 0 to 5; the more, the more selective is the fading.
        turns_hz: how often the phase between them turns, on average, 0.005 to 5; it wanders.
        modulation: depth of the modulation at the highest peak of what arrives, 0.05 to 1.
        flat_db: standard deviation of a slow change of level in dB besides, 0 to 12.
    """

    kind: ClassVar[Kind] = "damage"
    second: float = 0.7
    delay_ms: float = 0.6
    turns_hz: float = 0.2
    modulation: float = 0.8
    flat_db: float = 1.0

    def __post_init__(self) -> None:
        check_range(self, 0, 0.98, "second")
        check_range(self, 0, 5, "delay_ms")
        check_range(self, 0.005, 5, "turns_hz")
        check_range(self, 0.05, 1, "modulation")
        check_range(self, 0, 12, "flat_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        begun_rad = float(draw.uniform(0, 2 * np.pi))
        along, gain = self._paths(samples.shape[1], sample_rate, begun_rad, draw)
        peak = float(np.max(np.abs(samples))) if samples.size else 0.0
        if not peak:
            return samples, {"begun_rad": begun_rad}
        first = 1 + self.modulation / peak * samples
        late = min(samples.shape[1], round(self.delay_ms / 1000 * sample_rate))
        second = np.ones_like(samples)
        second[:, late:] = first[:, : samples.shape[1] - late]
        envelope = np.sqrt(first**2 + second * (2 * along * first + self.second**2 * second))
        carrier = np.sqrt(1 + 2 * along + self.second**2)
        return (envelope - carrier) * gain * (peak / self.modulation), {"begun_rad": begun_rad}

    def _paths(
        self, frames: int, sample_rate: int, begun_rad: float, draw: np.random.Generator
    ) -> tuple[Float64, Float64]:
        """How much of the second carrier lies along the first, and what the gain control and the sky make of both."""
        knots_s = knots(frames, sample_rate)
        angle = begun_rad + 2 * np.pi * self.turns_hz * knots_s + 0.8 * wandering(knots_s, self.turns_hz, draw)
        along = self.second * np.cos(angle)
        carrier = np.sqrt(1 + 2 * along + self.second**2)
        pole = np.exp(-1 / (CONTROL_S * KNOTS_PER_S))
        followed, _ = signal.lfilter([1 - pole], [1, -pole], carrier, zi=[pole * carrier[0]])
        flat = 10 ** (self.flat_db * wandering(knots_s, 0.5 * self.turns_hz, draw) / 20)
        gain = flat / np.maximum(followed, LEAST_CARRIER)
        return between(knots_s, along, frames, sample_rate), between(knots_s, gain, frames, sample_rate)


@dataclass(frozen=True, kw_only=True)
class Whistle:
    """The beat of two carriers: a tone that wanders slowly and swells, the same in all channels.

    Args:
        hz: its middle frequency, 50 to 15000.
        snr_db: the speech level of what arrives over the RMS of the tone, -40 to 120.
        wander_hz: standard deviation of its frequency, 0 to 1000.
        wander_s: how long it takes to go there and back, 0.2 to 1000 s.
        swell_db: standard deviation of its level, 0 to 12.
    """

    kind: ClassVar[Kind] = "added"
    hz: float = 1500.0
    snr_db: float
    wander_hz: float = 10.0
    wander_s: float = 5.0
    swell_db: float = 2.0

    def __post_init__(self) -> None:
        check_range(self, 50, 15_000, "hz")
        check_range(self, -40, 120, "snr_db")
        check_range(self, 0, 1000, "wander_hz")
        check_range(self, 0.2, 1000, "wander_s")
        check_range(self, 0, 12, "swell_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        phase = float(draw.uniform(0, 2 * np.pi))
        knots_s = knots(frames, sample_rate)
        hz = self.hz + self.wander_hz * wandering(knots_s, 1 / self.wander_s, draw)
        swell = 10 ** (self.swell_db * wandering(knots_s, 1 / self.wander_s, draw) / 20)
        # Nothing folds back: near half the sample rate and above the whistle cannot be heard.
        swell = np.where(hz < 0.48 * sample_rate, swell, 0.0)
        turns = np.cumsum(between(knots_s, hz / sample_rate, frames, sample_rate))
        turns -= np.rint(turns)
        # A sine of single precision costs a tenth.
        tone = np.sin((2 * np.pi * turns + phase).astype(np.float32)) * between(knots_s, swell, frames, sample_rate)
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        return samples + at_level(tone, level), {"whistle_dbfs": decibels(level), "phase": phase}


def draw_radio(draw: np.random.Generator) -> Chain:
    """A random broadcast on long, medium or short wave, recorded from a receiver."""
    return (
        *maybe(draw, 0.4, lambda own: Reverberation(rt60_s=uniform(own, 0.15, 0.7), distance_m=uniform(own, 0.2, 1.5))),
        Gain(gain_db=uniform(draw, -18, 0)),
        *maybe(draw, 0.6, _paths),
        Static(
            snr_db=uniform(draw, 0, 35),
            crashes_per_s=log_uniform(draw, 0.1, 5),
            crash_db=uniform(draw, 0, 20),
            longest_s=log_uniform(draw, 0.03, 0.5),
        ),
        *maybe(draw, 0.3, _station),
        *maybe(draw, 0.5, lambda own: Hum(mains_hz=float(own.choice([50.0, 60.0])), snr_db=uniform(own, 10, 45))),
        *maybe(draw, 0.3, lambda own: Hiss(snr_db=uniform(own, 15, 40), tilt_db_per_octave=uniform(own, -3, 3))),
        BandLimit(
            low_hz=log_uniform(draw, 40, 200), high_hz=log_uniform(draw, 3500, 9000), order=int(draw.integers(3, 9))
        ),
    )


def _paths(draw: np.random.Generator) -> Fault:
    return Fading(
        second=uniform(draw, 0.2, 0.9),
        delay_ms=log_uniform(draw, 0.05, 2),
        turns_hz=log_uniform(draw, 0.03, 1),
        modulation=uniform(draw, 0.4, 0.95),
        flat_db=uniform(draw, 0, 4),
    )


def _station(draw: np.random.Generator) -> Fault:
    return Whistle(
        hz=log_uniform(draw, 200, 6000),
        snr_db=uniform(draw, 0, 35),
        wander_hz=log_uniform(draw, 0.5, 100),
        wander_s=log_uniform(draw, 1, 20),
        swell_db=uniform(draw, 0, 5),
    )
