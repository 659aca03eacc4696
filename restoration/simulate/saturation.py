"""Saturation of tape: odd harmonics, squashed sibilants, and a magnetisation that lags behind the field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.level import ratio, speech_level

BLOCKED_HZ = 10.0
THREE_PERCENT = 0.6288
"""Amplitude of a sine whose hyperbolic tangent has a third harmonic of 3 % of its fundamental."""


@dataclass(frozen=True, kw_only=True)
class Saturation:
    """A tape that was driven too hard or biased too little.

    The field is emphasised, magnetises (a hyperbolic tangent of the field, part of which lags by the coercivity: a
    play operator, as in the model of Prandtl and Ishlinskii), and what is played back is de-emphasised. Not
    oversampled: harmonics beyond half the sample rate fold back.

    Args:
        headroom_db: how far above the speech level of what arrives lies the sine, at low frequencies, whose third
            harmonic is 3 % (the maximum operating level of tape), -20 to 60.
        lag: share of the magnetisation that lags, 0 to 0.9: a tape biased too little.
        coercivity_db: how far the field must turn back before that share follows, relative to the speech level of what
            arrives, -80 to 0. What is quieter loses that share altogether.
        emphasis_us: time constant of the emphasis of the treble, 0 to 200: the treble saturates first.
        asymmetry: a steady field beside the programme's, in units of the field that saturates, 0 to 1: even harmonics.
    """

    kind: ClassVar[Kind] = "damage"
    headroom_db: float
    lag: float = 0.0
    coercivity_db: float = -30.0
    emphasis_us: float = 0.0
    asymmetry: float = 0.0

    def __post_init__(self) -> None:
        check_range(self, -20, 60, "headroom_db")
        check_range(self, 0, 0.9, "lag")
        check_range(self, -80, 0, "coercivity_db")
        check_range(self, 0, 200, "emphasis_us")
        check_range(self, 0, 1, "asymmetry")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        level = speech_level(samples, sample_rate)
        if not level:
            return samples, {}
        rise = self.emphasis_us * 1e-6 * sample_rate
        scale = THREE_PERCENT / (np.sqrt(2) * level * ratio(self.headroom_db))
        field = signal.lfilter([1 + rise, -rise], [1.0], samples, axis=1) * scale
        if self.lag:
            field += self.lag * (play(field, level * ratio(self.coercivity_db) * scale) - field)
        magnetised = np.tanh(field + self.asymmetry) - np.tanh(self.asymmetry)
        # The slope where nothing plays: quiet sounds come back as loud as they were.
        magnetised /= scale * (1 - np.tanh(self.asymmetry) ** 2)
        played = signal.lfilter([1.0], [1 + rise, -rise], magnetised, axis=1)
        # What stays magnetised when nothing moves is not heard: heads do not play a direct current.
        error = signal.lfilter(
            [1.0, -1.0], [1.0, -np.exp(-2 * np.pi * BLOCKED_HZ / sample_rate)], played - samples, axis=1
        )
        return np.asarray(samples + error), {}


def play(samples: Float64, width: float) -> Float64:
    """Each channel of ``samples`` (channels, time) through a play operator: it follows only beyond ``width``.

    y[n] is y[n - 1], moved as little as brings it within ``width`` of x[n]; it begins at 0. Clamps joined to each other
    are a clamp: many stretches are run side by side, once to learn what each makes of where it begins, once to play.
    """
    return np.stack([_play(channel, width) for channel in samples]) if samples.size else samples.copy()


def _play(channel: Float64, width: float) -> Float64:
    steps = int(np.ceil(np.sqrt(channel.size)))
    stretches = -(-channel.size // steps)
    padded = np.pad(channel, (0, steps * stretches - channel.size), mode="edge")
    above = np.ascontiguousarray(padded.reshape(stretches, steps).T) + width
    below = np.ascontiguousarray(padded.reshape(stretches, steps).T) - width
    ends = np.repeat([[-np.inf], [np.inf]], stretches, axis=1)
    for low, high in zip(below, above, strict=True):
        np.minimum(np.maximum(ends, low, out=ends), high, out=ends)
    state = np.zeros(stretches)
    for index in range(1, stretches):
        state[index] = min(max(state[index - 1], ends[0, index - 1]), ends[1, index - 1])
    for low, high in zip(below, above, strict=True):
        state = np.minimum(np.maximum(state, low, out=low), high, out=low)
    return np.ascontiguousarray(below.T).reshape(-1)[: channel.size]
