"""What a sound tells of the speed of its carrier: a series of values in which wow of a given rate would show.

Wow of a rate f is a speed of 1 + Re(c exp(2 pi i f t)), of complex depth c. In a clue it shows as
Re(c g(f) exp(2 pi i f t)): g, the gain, is what makes of a speed a phase of hum, or a pitch whose prosody is taken out.
So the clues of one stretch, each weighted by what it knows, are asked together which rates they agree on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import zoom_fft

from restoration.measures.mains import Complex128
from restoration.measures.metering import Float64

LOWEST_HZ, HIGHEST_HZ = 0.4, 10.0
"""A disc of 33 1/3 turns a minute sways at 0.56 Hz; what is slower is drift. Above 10 Hz hum says next to nothing."""
FINER = 6
"""Rates looked at per rate that can be told apart: enough for a parabola to find the top."""
NEIGHBOURS_HZ = 0.8
"""The noise of a clue is learnt from the rates so near: prosody and voices fall off with the rate."""
LEAST_SECONDS = 8.0
MOST_LINES = 8
SURE = 16.0
"""Power over that of chance: of the thousand rates of a minute, chance reaches it in one of ten thousand minutes."""
WORTH_A_LOOK = 8.0
"""Power before the line itself is taken out of the noise around it. A strong line hides behind itself: through the
gaps of a voice it is seen at all the rates around it."""
SURE_IN_HALF = 3.0
DIFFERENT = 9.0
"""Power of the difference of two halves over that of chance, at most."""
CHANGING = 0.35
"""Share of its depth by which a line may yet differ between the halves: wow is no clockwork."""
REFITS = 4
ONE_SIDED = 0.4
"""The weaker sideband of wow over the stronger, at least: they are alike."""
MOST_TURNED = 1.5
"""Radians by which two halves may differ and yet be the same line at another rate."""
BLOCK_S = 8.0
"""Longer than a phrase, after which a singer begins another vibrato."""
UNLIKELY = 1e-6
LITTLE = 1e-30


@dataclass(frozen=True)
class Line:
    """Wow of one rate ``hz``: ``depth`` is complex, its phase that at 0 s of the recording; ``power`` over chance."""

    hz: float
    depth: complex
    power: float


@dataclass(frozen=True, eq=False)
class Clue:
    """``value`` every ``step_s`` from ``start_s`` on, each with its ``weight`` (inverse variance, 0 where nothing is
    known); ``gain`` tells how wow of depth 1 shows at a rate in Hz.

    ``swing`` is to the loudness of a tone what ``value`` is to its phase, in the same units; None: not known.
    """

    name: str
    start_s: float
    step_s: float
    value: Float64
    weight: Float64
    gain: Callable[[Float64], Complex128]
    swing: Float64 | None = None

    @property
    def times_s(self) -> Float64:
        return np.asarray(self.start_s + self.step_s * np.arange(self.value.size))

    @property
    def known_s(self) -> float:
        """For how long anything is known."""
        return float(np.count_nonzero(self.weight)) * self.step_s

    def between(self, begin: float, end: float) -> Clue:
        """The same clue, nothing known but from ``begin`` to ``end``, in shares of what it knows."""
        share = np.cumsum(self.weight) / max(float(self.weight.sum()), LITTLE)
        return replace(self, weight=np.where((share > begin) & (share <= end), self.weight, 0.0))

    def without(self, lines: Sequence[Line]) -> Clue:
        """What is left when ``lines`` are taken out."""
        return replace(self, value=self.value - shown(self, lines)) if lines else self

    def score(self, hz: float) -> tuple[complex, float]:
        """Score and information at one rate, before the noise is known."""
        gain = complex(self.gain(np.array([hz]))[0])
        turned = (self.weight * self.value) @ np.exp(-2j * np.pi * hz * self.times_s)
        return complex(turned) * gain.conjugate(), abs(gain) ** 2 * float(self.weight.sum()) + LITTLE


class Spectrum(NamedTuple):
    """Of each rate: ``score`` and ``information``, measured by the noise, and that noise (``chance``).

    2 score / information is the depth, 4 / information its variance, ``power`` the power over that of chance.
    """

    score: Complex128
    information: Float64
    chance: Float64

    @property
    def power(self) -> Float64:
        return np.asarray(np.abs(self.score) ** 2 / self.information)


def shown(clue: Clue, lines: Sequence[Line]) -> Float64:
    """How ``lines`` show in a clue."""
    total = np.zeros(clue.value.size)
    for line in lines:
        seen = line.depth * complex(clue.gain(np.array([line.hz]))[0])
        total += (seen * np.exp(2j * np.pi * line.hz * clue.times_s)).real
    return total


def rates(clues: Sequence[Clue]) -> Float64:
    """The rates in Hz that are looked at, the finer the longer the clues last."""
    lasting_s = max(clue.value.size * clue.step_s for clue in clues)
    return np.linspace(LOWEST_HZ, HIGHEST_HZ, int(FINER * lasting_s * (HIGHEST_HZ - LOWEST_HZ)))


def spectrum(clue: Clue, hz: Float64) -> Spectrum:
    """What a clue knows of equally spaced rates; the noise at each is learnt from its neighbours."""
    turned = zoom_fft(clue.weight * clue.value, [hz[0], hz[-1]], hz.size, fs=1.0 / clue.step_s, endpoint=True)
    gain = clue.gain(hz)
    score = turned * np.exp(-2j * np.pi * hz * clue.start_s) * gain.conj()
    information = np.abs(gain) ** 2 * clue.weight.sum() + LITTLE
    near = 2 * round(NEIGHBOURS_HZ / float(hz[1] - hz[0])) + 1
    chance = median_filter(np.abs(score) ** 2 / information, near, mode="mirror") / np.log(2.0)
    chance = np.maximum(chance, 0.25 * np.median(chance)) + LITTLE
    return Spectrum(score / chance, information / chance, chance)


def summed(clues: Sequence[Clue], hz: Float64) -> Spectrum:
    """What all clues know together."""
    each = [spectrum(clue, hz) for clue in clues]
    return Spectrum(
        np.sum([one.score for one in each], axis=0),
        np.sum([one.information for one in each], axis=0),
        np.ones(hz.size),
    )


def telling(clues: Sequence[Clue]) -> list[Clue]:
    """The clues that know enough to be asked."""
    return [clue for clue in clues if clue.known_s >= LEAST_SECONDS]


def find_lines(clues: Sequence[Clue], sure: float = SURE) -> list[Line]:
    """The rates of which all clues together know that there is wow, the plainest first."""
    clues = telling(clues)
    if not clues:
        return []
    hz, lines = rates(clues), list[Line]()
    for _ in range(MOST_LINES):
        power = summed([clue.without(lines) for clue in clues], hz).power
        for line in lines:
            power[np.abs(hz - line.hz) < FINER * (hz[1] - hz[0])] = 0.0
        best = int(np.argmax(power))
        if power[best] < WORTH_A_LOOK:
            break
        found_hz = float(hz[best] + _top(power, best) * (hz[1] - hz[0]))
        more = fitted(clues, [*lines, Line(found_hz, 0j, 0.0)])
        if more[-1].power < sure:
            break
        lines = more
    sure_lines = [line for line in lines if line.power >= sure and in_both_halves(clues, lines, line)]
    return [line for line in sure_lines if not one_sided(clues, lines, line)]


def fitted(clues: Sequence[Clue], lines: Sequence[Line]) -> list[Line]:
    """The same lines fitted to all clues together, each in turn to what the others leave; their rates move a little.

    What a rate lacks shows in the phase that the second half of what is known has gained on the first.
    """
    hz, lines = rates(clues), list(lines)
    for _ in range(REFITS):
        left = [clue.without(lines) for clue in clues]
        chances = [spectrum(clue, hz).chance for clue in left]
        for place, line in enumerate(lines):
            alone = [clue.without([*lines[:place], *lines[place + 1 :]]) for clue in clues]
            noise = [float(np.interp(line.hz, hz, chance)) for chance in chances]
            near = any(0.0 < abs(other.hz - line.hz) < 2 * FINER * (hz[1] - hz[0]) for other in lines)
            moved_hz = line.hz + (0.0 if near else _lacking_hz(alone, line.hz, noise))
            lines[place] = Line(moved_hz, *_depth(alone, moved_hz, noise))
    return lines


def in_both_halves(clues: Sequence[Clue], lines: Sequence[Line], line: Line) -> bool:
    """Whether a line is there in the first and in the second half of what is known, and alike."""
    hz = rates(clues)
    noise = [float(np.interp(line.hz, hz, spectrum(clue.without(lines), hz).chance)) for clue in clues]
    alone = [clue.without([other for other in lines if other.hz != line.hz]) for clue in clues]
    first, second = (_depth(half, line.hz, noise) for half in _halves(alone))
    if min(first[1], second[1]) < SURE_IN_HALF:
        return False
    variance = abs(first[0]) ** 2 / first[1] + abs(second[0]) ** 2 / second[1]
    return abs(first[0] - second[0]) ** 2 < DIFFERENT * variance + (CHANGING * abs(line.depth)) ** 2


def one_sided(clues: Sequence[Clue], lines: Sequence[Line], line: Line) -> bool:
    """Whether a line is the beat of a tone with another beside it, such as hum of 50 Hz with some of 60 Hz.

    Wow gives every tone two sidebands, each as strong as the other. A tone beside it is a sideband on one side.
    """
    hz = rates(clues)
    phase, loudness = 0j, 0j
    for clue in clues:
        if clue.swing is None:
            return False
        chance = float(np.interp(line.hz, hz, spectrum(clue.without(lines), hz).chance))
        alone = clue.without([other for other in lines if other.hz != line.hz])
        phase += alone.score(line.hz)[0] / chance
        loudness += replace(clue, value=clue.swing).score(line.hz)[0] / chance
    sides = sorted((abs(loudness + 1j * phase), abs(loudness - 1j * phase)))
    return sides[0] < ONE_SIDED * sides[1]


def keeps_time(clue: Clue, lines: Sequence[Line], line: Line) -> bool:
    """Whether a line keeps one phase from every 8 s to the next: wow does, the vibrato of a voice does not.

    What the blocks tell together, over what they tell one by one, would be as much by chance in one of a million.
    """
    alone = clue.without([other for other in lines if other.hz != line.hz])
    turned = alone.weight * alone.value * np.exp(-2j * np.pi * line.hz * alone.times_s)
    block = ((alone.times_s - alone.start_s) / BLOCK_S).astype(np.intp)
    score = np.bincount(block, turned.real) + 1j * np.bincount(block, turned.imag)
    known = np.bincount(block, alone.weight)
    count = float(known.sum()) ** 2 / (float(known @ known) + LITTLE)
    together = abs(complex(score.sum())) ** 2 / (float(np.sum(np.abs(score) ** 2)) + LITTLE)
    return bool(count > 2.0 and (1.0 - min(1.0, together / count)) ** (count - 1.0) < UNLIKELY)


def _halves(clues: Sequence[Clue]) -> tuple[list[Clue], list[Clue]]:
    return [clue.between(-1.0, 0.5) for clue in clues], [clue.between(0.5, 2.0) for clue in clues]


def _lacking_hz(clues: Sequence[Clue], hz: float, noise: Sequence[float]) -> float:
    """What must be added to a rate so that both halves agree on the phase; 0 where they cannot tell."""
    halves = _halves(clues)
    (first, sure), (second, sure_too) = (_depth(half, hz, noise) for half in halves)
    turned = float(np.angle(second * first.conjugate()))
    if min(sure, sure_too) < SURE_IN_HALF or abs(turned) > MOST_TURNED:
        return 0.0
    middles_s = [
        sum(float(clue.weight @ clue.times_s) / chance for clue, chance in zip(half, noise, strict=True))
        / sum(float(clue.weight.sum()) / chance for clue, chance in zip(half, noise, strict=True))
        for half in halves
    ]
    return turned / (2.0 * np.pi * (middles_s[1] - middles_s[0]))


def _depth(clues: Sequence[Clue], hz: float, noise: Sequence[float]) -> tuple[complex, float]:
    score, information = 0j, LITTLE
    for clue, chance in zip(clues, noise, strict=True):
        one, known = clue.score(hz)
        score, information = score + one / chance, information + known / chance
    return 2.0 * score / information, abs(score) ** 2 / information


def _top(power: Float64, best: int) -> float:
    """How far the top of the parabola through a maximum and its neighbours lies from it, in steps."""
    if not 0 < best < power.size - 1:
        return 0.0
    left, middle, right = power[best - 1 : best + 2]
    bend = left - 2 * middle + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0
