"""Direct current: how far the sound lies off zero, and how that drifts.

The offset is the mean of the samples. Digital silence (10 ms and more of exact zeros) has no offset, whatever the
converter adds elsewhere, and does not count. The drift is followed by means over 20 s, weighted by a Hann window so
that rumble and the voice itself average out.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from restoration.audio import Recording
from restoration.measures.metering import PIECE_FRAMES, Float64

SILENCE_MS = 10.0
KNOT_S = 10.0
"""A value of the drift every 10 s, from the 10 s on either side."""


def dc_offset(recording: Recording) -> list[float]:
    """The mean of each channel; full scale is 1. 0 where there is no sound."""
    return [float(offset) for offset in offset_track(recording)[0]]


def offset_track(recording: Recording) -> tuple[Float64, Float64]:
    """The mean of each channel, and its drift (channels, knots): the local mean at 0 s, 10 s, 20 s, ..."""
    knot = round(KNOT_S * recording.sample_rate)
    knots = recording.frames // knot + 2
    sums, weights = np.zeros((recording.channels, knots)), np.zeros((recording.channels, knots))
    total, counted = np.zeros(recording.channels), np.zeros(recording.channels)
    context = silence_frames(recording.sample_rate)
    for block in recording.with_blocks(PIECE_FRAMES).blocks(context):
        own = slice(block.lead, block.lead + block.frames)
        sounding = ~digital_silence(block.samples, recording.sample_rate)[:, own]
        samples = block.samples[:, own].astype(np.float64)
        total += samples.sum(axis=1)
        counted += sounding.sum(axis=1)
        place = (block.start + np.arange(block.frames)) / knot
        borders = np.searchsorted(place, range(int(place[0]), int(place[-1]) + 2))
        for index, (start, stop) in enumerate(pairwise(borders), int(place[0])):
            falling = np.cos(0.5 * np.pi * (place[start:stop] - index)) ** 2
            for added, heard in ((sums, samples[:, start:stop]), (weights, sounding[:, start:stop])):
                before = heard @ falling
                added[:, index] += before
                added[:, index + 1] += heard.sum(axis=1) - before
    mean = total / np.maximum(counted, 1)
    # A knot beside which there is next to nothing is the mean.
    track = np.where(weights > 0.1 * knot, sums / np.maximum(weights, 1), mean[:, None])
    return mean, track


def offset_at(track: Float64, sample_rate: int, first: int, frames: int) -> Float64:
    """The offset (channels, frames) from frame ``first`` on: the knots of ``offset_track``, joined by lines."""
    knot = round(KNOT_S * sample_rate)
    place = (first + np.arange(frames)) / knot
    return np.stack([np.interp(place, np.arange(channel.size), channel) for channel in track])


def silence_frames(sample_rate: int) -> int:
    """How many zeros in a row are digital silence."""
    return max(2, round(SILENCE_MS * sample_rate / 1000))


def digital_silence(samples: npt.NDArray[np.floating], sample_rate: int) -> npt.NDArray[np.bool_]:
    """Which of the samples (channels, time) lie in runs of exact zeros of at least 10 ms.

    What is said of a sample depends on the 10 ms on both sides of it. Beyond the ends everything is zero.
    """
    length = silence_frames(sample_rate)
    if samples.all():
        return np.zeros(samples.shape, dtype=np.bool_)
    zero = np.pad((samples == 0).astype(np.int8), ((0, 0), (length, length)), constant_values=1)
    begins = minimum_filter1d(zero, length, axis=1, origin=-(length // 2), mode="constant", cval=1)
    within = maximum_filter1d(begins, length, axis=1, origin=(length - 1) // 2, mode="constant", cval=0)
    return np.asarray(within[:, length:-length] > 0)
