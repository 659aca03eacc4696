"""Mains hum: its partials, its drift, and what it does to the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import fft

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import decibels, ratio, speech_level
from restoration.simulate.periodic import cosine

TABLE = 2**14


@dataclass(frozen=True, kw_only=True)
class Hum:
    """Mains hum, the same in all channels.

    Args:
        mains_hz: frequency of the mains, as heard, 10 to 500.
        snr_db: the speech level of what arrives over the RMS of all partials together, -40 to 120.
        partials: how many multiples of ``mains_hz``, the fundamental included, 1 to 80; those above half the sample
            rate are left out.
        fall_db_per_octave: how the partials fall with their order; 6 is 1/k. -6 to 24.
        even_db: the even partials relative to that fall: high from rectifiers, low from stray fields. -60 to 40.
        spread_db: standard deviation of the level of each partial around it, 0 to 20.
        drift_percent: greatest deviation of the frequency (mains of the fifties, tape that was re-recorded), 0 to 5.
        drift_s: how long the frequency takes for a swing, 1 to 10000 s.
        intermodulation: how far the hum modulates the amplitude of the programme, 0 to 1.
    """

    kind: ClassVar[Kind] = "added"
    mains_hz: float = 50.0
    snr_db: float
    partials: int = 6
    fall_db_per_octave: float = 6.0
    even_db: float = 0.0
    spread_db: float = 0.0
    drift_percent: float = 0.0
    drift_s: float = 20.0
    intermodulation: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, 10, 500, "mains_hz")
        check_range(self, -40, 120, "snr_db")
        check_range(self, 1, 80, "partials")
        check_range(self, -6, 24, "fall_db_per_octave")
        check_range(self, -60, 40, "even_db")
        check_range(self, 0, 20, "spread_db")
        check_range(self, 0, 5, "drift_percent")
        check_range(self, 1, 10_000, "drift_s")
        check_range(self, 0, 1, "intermodulation")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        phases = draw.uniform(0, 2 * np.pi, self.partials)
        levels_db = self._levels_db() + self.spread_db * draw.standard_normal(self.partials)
        swing = float(draw.random())
        # With its drift the highest partial may reach a little higher.
        heard = np.arange(1, self.partials + 1) * self.mains_hz * (1 + self.drift_percent / 100) < sample_rate / 2
        amplitudes = np.where(heard, 10 ** (levels_db / 20), 0.0)
        wave = _look_up(self._turns(samples.shape[1], sample_rate, swing), amplitudes, phases)
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        drawn = {
            "hum_dbfs": decibels(level),
            "phases": phases.tolist(),
            "levels_db": levels_db.tolist(),
            "swing": swing,
        }
        return samples * (1 + self.intermodulation / np.sqrt(2) * wave) + level * wave, drawn

    def _levels_db(self) -> Float64:
        orders = np.arange(1, self.partials + 1)
        return np.asarray(np.where(orders % 2 == 0, self.even_db, 0.0) - self.fall_db_per_octave * np.log2(orders))

    def _turns(self, frames: int, sample_rate: int, swing: float) -> Float64:
        """How often the mains has turned since the beginning, at every frame."""
        times_s = np.arange(frames) / sample_rate
        turns: Float64 = self.mains_hz * times_s
        if self.drift_percent:
            swung = np.cos(2 * np.pi * swing) - cosine(times_s / self.drift_s + swing)
            turns += self.mains_hz * self.drift_percent / 100 * self.drift_s / (2 * np.pi) * swung
        return turns


def _look_up(turns: Float64, amplitudes: Float64, phases: Float64) -> Float64:
    """The wave of these partials at these turns of the fundamental, with an RMS of 1; silence where there are none.

    One turn is tabulated and interpolated: eighty partials cost what one does. The level is that of the partials, not
    of the stretch, so that a few milliseconds of hum are as loud as an hour of it.
    """
    level = np.sqrt(np.sum(amplitudes**2) / 2)
    if not level:
        return np.zeros_like(turns)
    spectrum = np.zeros(TABLE // 2 + 1, dtype=complex)
    spectrum[1 : amplitudes.size + 1] = amplitudes / level * np.exp(1j * (phases - np.pi / 2)) * TABLE / 2
    table = fft.irfft(spectrum, TABLE)
    steps = np.diff(table, append=table[0])
    place = (turns - np.floor(turns)) * TABLE
    index = place.astype(np.intp)
    return np.asarray(table.take(index, mode="clip") + (place - index) * steps.take(index, mode="clip"))
