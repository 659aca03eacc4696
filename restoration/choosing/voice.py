"""What a treatment took from the voice, told without a clean reference.

Sound before and after is compared in cells of a third of an octave and about 20 ms. Where the sound before stands far
above the pauses it is the voice that is heard, and no noise reduction has anything to take there: a Wiener filter takes
half a decibel from what stands 12 dB above the noise. Only powers are compared, so that a shift by a few samples or a
turned phase is no loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Span = tuple[float, float]
"""Start and end in seconds."""

WINDOW_S = 0.043
BANDS_HZ = tuple(1000.0 * 2.0 ** (third / 3.0) for third in range(-9, 8))
"""Centres of the third-octave bands from 125 Hz to 5 kHz, which hold what is said and who says it."""
CLEAR_CELL_DB = 12.0
CLEAR_FRAMES = 3
"""A cell is the voice's only in a run of so many: a click, which a treatment is to take, is in two at most."""
EATEN_DB = 6.0
"""A cell that lost more than half of its amplitude is eaten: no error of measuring explains that at 12 dB."""
FEWEST_CELLS = 50
UNHEARD = 1e-4
"""What lies 40 dB below the voice is heard by nobody beside it: then as good as nothing was removed."""
LOWEST_POWER = 1e-16


def cells(samples: npt.NDArray[np.floating], sample_rate: int) -> Float64:
    """Powers of shape (bands, frames) of ``samples`` (channels, time), a frame every 21 ms; mean over the channels.

    Bands that reach beyond half the sample rate are left out.
    """
    size = int(2 ** max(6, round(np.log2(WINDOW_S * sample_rate))))
    padded = np.pad(samples.astype(np.float64), ((0, 0), (size // 2, size)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, :: size // 2]
    spectrum = np.fft.rfft(windows * np.hanning(size + 1)[:-1], axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=0)
    frequencies = np.asarray(np.fft.rfftfreq(size, 1 / sample_rate), dtype=np.float64)
    edge = 2.0 ** (1 / 6)
    bands = [(centre / edge, centre * edge) for centre in BANDS_HZ if centre * edge <= sample_rate / 2]
    return np.stack([power[:, _bins(frequencies, band)].sum(axis=1) for band in bands])


def frames_within(spans: Sequence[Span], count: int, sample_rate: int) -> Mask:
    """Which of ``count`` frames lie within ``spans``."""
    hop_s = int(2 ** max(6, round(np.log2(WINDOW_S * sample_rate)))) // 2 / sample_rate
    times = np.arange(count) * hop_s
    inside = np.zeros(count, dtype=bool)
    for start_s, end_s in spans:
        inside |= (times >= start_s) & (times < end_s)
    return inside


def clear_cells(before: Float64, pauses: Mask) -> Mask:
    """The cells (bands, frames) in which the voice alone is heard: 12 dB above the pauses three frames in a row."""
    if not pauses.any():
        return np.zeros(before.shape, dtype=bool)
    noise = np.maximum(before[:, pauses].mean(axis=1, keepdims=True), LOWEST_POWER)
    clear = (before >= noise * 10 ** (CLEAR_CELL_DB / 10)) & ~pauses
    return _in_runs(clear)


def eaten_share(before: Float64, after: Float64, clear: Mask) -> float | None:
    """Share (0..1) of the clear cells that lost more than 6 dB; None where too few are clear to tell."""
    if clear.sum() < FEWEST_CELLS:
        return None
    return float(np.mean(after[clear] < before[clear] * 10 ** (-EATEN_DB / 10)))


def typical_loss_db(before: Float64, after: Float64, clear: Mask) -> float | None:
    """What a clear cell lost, in dB, mean over all of them, so that a soft consonant counts like a loud vowel.

    A cell counts for 20 dB at most, either way. None where too few are clear to tell.
    """
    if clear.sum() < FEWEST_CELLS:
        return None
    ratio = np.maximum(before[clear], LOWEST_POWER) / np.maximum(after[clear], LOWEST_POWER)
    return float(np.clip(10 * np.log10(ratio), -20.0, 20.0).mean())


def follows_voice(before: Float64, after: Float64, clear: Mask) -> float | None:
    """How closely what was removed follows the voice in time, -1 to 1; None where nothing was, or too little is clear.

    The correlation of the two amplitudes from frame to frame, mean over the bands in which the voice is clear. Noise
    goes on whatever is said; only a voice comes and goes with the voice.
    """
    bands = clear.sum(axis=1) >= FEWEST_CELLS / 2
    if not bands.any():
        return None
    removed = np.sqrt(np.maximum(before - after, 0.0)[bands])
    voice = np.sqrt(before[bands])
    if (removed**2).sum() < UNHEARD * (voice**2).sum():
        return None
    removed -= removed.mean(axis=1, keepdims=True)
    voice -= voice.mean(axis=1, keepdims=True)
    spread = np.sqrt((removed**2).sum(axis=1) * (voice**2).sum(axis=1))
    return float(np.mean((removed * voice).sum(axis=1) / np.maximum(spread, LOWEST_POWER)))


def _bins(frequencies: Float64, band: tuple[float, float]) -> slice:
    """The bins of a band; the nearest one where the band is narrower than a bin."""
    first, stop = np.searchsorted(frequencies, band)
    if first == stop:
        first = int(np.argmin(np.abs(frequencies - (band[0] + band[1]) / 2)))
    return slice(int(first), max(int(stop), int(first) + 1))


def _in_runs(mask: Mask) -> Mask:
    """``mask`` without the runs along the last axis that are shorter than ``CLEAR_FRAMES``."""
    from scipy.ndimage import binary_opening

    return np.asarray(binary_opening(mask, structure=np.ones((1, CLEAR_FRAMES), dtype=np.bool_)), dtype=np.bool_)
