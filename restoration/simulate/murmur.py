"""Noise whose colour wanders: rooms, crowds, wind, paper, hands on a microphone, and filters that ring now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import ndimage, signal

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import at_level, decibels, ratio, speech_level

WINDOW_S = 0.032
LOWEST_HZ = 60.0
TILT_AROUND_HZ = 1000.0


@dataclass(frozen=True, kw_only=True)
class Murmur:
    """Broadband noise whose level wanders in every band for itself, alike in all channels; its grain is not.

    Args:
        snr_db: the speech level of what arrives over the RMS of the murmur, -40 to 120.
        tilt_db_per_octave: rise of its spectrum, on average, -12 to 12.
        wander_db: standard deviation of the level of a band at its moments, 0 to 20; between two it is less.
        wander_s: after how long a band has another level, 0.02 to 100 s.
        width_octaves: how wide a band is, 0.05 to 4.
        steps: whether it changes at once, as where a copy was edited, rather than by and by.
    """

    kind: ClassVar[Kind] = "added"
    snr_db: float
    tilt_db_per_octave: float = -3.0
    wander_db: float = 6.0
    wander_s: float = 0.3
    width_octaves: float = 0.5
    steps: bool = False

    def __post_init__(self) -> None:
        check_range(self, -40, 120, "snr_db")
        check_range(self, -12, 12, "tilt_db_per_octave")
        check_range(self, 0, 20, "wander_db")
        check_range(self, 0.02, 100, "wander_s")
        check_range(self, 0.05, 4, "width_octaves")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        level = speech_level(samples, sample_rate) * ratio(-self.snr_db)
        drawn = {"murmur_dbfs": decibels(level)}
        if not samples.size:
            return samples, drawn
        window = 2 * max(1, round(WINDOW_S / 2 * sample_rate))
        slices = -(-samples.shape[1] // (window // 2)) + 1
        gain = 10 ** (self._level_db(window // 2 + 1, slices, sample_rate / window, draw) / 20)
        grain = draw.standard_normal((samples.shape[0], *gain.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
        _, noise = signal.istft(grain * gain, sample_rate, nperseg=window)
        return samples + at_level(noise[:, : samples.shape[1]], level), drawn

    def _level_db(self, bins: int, slices: int, bin_hz: float, draw: np.random.Generator) -> Float64:
        """Level (bins, slices) every 16 ms: knots at random, straight lines or steps between."""
        octaves = np.log2(np.maximum(np.arange(bins) * bin_hz, LOWEST_HZ) / LOWEST_HZ)
        bands = octaves / self.width_octaves + draw.random()
        times = np.arange(slices) * (WINDOW_S / 2 / self.wander_s) + draw.random()
        if self.steps:
            times = np.floor(times)
        knots = draw.standard_normal((int(bands[-1]) + 2, int(times[-1]) + 2))
        wandering = ndimage.map_coordinates(knots, np.meshgrid(bands, times, indexing="ij"), order=1)
        tilt_db = self.tilt_db_per_octave * (octaves - np.log2(TILT_AROUND_HZ / LOWEST_HZ))
        return np.asarray(tilt_db[:, None] + self.wander_db * wandering)
