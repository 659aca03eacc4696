"""The band that a network does not hear: what is not the voice's there is turned down by a network of its own.

Above 8 kHz speech is fainter than noise for most of the time, and comes and goes with the voice below; a small network
that hears both says how far each band is turned down.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from restoration.nets.band_below import above
from restoration.nets.denoise import gain_for
from restoration.nets.missing_band import Band, Spectra, from_db, sound_of, transform
from restoration.nets.shipped import with_weights
from restoration.nets.upper_band import CROSSING_HZ, FIRST, UpperBandGains, features_of
from restoration.nets.voice_bands import BANDS, CENTRES_HZ, LEAST_DB, band_levels_db

MODEL = "upper-band"

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def load_gains() -> UpperBandGains:
    """The network that ships with the package.

    Raises:
        MissingWeights: its file is absent or is another one.
    """
    return with_weights(UpperBandGains(), MODEL)


class UpperBand:
    """Knows the noise (time,) of one channel, and cleans what lies above half of ``own_rate``.

    Args:
        noise: heard alone.
        sample_rate: of the noise, and of what is cleaned, in Hz.
        own_rate: of the network that cleans what lies below, in Hz, 16000 at least.
        level_dbfs: RMS level of what is not a pause, noise and all.
    """

    def __init__(self, noise: Float32, sample_rate: int, own_rate: int, level_dbfs: float) -> None:
        self.sample_rate, self.own_rate = sample_rate, own_rate
        self._network, self._gain = load_gains(), gain_for(level_dbfs)
        self._grid = Band(sample_rate, CROSSING_HZ, sample_rate / 2)
        power = 10 ** (self._levels_db(self._spectra(noise)) / 10)
        self._noise_db = 10 * np.log10(power.mean(axis=1) + 10 ** (LEAST_DB / 10))

    def __call__(self, channel: Float32, below: npt.NDArray[np.floating]) -> Float32:
        """The upper band of ``channel`` (time,), cleaned; ``below`` is the channel with its lower band cleaned."""
        spectra = self._spectra(channel)
        gains_db = self._gains_db(self._levels_db(spectra), self._levels_db(self._spectra(below)))
        heard = self._grid.frequencies_hz
        places = np.interp(heard, CENTRES_HZ[FIRST:], np.arange(BANDS - FIRST))
        first = places.astype(int)
        share = (places - first)[:, None]
        between = gains_db[first] * (1 - share) + gains_db[np.minimum(first + 1, BANDS - FIRST - 1)] * share
        treated = sound_of(spectra * from_db(between), self._grid, channel.size) / self._gain
        return above(treated.astype(np.float32), self.sample_rate, self.own_rate)

    def _gains_db(self, levels_db: Float64, cleaned_db: Float64) -> Float64:
        shown = (torch.from_numpy(each[None].astype(np.float32)) for each in (levels_db, self._noise_db, cleaned_db))
        with torch.inference_mode():
            return np.asarray(self._network(features_of(*shown))[0].numpy(), dtype=np.float64)

    def _spectra(self, sound: npt.NDArray[np.floating]) -> Spectra:
        return transform(sound.astype(np.float32) * np.float32(self._gain), self._grid)

    def _levels_db(self, spectra: Spectra) -> Float64:
        return band_levels_db(np.abs(spectra) ** 2, self._grid.frequencies_hz)
