"""How long a room goes on sounding after the voice, without a reference: by how fast the voice's own decays are.

A voice stops faster than a room does: between words and before consonants its level falls at 200 dB a second and more.
In a room no decay is faster than the room's own. So the faster quarter of the decays tells the room, whatever is said
(Wen, Habets and Naylor 2008, *Blind estimation of reverberation time based on the distribution of signal decay rates*).
A decay that ends in noise could have been faster than it looks, and counts as one: a noisy recording is not called
reverberant.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

CENTRES_HZ = (500.0, 1000.0, 2000.0, 4000.0)
WINDOW_S, HOP_S = 0.032, 0.008
SMOOTHED = 3
SLOPE_FRAMES = 15
"""A slope is the regression line through 0.12 s."""
APART_FRAMES = 25
LOUD_DB = 12.0
"""A decay begins at most this far below the level that a tenth of the time exceeds."""
FLOOR_QUANTILE, ABOVE_FLOOR_DB = 0.02, 6.0
FAST_QUANTILE = 0.25
LEAST_DECAYS = 16
EXPONENT, SCALE_S = 1.66, 2.34
"""Fitted to voices of the training corpus in simulated rooms of 0.3 to 1.2 s: T60 = scale x (fast decay)^exponent."""

Float64 = npt.NDArray[np.float64]


@dataclass
class Decays:
    """Decay times (s in which the level would fall by 60 dB) by octave, gathered from one chunk of sound at a time.

    0 stands for a decay that was cut off by the noise.
    """

    sample_rate: int
    times_s: dict[float, list[float]] = field(default_factory=dict)

    def hear(self, sound: npt.NDArray[np.floating]) -> None:
        """Add the decays in ``sound`` (time,); a few seconds at least, for the noise is taken from it too."""
        for centre_hz, levels_db in _levels_db(sound, self.sample_rate).items():
            self.times_s.setdefault(centre_hz, []).extend(_decay_times_s(levels_db).tolist())

    @property
    def count(self) -> int:
        """Median over the octaves of the decays that were heard."""
        return int(np.median([len(times) for times in self.times_s.values()])) if self.times_s else 0

    @property
    def cut_off(self) -> float:
        """Share of the decays that ended in noise."""
        every = [time for times in self.times_s.values() for time in times]
        return float(np.mean(np.array(every) == 0)) if every else 0.0

    @property
    def t60_s(self) -> float | None:
        """The reverberation time, 0 if the decays are a voice's or the noise's; None if there are too few."""
        known = [np.quantile(times, FAST_QUANTILE) for times in self.times_s.values() if len(times) >= LEAST_DECAYS]
        return float(SCALE_S * np.median(known) ** EXPONENT) if known else None


def _levels_db(sound: npt.NDArray[np.floating], sample_rate: int) -> dict[float, Float64]:
    """Levels (frames,) of each octave that the sample rate holds."""
    from scipy.fft import rfft
    from scipy.ndimage import uniform_filter1d

    window, hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
    if sound.size < window:
        return {}
    frames = np.lib.stride_tricks.sliding_window_view(sound.astype(np.float32), window)[::hop]
    power = np.abs(np.asarray(rfft(frames * np.hanning(window).astype(np.float32), axis=1))) ** 2
    frequencies = np.fft.rfftfreq(window, 1 / sample_rate)
    levels = {}
    for centre_hz in CENTRES_HZ:
        low, high = centre_hz / np.sqrt(2), centre_hz * np.sqrt(2)
        if high <= sample_rate / 2:
            octave = power[:, (frequencies >= low) & (frequencies < high)].sum(axis=1, dtype=np.float64)
            levels[centre_hz] = 10 * np.log10(uniform_filter1d(octave, SMOOTHED) + 1e-20)
    return levels


def _decay_times_s(levels_db: Float64) -> Float64:
    """Time in which 60 dB would be lost, at each place where the level falls fastest; 0 where noise ends the fall."""
    from scipy.ndimage import minimum_filter1d

    if levels_db.size < 2 * SLOPE_FRAMES:
        return np.zeros(0)
    reach = SLOPE_FRAMES // 2
    places = np.arange(-reach, reach + 1)
    slopes = np.correlate(levels_db, places / (places**2).sum(), mode="same") / HOP_S
    steepest = (slopes == minimum_filter1d(slopes, APART_FRAMES)) & (slopes < 0)
    steepest[:SLOPE_FRAMES] = steepest[-SLOPE_FRAMES:] = False
    at = np.flatnonzero(steepest)
    at = at[levels_db[at - reach] > np.quantile(levels_db, 0.9) - LOUD_DB]
    heard_out = levels_db[at + reach] > np.quantile(levels_db, FLOOR_QUANTILE) + ABOVE_FLOOR_DB
    return np.asarray(np.where(heard_out, 60 / np.maximum(-slopes[at], 1.0), 0.0))
