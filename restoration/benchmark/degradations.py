"""What is done to a clean clip: whole carriers at four levels, and single faults.

A carrier's chain is drawn at random for each clip, the same at every level; what it adds (noise, hum, clicks) is then
scaled as a whole, so that the speech lies ``level_db`` over it: RMS of the louder half of the frames of 20 ms over RMS
of what is added. What the carrier does to the programme stays as it was drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Audio
from restoration.benchmark import faults
from restoration.benchmark.clips import Clip
from restoration.benchmark.names import chosen
from restoration.simulate.age import Aged, age
from restoration.simulate.chains import CHAINS
from restoration.simulate.fault import Fault, Float64, Kind
from restoration.simulate.level import rms, speech_level

LEVELS_DB = (20.0, 10.0, 5.0, 0.0)
QUICK_LEVELS_DB = (10.0,)
CLEAN = "clean"
HIGHEST_PEAK = 0.95
MOST_TRIES, CLOSE_ENOUGH_DB = 6, 0.2

Chain = tuple[Fault, ...]


@dataclass(frozen=True)
class Degradation:
    """A way to age a clip: ``family`` is the carrier or the fault, ``level_db`` the speech over what is added."""

    family: str
    level_db: float | None
    draw: Callable[[np.random.Generator], Chain]

    @property
    def name(self) -> str:
        return self.family if self.level_db is None else f"{self.family} {self.level_db:g} dB"


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """What another fault adds, by ``gain_db`` louder."""

    kind: ClassVar[Kind] = "added"
    fault: Fault
    gain_db: float

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        """``samples`` with what the fault adds to them, scaled; what was drawn is the fault's."""
        faulty, drawn = self.fault.apply(samples, sample_rate, draw)
        return samples + 10 ** (self.gain_db / 20) * (faulty - samples), drawn


def degradations(wanted: Sequence[str] = (), levels_db: Iterable[float] = LEVELS_DB) -> list[Degradation]:
    """Every degradation there is, or those that are ``wanted``: by name (``tape 5 dB``) or by family (``tape``).

    Raises:
        RestorationError: one of them does not exist.
    """
    every = [Degradation(CLEAN, None, lambda draw: ())]
    every += [Degradation(family, float(level), draw) for family, draw in CHAINS.items() for level in levels_db]
    every += [Degradation(family, None, draw) for family, draw in faults.single_faults().items()]
    return chosen(wanted, every, lambda each: (each.name, each.family), "degradation")


def degrade(clip: Clip, degradation: Degradation, seed: int) -> Aged:
    """The clip, aged. The same clip, degradation and seed give the same sound.

    Whoever digitises a tape sets the level: what would be over full scale is turned down, the programme with it.
    """
    own_seed = _seed(seed, clip.sha256, degradation.family)
    chain = degradation.draw(np.random.default_rng(own_seed))
    if degradation.level_db is not None:
        chain = at_level(chain, clip.audio, own_seed, degradation.level_db)
    aged = age(clip.audio, chain, own_seed)
    peak = float(np.abs(aged.audio.samples).max())
    if peak <= HIGHEST_PEAK:
        return aged
    gain = np.float32(HIGHEST_PEAK / peak)
    audio, programme = (Audio(gain * each.samples, each.sample_rate) for each in (aged.audio, aged.programme))
    return replace(aged, audio=audio, programme=programme)


def at_level(chain: Chain, audio: Audio, seed: int, level_db: float) -> Chain:
    """The chain with what it adds scaled until the speech of its programme lies ``level_db`` over it.

    What a fault adds depends a little on what those before it have added: the level is set until it is right.
    """
    gain_db = 0.0
    for _ in range(MOST_TRIES):
        found_db = added_level_db(_scaled(chain, gain_db), audio, seed)
        if found_db is None:
            return chain
        if abs(found_db - level_db) < CLOSE_ENOUGH_DB:
            break
        gain_db += found_db - level_db
    return _scaled(chain, gain_db)


def added_level_db(chain: Chain, audio: Audio, seed: int) -> float | None:
    """How far the speech of the programme lies over what the chain adds; None without the one or the other.

    What the chain destroys is not counted: it is left out.
    """
    aged = age(audio, [fault for fault in chain if fault.kind != "damage"], seed)
    programme = aged.programme.samples.astype(np.float64)
    added, speech = rms(aged.audio.samples - programme), speech_level(programme, audio.sample_rate)
    return 20 * float(np.log10(speech / added)) if added and speech else None


def _scaled(chain: Chain, gain_db: float) -> Chain:
    return tuple(Scaled(fault=fault, gain_db=gain_db) if fault.kind == "added" else fault for fault in chain)


def _seed(seed: int, sha256: str, family: str) -> int:
    return int(hashlib.sha256(f"{seed} {sha256} {family}".encode()).hexdigest()[:12], 16)
