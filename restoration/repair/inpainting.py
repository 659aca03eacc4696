"""Painted frequencies filled in from what lies around them in time and in frequency.

Of each window that holds something painted, the frequencies that are not say which moments nearby sounded alike; those
moments say how strong the painted frequencies would have been. Their phases are those that fit the windows around and
the frequencies above and below (Griffin and Lim, IEEE Trans. ASSP 32, 1984, with what is known held fast).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.ndimage import binary_dilation
from scipy.signal import get_window

from restoration.measures.metering import Float64

WINDOW_S = 0.032
OVERLAP = 4
ALIKE = 10
ROUNDS = 10
BANDS = 24
FLOOR = 1e-9
NEAR_DB_PER_S = 6.0

Spectra = npt.NDArray[np.complex128]
"""Shape (windows, bins)."""
Painted = npt.NDArray[np.bool_]


class Windows:
    """Hann windows over a stretch of sound, a quarter of their length apart."""

    def __init__(self, sample_rate: int) -> None:
        self.size = int(2 ** round(np.log2(max(64.0, WINDOW_S * sample_rate))))
        self.hop = self.size // OVERLAP
        self.shape = get_window("hann", self.size)

    def spectra(self, samples: Float64) -> Spectra:
        """Of samples (time,); window k is centred on sample k times the hop."""
        count = -(-samples.size // self.hop) + 1
        padded = np.zeros((count - 1) * self.hop + self.size)
        padded[self.size // 2 : self.size // 2 + samples.size] = samples
        view = np.lib.stride_tricks.sliding_window_view(padded, self.size)[:: self.hop]
        return np.asarray(fft.rfft(view * self.shape, axis=1))

    def sound(self, spectra: Spectra, frames: int) -> Float64:
        """So many samples (time,) of spectra."""
        pieces = fft.irfft(spectra, self.size, axis=1) * self.shape
        padded = np.zeros((pieces.shape[0] - 1) * self.hop + self.size)
        for part in range(OVERLAP):
            some = pieces[part::OVERLAP]
            flat = padded[part * self.hop : part * self.hop + some.size]
            flat += some.reshape(-1)
        return np.asarray(padded[self.size // 2 : self.size // 2 + frames] / (1.5 * OVERLAP / 4))


def inpainted(samples: Float64, painted: Painted, windows: Windows, seed: int) -> Float64:
    """``samples`` (time,) with what is ``painted`` (windows, bins) filled in."""
    spectra = windows.spectra(samples)
    unknown = binary_dilation(painted, np.ones((3, 3), dtype=bool))
    rows = np.flatnonzero(unknown.any(axis=1))
    if not rows.size:
        return samples
    strength = np.abs(spectra)
    strength[unknown] = expected_strength(strength, unknown, windows.hop)[unknown]
    return consistent(spectra, strength, unknown, windows, seed)[: samples.size]


def expected_strength(strength: Float64, unknown: Painted, hop: int) -> Float64:
    """How strong the unknown bins of ``strength`` (windows, bins) would be, by the moments that sound alike."""
    bands = _bands(strength.shape[1])
    clean = np.flatnonzero(~unknown.any(axis=1))
    found = strength.copy()
    if not clean.size:
        found[unknown] = 0.0
        return found
    known = ~unknown
    counts = np.add.reduceat(known, bands, axis=1)
    level = np.log(np.add.reduceat(strength**2 * known, bands, axis=1) / np.maximum(counts, 1) + FLOOR**2)
    whole = np.log(
        np.add.reduceat(strength[clean] ** 2, bands, axis=1) / np.diff([*bands, strength.shape[1]]) + FLOOR**2
    )
    told = counts >= 0.5 * np.diff([*bands, strength.shape[1]])
    for row in np.flatnonzero(unknown.any(axis=1)):
        weight = told[row].astype(np.float64)
        distance = ((whole - level[row]) ** 2 @ weight) / max(1.0, weight.sum()) + 1e-4 * np.abs(clean - row)
        alike = clean[np.argsort(distance, kind="stable")[:ALIKE]]
        strengths = strength[alike][:, unknown[row]]
        found[row, unknown[row]] = strengths.any(axis=0) * np.exp(np.log(strengths + FLOOR).mean(axis=0))
    return found


def consistent(spectra: Spectra, strength: Float64, unknown: Painted, windows: Windows, seed: int) -> Float64:
    """A sound (time,) with that strength and the known phases, whose own windows say the same as far as they can."""
    frames = (spectra.shape[0] - 1) * windows.hop
    turns = np.random.default_rng(seed).uniform(-np.pi, np.pi, spectra.shape)
    now = np.where(unknown, strength * np.exp(1j * turns), spectra)
    sound = windows.sound(now, frames)
    for _ in range(ROUNDS):
        heard = windows.spectra(sound)[: spectra.shape[0]]
        now = np.where(unknown, strength * heard / np.maximum(np.abs(heard), FLOOR), spectra)
        sound = windows.sound(now, frames)
    return sound


def _bands(bins: int) -> npt.NDArray[np.intp]:
    """First bins of bands, narrow below and wide above."""
    return np.unique(np.rint(np.geomspace(1, bins, BANDS + 1)[:-1]).astype(np.intp)) - 1
