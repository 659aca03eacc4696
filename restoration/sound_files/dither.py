"""From floating point to integers: triangular dither, the same whatever the blocks.

Dither of triangular density, two quantisation steps wide, makes the error independent of the sound in mean and
variance (Lipshitz, Wannamaker and Vanderkooy 1992, "Quantization and dither: a theoretical survey"). Its noise comes
from a counter-based generator (Philox) keyed by the seed and the place in the recording, not by the order of the calls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from restoration.audio import Samples

CELL_FRAMES = 2**14
"""Frames that are quantised together; cells begin at multiples of this."""


class Quantised(NamedTuple):
    """``values`` int32 of shape (time, channels); how many of them were ``clipped``; whether they were ``dithered``."""

    values: npt.NDArray[np.int32]
    clipped: int
    dithered: bool


def quantise(samples: Samples, cell: int, bits: int, seed: int, gain: float = 1.0) -> Quantised:
    """Integers of one cell of a recording.

    A cell whose samples are all integers already, such as untreated sound or digital silence, stays as it is.

    Args:
        samples: (channels, time), at most ``CELL_FRAMES`` frames, full scale 1.0.
        cell: number of the cell in the recording, from 0.
        bits: 16 or 24 (anything from 2 to 24).
        seed: of the dither, from 0.
        gain: factor applied before.
    """
    if samples.shape[1] > CELL_FRAMES:
        raise ValueError(f"a cell has at most {CELL_FRAMES} frames, not {samples.shape[1]}")
    full_scale = 2 ** (bits - 1)
    # Doubles: at full scale, float32 has no bits left for the dither.
    steps = np.multiply(samples.T, gain * full_scale, dtype=np.float64)
    rounded = np.rint(steps)
    dithered = not np.array_equal(rounded, steps)
    if dithered:
        steps += triangular(cell, steps.size, seed).reshape(steps.shape)
        np.rint(steps, out=rounded)
    clipped = int(np.count_nonzero((rounded < -full_scale) | (rounded > full_scale - 1)))
    if clipped:
        np.clip(rounded, -full_scale, full_scale - 1, out=rounded)
    return Quantised(rounded.astype(np.int32), clipped, dithered)


def triangular(cell: int, count: int, seed: int) -> npt.NDArray[np.float64]:
    """Noise of triangular density between -1 and 1, in steps of 2**-16: the sum of two uniform variables."""
    words = np.random.Philox(key=seed, counter=cell << 64).random_raw((count + 1) // 2)
    halves = words.astype("<u8").view("<u2")[: 2 * count].astype(np.int32)
    return (halves[0::2] + halves[1::2] - 65535) / 65536
