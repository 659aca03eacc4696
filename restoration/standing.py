"""The decisions in a log that the next treatment of the item has to honour, and what they come to, step by step.

They stand until they are overruled themselves: what was decided on one treatment is carried over into the log of the
next, with where it stands in the older one, and the older bag is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from restoration.decisions import CARRIED, DECISION, OVERRULED, REPAIR, UNFIT, head_of, is_change
from restoration.overruling import Overruling, Stretch, joined
from restoration.record import Event, digest_of

CHAIN = ("sequence", "event", "time", "previous", "digest")
REGION = ("start_s", "stop_s", "low_hz", "high_hz", "mask")
REPAIR_STEP = "repair_region"
MARKS = tuple(f'"{DECISION}":"{kind}"'.encode() for kind in (OVERRULED, UNFIT, REPAIR))
"""A log in whose bytes none of these is holds nothing that stands."""


@dataclass(frozen=True)
class Standing:
    """What stands of a log: ``events`` are its decisions, ``head`` is the last digest of that log."""

    events: tuple[Event, ...] = ()
    head: str = ""

    @property
    def essence(self) -> dict[str, Any]:
        """What decides the sound, and nothing else; empty where the treatment is that of the recipe alone."""
        steps = {
            str(position): {
                "findings": dict(one.findings),
                "spared": [list(stretch) for stretch in one.spared],
                "needed": one.needed,
            }
            for position, one in sorted(overrulings(self.events).items())
        }
        repaired = regions(self.events)
        return {**({"steps": steps} if steps else {}), **({"regions": repaired} if repaired else {})}

    def carried(self) -> Iterator[dict[str, Any]]:
        """The fields of each decision as the log of the next treatment has it."""
        for event in self.events:
            kept = {name: value for name, value in event.items() if name not in (*CHAIN, CARRIED, "concerns")}
            place = {"head": self.head, "event": event["digest"], "sequence": event["sequence"]}
            concerned = {"concerns": event["concerns"]} if event.get("concerns") else {}
            yield {**kept, CARRIED: {**place, **concerned}}

    def inapplicable(self, names: Sequence[str]) -> list[str]:
        """Sentences about decisions that concern a step which a recipe with these steps does not have in that place."""
        found = []
        for event in self.events:
            step = event.get("step")
            if step and (step["position"] > len(names) or names[step["position"] - 1] != step["name"]):
                there = names[step["position"] - 1] if step["position"] <= len(names) else "nothing"
                place = f"step {step['position']}, {step['name']}"
                found.append(f"event {event['sequence']} (by {event['by']}) overrules {place}; now it is {there}")
        return found

    def only(self, names: Sequence[str]) -> Standing:
        """Those of the decisions that apply to a recipe with these steps."""
        known = [event for event in self.events if not Standing((event,)).inapplicable(names)]
        return Standing(tuple(known), self.head)


NOTHING = Standing()


def treatment_key(row: Mapping[str, str], recipe_digest: str, decided: Standing) -> str:
    """What decides a bag: the row of its item in the manifest, the recipe, and what people decided of its steps."""
    essence = decided.essence
    return digest_of([row, recipe_digest, *([essence] if essence else [])])


def standing(events: Sequence[Event], carried_only: bool = False) -> Standing:
    """What stands of a log; ``carried_only``: only what its own treatment honours."""
    found = [
        event
        for event in events
        if event["event"] == DECISION
        and (is_change(event) or event.get("decision") == UNFIT)
        and (event.get(CARRIED) or not carried_only)
    ]
    return Standing(tuple(found), head_of(events))


@dataclass
class _Sum:
    """What several decisions on one step come to."""

    findings: dict[str, Any] = field(default_factory=dict)
    spared: list[Stretch] = field(default_factory=list)
    needed: bool | None = None
    decisions: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """A later finding, and a later word on whether it is needed, counts; stretches add up, until none is named."""
        self.findings |= event.get("findings", {})
        self.needed = event.get("needed", self.needed)
        if "spared" in event:
            rows = event.get("spared_in_step", event["spared"])
            self.spared = [*self.spared, *((one["start_s"], one["stop_s"]) for one in rows)] if rows else []
        self.decisions.append(int(event["sequence"]))
        self.sentences.append(f"{_told(event)} by {event['by']}: {event['reason'].rstrip('.')}.")

    def overruling(self) -> Overruling:
        return Overruling(
            self.findings, joined(self.spared), self.needed, tuple(self.decisions), tuple(dict.fromkeys(self.sentences))
        )


def overrulings(events: Sequence[Event]) -> dict[int, Overruling]:
    """What the decisions among some events come to, by the place of the step in the recipe."""
    sums: dict[int, _Sum] = {}
    for event in events:
        if event["event"] == DECISION and event.get("decision") == OVERRULED and is_change(event):
            sums.setdefault(int(event["step"]["position"]), _Sum()).take(event)
    return {position: one.overruling() for position, one in sums.items()}


def regions(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The regions that are to be repaired, each once, as the parameters of the step that does it."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["event"] == DECISION and event.get("decision") == REPAIR:
            region = region_of(event)
            found.setdefault(digest_of(region), region)
    return list(found.values())


def region_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """A region as the step takes it, from the fields of its decision."""
    return {name: said.get(name, "") for name in REGION}


def _told(event: Event) -> str:
    if event.get("needed") is not None:
        return "Carried out, as decided" if event["needed"] else "Left out, as decided"
    return "Overruled" if "findings" in event else "Left alone in places"
