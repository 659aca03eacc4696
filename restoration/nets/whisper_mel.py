"""The logarithmic mel spectrogram that Whisper hears (Radford et al. 2022, arXiv:2212.04356, section 2.2)."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

SAMPLE_RATE = 16000
FFT_SIZE = 400
HOP_FRAMES = 160
BREAK_HZ, BREAK_MEL = 1000.0, 15.0
"""Slaney's mel scale: linear up to here, then 27 mel for a factor of 6.4."""
RANGE_DECADES = 8.0


def log_mel(sound: FloatArray, bands: int, length_s: float) -> FloatArray:
    """(1, bands, frames) of a sound (time,) at 16 kHz, with silence up to ``length_s``; a frame every 10 ms.

    The floor lies 8 decades below the highest value; what results is shifted and scaled to about -1 to 1.5.
    """
    size = int(length_s * SAMPLE_RATE)
    heard = np.pad(sound[:size].astype(np.float64), (0, max(0, size - sound.size)))
    padded = np.pad(heard, FFT_SIZE // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP_FRAMES][: size // HOP_FRAMES]
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(FFT_SIZE + 1)[:-1], axis=1)))
    decades = np.log10(np.maximum(power @ mel_bands(bands).T, 1e-10))
    decades = np.maximum(decades, decades.max() - RANGE_DECADES)
    return ((decades.T[None] + 4.0) / 4.0).astype(np.float32)


@cache
def mel_bands(bands: int) -> npt.NDArray[np.float64]:
    """Triangles (bands, bins) from 0 Hz to 8 kHz on Slaney's scale (Auditory Toolbox, 1998), each of the area 1 Hz."""
    corners = _hertz(np.linspace(0.0, _mel(SAMPLE_RATE / 2), bands + 2))
    bins = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE)
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (corners[2:] - corners[:-2]))[:, None])


def _mel(hz: float) -> float:
    return float(BREAK_MEL + 27.0 * np.log(hz / BREAK_HZ) / np.log(6.4))


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = BREAK_HZ * np.exp((mel - BREAK_MEL) * np.log(6.4) / 27.0)
    return np.where(mel < BREAK_MEL, mel * BREAK_HZ / BREAK_MEL, above)
