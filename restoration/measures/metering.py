"""One pass over a recording, any number of meters.

A meter is told the sound piece by piece and keeps what it needs. The pieces are the same whatever the block size of the
recording, so that a measure of the same sound is the same number to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording

Float64 = npt.NDArray[np.float64]
"""Shape (channels, time) unless said otherwise, full scale is 1.0."""

PIECE_FRAMES = 2**16


class Meter(Protocol):
    """Listens to a recording in order, a piece (channels, time) at a time."""

    def feed(self, samples: Float64) -> None:
        """Take in the next samples, of shape (channels, time); they are not changed."""
        ...


def pieces(recording: Recording) -> Iterator[Float64]:
    """The whole recording in order, in pieces of ``PIECE_FRAMES`` frames, as float64."""
    for block in recording.with_blocks(PIECE_FRAMES).blocks():
        yield block.samples.astype(np.float64)


def listen(recording: Recording, *meters: Meter) -> None:
    """Let every meter hear the whole recording, which is read once."""
    for piece in pieces(recording):
        for meter in meters:
            meter.feed(piece)


class Windows:
    """Cuts a stream into overlapping windows: ``length`` frames every ``hop``; an incomplete last one is dropped."""

    def __init__(self, channels: int, length: int, hop: int) -> None:
        self.length, self.hop = length, hop
        self._kept = np.zeros((channels, 0))

    def feed(self, samples: Float64) -> Float64:
        """The windows that ``samples`` completes: a view of shape (channels, windows, length)."""
        kept = np.concatenate((self._kept, samples), axis=1)
        count = max(0, (kept.shape[1] - self.length) // self.hop + 1)
        self._kept = kept[:, count * self.hop :]
        if not count:
            return np.zeros((kept.shape[0], 0, self.length))
        view = np.lib.stride_tricks.sliding_window_view(kept, self.length, axis=1)
        return view[:, : count * self.hop : self.hop]


def decibels(power: float) -> float | None:
    """Ten times the decimal logarithm of a power; None for no power at all."""
    return 10.0 * float(np.log10(power)) if power > 0.0 else None
