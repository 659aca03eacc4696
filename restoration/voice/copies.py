"""Phrases that are there twice as copies: the same take on two files, or twice on one tape.

The log-mel spectrograms of two phrases are slid along each other, without their means, so that another channel or
another level makes no difference. A copy correlates almost wholly at one place; the same words said again do not,
because nobody says them twice in the same time (``tests/voice/test_copies.py`` has both). A copy at another speed is
not found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from restoration.voice.channel import mel_edges_hz
from restoration.voice.material import Piece
from restoration.voice.samples import VOICE_RATE, FloatArray

Float64 = npt.NDArray[np.float64]

WINDOW_FRAMES, HOP_FRAMES = 512, 160
FLOOR_DB = -30.0
"""Below the loudest band and moment: noise that two channels do not share."""
SHARED = 0.7
"""So much of the shorter phrase must lie in the longer one."""
COPY = 0.92
"""Correlation from which it is a copy."""


def copies_of(pieces: Sequence[Piece]) -> list[int | None]:
    """For each piece, the number of the first piece that it is a copy of; None for all that are not."""
    spectrograms = [log_mel(piece.sound) for piece in pieces]
    alike = likeness(spectrograms)
    first: list[int | None] = []
    for number in range(len(pieces)):
        earlier = np.flatnonzero(alike[number, :number] >= COPY)
        found = int(earlier[0]) if earlier.size else None
        # A copy of a copy is one of the first of them.
        first.append(found if found is None or first[found] is None else first[found])
    return first


def log_mel(sound: FloatArray) -> Float64:
    """Level (24, frames) in dB in mel bands every 10 ms, without the mean of each band."""
    padded = np.pad(sound, (0, max(0, WINDOW_FRAMES - sound.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::HOP_FRAMES]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW_FRAMES), axis=1)) ** 2
    starts = np.searchsorted(np.fft.rfftfreq(WINDOW_FRAMES, 1 / VOICE_RATE), mel_edges_hz())
    bands = np.add.reduceat(power, starts[:-1], axis=1).T
    levels = 10 * np.log10(np.maximum(bands, bands.max() * 10 ** (FLOOR_DB / 10)) + 1e-20)
    return np.asarray(levels - levels.mean(axis=1, keepdims=True))


def likeness(spectrograms: Sequence[Float64]) -> Float64:
    """The highest correlation (pieces, pieces) of each two spectrograms (bands, frames), wherever they are laid."""
    alike = np.eye(len(spectrograms))
    if len(spectrograms) < 2:
        return alike
    longest = max(each.shape[1] for each in spectrograms)
    size = 1 << (2 * longest - 1).bit_length()
    spectra = [np.fft.rfft(each, size, axis=1) for each in spectrograms]
    # Energy up to each frame, from which the energy of any overlap is a difference.
    energy = [np.concatenate(([0.0], np.cumsum(np.sum(each**2, axis=0)))) for each in spectrograms]
    for one in range(len(spectrograms)):
        for other in range(one):
            products = np.fft.irfft(np.sum(spectra[one] * np.conj(spectra[other]), axis=0), size)
            alike[one, other] = alike[other, one] = _highest(products, energy[one], energy[other])
    return alike


def _highest(products: Float64, one: Float64, other: Float64) -> float:
    """The highest correlation over the lags at which enough of the shorter one is overlaid.

    ``products`` at a lag is the sum over the frames of one, and those of the other put off by the lag.
    """
    frames, others = one.size - 1, other.size - 1
    lags = np.arange(-others + 1, frames)
    low, high = np.maximum(lags, 0), np.minimum(frames, others + lags)
    enough = high - low >= SHARED * min(frames, others)
    lags, low, high = lags[enough], low[enough], high[enough]
    energies = (one[high] - one[low]) * (other[high - lags] - other[low - lags])
    return float(np.max(products[lags] / np.sqrt(np.maximum(energies, 1e-9)), initial=0.0))
