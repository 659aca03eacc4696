"""The event log of one item: append-only JSON lines, each holding the digest of the one before.

It is the source of truth: every report and export is a pure function of it. An edited, dropped, repeated or reordered
line breaks the chain. A line torn by a crash is no event: it is cut off when the log is opened again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from restoration.errors import BrokenRecord

Event = dict[str, Any]
GENESIS = "0" * 64


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: the same value always gives the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of ``value``."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class Record:
    """An event log on disk. Opening it checks the chain and cuts off a torn last line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _cut_torn_line(path)
        self.events: list[Event] = list(read(path)) if path.exists() else []

    @property
    def head(self) -> str:
        """Digest of the last event; 64 zeros when there is none."""
        return str(self.events[-1]["digest"]) if self.events else GENESIS

    def append(self, kind: str, /, **fields: object) -> Event:
        """Add an event and see it on the disk before returning."""
        self.keep(following(self.events, kind, **fields))
        return self.events[-1]

    def keep(self, event: Event) -> None:
        """Add an event that ``following`` made of this log.

        Raises:
            BrokenRecord: it does not follow the last one.
        """
        _check_link(self.path, len(self.events) + 1, event, self.head)
        line = canonical(event)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        # As it will be read: what is made of the log now must be what is made of it later, the order of keys included.
        self.events.append(json.loads(line))

    def find(self, kind: str, **fields: object) -> Event | None:
        """The last event of that kind whose fields have those values."""
        for event in reversed(self.events):
            if event["event"] == kind and all(event.get(key) == value for key, value in fields.items()):
                return event
        return None


def following(events: Sequence[Event], kind: str, /, **fields: object) -> Event:
    """The event that would come next in a log, with its digest; a field ``time`` stands in for the clock.

    Raises:
        ValueError: a field has the name of one that holds the chain together.
    """
    if taken := {"sequence", "event", "previous", "digest"} & set(fields):
        raise ValueError(f"the fields {sorted(taken)} of an event are the log's own")
    event: Event = {
        "sequence": len(events) + 1,
        "event": kind,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **fields,
        "previous": str(events[-1]["digest"]) if events else GENESIS,
    }
    event["digest"] = digest_of(event)
    return event


def read(path: Path) -> Iterator[Event]:
    """The events of a log, each checked against its digest and the one before.

    Raises:
        BrokenRecord: naming the line and what is wrong with it.
    """
    previous = GENESIS
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            event = _parse(path, number, line)
            _check_link(path, number, event, previous)
            previous = event["digest"]
            yield event


def _parse(path: Path, number: int, line: str) -> Event:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise BrokenRecord(f"{path}: line {number} is not JSON ({error})") from error
    if not isinstance(event, dict) or "digest" not in event:
        raise BrokenRecord(f"{path}: line {number} is not an event: it has no digest")
    return event


def _check_link(path: Path, number: int, event: Event, previous: str) -> None:
    body = {key: value for key, value in event.items() if key != "digest"}
    if digest_of(body) != event["digest"]:
        raise BrokenRecord(f"{path}: line {number} was changed after it was written: its digest does not fit")
    if event.get("previous") != previous:
        raise BrokenRecord(f"{path}: line {number} does not follow line {number - 1}: an event is missing or moved")
    if event.get("sequence") != number:
        raise BrokenRecord(f"{path}: line {number} has the sequence number {event.get('sequence')}")


def _cut_torn_line(path: Path) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        os.truncate(path, content.rfind(b"\n") + 1)
