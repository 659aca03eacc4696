"""The levels of a voice in bands that are the same at any sample rate: what the bandwidth extender hears and says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

LOWEST_HZ, HIGHEST_HZ = 150.0, 20_000.0
NARROWEST_HZ, RELATIVE_WIDTH = 100.0, 0.08
LOUDNESS_UP_TO_HZ = 1500.0
"""The loudness of a frame is heard below this, where every recording has a band."""
LEAST_DB = -160.0
SILENCE_DB = -130.0
"""A frame below this is digital silence, which says nothing of a voice or of its noise."""
VOICE_QUANTILE, QUIET_SHARE = 0.9, 0.1


def _edges_hz() -> Float64:
    edges = [LOWEST_HZ]
    while edges[-1] < HIGHEST_HZ:
        edges.append(edges[-1] + max(NARROWEST_HZ, RELATIVE_WIDTH * edges[-1]))
    return np.array(edges)


EDGES_HZ = _edges_hz()
"""Borders of the bands, 100 Hz wide up to 1250 Hz and 8 % from there on."""
CENTRES_HZ = np.sqrt(EDGES_HZ[:-1] * EDGES_HZ[1:])
BANDS = CENTRES_HZ.size


def band_levels_db(power: npt.NDArray[np.floating], frequencies_hz: Float64) -> Float64:
    """Mean bin power in dB, (bands, frames), of spectra (bins, frames); ``LEAST_DB`` where no bin lies."""
    borders = np.searchsorted(frequencies_hz, EDGES_HZ)
    levels = np.full((BANDS, power.shape[1]), LEAST_DB)
    heard = np.flatnonzero(borders[1:] > borders[:-1])
    if heard.size and heard[-1] + 1 == np.count_nonzero(borders < frequencies_hz.size):
        heard = heard[:-1]  # the topmost band is cut by half the sample rate
    if heard.size:
        sums = np.add.reduceat(power[: borders[heard[-1] + 1]], borders[heard], axis=0)
        widths = (borders[1:] - borders[:-1])[heard, None]
        levels[heard] = 10 * np.log10(np.maximum(sums / widths, 10 ** (LEAST_DB / 10)))
    return levels


def recorded_bands(edge_hz: float) -> npt.NDArray[np.bool_]:
    """Which bands (bands,) lie safely below the end of the recorded band."""
    return np.asarray(EDGES_HZ[1:] <= 0.97 * edge_hz)


def loudness_db(levels_db: npt.NDArray[np.floating]) -> Float64:
    """Of every frame (frames,), from its levels (bands, frames): mean power of the bands up to 1500 Hz, in dB."""
    low = levels_db[: int(np.searchsorted(EDGES_HZ[1:], LOUDNESS_UP_TO_HZ))]
    return np.asarray(10 * np.log10(np.mean(10 ** (low / 10), axis=0)))


def voice_level_db(loudness: Float64) -> float:
    """The level of the voice, from the loudness of frames (frames,); ``SILENCE_DB`` where all are silent."""
    heard = loudness[loudness > SILENCE_DB]
    return float(np.quantile(heard, VOICE_QUANTILE)) if heard.size else SILENCE_DB


def quiet_levels_db(levels_db: npt.NDArray[np.floating], loudness: Float64) -> Float64:
    """Mean power of the quietest tenth of the frames, (bands,), in dB: the noise, as far as the sound shows it."""
    heard = np.flatnonzero(loudness > SILENCE_DB)
    if not heard.size:
        return np.full(len(levels_db), LEAST_DB)
    quietest = heard[np.argsort(loudness[heard], kind="stable")[: max(1, round(QUIET_SHARE * heard.size))]]
    return np.asarray(10 * np.log10(np.mean(10 ** (levels_db[:, quietest] / 10), axis=1)))
