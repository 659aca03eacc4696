"""Restore the peaks that were cut off when the sound was too loud for the chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restoration.audio import Audio, Block, Recording, Samples, Writer
from restoration.measures.clipping import STRETCH_S, powers_where_changed, rail
from restoration.measures.metering import Float64
from restoration.repair.declip import OVERLAP, Limits, declipped, hop_at
from restoration.step import Findings, Generates, Verdict

CHUNK_S = 5.0
LEAST_SHARE = 1e-6
FLAT_LEFT = 0.6
ROUGHER_DB = 1.0
LOUDER_DB = 6.0
JUDGED_S = 60.0


@dataclass(frozen=True, kw_only=True)
class RestoreClipped:
    """Declipping by A-SPADE (Kitić, Bertin and Gribonval 2015; Záviška et al. 2019), where clipping was found.

    A rail is looked for in every 30 s, channel and side of zero: flat tops at any level, as a later gain may have moved
    them, and tops that a later band limit, coding or noise has roughened. What lies at a rail or beyond is replaced by
    the sparsest sound that agrees with the samples around it and is nowhere less far out than what was found.
    Everything else keeps every bit. The restored peaks may exceed full scale, which a later step has to see to. They
    are milliseconds of the sound that was recorded, bounded by what is left of it: the step generates nothing.

    Attributes:
        soft: whether tops that are not quite flat count as well.
        max_rise_db: how far beyond its rail a restored peak may lie, 1 to 30 dB.
    """

    soft: bool = True
    max_rise_db: float = 12.0

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if not 1.0 <= self.max_rise_db <= 30.0:
            raise ValueError(f"max_rise_db is from 1 to 30, not {self.max_rise_db}")

    def measure(self, recording: Recording) -> Findings:
        """``rails``, and what lies at them.

        A rail: ``channel``, ``side`` (1 or -1), ``start`` and ``stop`` (frames between which it holds), ``level`` and
        ``top`` (what is clipped lies between; full scale is 1, positive on both sides), ``hard`` (the tops are flat).
        ``clipped_samples`` of all channels, ``clipped_share`` (0..1) of the channel that has most, ``max_rise_db`` for
        the treatment.
        """
        rails: list[Findings] = []
        counts = np.zeros(recording.channels, dtype=int)
        for block in recording.with_blocks(round(STRETCH_S * recording.sample_rate)).blocks():
            for channel, samples in enumerate(block.samples.astype(np.float64)):
                for side in (1, -1):
                    found = rail(side * samples, soft=self.soft)
                    if found is not None:
                        counts[channel] += int((side * samples >= found.level).sum())
                        stretch = {"start": block.start, "stop": block.start + block.frames}
                        place = {"channel": channel, "side": side} | stretch
                        rails.append(place | {"level": found.level, "top": found.top, "hard": found.hard})
        share = float(counts.max(initial=0)) / max(recording.frames, 1)
        needed = bool(rails) and share >= LEAST_SHARE
        return {
            "needed": needed,
            "reason": _reason(rails, int(counts.sum()), share),
            "clipped_samples": int(counts.sum()),
            "clipped_share": share,
            "rails": rails,
            "max_rise_db": self.max_rise_db,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Restore what lies at the recorded rails or beyond."""
        farthest = 10.0 ** (findings["max_rise_db"] / 20.0)
        for block in _chunks(recording):
            first = block.start - block.lead
            treated = block.samples.copy()
            for channel, samples in enumerate(block.samples):
                up, down = rails_at(findings, channel, first, samples.size, "level")
                limits = Limits.beyond(samples.astype(np.float64), up, down, farthest)
                treated[channel] = declipped(samples, limits, recording.sample_rate)
            kept = treated[:, block.lead : block.lead + block.frames]
            result.write(Audio(np.ascontiguousarray(kept), recording.sample_rate))

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether the flat tops are gone, and the voice came back: louder, but neither brighter nor much louder.

        Looks at up to a minute of the chunks that were changed. ``at_rails_before`` and ``at_rails_after`` are the
        samples where clipped ones lie; ``level_change_db`` is of the power in the 20 ms that hold a restored sample,
        ``upper_band_change_db`` of that above 4 kHz (or half of the band, if that is less), where corners would show.
        """
        tops = np.zeros(2, dtype=int)
        power = np.zeros((2, 2))
        seconds = 0.0
        for block in _chunks(before):
            first, last = block.start, block.start + block.frames
            other = after.read(first, last).samples
            own = block.samples[:, block.lead : block.lead + block.frames]
            if seconds >= JUDGED_S or np.array_equal(own, other):
                continue
            seconds += CHUNK_S
            for channel, pair in enumerate(zip(own, other, strict=True)):
                tops += [at_rails(sound, findings, channel, first) for sound in pair]
                power += powers_where_changed(pair[0], pair[1], before.sample_rate)
        upper_db, level_db = (float(db) for db in 10.0 * np.log10((power[1] + 1e-20) / (power[0] + 1e-20)))
        flat = bool(tops[1] > FLAT_LEFT * tops[0])
        rougher = upper_db > max(level_db, 0.0) + ROUGHER_DB or level_db > LOUDER_DB
        return {
            "helps": not flat and not rougher and seconds > 0.0,
            "reason": _verdict(seconds, flat, rougher, (level_db, upper_db)),
            "level_change_db": level_db,
            "at_rails_before": int(tops[0]),
            "at_rails_after": int(tops[1]),
            "upper_band_change_db": upper_db,
        }


def rails_at(findings: Findings, channel: int, first: int, frames: int, edge: str) -> tuple[Float64, Float64]:
    """The rails of a channel above and below zero at ``frames`` frames from ``first``; infinity where there is none.

    ``edge`` is "level" or "top".
    """
    up, down = np.full(frames, np.inf), np.full(frames, -np.inf)
    for found in findings["rails"]:
        start, stop = max(found["start"] - first, 0), found["stop"] - first
        if found["channel"] == channel and stop > 0 and start < frames:
            (up if found["side"] > 0 else down)[start:stop] = found["side"] * found[edge]
    return up, down


def at_rails(samples: Samples, findings: Findings, channel: int, first: int) -> int:
    """How many of ``samples`` (time,), which begin at frame ``first``, lie where clipped ones do."""
    up, down = rails_at(findings, channel, first, samples.size, "level")
    top, bottom = rails_at(findings, channel, first, samples.size, "top")
    return int((((samples >= up) & (samples <= top)) | ((samples <= down) & (samples >= bottom))).sum())


def _chunks(recording: Recording) -> Iterator[Block]:
    """Always the same chunks, whatever the blocks of the recording are: so the result cannot depend on those."""
    hop = hop_at(recording.sample_rate)
    yield from recording.with_blocks(round(CHUNK_S * recording.sample_rate)).blocks(OVERLAP * hop, hop)


def _reason(rails: list[Findings], clipped: int, share: float) -> str:
    if not rails:
        return "No clipping was found."
    levels = [20.0 * np.log10(found["level"]) for found in rails]
    rough = "" if all(found["hard"] for found in rails) else "; not all of the tops are quite flat"
    span = f"{min(levels):.1f} dBFS" if np.ptp(levels) < 0.1 else f"{min(levels):.1f} to {max(levels):.1f} dBFS"
    return f"{clipped} samples are clipped at {span}, {100 * share:.3f} % of the channel that has most{rough}."


def _verdict(seconds: float, flat: bool, rougher: bool, changes_db: tuple[float, float]) -> str:
    if not seconds:
        return "Nothing was restored."
    if flat:
        return "Flat tops are still there."
    changed = f"where peaks were restored the level changed by {changes_db[0]:+.1f} dB, the upper band by"
    return f"The flat tops are gone; {changed} {changes_db[1]:+.1f} dB{', which is too much' if rougher else ''}."
