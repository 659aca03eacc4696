"""What people decided: of a kind that is kept, on what lay before them and what the log has, and honoured so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.decisions import CARRIED, KINDS, event_in
from restoration.overruling import Overruling
from restoration.record import Event, canonical
from restoration.standing import REPAIR_STEP, overrulings, regions, standing

CHECK = "decisions"


def decisions(bag: Bag) -> Iterator[Fault]:
    """A decision was made at the log as it then was, by the files that the log tells of; or in an older log."""
    derived = {event["file"]: event["sha256"] for event in bag.of_kind("derivation")}
    treated = next((event["sequence"] for event in bag.of_kind("step")), len(bag.events) + 1)
    earlier: list[str] = []
    for event in bag.events:
        if event["event"] == "decision":
            yield from _decision(event, earlier, derived)
            if event.get(CARRIED) and event["sequence"] > treated:
                yield _fault(event, "was carried over from an older log, and stands after a step", "", "")
        earlier.append(event["digest"])


def honoured(bag: Bag) -> Iterator[Fault]:
    """What was decided on an older treatment is what this one did: each step as decided, each region repaired."""
    decided = standing(bag.events, carried_only=True).events
    wanted, asked = overrulings(decided), regions(decided)
    for step in [step for step in bag.of_kind("step") if step["outcome"] != "failed"]:
        yield from _step(step, wanted.pop(step["position"], None))
    steps = [step for step in bag.of_kind("step") if step["name"] == REPAIR_STEP]
    repaired = [one for step in steps for one in step["parameters"]["regions"]]
    for one in asked:
        if one not in repaired:
            where = f"the region {one['start_s']} to {one['stop_s']} s"
            yield Fault(check=CHECK, file=LOG, sentence=f"{where} was to be repaired, and no step did", expected=where)
    for position, left in wanted.items():
        number = left.decisions[-1]
        sentence = f"event {number} (decision) overruled step {position}, and the log has no such step"
        yield Fault(check=CHECK, file=LOG, event=number, sentence=sentence)


def _step(step: Event, wanted: Overruling | None) -> Iterator[Fault]:
    said = step.get("overruled")
    if said is None and wanted is None:
        return
    if wanted is None or said is None:
        what = "says that people overruled it, and no decision does"
        what = what if wanted is None else "was overruled, and does not say so"
        yield _fault(step, what, "", str(said))
        return
    done = {name: step["findings"].get(name) for name in wanted.findings}
    spared = [{"start_s": start_s, "stop_s": stop_s} for start_s, stop_s in wanted.spared]
    both: Mapping[str, tuple[Any, Any]] = {
        "the decisions": (list(wanted.decisions), said.get("decisions")),
        "the findings": (dict(wanted.findings), done),
        "the stretches left alone": (spared, said.get("spared")),
        "whether it is needed": (wanted.needed, step["findings"].get("needed") if wanted.needed is not None else None),
    }
    for what, (expected, found) in both.items():
        if canonical(expected) != canonical(found):
            yield _fault(step, f"was not done as decided: {what}", canonical(expected), canonical(found))


def _decision(event: Event, earlier: list[str], derived: dict[str, str]) -> Iterator[Fault]:
    if event["decision"] not in KINDS:
        yield _fault(
            event, f"is of a kind that is not kept: “{event['decision']}”", ", ".join(KINDS), event["decision"]
        )
    if event.get(CARRIED):
        # What was seen then lies in the older bag, which was set aside.
        return
    head = event["seen"]["head"]
    if head not in earlier[-1:]:
        yield _fault(event, f"was made at {in_short(head)}, which is not the event before it", earlier[-1], head)
    for name, digest in event["seen"]["files"].items():
        if name in derived and derived[name] != digest:
            yield _fault(event, f"was made by another {name} than the log tells of", derived[name], digest)
    number = event_in(str(event.get("concerns", "")))
    if number is not None and not 1 <= number <= len(earlier):
        yield _fault(event, f"concerns {event['concerns']}, which does not stand before it", "", event["concerns"])


def _fault(event: Event, sentence: str, expected: str, found: str) -> Fault:
    number = event["sequence"]
    return Fault(
        check=CHECK,
        file=LOG,
        event=number,
        sentence=f"event {number} ({event['event']}) {sentence}",
        expected=expected,
        found=found,
    )
