"""Sound of any rate for a network that knows one: what it takes from the band it hears, and the band above."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr

Float32 = npt.NDArray[np.float32]


def taken_below(
    channel: Float32, sample_rate: int, own_rate: int, gain: float, clean: Callable[[Float32], Float32]
) -> Float32:
    """What ``clean`` takes away from one channel (time,), at the channel's own rate and level.

    Args:
        channel: what is cleaned.
        sample_rate: of the channel, in Hz.
        own_rate: that ``clean`` knows, in Hz.
        gain: factor that brings the channel to the level that ``clean`` knows.
        clean: sound (time,) to sound of the same length, not delayed.
    """
    heard = resampled(channel, sample_rate, own_rate) * np.float32(gain)
    if not heard.size:
        return np.zeros_like(channel)
    taken = np.asarray((heard - clean(heard)) / np.float32(gain), dtype=np.float32)
    return of_length(resampled(taken, own_rate, sample_rate), channel.size)


def above(channel: Float32, sample_rate: int, own_rate: int) -> Float32:
    """What of one channel (time,) is lost at ``own_rate``."""
    if sample_rate <= own_rate:
        return np.zeros_like(channel)
    heard = resampled(resampled(channel, sample_rate, own_rate), own_rate, sample_rate)
    return channel - of_length(heard, channel.size)


def resampled(channel: Float32, rate_in: int, rate_out: int) -> Float32:
    """One channel (time,) at another rate."""
    if rate_in == rate_out or not channel.size:
        return channel
    return np.asarray(soxr.resample(channel, rate_in, rate_out, quality="HQ"), dtype=np.float32)


def of_length(channel: Float32, frames: int) -> Float32:
    """One channel cut, or followed by zeros, to be ``frames`` long."""
    return np.pad(channel, (0, max(0, frames - channel.size)))[:frames]
