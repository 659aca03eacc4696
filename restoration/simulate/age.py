"""Age a clean recording by a chain of faults, with everything that was drawn written down."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from restoration.audio import Audio
from restoration.simulate.fault import Displacing, Fault, Float64

LEFT_OUT = ("added", "damage")
"""Kinds of faults of which the programme is free."""


@dataclass(frozen=True, kw_only=True)
class Aged:
    """An aged recording.

    ``audio`` is its sound; ``programme`` the same without the faults that add or destroy: what an ideal remover of
    noise would give, on the same time axis. ``facts`` (JSON-able) holds the seed, and for every fault its name, its
    parameters and what was drawn for it.
    """

    audio: Audio
    programme: Audio
    facts: dict[str, Any]
    displacing: tuple[tuple[Displacing, dict[str, Any]], ...] = field(default=(), repr=False)

    def clean_time_s(self, times_s: Float64) -> Float64:
        """The times in the clean recording of what is heard at ``times_s`` in the aged one."""
        for fault, drawn in reversed(self.displacing):
            times_s = fault.heard_at_s(times_s, drawn)
        return times_s


def age(audio: Audio, chain: Sequence[Fault], seed: int) -> Aged:
    """``audio`` after the faults of ``chain``, in order; as many frames, channels and Hz.

    The same seed gives the same sound. Each fault draws from a generator of its own, made from the seed, its name and
    how many of its name came before: leaving another out does not change it. Holds a few copies of the recording in
    memory: it is meant for readings of minutes.
    """
    aged = programme = audio.samples.astype(np.float64)
    facts: list[dict[str, Any]] = []
    displacing: list[tuple[Displacing, dict[str, Any]]] = []
    names: list[str] = []
    for fault in chain:
        name = type(fault).__name__
        own_seed = (seed, zlib.crc32(name.encode()), names.count(name))
        names.append(name)
        aged, programme, drawn = _with(fault, aged, programme, audio.sample_rate, own_seed)
        facts.append({"fault": name, "parameters": json.loads(json.dumps(asdict(fault))), "drawn": drawn})  # type: ignore[call-overload]
        if isinstance(fault, Displacing):
            displacing.append((fault, drawn))
    return Aged(
        audio=Audio(aged.astype(np.float32), audio.sample_rate),
        programme=Audio(programme.astype(np.float32), audio.sample_rate),
        facts={"seed": seed, "faults": facts},
        displacing=tuple(displacing),
    )


def _with(
    fault: Fault, aged: Float64, programme: Float64, sample_rate: int, seed: tuple[int, ...]
) -> tuple[Float64, Float64, dict[str, Any]]:
    """Both sounds after one more fault, and what was drawn for it."""
    if fault.kind in LEFT_OUT:
        aged, drawn = fault.apply(aged, sample_rate, np.random.default_rng(seed))
    elif aged is programme:
        aged, drawn = fault.apply(aged, sample_rate, np.random.default_rng(seed))
        programme = aged
    elif fault.kind == "time":
        # Errors of speed are the same in all channels, and dear: both sounds are played in one go.
        both, drawn = fault.apply(np.concatenate([aged, programme]), sample_rate, np.random.default_rng(seed))
        aged, programme = both[: len(aged)], both[len(aged) :]
    else:
        aged, drawn = fault.apply(aged, sample_rate, np.random.default_rng(seed))
        programme, _ = fault.apply(programme, sample_rate, np.random.default_rng(seed))
    return aged, programme, drawn
