"""A clean reference brought through the channel of other material, so that likeness is scored on equal terms.

A speaker encoder hears the channel too: a worn recording of somebody is less like a clean one of the same person than
it should be. So a clean reference gets the long-term spectrum of the other material (its band limit is part of that),
and under it the noise of the other material's pauses at the same distance from the voice in every band. The two should
be of one speaker, or the other's timbre is brought over with the channel.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft
from scipy.signal import oaconvolve

from restoration.voice.channel import Channel, channel_of
from restoration.voice.samples import VOICE_RATE, FloatArray

Float64 = npt.NDArray[np.float64]

OCTAVES = 1 / 3
"""Gains are means over a third of an octave: a channel is smooth, a difference of two texts is not."""
MOST_GAIN_DB, LEAST_GAIN_DB = 20.0, -60.0
FILTER_FRAMES = 1024
LOWEST_HZ = 70.0
"""Below it neither has been heard."""


def matched(reference: FloatArray, like: FloatArray) -> FloatArray:
    """``reference`` (time,) as it would sound through the channel of ``like`` (time,), both at 16 kHz; as long.

    The noise is drawn from a generator seeded by the two sounds: the same two always give the same sound.
    """
    own, other = channel_of(reference), channel_of(like)
    gain = _gain(own, other)
    through = _filtered(reference.astype(np.float64), gain, own.frequencies_hz)
    # What the reference's own pauses bring through the filter is noise already there.
    missing = np.maximum(other.pauses - own.pauses * gain**2, 0.0)
    return np.asarray(through + _noise(missing, own.frequencies_hz, reference, like), dtype=np.float32)


def _gain(own: Channel, other: Channel) -> Float64:
    """Gain at each frequency that gives one voice the long-term spectrum of the other."""
    wanted, there = (_in_thirds(channel.frequencies_hz, channel.voice) for channel in (other, own))
    gain_db = 10 * np.log10(np.maximum(wanted, 1e-20) / np.maximum(there, 1e-20))
    middle = np.median(gain_db[(own.frequencies_hz > 300) & (own.frequencies_hz < 3000)])
    gain_db = np.clip(gain_db, middle + LEAST_GAIN_DB, middle + MOST_GAIN_DB)
    gain_db[own.frequencies_hz < LOWEST_HZ] = middle + LEAST_GAIN_DB
    return np.asarray(10 ** (gain_db / 20))


def _in_thirds(frequencies_hz: Float64, spectrum: Float64) -> Float64:
    """Mean of a power spectrum over a third of an octave around each frequency."""
    sums = np.concatenate(([0.0], np.cumsum(spectrum)))
    reach = 2 ** (OCTAVES / 2)
    low = np.searchsorted(frequencies_hz, frequencies_hz / reach)
    high = np.maximum(np.searchsorted(frequencies_hz, frequencies_hz * reach, side="right"), low + 1)
    high = np.minimum(high, spectrum.size)
    low = np.minimum(low, high - 1)
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _filtered(sound: Float64, gain: Float64, frequencies_hz: Float64) -> Float64:
    """Filtered without delay: linear in phase, and moved back by half the filter."""
    grid = np.fft.rfftfreq(FILTER_FRAMES, 1 / VOICE_RATE)
    kernel = np.fft.fftshift(irfft(np.interp(grid, frequencies_hz, gain), FILTER_FRAMES))
    kernel *= np.hanning(FILTER_FRAMES + 1)[:FILTER_FRAMES]
    half = FILTER_FRAMES // 2
    return np.asarray(oaconvolve(sound, kernel)[half : half + sound.size])


def _noise(spectrum: Float64, frequencies_hz: Float64, reference: FloatArray, like: FloatArray) -> Float64:
    """Noise whose mean power spectrum this is."""
    seed = hashlib.sha256(np.ascontiguousarray(reference).tobytes() + np.ascontiguousarray(like).tobytes()).digest()
    white = np.random.default_rng(int.from_bytes(seed[:8], "big")).standard_normal(reference.size)
    grid = np.fft.rfftfreq(white.size, 1 / VOICE_RATE)
    # The bins of a level spectrum sum to a mean square: of white noise of unit power each would hold one part.
    amplitude = np.sqrt(np.interp(grid, frequencies_hz, spectrum) * (frequencies_hz.size - 1))
    return np.asarray(irfft(rfft(white) * amplitude, white.size))
