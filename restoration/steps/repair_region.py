"""Fill in what a person painted over: a cough, a slate tone, a squeak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Recording, Writer
from restoration.repair.region import Region
from restoration.repair.region_repair import described, repair_all
from restoration.step import Findings, Generates


@dataclass(frozen=True, kw_only=True)
class RepairRegion:
    """Regions of time and frequency, filled in from what lies around them.

    Where all frequencies are painted, or most of those of a voice, up to 50 ms are what autoregressive models of both
    sides expect; longer ones fade from both sides into the noise of the quiet moments around. A band of less than two
    and a half octaves becomes as strong as it is in the moments nearby that sound alike. Where all frequencies are
    painted, every sample outside the painted columns stays as it is; otherwise what lies outside the painted
    frequencies, and beyond the windows that hold them, does.

    regions: each with ``start_s``, ``stop_s``, ``low_hz``, ``high_hz`` and ``mask``, a PNG of 1 bit in base64 that is
        stretched over the box, the top row the highest frequency, or "" for the whole box. The seconds are those of the
        sound that comes into the step. They are carried out in the order of their start.
    """

    regions: tuple[Region, ...] = ()

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "gap"

    def measure(self, recording: Recording) -> Findings:
        """``repairs``: of each region its ``region`` (number in the parameters, from 0), ``start`` and ``stop`` (frames
        between which anything is changed), ``low_hz``, ``high_hz``, ``method``, ``painted_s``, and the levels of what
        is painted and of the same frequencies around, ``inside_dbfs`` and ``around_dbfs``.

        Also ``filled_s`` (seconds that hold something generated) and ``beyond`` (regions that begin after the end).
        """
        repairs = [described(recording, number, region) for number, region in enumerate(self.regions)]
        there: list[dict[str, Any]] = [repair for repair in repairs if repair is not None]
        beyond = len(repairs) - len(there)
        return {
            "needed": bool(there),
            "reason": _reason(there, beyond),
            "filled_s": round(float(np.sum([repair["painted_s"] for repair in there])), 4),
            "beyond": beyond,
            "repairs": there,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Fill in the recorded regions by the recorded methods."""
        jobs = [(self.regions[repair["region"]], repair) for repair in findings["repairs"]]
        repair_all(recording, jobs, result)


def _reason(repairs: list[dict[str, Any]], beyond: int) -> str:
    if not repairs:
        return "All that was painted lies after the end." if beyond else "Nothing was painted."
    ways = [repair["method"] for repair in repairs]
    told = ", ".join(f"{ways.count(way)} by {way}" for way in sorted(set(ways)))
    plural = "regions are" if len(repairs) > 1 else "region is"
    late = f"; {beyond} lie after the end" if beyond else ""
    return f"Painted by a person: {len(repairs)} {plural} filled in, {told}{late}."
