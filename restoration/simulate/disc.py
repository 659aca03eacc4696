"""What a disc does to a recording: rumble, the stylus in a narrow groove, the groove beside it; and whole discs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from restoration.simulate.crackle import Crackle, Scratch, Thumps
from restoration.simulate.fault import Chain, Fault, Float64, Kind, check_range
from restoration.simulate.groove import DISC, Groove, SurfaceNoise
from restoration.simulate.horn import draw_horn
from restoration.simulate.hum import Hum
from restoration.simulate.level import at_level, decibels, ratio, speech_level
from restoration.simulate.noise import Hiss
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.room import Reverberation
from restoration.simulate.spectrum import coloured_noise, shaped
from restoration.simulate.speed import WowFlutter
from restoration.simulate.waves import lines

BLOCK_FRAMES = 2**13
"""Small enough that the steps of an interpolation stay in the processor's cache."""


@dataclass(frozen=True, kw_only=True)
class TurntableRumble:
    """The turntable under the groove, in all channels alike: noise of its bearing, partials of its turns and its motor.

    Args:
        groove: under the stylus; it gives the rate of the turns.
        snr_db: the speech level of what arrives over the RMS of all of it, -40 to 120.
        below_hz: the noise of the bearing falls by 18 dB an octave above it, 5 to 500.
        motor_hz: rate of the motor, which brings four partials that swell once a turn, 5 to 120; None: a spring.
        turn_partials: number of partials of the turns, whose amplitudes fall as 1/k, 0 to 100.
        in_partials: share of the power that lies in partials, 0 to 1.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    snr_db: float
    below_hz: float = 40.0
    motor_hz: float | None = 25.0
    turn_partials: int = 6
    in_partials: float = 0.4

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, 5, 500, "below_hz")
        check_range(self, 5, 120, "motor_hz")
        check_range(self, 0, 100, "turn_partials")
        check_range(self, 0, 1, "in_partials")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        frames = samples.shape[1]
        hz, amplitudes = self._partials()
        phases = draw.uniform(0, 2 * np.pi, hz.size)
        steady = lines(frames, sample_rate, hz, amplitudes, phases)
        noise = coloured_noise((1, frames), sample_rate, self._bearing, draw)
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        rumble = at_level(steady[None], np.sqrt(self.in_partials)) + at_level(noise, np.sqrt(1 - self.in_partials))
        return samples + at_level(rumble, level), {"rumble_dbfs": decibels(level), "phases": phases.tolist()}

    def _partials(self) -> tuple[Float64, Float64]:
        """Frequencies and amplitudes."""
        turn_hz = self.groove.turn_hz
        orders = np.arange(1, self.turn_partials + 1)
        hz, amplitudes = [orders * turn_hz], [1 / orders]
        if self.motor_hz is not None:
            for order in range(1, 5):
                # Side bands one turn away: the partial swells as the platter turns.
                hz.append(order * self.motor_hz + turn_hz * np.array([-1.0, 0.0, 1.0]))
                amplitudes.append(np.array([0.3, 1.0, 0.3]) / order)
        return np.concatenate(hz), np.concatenate(amplitudes)

    def _bearing(self, frequencies_hz: Float64) -> Float64:
        # 60 dB down at ten times the edge: what lies above need not be drawn.
        gain = 1 / np.sqrt(1 + (frequencies_hz / self.below_hz) ** 6)
        return np.asarray(np.where((frequencies_hz > 0) & (frequencies_hz < 10 * self.below_hz), gain, 0.0))


@dataclass(frozen=True, kw_only=True)
class TracingDistortion:
    """The round tip of the stylus in a narrow groove: it touches the wall beside the place that it is to read.

    A tip of radius r touches a wall of slope y' at r y' before or behind its centre, so that the sound is read at
    another time by r v / V^2, where v is the velocity of the wall and V that of the groove (Pierce and Hunt, *On
    Distortion in Sound Reproduction from Phonograph Records*, 1938). On a lateral disc the two walls err in opposite
    directions: odd harmonics and a loss of highs, which grow towards the inner groove.

    Args:
        groove: under the stylus; its speed where the sound begins counts.
        tip_um: radius of the tip in micrometres, 1 to 500: 65 for 78 turns, 25 for long-playing records.
        peak_velocity_m_s: velocity of the wall at the highest peak of what arrives, 0.001 to 2.
        vertical: hill and dale, where one wall is read and even harmonics arise.
    """

    kind: ClassVar[Kind] = "damage"
    groove: Groove = DISC
    tip_um: float = 65.0
    peak_velocity_m_s: float = 0.15
    vertical: bool = False

    def __post_init__(self) -> None:
        check_range(self, 1, 500, "tip_um")
        check_range(self, 0.001, 2, "peak_velocity_m_s")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        peak = float(np.max(np.abs(samples))) if samples.size else 0.0
        speed_m_s = float(self.groove.speed_m_s(np.zeros(1))[0])
        error_s = self.tip_um * 1e-6 * self.peak_velocity_m_s / speed_m_s**2
        facts = {"error_us": error_s * 1e6}
        if not peak:
            return samples.copy(), facts
        ahead_frames = samples * (error_s * sample_rate / peak)
        walls = (1.0,) if self.vertical else (1.0, -1.0)
        read = np.empty_like(samples)
        for channel, sound in enumerate(samples):
            held = np.pad(sound, (1, 2), mode="edge")
            for start in range(0, sound.size, BLOCK_FRAMES):
                block = slice(start, start + BLOCK_FRAMES)
                ahead = ahead_frames[channel, block]
                read[channel, block] = sum(_read_ahead(held, start, side * ahead) for side in walls) / len(walls)
        return read, facts


def _read_ahead(held: Float64, start: int, ahead_frames: Float64) -> Float64:
    """Sound from the frame ``start`` on, each frame read ``ahead_frames`` (time,) later, by cubic interpolation.

    ``held`` has one frame more before the sound and two more behind it.
    """
    whole = np.floor(ahead_frames)
    part = ahead_frames - whole
    first = np.arange(start, start + whole.size) + whole.astype(np.intp)
    before, at, after, beyond = (held.take(first + step, mode="clip") for step in range(4))
    cubed = 1.5 * (at - after) + 0.5 * (beyond - before)
    squared = before - 2.5 * at + 2 * after - 0.5 * beyond
    return np.asarray(at + part * (0.5 * (after - before) + part * (squared + part * cubed)))


@dataclass(frozen=True, kw_only=True)
class GrooveEcho:
    """The groove beside it: its sound is heard one turn early, and fainter one turn late, without its highs.

    Args:
        groove: under the stylus; a turn of it is the delay.
        before_db: level of the echo that comes before the sound, relative to the sound, -120 to 0.
        after_db: level of the one that comes after, -120 to 0.
        dull_above_hz: where the echoes are 6 dB down, falling by 12 dB an octave, 50 to 100000.
    """

    kind: ClassVar[Kind] = "added"
    groove: Groove = DISC
    before_db: float = -40.0
    after_db: float = -50.0
    dull_above_hz: float = 2500.0

    def __post_init__(self) -> None:
        check_range(self, -120, 0, "before_db", "after_db")
        check_range(self, 50, 100_000, "dull_above_hz")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        dull = shaped(samples, sample_rate, lambda hz: 1 / (1 + (hz / self.dull_above_hz) ** 2))
        turn = round(sample_rate / self.groove.turn_hz)
        echoed = samples.copy()
        echoed[:, :-turn] += ratio(self.before_db) * dull[:, turn:]
        echoed[:, turn:] += ratio(self.after_db) * dull[:, :-turn]
        return echoed, {}


Era = Literal["horn", "pressing", "lacquer", "long_play"]

SURFACE_SNR_DB: dict[Era, tuple[float, float]] = {
    "horn": (-3, 20),
    "pressing": (0, 28),
    "lacquer": (6, 35),
    "long_play": (15, 45),
}
"""Of a groove that runs at 1 m/s."""

BAND_HZ: dict[Era, tuple[float, float]] = {"pressing": (50, 4000), "lacquer": (50, 5000), "long_play": (30, 8000)}


def draw_disc(draw: np.random.Generator) -> Chain:
    """A random disc: recorded through a horn, an electrical pressing of 78 turns, a lacquer, a long-playing record."""
    era: Era = ("horn", "pressing", "pressing", "lacquer", "long_play")[draw.integers(5)]
    groove = _groove(era, draw)
    return (
        *maybe(draw, 0.3, lambda own: Reverberation(rt60_s=uniform(own, 0.15, 0.8), distance_m=uniform(own, 0.2, 1.5))),
        _band(era, draw),
        Gain(gain_db=uniform(draw, -18, 3)),
        *maybe(draw, 0.6, lambda own: _eccentric(groove, own)),
        *maybe(draw, 0.4, lambda own: _tracing(era, groove, own)),
        *maybe(draw, 0.2, lambda own: GrooveEcho(groove=groove, before_db=uniform(own, -50, -25))),
        _surface(era, groove, draw),
        *maybe(draw, 0.9, lambda own: _crackle(groove, own)),
        *maybe(draw, 0.3, lambda own: _scratch(groove, own)),
        *maybe(draw, 0.1, lambda own: Thumps(groove=groove, peak_db=uniform(own, -15, 0))),
        *maybe(draw, 0.6, lambda own: _rumble(groove, own)),
        *maybe(draw, 0.4, lambda own: Hum(mains_hz=float(own.choice([50.0, 60.0])), snr_db=uniform(own, 15, 45))),
        *maybe(draw, 0.3, lambda own: Hiss(snr_db=uniform(own, 20, 45), tilt_db_per_octave=uniform(own, -2, 2))),
        *maybe(draw, 0.2, lambda own: BandLimit(high_hz=log_uniform(own, 3500, 10_000), order=int(own.integers(2, 6)))),
    )


def _groove(era: Era, draw: np.random.Generator) -> Groove:
    rpm = uniform(draw, 70, 84)
    if era == "long_play" or (era == "lacquer" and draw.random() < 0.5):
        rpm = float(draw.choice([100 / 3, 100 / 3, 45.0]))
        pitch_mm = uniform(draw, 0.08, 0.13)
        return Groove(rpm=rpm, radius_mm=uniform(draw, 62, 146), inward_mm_per_turn=pitch_mm, innermost_mm=60.0)
    return Groove(rpm=rpm, radius_mm=uniform(draw, 48, 150), inward_mm_per_turn=uniform(draw, 0.2, 0.32))


def _band(era: Era, draw: np.random.Generator) -> Fault:
    if era == "horn":
        return draw_horn(draw)
    low_hz, high_hz = BAND_HZ[era]
    return BandLimit(
        low_hz=low_hz * log_uniform(draw, 0.8, 3),
        high_hz=high_hz * log_uniform(draw, 0.8, 2),
        order=int(draw.integers(2, 7)),
    )


def _tracing(era: Era, groove: Groove, draw: np.random.Generator) -> Fault:
    tip_um = uniform(draw, 18, 30) if era == "long_play" else uniform(draw, 50, 90)
    return TracingDistortion(groove=groove, tip_um=tip_um, peak_velocity_m_s=uniform(draw, 0.05, 0.2))


def _eccentric(groove: Groove, draw: np.random.Generator) -> Fault:
    return WowFlutter(
        sways=((log_uniform(draw, 0.02, 0.8), groove.turn_hz), (log_uniform(draw, 0.01, 0.1), 2 * groove.turn_hz)),
    )


def _surface(era: Era, groove: Groove, draw: np.random.Generator) -> Fault:
    speed_m_s = float(groove.speed_m_s(np.zeros(1))[0])
    return SurfaceNoise(
        groove=groove,
        snr_db=uniform(draw, *SURFACE_SNR_DB[era]) - 10 * float(np.log10(speed_m_s)),
        tilt_db_per_octave=uniform(draw, -5, -1),
        low_hz=log_uniform(draw, 20, 150),
        high_hz=log_uniform(draw, 5000, 20_000),
        grain=uniform(draw, 0.1, 0.6),
        grains_per_s=log_uniform(draw, 100, 2000),
        swish_db=uniform(draw, 0, 9),
    )


def _crackle(groove: Groove, draw: np.random.Generator) -> Fault:
    return Crackle(
        groove=groove,
        per_s=log_uniform(draw, 5, 200),
        peak_db=uniform(draw, -15, 9),
        tail=uniform(draw, 1.2, 4),
        patchy=uniform(draw, 0, 1),
    )


def _scratch(groove: Groove, draw: np.random.Generator) -> Fault:
    slant_rad = uniform(draw, -0.02, 0.02)
    return Scratch(groove=groove, peak_db=uniform(draw, -6, 15), turns=int(draw.integers(2, 80)), slant_rad=slant_rad)


def _rumble(groove: Groove, draw: np.random.Generator) -> Fault:
    return TurntableRumble(
        groove=groove,
        snr_db=uniform(draw, 5, 35),
        below_hz=log_uniform(draw, 15, 100),
        motor_hz=float(draw.choice([24.0, 25.0, 29.0, 30.0])) if draw.random() < 0.7 else None,
        turn_partials=int(draw.integers(2, 12)),
        in_partials=uniform(draw, 0.1, 0.8),
    )
