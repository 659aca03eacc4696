"""Stretches that a step leaves alone: its source inside, its result outside, and a short fade between, outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from restoration.audio import Audio, Recording, Samples, Writer
from restoration.overruling import Stretch

FADE_S = 0.005


def same_format(source: Recording, treated: Recording) -> bool:
    """Whether a stretch of the one can stand in the other."""
    wanted = (source.sample_rate, source.channels, source.frames)
    return wanted == (treated.sample_rate, treated.channels, treated.frames)


def spare(source: Recording, treated: Recording, stretches: Sequence[Stretch], result: Writer) -> None:
    """Write ``treated`` with the stretches of ``source`` in it, bit for bit; the fades lie outside of them.

    What is written at a frame depends on that frame alone, so the size of the blocks is not heard.

    Raises:
        ValueError: the two have not the same format and length.
    """
    if not same_format(source, treated):
        raise ValueError("a stretch cannot be left alone: the step changes the length, the rate or the channels")
    edges = [(round(start_s * source.sample_rate), round(stop_s * source.sample_rate)) for start_s, stop_s in stretches]
    fade = max(1, round(FADE_S * source.sample_rate))
    for block in treated.blocks():
        given = source.read(block.start, block.start + block.frames).samples
        share = _share(np.arange(block.start, block.start + block.frames), edges, fade)
        result.write(Audio(_mixed(given, block.samples, share), source.sample_rate))


def _share(frames: np.ndarray, edges: Sequence[tuple[int, int]], fade: int) -> np.ndarray:
    """How much of each frame is the source: 1 in a stretch, 0 from a fade before it and a fade after it on."""
    share = np.zeros(frames.size)
    for first, last in edges:
        away = np.maximum(np.maximum(first - frames, frames - (last - 1)), 0)
        share = np.maximum(share, 0.5 + 0.5 * np.cos(np.pi * np.minimum(away / fade, 1.0)))
    return share


def _mixed(given: Samples, treated: Samples, share: np.ndarray) -> Samples:
    between = (share * given + (1.0 - share) * treated).astype(np.float32)
    # Not by a factor of one: what is left alone has to be the same bits.
    return np.ascontiguousarray(np.where(share >= 1.0, given, np.where(share <= 0.0, treated, between)))
