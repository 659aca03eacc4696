"""What people decided: who, what, why, and what lay before them. Each is an event of the item's log.

A treatment that nobody looked at is a machine's; these document the human share of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restoration import fixity, package
from restoration.errors import BadBag, RestorationError
from restoration.package import LOG
from restoration.record import Event

DECISION, RECIPE_CHOSEN = "decision", "recipe chosen"
KINDS = (
    RECIPE_CHOSEN,
    "finding overruled",
    "segment approved",
    "segment unfit",
    "take rejected",
    "treatment approved",
    "treatment sent back",
)
SEEN_ROLES = ("treatment report", "access copy")
REPORT = "data/record/treatment-report.html"


class BadDecision(RestorationError):
    """A decision that does not say what it has to."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision.

    Attributes:
        kind: one of ``KINDS``.
        by: name of the person.
        reason: why, in the person's words.
        concerns: ``event/7``, or ``START-END`` in seconds of the restored sound; blank for the whole item.
    """

    kind: str
    by: str
    reason: str
    concerns: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadDecision(f"“{self.kind}” is no decision that is kept; there are {', '.join(KINDS)}")
        for name, text in (("by", self.by), ("reason", self.reason)):
            if not text.strip():
                raise BadDecision(f"a decision says its {name}: a person’s, and not blank")

    def fields(self, events: Sequence[Event], files: dict[str, str] | None = None) -> dict[str, Any]:
        """The fields of its event, beside ``decision``; ``files`` are the digests of what was looked at and heard.

        Raises:
            BadDecision: it concerns what the log does not have.
        """
        head = events[-1]["digest"] if events else ""
        return {
            "by": self.by.strip(),
            "reason": self.reason.strip(),
            **_concerned(self.concerns.strip(), events),
            "seen": {"head": head, "files": files or {}},
        }


def seen_files(bag: Path, events: Sequence[Event]) -> dict[str, str]:
    """What a person looks at and listens to before deciding: report and access copies, with their digests as they are.

    Raises:
        BadBag: one of them is not the file that was packed.
    """
    packed = package.read_manifest(bag / f"manifest-{package.ALGORITHM}.txt")
    names = {event["file"] for event in events if event.get("role") in SEEN_ROLES} | ({REPORT} & set(packed))
    found = {name: fixity.digests(bag / name)["sha256"] for name in sorted(names) if (bag / name).is_file()}
    for name in sorted(names):
        if found.get(name) != packed.get(name):
            raise BadBag(f"{bag}: {name} is not the file that was packed; nobody should decide by what it shows")
    return found


def _concerned(concerns: str, events: Sequence[Event]) -> dict[str, Any]:
    if not concerns:
        return {}
    if event := re.fullmatch(r"event/([1-9][0-9]*)", concerns):
        if int(event[1]) > len(events):
            raise BadDecision(f"{LOG} has no {concerns}; it has {len(events)} events")
        return {"concerns": concerns}
    span = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", concerns)
    if not span:
        raise BadDecision(f"“{concerns}” is neither an event, as event/7, nor seconds, as 12.5-14")
    start_s, stop_s = float(span[1]), float(span[2])
    duration_s = _duration_s(events)
    if not start_s < stop_s or (duration_s is not None and stop_s > duration_s + 0.01):
        ends = "" if duration_s is None else f" of the {duration_s:.2f} s of the item"
        raise BadDecision(f"“{concerns}” is no stretch{ends}; the first is the start, the second the end")
    return {"concerns": concerns, "start_s": start_s, "stop_s": stop_s}


def _duration_s(events: Sequence[Event]) -> float | None:
    taken = [event["measures"].get("duration_s") for event in events if event["event"] == "measurement"]
    return float(taken[-1]) if taken and taken[-1] is not None else None
