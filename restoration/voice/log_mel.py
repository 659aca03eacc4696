"""Sound as log power in mel bands over time, told apart from its level and its channel: what a copy is found by."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import get_window

FloatArray = npt.NDArray[np.float32]

SAMPLE_RATE = 16000
WINDOW_FRAMES, HOP_FRAMES = 400, 160
HOPS_PER_S = SAMPLE_RATE // HOP_FRAMES
BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 100.0, 7000.0
RANGE_DB = 40.0
SPEECH_WITHIN_DB = 25.0
SILENCE, AUDIBLE_DB = 1e-12, -90.0
LOUD_SHARE = 0.95


class Heard(NamedTuple):
    """A sound in hops of 10 ms: power in dB above a floor, (hops, 40), never below 0; and which hops are speech."""

    log_mel: FloatArray
    speech: npt.NDArray[np.bool_]


def listen(sound: FloatArray) -> Heard:
    """The hops of a sound (time,) at 16 kHz.

    The floor of each band lies 40 dB below its own loud moments (the 95th percentile), so that neither the level of
    the sound nor a filter it went through moves what stands above it. A hop within 25 dB of the loud ones is speech.
    """
    padded = np.pad(sound, (0, max(0, WINDOW_FRAMES - sound.size)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::HOP_FRAMES]
    power = np.abs(fft.rfft(windows * get_window("hann", WINDOW_FRAMES).astype(np.float32), axis=1)) ** 2
    bands = power @ _bands().T + SILENCE
    decibels, whole_db = 10 * np.log10(bands), 10 * np.log10(bands.sum(axis=1))
    floor = np.quantile(decibels, LOUD_SHARE, axis=0) - RANGE_DB
    speech = (whole_db >= np.quantile(whole_db, LOUD_SHARE) - SPEECH_WITHIN_DB) & (whole_db > AUDIBLE_DB)
    return Heard(np.asarray(np.maximum(decibels - floor, 0.0), dtype=np.float32), speech)


def speech_share(heard: Heard, hops: int, step: int) -> FloatArray:
    """Of each stretch of so many hops, ``step`` apart, the share of the hops that are speech, (places,)."""
    if len(heard.speech) < hops:
        return np.zeros(0, dtype=np.float32)
    speech = heard.speech.astype(np.float32)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(speech, hops)[::step].mean(axis=1))


def patches(log_mel: FloatArray, hops: int, step: int = 1) -> FloatArray:
    """Stretches of so many hops as rows (places, hops x bands) of length 1, ``step`` hops apart.

    The mean of each band is taken away, and with it level and channel. A stretch in which nothing moves is zeros.
    """
    if len(log_mel) < hops:
        return np.zeros((0, hops * BANDS), dtype=np.float32)
    views = np.lib.stride_tricks.sliding_window_view(log_mel, hops, axis=0)[::step]
    moved = np.ascontiguousarray(views - views.mean(axis=2, keepdims=True)).reshape(len(views), -1)
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-6), dtype=np.float32)


@cache
def _bands() -> npt.NDArray[np.float32]:
    """Triangles (bands, bins) on O'Shaughnessy's mel scale, each summing to one."""
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    corners = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
    bins = np.arange(WINDOW_FRAMES // 2 + 1) * SAMPLE_RATE / WINDOW_FRAMES
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles / np.maximum(triangles.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)
