"""The items of a batch as the rows of its page: what each is, how it stands, and three figures before and after."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from restoration.decisions import review_state
from restoration.provenance.chapters import item_of, printable
from restoration.provenance.condition_words import measures_of
from restoration.provenance.generated import generates, treated_steps
from restoration.provenance.treatment_report import link
from restoration.record import Event

FIGURES = ("noise_floor_dbfs", "snr_db", "bandwidth_hz")
"""What a row shows as pictures."""
STATES = ("waiting", "approved", "sent_back", "failed", "begun", "queued", "refused")


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """An item of a batch.

    Attributes:
        state: one of ``STATES``.
        page, report: paths of its listening page and its treatment report, relative to the batch page; empty where
            there is none.
        problem: the sentence of a failure, or of a refusal.
        date: as the manifest has it.
        before, after: measures by name.
        head: digest of the last event of its log.
    """

    identifier: str
    state: str
    title: str = ""
    carrier: str = ""
    date: str = ""
    speaker: str = ""
    duration_s: float | None = None
    page: str = ""
    report: str = ""
    problem: str = ""
    generated: bool = False
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    head: str = ""

    @classmethod
    def of(cls, events: Sequence[Event], **told: Any) -> Self:
        """The row of an item that was restored, from its log; what is ``told`` stands beside it."""
        item = item_of(events)
        before, after = measures_of(events, "before"), measures_of(events, "after")
        duration_s = after.get("duration_s", before.get("duration_s"))
        facts = {
            "identifier": item.get("identifier", ""),
            "state": review_state(events).state,
            "title": item.get("title", ""),
            "carrier": item.get("carrier_type", item.get("carrier", "")),
            "date": item.get("recorded_date", item.get("date", "")),
            "speaker": item.get("speaker", ""),
            "duration_s": round(float(duration_s), 1) if duration_s is not None else None,
            "generated": any(generates(step) != "nothing" for step in treated_steps(events)),
            "before": _figures(before),
            "after": _figures(after),
            "head": str(events[-1]["digest"]) if events else "",
        }
        return cls(**{**facts, **told})

    def facts(self) -> dict[str, Any]:
        """The row as the page takes it; what is blank is left out."""
        year = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", self.date)
        facts = {
            "identifier": printable(self.identifier),
            "state": self.state,
            "title": printable(self.title),
            "carrier": printable(self.carrier),
            "date": printable(self.date),
            "year": int(year[1]) if year else None,
            "speaker": printable(self.speaker),
            "duration_s": self.duration_s,
            "page": link(self.page),
            "report": link(self.report),
            "problem": printable(self.problem),
            "generated": self.generated,
            "before": dict(self.before),
            "after": dict(self.after),
            "head": self.head,
        }
        return {name: value for name, value in facts.items() if value not in ("", None, {}, False)}


def _figures(measures: Mapping[str, Any]) -> dict[str, float]:
    found = {name: measures.get(name) for name in FIGURES}
    return {name: round(float(value), 2) for name, value in found.items() if isinstance(value, int | float)}
