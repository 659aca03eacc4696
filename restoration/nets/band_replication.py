"""Speech above the band that was recorded, made from the band that was: envelope extrapolation and spectral translation.

The fine structure of the upper half of the recorded band is flattened and shifted upwards as often as needed (high-
frequency regeneration, after Makhoul and Berouti, 1979). Its level above the band edge is a polynomial in the distance
from the edge in octaves, whose coefficients are linear in what is seen below the edge: how bright, how tilted and how
loud the frame is, so that a sibilant grows brighter and a vowel falls away. The linear map is a least-squares fit to
full-band readings, made by ``fit``. Where the recorded band is no louder than its own noise nothing is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Complex128 = npt.NDArray[np.complex128]

FRAME_MS = 32
LOWEST_HZ = 150.0
"""Below lie hum and rumble, which say nothing about the voice."""
FLATTENING_HZ = 300.0
"""The source is flattened over this width, so that formants go and the harmonics of a voice stay."""
GATE_DB = (4.0, 12.0)
"""Nothing is made until the upper band is this far above its noise; all of it from the second figure on."""
QUIETEST_BELOW_VOICE_DB = 45.0
BRIGHTEST_DB = 12.0
"""The made band never rises further than this above the level at the edge."""
CURRENT = np.zeros((4, 3))
"""Rows: constant, brightness, tilt, loudness (each /10 dB); columns: powers 0 to 2 of octaves above the edge; in dB."""


@dataclass(frozen=True)
class Band:
    """What is made and from what: the recorded band ends at ``edge_hz``, the made one at ``target_hz``."""

    sample_rate: int
    edge_hz: float
    target_hz: float

    @property
    def hop(self) -> int:
        """Frames between transforms: about 8 ms, of a length that transforms fast."""
        from scipy.fft import next_fast_len

        return int(next_fast_len(max(16, round(self.sample_rate * FRAME_MS / 4000))))

    @property
    def window(self) -> int:
        return 4 * self.hop

    @property
    def frequencies_hz(self) -> Float64:
        return np.fft.rfftfreq(self.window, 1 / self.sample_rate)

    @property
    def reach(self) -> int:
        """Frames on both sides of a frame that decide about it."""
        return 3 * self.window + self.crossover.size

    @property
    def crossover(self) -> Float64:
        """Symmetric high-pass at the edge, 100 dB down below it: what was recorded stays as it is."""
        from scipy.signal import firwin, kaiserord

        width_hz = max(0.06 * self.edge_hz, 100.0)
        nyquist_hz = self.sample_rate / 2
        taps, beta = kaiserord(110.0, width_hz / nyquist_hz)
        centre_hz = min(self.edge_hz + width_hz / 2, nyquist_hz * 0.99)
        return np.asarray(firwin(taps | 1, centre_hz / nyquist_hz, window=("kaiser", beta), pass_zero=False))


@dataclass(frozen=True)
class Levels:
    """Levels in dB of one channel: the upper recorded band in pauses and in speech, and the whole band in speech."""

    pause_db: float
    voice_db: float


def transform(channel: npt.NDArray[np.float32], band: Band) -> Complex128:
    """Short-time spectra (bins, frames) of one channel (time,), centred on multiples of the hop."""
    from scipy.signal import stft

    overlap = band.window - band.hop
    spectra = stft(channel.astype(np.float64), nperseg=band.window, noverlap=overlap, padded=True)[2]
    return np.asarray(spectra)


def recorded_levels_db(spectra: Complex128, band: Band) -> tuple[Float64, Float64, Float64]:
    """Per frame: level of the lower, the upper and the topmost part of the recorded band, as dB of mean bin power."""
    power = np.abs(spectra) ** 2
    edge = band.edge_hz
    parts = ((LOWEST_HZ, 0.4 * edge), (0.5 * edge, 0.92 * edge), (0.75 * edge, 0.92 * edge))
    low, upper, top = (_mean_db(power, band, *part) for part in parts)
    return low, upper, top


def upper_excitation(spectra: Complex128, band: Band) -> tuple[Complex128, npt.NDArray[np.intp]]:
    """The flattened upper recorded band shifted above the edge, of unit power, and the bins that it fills."""
    frequencies = band.frequencies_hz
    first = int(np.searchsorted(frequencies, 0.5 * band.edge_hz))
    last = int(np.searchsorted(frequencies, 0.94 * band.edge_hz))
    # A shift by a multiple of window/hop bins turns every frame's phase by whole turns, so frames still fit together.
    period = max(4, (last - first) // 4 * 4)
    filled = np.flatnonzero((frequencies > 0.97 * band.edge_hz) & (frequencies <= band.target_hz))
    if not filled.size:
        return np.zeros((0, spectra.shape[1]), dtype=np.complex128), filled
    turns = -(-(filled - (last - 1)) // period)
    source = filled - np.maximum(turns, 0) * period
    lowest = int(source.min())
    flat = _flattened(spectra[: last + 1], band)
    return flat[np.maximum(source, lowest)], filled


def made_levels_db(features: Float64, octaves: Float64, coefficients: Float64) -> Float64:
    """Level above the edge relative to the topmost recorded part, (bins, frames), in dB.

    Args:
        features: (4, frames) from ``features_of``.
        octaves: (bins,) above the edge.
        coefficients: (4, 3) as ``CURRENT``.
    """
    powers = octaves[:, None] ** np.arange(coefficients.shape[1])[None]
    level: Float64 = powers @ coefficients.T @ features
    return np.minimum(level, BRIGHTEST_DB)


def features_of(low_db: Float64, upper_db: Float64, top_db: Float64, voice_db: float) -> Float64:
    """What the fit sees of each frame, (4, frames): 1, brightness, tilt and loudness in units of 10 dB."""
    ones = np.ones_like(low_db)
    loudness = np.maximum(low_db, upper_db) - voice_db
    return np.stack([ones, (upper_db - low_db) / 10, (top_db - upper_db) / 10, loudness / 10])


def upper_band(
    channel: npt.NDArray[np.float32], band: Band, levels: Levels, coefficients: Float64 = CURRENT
) -> npt.NDArray[np.float64]:
    """What is missing above the edge of one channel (time,), to be added to it; the grid begins at its first sample."""
    from scipy.signal import fftconvolve, istft

    spectra = transform(channel, band)
    low, upper, top = recorded_levels_db(spectra, band)
    excitation, filled = upper_excitation(spectra, band)
    if not filled.size:
        return np.zeros(channel.size)
    octaves = np.log2(np.maximum(band.frequencies_hz[filled] / band.edge_hz, 1.0))
    level = top + made_levels_db(features_of(low, upper, top, levels.voice_db), octaves, coefficients)
    made = np.zeros_like(spectra)
    made[filled] = excitation * 10 ** (level / 20) * _gate(low, upper, levels)
    overlap = band.window - band.hop
    sound = istft(made, nperseg=band.window, noverlap=overlap)[1][: channel.size]
    return np.asarray(fftconvolve(sound, band.crossover, mode="same"))


def fit(voices: Iterable[tuple[npt.NDArray[np.float32], int]], edges_hz: Iterable[float], target_hz: float) -> Float64:
    """Least-squares coefficients for ``made_levels_db``, from full-band readings (time,) and their sample rates."""
    gram, moment = np.zeros((12, 12)), np.zeros(12)
    edges = tuple(edges_hz)
    for voice, sample_rate in voices:
        for edge_hz in edges:
            design, wanted = _observations(voice, Band(sample_rate, edge_hz, target_hz))
            gram += design.T @ design
            moment += design.T @ wanted
    # A little ridge: the loudness and the brightness of quiet frames are nearly collinear.
    return np.linalg.solve(gram + 1e-4 * np.trace(gram) / 12 * np.eye(12), moment).reshape(4, 3)


def _observations(voice: npt.NDArray[np.float32], band: Band) -> tuple[Float64, Float64]:
    spectra = transform(voice, band)
    low, upper, top = recorded_levels_db(spectra, band)
    loud = np.maximum(low, upper)
    voice_db = float(np.quantile(loud, 0.9))
    heard = loud > voice_db - 30
    features = features_of(low, upper, top, voice_db)[:, heard]
    steps = np.geomspace(band.edge_hz, band.target_hz, 9)
    power = np.abs(spectra[:, heard]) ** 2
    rows, wanted = [], []
    for lower_hz, higher_hz in zip(steps[:-1], steps[1:], strict=True):
        octaves = np.log2(np.sqrt(lower_hz * higher_hz) / band.edge_hz)
        rows.append((features.T[:, :, None] * octaves ** np.arange(3)).reshape(-1, 12))
        wanted.append(_mean_db(power, band, lower_hz, higher_hz) - top[heard])
    return np.concatenate(rows), np.concatenate(wanted)


def _mean_db(power: Float64, band: Band, low_hz: float, high_hz: float) -> Float64:
    first, last = np.searchsorted(band.frequencies_hz, [low_hz, high_hz])
    part = power[first : max(last, first + 1)]
    return np.asarray(10 * np.log10(part.mean(axis=0) + 1e-20))


def _flattened(spectra: Complex128, band: Band) -> Complex128:
    from scipy.ndimage import uniform_filter1d

    width = max(3, round(FLATTENING_HZ * band.window / band.sample_rate))
    power = uniform_filter1d(np.abs(spectra) ** 2, width, axis=0, mode="nearest")
    return np.asarray(spectra / np.sqrt(power + 1e-20))


def _gate(low: Float64, upper: Float64, levels: Levels) -> Float64:
    """0 to 1 per frame: closed in pauses, open in speech."""
    above_noise = (upper - levels.pause_db - GATE_DB[0]) / (GATE_DB[1] - GATE_DB[0])
    above_quiet = (np.maximum(low, upper) - levels.voice_db + QUIETEST_BELOW_VOICE_DB) / 10
    return np.clip(np.minimum(above_noise, above_quiet), 0, 1)
