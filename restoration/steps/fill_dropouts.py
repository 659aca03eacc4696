"""Mend dropouts: moments in which the tape left the head or had lost its coating."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Audio, Block, Recording, Writer
from restoration.measures.holes import band_levels, find_holes, hop_at
from restoration.measures.metering import Float64
from restoration.repair.gaps import filled, lifted
from restoration.step import Findings, Generates, Verdict

SEARCHED_S = 30.0
CHUNK_S = 5.0
CONTEXT_S = 0.4
MENDED_BY = 0.5
TOO_LOUD_DB = 6.0
SIDES = 12
BEFORE_S, AFTER_S = 0.001, 0.002
"""A fill begins and ends so far outside: the edges of a hole are known to a millisecond or two."""


@dataclass(frozen=True, kw_only=True)
class FillDropouts:
    """Holes of 2 to 200 ms, told from pauses as the noise of the tape falls with the voice (see the measure of holes).

    Where sound is left it is lifted by the loss that was measured, band by band, and nothing is invented. Where nothing
    is left, and the hole is short, it is filled with what autoregressive models of both sides expect, and that is
    generated. Longer ones are told and left. Outside a hole and 6 ms around it, not a bit is changed.

    Attributes:
        max_lift_db: what is left of the sound is raised by this at most, 3 to 30 dB.
        max_fill_ms: longer complete holes are left, 1 to 60 ms.
        max_lift_ms: longer partial holes are left, 1 to 200 ms.
    """

    max_lift_db: float = 24.0
    max_fill_ms: float = 40.0
    max_lift_ms: float = 100.0

    version: ClassVar[str] = "2"
    generates: ClassVar[Generates] = "gap"

    def __post_init__(self) -> None:
        if not 3.0 <= self.max_lift_db <= 30.0:
            raise ValueError(f"max_lift_db is from 3 to 30, not {self.max_lift_db}")
        if not 1.0 <= self.max_fill_ms <= 60.0:
            raise ValueError(f"max_fill_ms is from 1 to 60, not {self.max_fill_ms}")
        if not 1.0 <= self.max_lift_ms <= 200.0:
            raise ValueError(f"max_lift_ms is from 1 to 200, not {self.max_lift_ms}")

    def measure(self, recording: Recording) -> Findings:
        """``holes``: ``channel``, ``start`` and ``stop`` (frames), ``depth_db`` and ``mended`` ("lift", "fill", "no").

        Also ``lifted``, ``filled`` and ``left`` (how many), ``filled_s`` (seconds of sound that are generated), and
        ``max_lift_db`` for the treatment.
        """
        rate = recording.sample_rate
        holes: list[dict[str, Any]] = []
        for block in recording.with_blocks(round(SEARCHED_S * rate)).blocks(round(CONTEXT_S * rate), hop_at(rate)):
            for channel, samples in enumerate(block.samples.astype(np.float64)):
                for hole in find_holes(samples, rate):
                    if not block.lead <= hole.start < block.lead + block.frames:
                        continue
                    longest_ms = self.max_fill_ms if hole.gone else self.max_lift_ms
                    short = hole.stop - hole.start <= longest_ms * rate / 1000.0
                    first = block.start - block.lead
                    holes.append(
                        {
                            "channel": channel,
                            "start": first + hole.start,
                            "stop": first + hole.stop,
                            "depth_db": round(hole.depth_db, 1),
                            "mended": ("fill" if hole.gone else "lift") if short else "no",
                        }
                    )
        ways = [hole["mended"] for hole in holes]
        counts = {"lifted": ways.count("lift"), "filled": ways.count("fill"), "left": ways.count("no")}
        seconds = sum(hole["stop"] - hole["start"] for hole in holes if hole["mended"] == "fill") / rate
        return {
            "needed": counts["lifted"] + counts["filled"] > 0,
            "reason": _reason(counts),
            **counts,
            "filled_s": seconds,
            "holes": holes,
            "max_lift_db": self.max_lift_db,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Lift and fill the recorded holes, one after the other."""
        rate = recording.sample_rate
        before, after = round(BEFORE_S * rate), round(AFTER_S * rate)
        for block in _chunks(recording):
            first = block.start - block.lead
            treated = block.samples.copy()
            for hole in holes_within(findings, first, first + block.samples.shape[1]):
                channel, start, stop = hole["channel"], hole["start"] - first, hole["stop"] - first
                sound = treated[channel].astype(np.float64)
                if hole["mended"] == "lift":
                    treated[channel] = lifted(sound, start, stop, rate, findings["max_lift_db"])
                else:
                    start, stop = max(0, start - before), min(sound.size, stop + after)
                    treated[channel, start:stop] = filled(sound, start, stop, rate)
            kept = treated[:, block.lead : block.lead + block.frames]
            result.write(Audio(np.ascontiguousarray(kept), rate))

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether the mended holes are less deep, and none sticks out of its surroundings.

        ``depth_before_db`` and ``depth_after_db`` are means over the bands and the mended holes; ``too_loud`` counts
        the holes that came out more than 6 dB louder than both sides.
        """
        depths: list[tuple[float, float]] = []
        for hole in holes_within(findings, 0, before.frames):
            depths.append((_depth_db(before, hole), _depth_db(after, hole)))
        if not depths:
            return {"helps": False, "reason": "No dropout was mended."}
        found, left = (float(depth) for depth in np.mean(depths, axis=0))
        too_loud = sum(after_db < -TOO_LOUD_DB for _, after_db in depths)
        helps = left <= MENDED_BY * found and too_loud <= len(depths) // 4
        return {
            "helps": helps,
            "reason": f"{len(depths)} dropouts were {found:.1f} dB deep and are {left:.1f} dB deep now"
            + (f", but {too_loud} stick out of their surroundings." if too_loud else "."),
            "depth_before_db": found,
            "depth_after_db": left,
            "too_loud": int(too_loud),
        }


def holes_within(findings: Findings, first: int, last: int) -> list[dict[str, Any]]:
    """The holes to be mended that lie whole between two frames."""
    return [
        hole for hole in findings["holes"] if hole["mended"] != "no" and hole["start"] >= first and hole["stop"] <= last
    ]


def _depth_db(recording: Recording, hole: dict[str, Any]) -> float:
    """How far the hole lies under the lower of its sides, mean of the bands."""
    rate = recording.sample_rate
    hop = hop_at(rate)
    first = max(0, hole["start"] - (SIDES + 2) * hop)
    sound: Float64 = recording.read(first, hole["stop"] + (SIDES + 2) * hop).samples[hole["channel"]].astype(np.float64)
    levels = band_levels(sound, rate)
    start, stop = (hole["start"] - first) // hop, (hole["stop"] - first) // hop
    sides = [levels[: max(1, start - 1)].mean(axis=0), levels[min(stop + 1, levels.shape[0] - 1) :].mean(axis=0)]
    return float((np.minimum(*sides) - levels[start + 1 : max(stop - 1, start + 2)].mean(axis=0)).mean())


def _chunks(recording: Recording) -> Iterator[Block]:
    """Always the same chunks, whatever the blocks of the recording are: so the result cannot depend on those."""
    rate = recording.sample_rate
    chunk = recording.with_blocks(round(CHUNK_S * rate))
    yield from chunk.blocks(round(CONTEXT_S * rate), hop_at(rate))


def _reason(counts: dict[str, int]) -> str:
    if not sum(counts.values()):
        return "No dropouts were found."
    left = f"; {counts['left']} too long to mend are left" if counts["left"] else ""
    return (
        f"Dropouts were found: {counts['lifted']} hold sound that can be lifted, {counts['filled']} are filled{left}."
    )
