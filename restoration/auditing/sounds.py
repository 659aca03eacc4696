"""An unbroken chain of sound: from the master through every step to whatever was made of the result."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.record import Event

CHECK = "sounds"
OF_THE_END = ("production master", "residual", "segments", "map", "treatment report")
"""Roles of what is made of the restored sound and of no other."""


def steps_follow(bag: Bag) -> Iterator[Fault]:
    """Each step works on what the step before gave, the first on the master's sound; none is missing or twice."""
    sound, position = bag.first("extraction").get("result"), 0
    for step in bag.of_kind("step"):
        name = f"step {step.get('position')}, {step.get('name')}"
        if step["source"] != sound:
            yield _fault(step, f"{name}, worked on another sound than the one before it gave", sound, step["source"])
        if step["outcome"] != "treated" and step["result"] != step["source"]:
            yield _fault(
                step, f"{name}, was {step['outcome']} and yet gave another sound", step["source"], step["result"]
            )
        if step["outcome"] == "failed":
            continue
        position += 1
        if step["position"] != position:
            yield _fault(step, f"{name}, stands where step {position} should", str(position), str(step["position"]))
            position = int(step["position"])
        sound = step["result"]


def sources_known(bag: Bag) -> Iterator[Fault]:
    """Whatever is made or measured is of a sound that an earlier event gave; what must be of the end is of the end."""
    known: set[str] = set()
    master = bag.first("extraction").get("result", "")
    steps = [step for step in bag.of_kind("step") if step.get("outcome") != "failed"]
    restored = steps[-1]["result"] if steps else master
    for event in bag.events:
        source = event.get("source")
        if source is not None and source not in known:
            yield _fault(event, f"{_named(event)} is of a sound that no event before it gave", "", source)
        wanted = _wanted(event, master, restored)
        if wanted and source != wanted:
            which = "master's sound" if wanted == master else "restored sound"
            yield _fault(event, f"{_named(event)} is not of the {which}", wanted, str(source))
        if event["event"] in ("extraction", "step"):
            known.add(event["result"])


def _wanted(event: Event, master: str, restored: str) -> str:
    """The sound that an event must be about; empty where any known one will do."""
    if event["event"] == "measurement":
        return master if event.get("when") == "before" else restored
    if event["event"] in ("segmentation", "map") or event.get("role") in OF_THE_END:
        return restored
    return ""


def other_sounds(bag: Bag) -> Iterator[Fault]:
    """What a residual or a map's page says it was made with is in the log as well."""
    maps = {event["result"] for event in bag.of_kind("map")}
    master = bag.first("extraction").get("result")
    digests = {event.get("digest") for event in bag.events}
    for event in bag.of_kind("derivation"):
        said = event["parameters"]
        if "master" in said and said["master"] != master:
            yield _fault(event, f"{event['file']} was taken against another master", str(master), str(said["master"]))
        if event["role"] == "map" and said.get("map") not in maps:
            yield _fault(event, f"{event['file']} is of a map that no event tells of", "", str(said.get("map")))
        for moved in said.get("time_moved_by", ()):
            if moved["event"] not in digests:
                yield _fault(
                    event, f"{event['file']} names a step that moved time, which the log has not", "", moved["event"]
                )


def _named(event: Event) -> str:
    about = event.get("file") or event.get("name") or event.get("when") or ""
    return f"event {event.get('sequence')} ({' '.join(filter(None, [event['event'], str(about)]))})"


def _fault(event: Event, sentence: str, expected: object, found: str) -> Fault:
    wanted = f": expected {in_short(expected)}, found {in_short(found)}" if expected else f": {in_short(found)}"
    return Fault(
        check=CHECK, file=LOG, event=event.get("sequence"), sentence=f"{sentence}{wanted}",
        expected=str(expected or ""), found=found,
    )  # fmt: skip
