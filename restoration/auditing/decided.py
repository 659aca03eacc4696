"""What people decided: of a kind that is kept, on what lay before them, and on what the log has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.decisions import KINDS
from restoration.record import Event

CHECK = "decisions"


def decisions(bag: Bag) -> Iterator[Fault]:
    """A decision was made at the log as it then was, by the files that the log tells of."""
    derived = {event["file"]: event["sha256"] for event in bag.of_kind("derivation")}
    earlier: list[str] = []
    for event in bag.events:
        if event["event"] == "decision":
            yield from _decision(event, earlier, derived)
        earlier.append(event["digest"])


def _decision(event: Event, earlier: list[str], derived: dict[str, str]) -> Iterator[Fault]:
    if event["decision"] not in KINDS:
        yield _fault(
            event, f"is of a kind that is not kept: “{event['decision']}”", ", ".join(KINDS), event["decision"]
        )
    head = event["seen"]["head"]
    if head not in earlier[-1:]:
        yield _fault(event, f"was made at {in_short(head)}, which is not the event before it", earlier[-1], head)
    for name, digest in event["seen"]["files"].items():
        if name in derived and derived[name] != digest:
            yield _fault(event, f"was made by another {name} than the log tells of", derived[name], digest)
    number = re.fullmatch(r"event/(\d+)", str(event.get("concerns", "")))
    if number and not 1 <= int(number[1]) <= len(earlier):
        yield _fault(event, f"concerns {event['concerns']}, which does not stand before it", "", event["concerns"])


def _fault(event: Event, sentence: str, expected: str, found: str) -> Fault:
    number = event["sequence"]
    return Fault(
        check=CHECK,
        file=LOG,
        event=number,
        sentence=f"event {number} (decision) {sentence}",
        expected=expected,
        found=found,
    )
