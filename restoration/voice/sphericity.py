"""How far the spectra of one voice are from those of another, by their covariance: the arithmetic-harmonic sphericity.

A classic of speaker recognition (Bimbot et al. 1995, "Second-order statistical measures for text-independent speaker
identification"): no network, nothing that a training could have followed. The mean of the cepstra, in which a channel
lies, does not count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import dct

from restoration.voice.features import levelled, mel_levels_db, speaks
from restoration.voice.samples import FloatArray

CEPSTRA = 20
"""The first, which is the level, left out."""
LEAST_VARIANCE = 0.1


def spectra_apart(first: FloatArray, second: FloatArray) -> float:
    """0 for two sounds (time,) at 16 kHz whose cepstra vary alike; more, the less they do so. Seconds are needed."""
    ours, theirs = (_covariance(sound) for sound in (first, second))
    product = np.trace(ours @ np.linalg.inv(theirs)) * np.trace(theirs @ np.linalg.inv(ours))
    return float(np.log(product) - 2 * np.log(len(ours)))


def _covariance(sound: FloatArray) -> npt.NDArray[np.float64]:
    level = levelled(sound)
    bands = mel_levels_db(level).astype(np.float64)
    cepstra = dct(bands[speaks(level)[: len(bands)]], norm="ortho")[:, 1:CEPSTRA]
    return np.asarray(np.cov(cepstra.T) + LEAST_VARIANCE * np.eye(CEPSTRA - 1))
