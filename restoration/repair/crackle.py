"""Crackle: dense small clicks, counted where the sound is quietest and nothing but the carrier can have made them.

A voice has pulses and bursts, but none of them goes on in the pauses: crackle does. So the rate is counted in the
quietest 10 ms of every two seconds, where clicks stand six times out of the usual prediction error, and the recording
has crackle when it is there all along, not in a breath or two. The rate is that of what was found after the models have
been learnt again from the sound without it; of clicks that run together one is counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restoration.audio import Recording
from restoration.measures.autoregression import Float64, Grid
from restoration.measures.clicks import ClickSearch, Heard, sampled

TIMES_USUAL = 6.0
QUIETEST_SHARE = 0.4
LEAST_ERROR = 3e-6
"""-110 dBFS: quieter stretches are digital silence or its dither, which no carrier made."""
LEAST_HOPS = 10
THROUGHOUT = 0.25
"""The rate is that of the piece that this share of the pieces does not reach: crackle is there all along."""

FEW = ClickSearch(threshold=1.5, rank=4, careful=False)
MANY = ClickSearch(threshold=1.5, rank=8, careful=False)
MANY_PER_S = 60.0
"""From so many counted on, clicks run together and a rank of four is crackle itself."""


class Crackle(NamedTuple):
    """``per_s``: in the channel that has most, throughout; ``level_dbfs``: median peak of its prediction error."""

    per_s: float
    level_dbfs: float | None


def search_for(per_s: float) -> ClickSearch:
    """How crackle of this rate is looked for."""
    return MANY if per_s >= MANY_PER_S else FEW


def crackle(recording: Recording) -> Crackle:
    """The crackle of a recording; of one longer than 20 s 2 s are listened to every 10 s."""
    rates: list[list[float]] = [[] for _ in range(recording.channels)]
    peaks: list[Float64] = [np.zeros(0)]
    for start, stop in sampled(recording):
        samples = recording.read(start, stop).samples.astype(np.float64)
        for own, channel in zip(rates, samples, strict=True):
            heights, seconds = in_quiet(channel, recording.sample_rate)
            if seconds:
                own.append(heights.size / seconds)
                peaks.append(heights)
    per_s = max((float(np.quantile(own, THROUGHOUT)) for own in rates if own), default=0.0)
    heights = np.concatenate(peaks)
    return Crackle(per_s, round(float(20 * np.log10(np.median(heights))), 1) if heights.size else None)


def in_quiet(samples: Float64, sample_rate: int) -> tuple[Float64, float]:
    """Heights of the clicks in the quietest hops of a channel (time,), and how many seconds these are."""
    heard = Heard(samples, sample_rate)
    heard.without(MANY)
    usual = heard.usual
    sounding = usual[usual > LEAST_ERROR]
    if sounding.size < LEAST_HOPS:
        return np.zeros(0), 0.0
    quiet = (usual > LEAST_ERROR) & (usual <= np.quantile(sounding, QUIETEST_SHARE))
    heights = heard.standing_out(TIMES_USUAL, quiet)
    return heights, float(quiet.sum()) * Grid.at(sample_rate).hop / sample_rate
