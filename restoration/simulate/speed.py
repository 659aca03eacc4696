"""Wow and flutter: the speed of a carrier that sways, and what it does to the time axis.

A speed of 1 + d sin(2 pi (f t + p)) reads, at time t, the sound that belongs to the time
t + d / (2 pi f) (cos 2 pi p - cos 2 pi (f t + p)): the integral of the speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.periodic import cosine

REACH = 8
PARTS = 2**13
BLOCK_FRAMES = 2**15
KNOTS_HZ = 4000
RANDOM_SWAYS = 8


@dataclass(frozen=True, kw_only=True)
class WowFlutter:
    """The speed errors of a transport, the same in all channels.

    Args:
        sways: (peak deviation of the speed in percent, rate in Hz) of each periodic error: once a turn of a reel, a
            disc, a capstan, a pinch roller. 0 to 20 percent at 0.01 to 500 Hz.
        random_percent: RMS deviation of a narrow-band random error (scrape, a slipping belt), 0 to 5.
        random_hz: about which its rates lie, 0.02 to 500.
        random_octaves: the width of that band, 0 to 4.
    """

    kind: ClassVar[Kind] = "time"
    sways: tuple[tuple[float, float], ...] = ()
    random_percent: float = 0.0
    random_hz: float = 8.0
    random_octaves: float = 1.0

    def __post_init__(self) -> None:
        for percent, hz in self.sways:
            if not (0 <= percent <= 20 and 0.01 <= hz <= 500):
                raise ValueError(f"sways lie between 0 and 20 percent at 0.01 to 500 Hz, not {percent} at {hz}")
        check_range(self, 0, 5, "random_percent")
        check_range(self, 0.02, 500, "random_hz")
        check_range(self, 0, 4, "random_octaves")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        phases = draw.random(len(self.sways) + RANDOM_SWAYS)
        octaves = self.random_octaves * draw.uniform(-0.5, 0.5, RANDOM_SWAYS)
        depth = self.random_percent * np.sqrt(2 / RANDOM_SWAYS)
        random = [(float(depth), float(self.random_hz * 2**octave)) for octave in octaves] if depth else []
        drawn = {
            "sways": [
                {"percent": float(percent), "hz": float(hz), "phase": float(phase)}
                for (percent, hz), phase in zip([*self.sways, *random], phases, strict=False)
                if percent
            ]
        }
        if not drawn["sways"] or samples.shape[1] < 2:
            return samples, drawn
        return _read_at(samples, sample_rate, self, drawn), drawn

    def heard_at_s(self, times_s: Float64, drawn: dict[str, Any]) -> Float64:
        """The times in the steady recording of what the swaying one lets hear at ``times_s``."""
        ahead_s = np.zeros_like(times_s)
        for sway in drawn["sways"]:
            swung = np.cos(2 * np.pi * sway["phase"]) - cosine(sway["hz"] * times_s + sway["phase"])
            ahead_s += sway["percent"] / 100 / (2 * np.pi * sway["hz"]) * swung
        return times_s + ahead_s


def _read_at(samples: Float64, sample_rate: int, speed: WowFlutter, drawn: dict[str, Any]) -> Float64:
    frames = samples.shape[1]
    step = max(1, sample_rate // KNOTS_HZ)
    block = BLOCK_FRAMES // step * step
    played = np.empty_like(samples)
    for start in range(0, frames, block):
        stop = min(start + block, frames)
        knots = np.arange(start, stop + step, step)
        ahead = speed.heard_at_s(knots / sample_rate, drawn) * sample_rate - knots
        # Straight lines between knots, which are far closer than the fastest flutter bends.
        between = ahead[:-1, None] + np.diff(ahead)[:, None] * (np.arange(step) / step)
        places = np.arange(start, stop) + between.reshape(-1)[: stop - start]
        played[:, start:stop] = interpolated(samples, np.clip(places, 0, frames - 1))
    return played


def interpolated(samples: Float64, places: Float64) -> Float64:
    """``samples`` (channels, time) between its frames, at ``places`` (frames, not whole): (channels, places.size).

    Sinc interpolation over 16 frames under a Hann window, tabulated for every 8192nd of a frame; silence on both sides.
    """
    whole = np.floor(places)
    first = whole.astype(np.intp)
    part = np.rint((places - whole) * PARTS).astype(np.intp)
    padded = np.pad(samples, ((0, 0), (REACH, REACH + 1)))
    result = np.zeros((samples.shape[0], places.size))
    for tap, weights in enumerate(_weights(), 1):
        weight = weights.take(part)
        for channel, heard in zip(padded, result, strict=True):
            heard += weight * channel.take(first + tap)
    return result


@lru_cache(maxsize=1)
def _weights() -> Float64:
    """Weights of the 16 frames around a place (rows), for every part of a frame that it may lie after one of them."""
    distance = np.arange(PARTS + 1) / PARTS - np.arange(1 - REACH, REACH + 1)[:, None]
    weights = np.sinc(distance) * (0.5 + 0.5 * np.cos(np.pi * distance / REACH))
    return np.asarray(weights / weights.sum(axis=0))
