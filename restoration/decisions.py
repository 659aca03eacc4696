"""What people decided: who, what, why, and what lay before them. Each is an event of the item's log.

A treatment that nobody looked at is a machine's; these document the human share of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restoration import fixity, package
from restoration.errors import BadBag, RestorationError
from restoration.overruling import Stretch
from restoration.record import Event

DECISION, RECIPE_CHOSEN = "decision", "recipe chosen"
OVERRULED, UNFIT, REPAIR = "finding overruled", "segment unfit", "region to repair"
APPROVED, SENT_BACK = "treatment approved", "treatment sent back"
KINDS = (
    RECIPE_CHOSEN,
    OVERRULED,
    "segment approved",
    UNFIT,
    "take rejected",
    APPROVED,
    SENT_BACK,
    REPAIR,
)
SEEN_ROLES = ("treatment report", "access copy")
REPORT = "data/record/treatment-report.html"
CARRIED = "carried_from"
"""The field of a decision that was taken over from the log of an older treatment, which says where it stands there."""


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
        findings: of a finding overruled: other values for findings of the step.
        spared: of a finding overruled: stretches that the step leaves alone, in seconds of the restored sound.
        needed: of a finding overruled: whether the step is carried out.
        low_hz, high_hz: of a region to repair; without them it has all frequencies.
        mask: of a region to repair: a PNG in base64, painted where not black; blank for the whole of the region.
    """

    kind: str
    by: str
    reason: str
    concerns: str = ""
    findings: Mapping[str, Any] | None = None
    spared: tuple[Stretch, ...] | None = None
    needed: bool | None = None
    low_hz: float | None = None
    high_hz: float | None = None
    mask: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadDecision(f"“{self.kind}” is no decision that is kept; there are {', '.join(KINDS)}")
        for name, text in (("by", self.by), ("reason", self.reason)):
            if not text.strip():
                raise BadDecision(f"a decision says its {name}: a person’s, and not blank")


@dataclass(frozen=True)
class Review:
    """Where an item stands with its curator.

    Attributes:
        state: "waiting" for somebody to decide, "approved", or "sent_back".
        by, reason: of the decision that says so; blank while it waits.
        event: sequence of that decision; 0 while it waits.
        changes: sequences of the decisions that the next run honours.
    """

    state: str = "waiting"
    by: str = ""
    reason: str = ""
    event: int = 0
    changes: tuple[int, ...] = ()


def review_state(events: Sequence[Event]) -> Review:
    """Where an item stands: the last word of a curator on the treatment that the log tells of.

    Whoever asks for a change sends the item back; an approval holds until then. What was carried over from an older
    treatment is part of this one, and approves nothing.
    """
    last: Event | None = None
    changes: list[int] = []
    for event in events:
        if event["event"] in ("extraction", "step"):
            last, changes = None, []
        if event["event"] != DECISION or event.get(CARRIED):
            continue
        if is_change(event):
            changes.append(int(event["sequence"]))
        if event.get("decision") in (APPROVED, SENT_BACK) or is_change(event):
            last = event
    if last is None:
        return Review()
    state = "approved" if last["decision"] == APPROVED else "sent_back"
    return Review(state, str(last["by"]), str(last["reason"]), int(last["sequence"]), tuple(changes))


def is_change(event: Event) -> bool:
    """Whether a decision asks for another sound: a step done otherwise, or a region repaired."""
    if event.get("decision") == OVERRULED:
        return "step" in event and any(name in event for name in ("findings", "spared", "needed"))
    return event.get("decision") == REPAIR


def unfit(events: Sequence[Event]) -> Iterator[tuple[float, float, Event]]:
    """Stretches of the restored sound that no voice model may learn from, each with its decision."""
    for event in events:
        if event["event"] == DECISION and event.get("decision") == UNFIT:
            yield float(event.get("start_s", 0.0)), float(event.get("stop_s", float("inf"))), event


def head_of(events: Sequence[Event]) -> str:
    """Digest of the last event; blank where there is none."""
    return str(events[-1]["digest"]) if events else ""


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


def span_in(concerns: str) -> Stretch | None:
    """The seconds that ``12.5-14`` names; None for anything else."""
    span = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", concerns)
    return (float(span[1]), float(span[2])) if span else None


def event_in(concerns: str) -> int | None:
    """The sequence that ``event/7`` names; None for anything else."""
    event = re.fullmatch(r"event/(\d+)", concerns)
    return int(event[1]) if event else None
