"""Two treatments of one master side by side: only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from restoration.errors import BadBag
from restoration.provenance.condition_words import measure_rows, measures_of
from restoration.provenance.digital_source_type import IN_WORDS, digital_source_type
from restoration.provenance.generated import generated_sentence, generates, treated_steps
from restoration.provenance.label import label
from restoration.record import Event
from restoration.replaying.asking import BadQuestion
from restoration.replaying.treated_bag import TreatedBag
from restoration.replaying.two_sounds import Apart, apart

ABSENT = "absent"
Both = tuple[Any, Any]
"""What the first treatment has, and the second; "absent" where one has nothing."""


@dataclass(frozen=True, kw_only=True)
class StepApart:
    """A step that two treatments do not have alike; what is the same in both is left out."""

    name: str
    outcome: Both
    parameters: dict[str, Both]
    findings: dict[str, Both]
    models: dict[str, Both]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two treatments, ``bags``, of the master with the digest ``master_sha256``.

    ``recipe``, ``software``, ``steps`` and ``declared`` have only what differs; ``measures`` gives for each measure
    what it was before, and after the one and the other treatment, in words.
    """

    bags: Both
    master_sha256: str
    recipe: dict[str, Both]
    software: dict[str, Both]
    steps: list[StepApart]
    measures: list[tuple[str, str, str, str]]
    declared: dict[str, Both]
    sound: Apart

    @property
    def equal(self) -> bool:
        """Whether both did the same and gave the same; other versions of the software alone make no difference."""
        same = self.sound.level_dbfs is None and self.sound.sentence.endswith("the same to the sample.")
        return same and not (self.recipe or self.steps or self.declared)

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {"equal": self.equal, **asdict(self)}


def difference(first: Path, second: Path) -> Difference:
    """What two treatments have apart.

    Raises:
        BadQuestion: they are not of one master.
        BadBag, BrokenRecord: one is no bag of a treated item whose log can be read.
        BadSoundFile: a production master cannot be read.
    """
    bags = TreatedBag.open(first), TreatedBag.open(second)
    masters = [str(bag.one("extraction")["sha256"]) for bag in bags]
    if masters[0] != masters[1]:
        raise BadQuestion(
            f"{first} and {second} are of two masters: {bags[0].master.name} ({masters[0][:12]}…) and "
            f"{bags[1].master.name} ({masters[1][:12]}…); only treatments of one master can be compared"
        )
    said = [bag.one("ingestion") for bag in bags]
    return Difference(
        bags=(str(first), str(second)),
        master_sha256=masters[0],
        recipe=_unlike(*(one["recipe"] for one in said)),
        software=_unlike(*(one["software"] for one in said)),
        steps=_steps(*bags),
        measures=_measures(*bags),
        declared=_unlike(*(_declared(bag.events) for bag in bags)),
        sound=apart(*(_production_master(bag) for bag in bags)),
    )


def _unlike(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Both]:
    names = [*first, *(name for name in second if name not in first)]
    both = {name: (first.get(name, ABSENT), second.get(name, ABSENT)) for name in names}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def _steps(first: TreatedBag, second: TreatedBag) -> list[StepApart]:
    known, others = _by_name(first), _by_name(second)
    found = []
    for name in [*known, *(name for name in others if name not in known)]:
        one, other = known.get(name, {}), others.get(name, {})
        step = StepApart(
            name=name,
            outcome=(one.get("outcome", ABSENT), other.get("outcome", ABSENT)),
            parameters=_unlike(one.get("parameters", {}), other.get("parameters", {})) if one and other else {},
            findings=_unlike(one.get("findings", {}), other.get("findings", {})) if one and other else {},
            models=_unlike(one.get("weights", {}), other.get("weights", {})),
        )
        if step.outcome[0] != step.outcome[1] or step.parameters or step.findings or step.models:
            found.append(step)
    return found


def _by_name(bag: TreatedBag) -> dict[str, Event]:
    """The steps of the recipe in their order; a second of the same name is told from the first."""
    by_position = {event["position"]: event for event in bag.events if event["event"] == "step"}
    found: dict[str, Event] = {}
    for _, event in sorted(by_position.items()):
        name, number = str(event["name"]), 2
        while name in found:
            name, number = f"{event['name']} ({number})", number + 1
        found[name] = event
    return found


def _measures(first: TreatedBag, second: TreatedBag) -> list[tuple[str, str, str, str]]:
    before = measures_of(first.events, "before")
    one, other = (measure_rows(before, measures_of(bag.events, "after")) for bag in (first, second))
    after = {row.name: row.after for row in other}
    return [(row.name, row.before, row.after, after.get(row.name, "")) for row in one]


def _declared(events: tuple[Event, ...]) -> dict[str, str]:
    made = [generated_sentence(event) for event in treated_steps(events) if generates(event) != "nothing"]
    kind = digital_source_type(events)
    return {
        "generated": " ".join(made) or "nothing",
        "digital source type": IN_WORDS.get(kind, kind),
        "label": label(events).short,
    }


def _production_master(bag: TreatedBag) -> Path:
    event = bag.last("derivation", role="production master")
    place = bag.place(str(event["file"])) if event else None
    if place is None or not place.is_file():
        raise BadBag(f"{bag.folder}: its production master is not there")
    return place
