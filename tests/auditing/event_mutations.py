"""Mutations of the log: name -> what is done to the events, and what a fault must name.

``on_events`` leaves the digests as they were; ``on_a_chained_log`` makes chain and bag fit again, so that only what the
events say of each other, of the files and of the cards can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from restoration.provenance.digital_source_type import CAPTURED
from restoration.record import Event
from tests.auditing import forger
from tests.auditing.file_mutations import Mutation
from tests.auditing.forger import of_kind

Change = Callable[[list[Event]], object]
OTHER = "0123456789abcdef" * 4
"""A digest of nothing."""
DROPPED = {
    "ingestion": "the log has no ingestion",
    "fixity check": "the log has no before match fixity check",
    "extraction": "the log has no extraction",
    "measurement": "the log has no before measurement",
    "step": "stands where step 1 should",
    "segmentation": "the log has no segmentation",
    "map": "of a map that no event tells of",
    "derivation": "the log has no production master derivation",
    "packing": "the log has no packing",
}
"""What is missed of each kind, when one is taken out of a log that is chained anew."""


def kinds_of(bag: Path) -> list[str]:
    """The kinds of event in a log, in order."""
    return list(dict.fromkeys(event["event"] for event in forger.log(bag)))


def on_events(bag: Path) -> Iterator[Mutation]:
    """Each kind of event edited, dropped, doubled and moved, and the bag made to fit."""
    for kind in kinds_of(bag):
        number = _place(forger.log(bag), kind)
        yield f"{kind}: edited", _logged(lambda events, at=number: events[at].update(note="nothing happened")), (
            f"event {number + 1} ({kind}) was changed"
        )  # fmt: skip
        last = number == len(forger.log(bag)) - 1
        gone = f"the log has no {kind}" if last else "an event is missing"
        yield f"{kind}: dropped", _logged(lambda events, at=number: events.pop(at)), gone
        yield f"{kind}: doubled", _logged(lambda events, at=number: events.insert(at, events[at])), "missing, added or"
        yield f"{kind}: moved", _logged(lambda events, at=number: _moved(events, at)), "missing, added or"


def on_a_chained_log(bag: Path) -> Iterator[Mutation]:
    """The same with the chain computed anew: the report, which prints every digest, was written from another log."""
    for kind in kinds_of(bag):
        number = _place(forger.log(bag), kind)
        yield f"chained: {kind} doubled", _chained(lambda events, at=number: events.insert(at, events[at])), (
            "stands where step 2 should" if kind == "step" else "stands in the log more than once"
        )  # fmt: skip
        yield f"chained: {kind} dropped", _chained(lambda events, at=number: events.pop(at)), DROPPED[kind]
    yield (
        "chained: a kind that nobody knows",
        _chained(lambda events: events.append(_more(events, "blessing"))),
        "blessing",
    )
    yield "chained: an orphan", _chained(lambda events: events.insert(4, _orphan(events))), "no event before it gave"
    yield (
        "chained: nobody acted",
        _chained(lambda events: events[0]["software"].pop("heritage-voice")),
        "no name or no version",
    )
    for kind, field in REQUIRED:
        yield (
            f"chained: {kind} without {field}",
            _chained(lambda events, kind=kind, field=field: of_kind(events, kind).pop(field)),
            f"does not say its {field}",
        )
    for name, change, word in EDITS:
        yield f"chained: {name}", _chained(change), word


REQUIRED = (
    ("ingestion", "agent"),
    ("fixity check", "outcome"),
    ("extraction", "format"),
    ("measurement", "measures"),
    ("step", "findings"),
    ("segmentation", "models"),
    ("map", "figures"),
    ("derivation", "role"),
    ("packing", "treatment_key"),
)


def _edit(kind: str, field: str, value: Any, **which: Any) -> Change:
    return lambda events: of_kind(events, kind, **which).update({field: value})


def _inside(kind: str, field: str, name: str, value: Any, **which: Any) -> Change:
    return lambda events: of_kind(events, kind, **which)[field].update({name: value})


def _with_weights(events: Sequence[Event]) -> Event:
    return next(event for event in events if event.get("weights"))


def _steps(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event["event"] == "step"]


def _renumbered(events: list[Event]) -> None:
    """Take out a step that was left out, and close the gap."""
    events.remove(next(step for step in _steps(events) if step["outcome"] == "left out"))
    for position, step in enumerate(_steps(events), start=1):
        step["position"] = position


EDITS: tuple[tuple[str, Change, str], ...] = (
    ("another master in the row", _inside("ingestion", "item", "sha256", OTHER), "expected has the sha256"),
    ("another master found", _inside("fixity check", "found", "sha256", OTHER), "which its own digests deny"),
    ("a mismatch called match", _inside("fixity check", "expected", "md5", OTHER[:32], when="after"), "deny"),
    ("another master read", _edit("extraction", "sha256", OTHER), "where the record before it has"),
    ("another rate", _inside("extraction", "format", "sample_rate", 96000), "sample_rate 96000"),
    ("another sound read", _edit("extraction", "result", OTHER), "worked on another sound"),
    ("measured elsewhere", _edit("measurement", "source", OTHER), "no event before it gave"),
    ("measured after, of the master", lambda events: of_kind(events, "measurement", when="after").update(
        source=of_kind(events, "extraction")["result"]), "is not of the restored sound"),
    ("a step on another sound", lambda events: _steps(events)[2].update(source=OTHER), "worked on another sound"),
    ("a step elsewhere", lambda events: _steps(events)[1].update(position=9), "stands where step 2 should"),
    ("a left out step that changed", lambda events: next(
        step for step in _steps(events) if step["outcome"] == "left out").update(result=OTHER), "gave another sound"),
    ("a left out step taken out", _renumbered, "of the recipe"),
    ("another parameter", lambda events: _steps(events)[0]["parameters"].update(least_dbfs=-1.0), "of the recipe"),
    ("another recipe", _inside("ingestion", "recipe", "digest", OTHER), "neither the one that ships"),
    ("other weights", lambda events: _with_weights(events).update(
        weights=dict.fromkeys(_with_weights(events)["weights"], OTHER)), "that no card knows"),
    ("weights of nobody", lambda events: _with_weights(events).update(weights={"oracle": OTHER}), "there is no card"),
    ("other ears", _inside("segmentation", "models", "silero-vad", OTHER), "that no card knows"),
    ("generation claimed", lambda events: next(
        step for step in _steps(events) if step["outcome"] == "treated").update(generates="voice"), "it generates"),
    ("generation of a step left out", lambda events: next(
        step for step in _steps(events) if step["outcome"] == "left out").update(generates="band"), "it generates"),
    ("a derivative called a capture", _edit("derivation", "digital_source_type", CAPTURED), "digitalCapture"),
    ("a derivative of no class", _edit("derivation", "digital_source_type", "art"), "no digital source type"),
    ("a derivative of the master", lambda events: of_kind(events, "derivation").update(
        source=of_kind(events, "extraction")["result"]), "is not of the restored sound"),
    ("another MD5 of the sound", _inside("derivation", "format", "data_md5", OTHER[:32]),
     "in its MD5 chunk"),
    ("fewer frames", _inside("derivation", "format", "frames", 1), " frames, where"),
    ("another size", _edit("derivation", "bytes", 7), "bytes, where event"),
    ("another digest", _edit("derivation", "sha256", OTHER), "in manifest-sha256.txt, where event"),
    ("two files swapped", lambda events: _swapped(events), "in manifest-sha256.txt, where event"),
    ("a residual of another master", lambda events: of_kind(events, "derivation", role="residual")["parameters"].update(
        master=OTHER), "taken against another master"),
    ("a page of another map", lambda events: of_kind(events, "derivation", role="map")["parameters"].update(map=OTHER),
     "of a map that no event tells of"),
    ("figures of the map", _inside("map", "figures", "removed_cell_share", 0.0), "_map.json"),
    ("another speaker", lambda events: of_kind(events, "segmentation")["segments"][0].update(speaker="x"), ".csv"),
    ("another pause", lambda events: of_kind(events, "segmentation")["segments"][0].update(end_s=0.5), ".TextGrid"),
    ("packed more", lambda events: of_kind(events, "packing")["files"].append("data/x.wav"), "names data/x.wav"),
    ("packed less", lambda events: of_kind(events, "packing")["files"].pop(), "does not name"),
    ("another key", _edit("packing", "treatment_key", OTHER), "has the treatment key"),
    ("the clock turned back", _edit("packing", "time", "2001-01-01T00:00:00.000+00:00"), "before the event in front"),
    ("a time without a zone", _edit("packing", "time", "2026-01-01T00:00:00"), "says time"),
    ("started after its end", _edit("step", "started", "2099-01-01T00:00:00+00:00"), "after it ended"),
)  # fmt: skip


def _swapped(events: list[Event]) -> None:
    first, second = [event for event in events if event.get("role") == "access copy"][:2]
    first["file"], second["file"] = second["file"], first["file"]


def _moved(events: list[Event], at: int) -> None:
    """Change places with a neighbour."""
    other = at + 1 if at + 1 < len(events) else at - 1
    events[at], events[other] = events[other], events[at]


def _place(events: Sequence[Event], kind: str) -> int:
    return next(at for at, event in enumerate(events) if event["event"] == kind)


def _more(events: Sequence[Event], kind: str) -> Event:
    return {**events[-1], "event": kind}


def _orphan(events: Sequence[Event]) -> Event:
    return {**of_kind(events, "measurement"), "source": OTHER, "when": "after"}


def _logged(change: Change) -> Callable[[Path], None]:
    """The events changed, and the bag made to fit the log that came of it."""

    def work(bag: Path) -> None:
        events = forger.log(bag)
        change(events)
        forger.put_log(bag, events)
        forger.packed_again(bag)

    return work


def _chained(change: Change) -> Callable[[Path], None]:
    """The same, with the chain made anew."""

    def work(bag: Path) -> None:
        events = forger.log(bag)
        change(events)
        forger.put_log(bag, forger.chained(events))
        forger.packed_again(bag)

    return work
