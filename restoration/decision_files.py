"""The decisions that a curator took with a page: a small JSON file, checked as a whole, and written into the log.

All of a file or nothing; the same file a second time adds nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from restoration.deciding import new_decision
from restoration.deciding_on import problems
from restoration.decisions import OVERRULED, REPAIR, UNFIT, BadDecision, Decision, seen_files
from restoration.growth import New, grow_by
from restoration.package import LOG
from restoration.packed import check_log_file
from restoration.record import Event, digest_of, read

FORMAT = "heritage-voice decisions 1"
ENTRY = "entry"
"""The field of a decision's event that names what it was written from: a digest of the entry and of its file's head."""
TEXTS, TIMES, NUMBERS = ("kind", "reason", "mask"), ("start_s", "stop_s"), ("low_hz", "high_hz")
FIELDS = (*TEXTS, *TIMES, *NUMBERS, "event", "findings", "spared", "needed")
CHANGES = ("findings", "spared", "needed")


class BadDecisionFile(BadDecision):
    """A file of decisions with problems, which are all in ``problems``; nothing was written."""

    def __init__(self, place: str, problems: Sequence[str]) -> None:
        self.place, self.problems = place, list(problems)
        super().__init__("\n".join([f"{place}: nothing was written:", *(f"  {one}" for one in self.problems)]))


@dataclass(frozen=True)
class DecisionFile:
    """Decisions on one item; ``head`` is the last digest of the log that was looked at, ``place`` what errors name.

    ``entries`` are digests, one for each of the ``decisions``, by which they are known again.
    """

    place: str
    identifier: str
    head: str
    by: str
    decisions: tuple[Decision, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What became of a file: the events that were added (or, of a trial, would be), and what was there before.

    ``newer`` are sentences about what the log has beside that since it was looked at.
    """

    bag: Path
    added: tuple[Event, ...]
    wanted: tuple[Decision, ...]
    known: int
    newer: tuple[str, ...]


