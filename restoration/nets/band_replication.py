"""Speech above the band that was recorded, made from that band: its envelope carried on, its fine structure shifted up.

The fine structure of the upper half of the recorded band is flattened and shifted upwards as often as needed (high-
frequency regeneration, after Makhoul and Berouti, 1979). Its level above the band edge is a polynomial in the distance
from the edge in octaves, whose coefficients are linear in what is seen below the edge: how bright, how tilted and how
loud the frame is, so that a sibilant grows brighter and a vowel falls away. The linear map is a least-squares fit to
full-band readings, made by ``fit``. Where the recorded band is no louder than its own noise nothing is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from restoration.nets.missing_band import (
    Band,
    Float64,
    Levels,
    Sound,
    Speaking,
    Spectra,
    gate,
    mean_db,
    recorded_levels_db,
    sound_above_edge,
    transform,
)

FLATTENING_HZ = 300.0
"""The source is flattened over this width, so that formants go and the harmonics of a voice stay."""
BRIGHTEST_DB = 12.0
"""The made band never rises further than this above the level at the edge."""
CAUTION_DB = 6.0
"""The made band stays this far below what the fit expects: too little treble is no fault, too much is heard at once."""
COEFFICIENTS = np.array([[-7.30, -10.72, 0.28], [-0.32, -0.96, -0.11], [-4.70, 0.13, -0.71], [-2.14, -3.20, 0.35]])
"""What ``fit`` gives; in dB. Rows: constant, brightness, tilt, loudness, each in units of 10 dB; columns: powers 0 to 2
of the octaves above the edge."""


def replicated(
    channel: Sound, band: Band, levels: Levels, speaking: Speaking, coefficients: Float64 = COEFFICIENTS
) -> Float64:
    """What is missing above the edge of one channel (time,), to be added to it; the grid begins at its first sample."""
    spectra = transform(channel, band)
    filled = band.filled
    if not filled.size:
        return np.zeros(channel.size)
    low, upper, top = recorded_levels_db(spectra, band)
    octaves = np.log2(np.maximum(band.frequencies_hz[filled] / band.edge_hz, 1.0))
    level = top + levels_above_edge_db(features(low, upper, top, levels.voice_db), octaves, coefficients)
    made = np.zeros(spectra.shape, dtype=np.complex128)  # what is recorded is not to hear its rounding
    made[filled] = excitation(spectra, band) * 10 ** (level / 20) * gate(spectra, band, levels, speaking)
    return sound_above_edge(made, band, channel.size)


def excitation(spectra: Spectra, band: Band) -> Spectra:
    """The flattened upper half of the recorded band, shifted to the bins ``band.filled``, of unit power."""
    first, last = np.searchsorted(band.frequencies_hz, [0.5 * band.edge_hz, 0.94 * band.edge_hz])
    # A shift by a multiple of window/hop bins turns every frame's phase by whole turns, so frames still fit together.
    shift = max(4, int(last - first) // 4 * 4)
    turns = np.maximum(-(-(band.filled - (last - 1)) // shift), 0)
    return _flattened(spectra[:last], band)[np.maximum(band.filled - turns * shift, 0)]


def features(low_db: Float64, upper_db: Float64, top_db: Float64, voice_db: float) -> Float64:
    """What the fit sees of each frame, (4, frames): 1, brightness, tilt and loudness in units of 10 dB."""
    loudness = np.maximum(low_db, upper_db) - voice_db
    return np.stack([np.full_like(low_db, 10), upper_db - low_db, top_db - upper_db, loudness]) / 10


def levels_above_edge_db(seen: Float64, octaves: Float64, coefficients: Float64) -> Float64:
    """Level relative to the topmost recorded part, (bins, frames), in dB.

    Args:
        seen: (4, frames) from ``features``.
        octaves: (bins,) above the edge.
        coefficients: (4, 3) as ``COEFFICIENTS``.
    """
    level: Float64 = _powers(octaves) @ coefficients.T @ seen
    return np.minimum(level - CAUTION_DB, BRIGHTEST_DB)


def fit(voices: Iterable[tuple[Sound, int]], edges_hz: Iterable[float], target_hz: float) -> Float64:
    """Least-squares coefficients (4, 3), from full-band readings (time,) with their sample rates.

    Every reading is taken as if it ended at each of ``edges_hz``; its own level above, up to ``target_hz``, is what the
    fit has to say.
    """
    gram, moment = np.zeros((12, 12)), np.zeros(12)
    edges = tuple(edges_hz)
    for voice, sample_rate in voices:
        for edge_hz in edges:
            design, wanted = _observations(voice, Band(sample_rate, edge_hz, target_hz))
            gram += design.T @ design
            moment += design.T @ wanted
    # A little ridge: the loudness and the brightness of quiet frames are nearly collinear.
    ridge = 1e-4 * np.trace(gram) / 12 * np.eye(12)
    return np.asarray(np.linalg.solve(gram + ridge, moment).reshape(4, 3))


def _observations(voice: npt.NDArray[np.float32], band: Band) -> tuple[Float64, Float64]:
    spectra = transform(voice, band)
    low, upper, top = recorded_levels_db(spectra, band)
    voice_db = float(np.quantile(np.maximum(low, upper), 0.9))
    heard = np.maximum(low, upper) > voice_db - 30
    seen = features(low, upper, top, voice_db)[:, heard].T
    power = np.abs(spectra[:, heard]) ** 2
    rows, wanted = [], []
    for low_hz, high_hz in pairwise(np.geomspace(band.edge_hz, band.target_hz, 9).tolist()):
        octaves = np.log2([np.sqrt(low_hz * high_hz) / band.edge_hz])
        rows.append((seen[:, :, None] * _powers(octaves)).reshape(-1, 12))
        wanted.append(mean_db(power, band, low_hz, high_hz) - top[heard])
    return np.concatenate(rows), np.concatenate(wanted)


def _powers(octaves: Float64) -> Float64:
    return np.stack([np.ones_like(octaves), octaves, octaves**2], axis=1)


def _flattened(spectra: Spectra, band: Band) -> Spectra:
    from scipy.ndimage import uniform_filter1d

    width = max(3, round(FLATTENING_HZ * band.window / band.sample_rate))
    power = uniform_filter1d(np.abs(spectra) ** 2, width, axis=0, mode="nearest")
    return np.asarray(spectra / np.sqrt(power + 1e-20))
