"""Crackle: dense small clicks, counted where the sound is quietest and nothing but the carrier can have made them.

A voice has pulses and bursts, but none of them goes on in the pauses: crackle does. So the rate is counted in the
quietest 10 ms of every two seconds, where clicks stand six times out of the usual prediction error, and the recording
has crackle when it is there all along, not in a breath or two. The rate is that of what was found after the models have
been learnt again from the sound without it; of clicks that run together one is counted.

How high crackle stands is learnt there too. What is much lower than it is not looked for: a repair of what can hardly
be heard costs more of the voice than it saves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from restoration.audio import Recording
from restoration.measures.autoregression import Float64, Grid
from restoration.measures.click_search import ClickSearch, Heard
from restoration.measures.clicks import SEARCHED_HZ, resampled, sampled

TIMES_USUAL = 6.0
QUIETEST_SHARE = 0.4
LEAST_ERROR = 3e-6
"""-110 dBFS: quieter stretches are digital silence or its dither, which no carrier made."""
LEAST_HOPS = 10
THROUGHOUT = 0.25
"""The rate is that of the piece that this share of the pieces does not reach: crackle is there all along."""
MANY = ClickSearch(threshold=1.5, rank=8, careful=False)
RANK = 16
"""Of the 25 ms beside a click, which counts as the sound's own: crackle of 600 a second fills 15 of them."""


class Crackle(NamedTuple):
    """``per_s``: in the channel that has most, throughout; ``level_dbfs``: median peak of its prediction error.
    None: none was heard."""

    per_s: float
    level_dbfs: float | None


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
    factor = max(1, round(sample_rate / SEARCHED_HZ))
    rate = sample_rate // factor
    heard = Heard(resampled(samples, factor), rate)
    heard.without(MANY)
    usual = heard.usual
    audible = usual > LEAST_ERROR
    if audible.sum() < LEAST_HOPS:
        return np.zeros(0), 0.0
    quiet = audible & (usual <= np.quantile(usual[audible], QUIETEST_SHARE))
    return heard.standing_out(TIMES_USUAL, quiet), float(quiet.sum()) * Grid.at(rate).hop / rate