def read_decisions(path: Path) -> DecisionFile:
    """A file of decisions.

    Raises:
        BadDecisionFile: all that is wrong with it, as far as that can be said without the bag.
        OSError: it cannot be read.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except ValueError as error:
        raise BadDecisionFile(str(path), [f"is not JSON ({error})"]) from error
    return parse_decisions(said, str(path))


def parse_decisions(said: object, place: str) -> DecisionFile:
    """Decisions from what JSON gave.

    Raises:
        BadDecisionFile: all that is wrong with them, as far as that can be said without the bag.
    """
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        found = said.get("format") if isinstance(said, dict) else type(said).__name__
        raise BadDecisionFile(place, [f"has the format {str(found)[:60]!r}, and {FORMAT!r} is what can be read"])
    wrong = list(_wrong_in_file(said))
    rows = said.get("decisions") if isinstance(said.get("decisions"), list) else []
    decisions = []
    for number, row in enumerate(rows or [], start=1):
        faults = list(_wrong_in_row(row))
        wrong += [f"decision {number}: {fault}" for fault in faults]
        try:
            decisions += [] if faults else [_decision(row, str(said.get("by", "")))]
        except BadDecision as error:
            wrong.append(f"decision {number}: {error}")
    if wrong:
        raise BadDecisionFile(place, list(dict.fromkeys(wrong)))
    identifier, head, by = said["identifier"], said["head"], said["by"].strip()
    entries = tuple(digest_of([identifier, head, by, row]) for row in rows or [])
    return DecisionFile(place, identifier, head, by, tuple(decisions), entries)


def write_decisions(file: DecisionFile, out: Path, *, trial: bool = False) -> Written:
    """Write the decisions of a file into the log of its bag in ``out``, all or none; a ``trial`` only checks them.

    Raises:
        BadDecisionFile: all that is wrong with them.
        BadBag, BadKey, BrokenRecord: as ``growth.grow``.
    """
    bag = out / file.identifier
    if not (bag / "bag-info.txt").is_file():
        missing = f"there is no bag “{file.identifier}” in {out}; --in names the folder of bags"
        raise BadDecisionFile(file.place, [missing])
    check_log_file(bag)
    found: list[Written] = []

    def wanted(events: Sequence[Event]) -> list[New]:
        found.append(_checked(file, bag, events))
        fresh = _fresh(file, events)
        files = seen_files(bag, events) if fresh else {}
        return [new_decision(one, files, {ENTRY: entry}) for one, entry in fresh]

    if trial:
        return _checked(file, bag, list(read(bag / LOG)))
    added = grow_by(bag, wanted)
    return Written(bag, tuple(added), found[0].wanted, found[0].known, found[0].newer)


def _fresh(file: DecisionFile, events: Sequence[Event]) -> list[tuple[Decision, str]]:
    """The decisions that the log does not have, with their entries."""
    known = {event.get(ENTRY) for event in events}
    both = dict(zip(file.entries, file.decisions, strict=True))
    return [(decision, entry) for entry, decision in both.items() if entry not in known]


def _checked(file: DecisionFile, bag: Path, events: Sequence[Event]) -> Written:
    fresh = _fresh(file, events)
    wrong = list(_wrong_item(file, events))
    heads = [event["digest"] for event in events]
    if fresh and file.head not in heads:
        wrong.append(
            f"it was decided on a log that ends with {file.head[:16]}…, which is no event of {bag / LOG}: the item was "
            "restored anew since, or this is another one; look at it again"
        )
    for decision, entry in fresh:
        number = file.entries.index(entry) + 1
        wrong += [f"decision {number} ({decision.kind}): {fault}" for fault in problems(decision, events)]
    if wrong:
        raise BadDecisionFile(file.place, wrong)
    newer = events[heads.index(file.head) + 1 :] if fresh else []
    own = {event["sequence"] for event in newer if event.get(ENTRY) in file.entries}
    told = tuple(_told(event) for event in newer if event["event"] != "seal" and event["sequence"] not in own)
    return Written(bag, (), tuple(one for one, _ in fresh), len(set(file.entries)) - len(fresh), told)


def _wrong_item(file: DecisionFile, events: Sequence[Event]) -> Iterator[str]:
    said = next((event["item"].get("identifier") for event in events if event["event"] == "ingestion"), None)
    if said != file.identifier:
        yield f"it is about the item “{file.identifier}”, and the log is that of “{said}”"


def _told(event: Event) -> str:
    by = f" by {event['by']}" if event.get("by") else ""
    return f"event {event['sequence']}, {event.get('decision', event['event'])}{by}"


def _wrong_in_file(said: Mapping[str, Any]) -> Iterator[str]:
    for name in ("identifier", "head", "by"):
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield f"it does not say its “{name}”"
    identifier = said.get("identifier")
    if isinstance(identifier, str) and (PurePosixPath(identifier).name != identifier or identifier.startswith(".")):
        yield f"“{identifier[:60]}” is no identifier of an item"
    if not isinstance(said.get("decisions"), list):
        yield "it has no list of “decisions”"


def _wrong_in_row(row: object) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "is no decision"
        return
    yield from (f"has a field “{name}”, which no decision has" for name in row if name not in FIELDS)
    yield from (f"“{name}” is no text" for name in TEXTS if not isinstance(row.get(name) or "", str))
    yield from (f"“{name}” is no number" for name in (*TIMES, *NUMBERS) if not _number(row.get(name), True))
    if (row.get("start_s") is None) != (row.get("stop_s") is None):
        yield "start_s and stop_s go together"
    if not isinstance(row.get("event") or 0, int) or isinstance(row.get("event"), bool):
        yield "“event” is no number of an event"
    if not isinstance(row.get("findings") or {}, dict):
        yield "“findings” are names with values"
    if row.get("needed") not in (None, True, False):
        yield "“needed” is true or false"
    yield from _wrong_spared(row.get("spared"))
    yield from _lacking(row)


def _wrong_spared(spared: object) -> Iterator[str]:
    rows = [] if spared is None else spared
    if not isinstance(rows, list) or not all(
        isinstance(one, dict) and set(one) == set(TIMES) and all(_number(one[name]) for name in TIMES) for one in rows
    ):
        yield "“spared” is a list of stretches, each with start_s and stop_s"


def _lacking(row: Mapping[str, Any]) -> Iterator[str]:
    kind = row.get("kind")
    if kind == OVERRULED and (row.get("event") is None or all(row.get(name) is None for name in CHANGES)):
        yield f"a “{OVERRULED}” names the event of the step, and findings, spared or needed"
    if kind in (UNFIT, REPAIR) and row.get("start_s") is None:
        yield f"a “{kind}” says where: start_s and stop_s"


def _decision(row: Mapping[str, Any], by: str) -> Decision:
    span = "" if row.get("start_s") is None else f"{float(row['start_s']):.6f}-{float(row['stop_s']):.6f}"
    concerns = f"event/{row['event']}" if row.get("event") is not None else span
    spared = row.get("spared")
    return Decision(
        kind=str(row.get("kind", "")),
        by=by,
        reason=str(row.get("reason") or ""),
        concerns=concerns,
        findings=row.get("findings"),
        spared=None if spared is None else tuple((float(one["start_s"]), float(one["stop_s"])) for one in spared),
        needed=row.get("needed"),
        low_hz=row.get("low_hz"),
        high_hz=row.get("high_hz"),
        mask=str(row.get("mask") or ""),
    )


def _number(value: object, may_lack: bool = False) -> bool:
    if value is None:
        return may_lack
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
