"""The telephone: a carbon microphone, tones and relays of the exchange, companding on a digital trunk; whole calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from restoration.simulate.fault import Chain, Fault, Float64, Kind, check_range
from restoration.simulate.horn import Horn
from restoration.simulate.hum import Hum
from restoration.simulate.level import at_level, decibels, ratio, rms, speech_level
from restoration.simulate.noise import Hiss
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.room import Reverberation
from restoration.simulate.waves import lines, place, ring

MU = 255.0
A = 87.6
TONE_RAMP_S = 0.005
RELAY_SHAPES = 8


@dataclass(frozen=True, kw_only=True)
class CarbonMicrophone:
    """Carbon granules whose resistance the voice presses: the current is x / (1 - m x), loud peaks of one sign swell.

    The RMS of the whole is kept.

    Args:
        modulation: m, where the highest peak of what arrives is 1, 0 to 0.9. A sine at that peak has a second harmonic
            of about m / 2.
    """

    kind: ClassVar[Kind] = "damage"
    modulation: float = 0.4

    def __post_init__(self) -> None:
        check_range(self, 0, 0.9, "modulation")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        peak = float(np.max(np.abs(samples))) if samples.size else 0.0
        if not peak:
            return samples, {}
        return at_level(samples / (1 - self.modulation / peak * samples), rms(samples)), {}


@dataclass(frozen=True, kw_only=True)
class Companding:
    """The logarithmic quantising of digital telephony (ITU-T G.711, its two laws as continuous curves).

    Args:
        law: "mu" of America and Japan, "a" of the rest of the world.
        bits: of a sample, 3 to 12; 8 in every exchange.
        headroom_db: the ceiling above the speech level of what arrives, 0 to 60; what is louder is clipped.
    """

    kind: ClassVar[Kind] = "damage"
    law: Literal["mu", "a"] = "mu"
    bits: int = 8
    headroom_db: float = 18.0

    def __post_init__(self) -> None:
        if self.law not in ("mu", "a"):
            raise ValueError(f'law is "mu" or "a", not {self.law!r}')
        check_range(self, 3, 12, "bits")
        check_range(self, 0, 60, "headroom_db")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        ceiling = speech_level(samples, sample_rate) * ratio(self.headroom_db)
        if not ceiling:
            return samples, {}
        squeezed, expanded = (_squeezed_mu, _expanded_mu) if self.law == "mu" else (_squeezed_a, _expanded_a)
        steps = 2 ** (self.bits - 1)
        codes = np.rint(squeezed(np.minimum(np.abs(samples) / ceiling, 1.0)) * (steps - 1)).astype(np.intp)
        # There are few codes: expanding them once and looking them up is cheaper than an exponential a sample.
        heights = ceiling * expanded(np.arange(steps) / (steps - 1))
        return np.copysign(heights[codes], samples), {"clipped_samples": int(np.count_nonzero(codes == steps - 1))}


def _squeezed_mu(heights: Float64) -> Float64:
    return np.asarray(np.log1p(MU * heights) / np.log1p(MU))


def _expanded_mu(heights: Float64) -> Float64:
    return np.asarray(np.expm1(heights * np.log1p(MU)) / MU)


def _squeezed_a(heights: Float64) -> Float64:
    logarithmic = 1 + np.log(np.maximum(A * heights, 1.0))
    return np.asarray(np.where(A * heights < 1, A * heights, logarithmic) / (1 + np.log(A)))


def _expanded_a(heights: Float64) -> Float64:
    grown = heights * (1 + np.log(A))
    return np.asarray(np.where(grown < 1, grown, np.exp(grown - 1)) / A)


@dataclass(frozen=True, kw_only=True)
class Tone:
    """A tone of the exchange, of a pilot or of another line, that comes and goes; the same in all channels.

    Args:
        hz: its one or more frequencies, equally loud, each 20 to 20000.
        snr_db: the speech level of what arrives over the RMS of the tone while it lasts, -40 to 120.
        on_s: how long it lasts, 0.02 to 1000 s.
        off_s: how long it is silent before it comes again, 0 to 1000 s; 0 is a steady tone.
    """

    kind: ClassVar[Kind] = "added"
    hz: tuple[float, ...] = (425.0,)
    snr_db: float
    on_s: float = 0.5
    off_s: float = 0.5

    def __post_init__(self) -> None:
        if not self.hz or not all(20 <= hz <= 20_000 for hz in self.hz):
            raise ValueError(f"hz holds frequencies between 20 and 20000, not {self.hz}")
        check_range(self, -40, 120, "snr_db")
        check_range(self, 0.02, 1000, "on_s")
        check_range(self, 0, 1000, "off_s")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames, count = samples.shape[1], len(self.hz)
        phases = draw.uniform(0, 2 * np.pi, count)
        begun_s = float(draw.uniform(0, self.on_s + self.off_s))
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        amplitudes = np.full(count, level * np.sqrt(2 / count))
        tone = lines(frames, sample_rate, np.asarray(self.hz), amplitudes, phases)
        if self.off_s:
            tone *= self._sounds(np.arange(frames) / sample_rate + begun_s)
        return samples + tone, {"tone_dbfs": decibels(level), "phases": phases.tolist(), "begun_s": begun_s}

    def _sounds(self, times_s: Float64) -> Float64:
        """1 while the tone lasts, 0 while it is silent, with ramps of a few milliseconds inside the tone."""
        into_s = np.mod(times_s, self.on_s + self.off_s)
        return np.clip(np.minimum(into_s, self.on_s - into_s) / TONE_RAMP_S, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class RelayClicks:
    """The relays of an exchange: trains of clicks at ten a second, as a dial sends them; the same in all channels.

    Args:
        trains_per_s: mean number of trains in a second (Poisson distributed), 0 to 10; each has one to ten clicks.
        peak_db: median of their peaks relative to the speech level of what arrives, -80 to 60.
        pulses_hz: clicks a second in a train, 1 to 50.
    """

    kind: ClassVar[Kind] = "added"
    trains_per_s: float = 0.2
    peak_db: float = -6.0
    pulses_hz: float = 10.0

    def __post_init__(self) -> None:
        check_range(self, 0, 10, "trains_per_s")
        check_range(self, -80, 60, "peak_db")
        check_range(self, 1, 50, "pulses_hz")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        trains = int(draw.poisson(self.trains_per_s * frames / sample_rate))
        begins, digits = draw.integers(0, max(1, frames), trains), draw.integers(1, 11, trains)
        pulse = np.concatenate([np.arange(digit) for digit in digits] or [np.zeros(0)])
        starts = np.rint(np.repeat(begins, digits) + pulse * sample_rate / self.pulses_hz).astype(np.int64)
        peaks = speech_level(samples, sample_rate) * 10 ** ((self.peak_db + 3 * draw.standard_normal(starts.size)) / 20)
        clicks = np.zeros(frames)
        for shape in range(min(RELAY_SHAPES, starts.size)):
            decay_ms = draw.uniform(0.3, 2.0)
            wave = ring(decay_ms, 1000 * draw.uniform(0.5, 2.0) / decay_ms, sample_rate).real
            place(clicks, starts[shape::RELAY_SHAPES], peaks[shape::RELAY_SHAPES, None] * wave)
        return samples + clicks, {"click_frames": np.sort(starts[starts < frames]).tolist()}


def draw_telephone(draw: np.random.Generator) -> Chain:
    """A random call, recorded from the line."""
    return (
        *maybe(
            draw, 0.4, lambda own: Reverberation(rt60_s=uniform(own, 0.15, 0.8), distance_m=uniform(own, 0.05, 0.4))
        ),
        *maybe(draw, 0.5, _capsule),
        Gain(gain_db=uniform(draw, -20, 0)),
        *maybe(draw, 0.5, lambda own: CarbonMicrophone(modulation=uniform(own, 0.1, 0.8))),
        Hiss(snr_db=uniform(draw, 5, 40), tilt_db_per_octave=uniform(draw, -4, 1), curve_db=uniform(draw, 0, 4)),
        *maybe(draw, 0.5, _mains),
        *maybe(draw, 0.2, _tone),
        *maybe(draw, 0.3, lambda own: RelayClicks(trains_per_s=log_uniform(own, 0.1, 1), peak_db=uniform(own, -18, 6))),
        *maybe(draw, 0.6, _trunk),
        BandLimit(low_hz=uniform(draw, 200, 400), high_hz=uniform(draw, 2800, 3700), order=int(draw.integers(3, 9))),
    )


def _capsule(draw: np.random.Generator) -> Fault:
    """The diaphragm of a handset rings between 800 Hz and 3 kHz."""
    return Horn(
        low_hz=uniform(draw, 100, 300),
        high_hz=uniform(draw, 3000, 6000),
        resonances=int(draw.integers(1, 4)),
        resonant_hz=(800.0, 3000.0),
        height_db=uniform(draw, 3, 12),
        sharpness=uniform(draw, 2, 5),
    )


def _mains(draw: np.random.Generator) -> Fault:
    return Hum(
        mains_hz=float(draw.choice([50.0, 60.0])),
        snr_db=uniform(draw, 5, 40),
        partials=int(draw.integers(8, 50)),
        fall_db_per_octave=uniform(draw, 0, 8),
        even_db=uniform(draw, -20, 0),
        spread_db=uniform(draw, 0, 6),
    )


def _tone(draw: np.random.Generator) -> Fault:
    # Ringing and busy tones of Europe and America, a pilot, a signalling frequency.
    hz = ((425.0,), (400.0, 450.0), (440.0, 480.0), (480.0, 620.0), (1004.0,), (2280.0,), (2600.0,))[draw.integers(7)]
    off_s = float(draw.choice([0.0, 0.25, 0.5, 4.0]))
    return Tone(hz=hz, snr_db=uniform(draw, 10, 45), on_s=float(draw.choice([0.25, 0.5, 1.0])), off_s=off_s)


def _trunk(draw: np.random.Generator) -> Fault:
    law: Literal["mu", "a"] = "mu" if draw.random() < 0.5 else "a"
    return Companding(law=law, bits=int(draw.choice([5, 6, 7, 8, 8, 8])), headroom_db=uniform(draw, 6, 30))
