"""Does a voice model give back what it was trained on? Its results are compared with every place of the material.

A window of at least a second is compared with every stretch of the material as log power in mel bands over time, the
mean of each band taken away: the best cosine says how near it comes. Real speech of the same person that was held out
comes near as well: what only one in two hundred of its windows reaches is the threshold, and a window above that is
flagged as memorised.

A share of flagged windows means nothing by itself: a search that finds nothing at all would report none. So copies of
the material, changed as a channel or the model itself would change them, have to be found by the same search. A copy
that was played faster or slower, or in another voice, is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.signal import lfilter

from restoration.errors import RestorationError
from restoration.voice.log_mel import BANDS, HOPS_PER_S, SAMPLE_RATE, FloatArray, listen, patches, speech_share

SHORTEST_WINDOW_S = 1.0
STEP_S = 0.25
LEAST_SPEECH = 0.6
"""Of a window: what is mostly pause resembles every pause."""
THRESHOLD_SHARE = 0.995
LEAST_FOUND = 0.95
LEAST_HELD_OUT = 40
"""Windows of held-out speech, 10 s of it: a threshold from fewer is an accident."""
CONTROL_S = 30.0
PLACES_AT_ONCE = 2000
CHANGED, RESYNTHESISED, OWN_TEXT = "training clips changed", "training clips resynthesised", "the target's own text"
UNTOUCHED = "the performances as they were"
NEED_NOT_BE_FOUND = (OWN_TEXT, UNTOUCHED)
SHIFT_FRAMES, LEVEL, NOISE_DB = 1237, 0.4, -30.0

Resynthesise = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class Controls:
    """What the audit is tried on.

    Args:
        changed: whether copies of training clips, shifted, softer, filtered and with a little noise, are looked for.
        resynthesise: a training clip as the model gives it back, to be looked for; None where there is no model.
        untouched: what the results were made from, before any model touched it: it can hold nothing of the material, so
            what is flagged of it is chance, and of the results no more counts than goes beyond that.
        own_text: what came of sources that read the text of the material. It is reported and need not be found: a
            model that memorised nothing takes nothing but the voice from the material, in the timing of the source.
        seed: of the noise in the changed copies.
    """

    changed: bool = True
    resynthesise: Resynthesise | None = None
    untouched: Sequence[FloatArray] = ()
    own_text: Sequence[FloatArray] = ()
    seed: int = 1


@dataclass(frozen=True)
class Share:
    """Of so many windows, the share that was flagged, and the mean of the best cosines."""

    windows: int
    flagged: float
    mean_cosine: float


@dataclass(frozen=True)
class Match:
    """The window that came nearest: which result, where in it, and where in which piece of the material."""

    result: int
    at_s: float
    piece: int
    piece_at_s: float
    cosine: float


@dataclass(frozen=True)
class Memorisation:
    """What the audit found.

    Attributes:
        window_s: length of the windows.
        threshold: the cosine above which a window is flagged.
        results, held_out: the windows of the model's results, and of real held-out speech of the same person.
        controls: the same of each control.
        closest: the window of the results that comes nearest to the material; None where there is no window.
        sound_enough: whether the share of the results may be believed.
        sentence: what was found, or why it may not be believed.
    """

    window_s: float
    threshold: float
    results: Share
    held_out: Share
    controls: Mapping[str, Share] = field(default_factory=dict)
    closest: Match | None = None
    sound_enough: bool = False
    sentence: str = ""


def audit(
    results: Sequence[FloatArray],
    material: Sequence[FloatArray],
    held_out: Sequence[FloatArray],
    controls: Controls | None = None,
    window_s: float = SHORTEST_WINDOW_S,
) -> Memorisation:
    """Look for every window of ``results`` in the material that the model was trained on.

    Args:
        results: what the model made, each (time,) at 16 kHz.
        material: what it was trained on, piece by piece.
        held_out: real speech of the same person in the same recording that it was not trained on, 10 s at least.
        controls: what the search is tried on; changed copies of the material by default.
        window_s: length of the windows, a second or more.

    Raises:
        RestorationError: the windows are too short, or there is no material or result as long as one.
    """
    if window_s < SHORTEST_WINDOW_S:
        raise RestorationError(
            f"windows of {window_s:g} s find too few copies to be believed: take {SHORTEST_WINDOW_S:g} s or more"
        )
    search = _Search(material, window_s)
    real, made = search.best(held_out), search.best(results)
    if not made:
        raise RestorationError(f"none of the results holds {window_s:g} s of speech, the length of a window")
    cosines = np.array([match.cosine for match in real])
    threshold = float(np.quantile(cosines, THRESHOLD_SHARE)) if cosines.size else 1.0
    found = {
        name: _share(search.best(sounds), threshold)
        for name, sounds in _control_sounds(controls or Controls(), material).items()
    }
    shares = _share(made, threshold), _share(real, threshold)
    reason = _doubt(shares[1], found)
    return Memorisation(
        window_s=window_s,
        threshold=threshold,
        results=shares[0],
        held_out=shares[1],
        controls=found,
        closest=max(made, key=lambda match: match.cosine),
        sound_enough=not reason,
        sentence=reason or _finding(shares[0], found),
    )


class _Search:
    """The material, ready to be compared with: every place of it is looked at, and no two pieces are run together."""

    def __init__(self, material: Sequence[FloatArray], window_s: float) -> None:
        self._hops = round(window_s * HOPS_PER_S)
        self._pieces = [(number, listen(sound).log_mel) for number, sound in enumerate(material)]
        if all(len(log_mel) < self._hops for _, log_mel in self._pieces):
            raise RestorationError(f"no piece of the training material is as long as a window of {window_s:g} s")

    def best(self, sounds: Sequence[FloatArray]) -> list[Match]:
        """The nearest place to every window of some sounds that is speech rather than pause."""
        step = round(STEP_S * HOPS_PER_S)
        windows, where = [np.zeros((0, self._hops * BANDS), dtype=np.float32)], []
        for number, sound in enumerate(sounds):
            heard = listen(sound)
            speech = np.flatnonzero(speech_share(heard, self._hops, step) >= LEAST_SPEECH)
            windows.append(patches(heard.log_mel, self._hops, step)[speech])
            where += [(number, float(place * STEP_S)) for place in speech]
        stacked = np.concatenate(windows)
        best = np.full(len(stacked), -1.0, dtype=np.float32)
        places = np.zeros((len(stacked), 2), dtype=np.int64)
        for number, log_mel in self._pieces:
            for first in range(0, len(log_mel) - self._hops + 1, PLACES_AT_ONCE):
                there = patches(log_mel[first : first + PLACES_AT_ONCE + self._hops - 1], self._hops)
                cosines = stacked @ there.T
                nearest = cosines.argmax(axis=1)
                value = cosines[np.arange(len(stacked)), nearest]
                better = value > best
                best[better] = value[better]
                places[better, 0], places[better, 1] = number, first + nearest[better]
        return [
            Match(result, at_s, int(piece), float(hop / HOPS_PER_S), float(cosine))
            for (result, at_s), (piece, hop), cosine in zip(where, places, best, strict=True)
        ]


def _share(matches: Sequence[Match], threshold: float) -> Share:
    cosines = np.array([match.cosine for match in matches])
    if not cosines.size:
        return Share(0, 0.0, 0.0)
    return Share(int(cosines.size), float(np.mean(cosines > threshold)), float(cosines.mean()))


def _control_sounds(controls: Controls, material: Sequence[FloatArray]) -> dict[str, list[FloatArray]]:
    chosen = _spread(material)
    found: dict[str, list[FloatArray]] = {}
    if controls.changed:
        random = np.random.default_rng(controls.seed)
        found[CHANGED] = [changed(sound, random) for sound in chosen]
    if controls.resynthesise is not None:
        found[RESYNTHESISED] = [controls.resynthesise(sound) for sound in chosen]
    if controls.untouched:
        found[UNTOUCHED] = list(controls.untouched)
    if controls.own_text:
        found[OWN_TEXT] = list(controls.own_text)
    return found


def _spread(material: Sequence[FloatArray]) -> list[FloatArray]:
    """Pieces from all over the material, about half a minute of them."""
    whole_s = sum(sound.size for sound in material) / SAMPLE_RATE
    every = max(1, int(whole_s // CONTROL_S))
    return [sound[: round(CONTROL_S * SAMPLE_RATE)] for sound in material[::every]]


def changed(sound: FloatArray, random: np.random.Generator) -> FloatArray:
    """A copy as another channel would give it: begun between two hops, softer, duller, with noise 30 dB below it."""
    duller = LEVEL * lfilter([0.6, 0.4], [1.0], sound[SHIFT_FRAMES:])
    level = float(np.sqrt(np.mean(duller**2))) * 10 ** (NOISE_DB / 20)
    return np.asarray(duller + level * random.standard_normal(duller.size), dtype=np.float32)


def _at_least(share: float) -> str:
    return "all" if share == 1 else f"at least {share:.1%}"


def _finding(results: Share, controls: Mapping[str, Share]) -> str:
    least = min(share.flagged for name, share in controls.items() if name not in NEED_NOT_BE_FOUND)
    chance = controls.get(UNTOUCHED)
    by_chance = f" ({chance.flagged:.1%} of the performances as they were, which is chance)" if chance else ""
    return (
        f"{results.flagged:.1%} of {results.windows} windows are nearer to the training material than real speech of "
        f"the same person comes to it{by_chance}; of the copies that had to be found, {_at_least(least)} were"
    )


def _doubt(held_out: Share, controls: Mapping[str, Share]) -> str:
    """Why the share may not be believed; empty where it may."""
    if held_out.windows < LEAST_HELD_OUT:
        return (
            f"there are {held_out.windows} windows of held-out speech to set the threshold by; "
            f"{LEAST_HELD_OUT} are wanted: hold out {LEAST_HELD_OUT * STEP_S:g} s or more"
        )
    positive = {name: share for name, share in controls.items() if name not in NEED_NOT_BE_FOUND}
    if not positive:
        return "no control was looked for: a share without one is worth nothing"
    for name, share in positive.items():
        if share.flagged < LEAST_FOUND:
            return (
                f"only {share.flagged:.0%} of {share.windows} windows of a control ({name}) were found, and "
                f"{LEAST_FOUND:.0%} have to be: a share of memorised windows would be worth nothing"
            )
    return ""
