"""The bag of a treated item as a replay reads it: its log, its master, and the files that the log tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Self

from restoration.errors import BadBag
from restoration.manifest import Item
from restoration.recipe import AccessSettings, Recipe
from restoration.record import Event, read
from restoration.speech.segments import SegmentationParameters

LOG = PurePosixPath("data/record/events.jsonl")
REPORT = "data/record/treatment-report.html"
NEEDED = {
    "ingestion": ("item", "recipe", "software"),
    "extraction": ("file", "sha256", "result"),
    "step": ("position", "name", "parameters", "findings", "source", "result", "outcome", "weights", "version"),
    "derivation": ("file", "role", "sha256", "source", "parameters"),
    "segmentation": ("segments", "parameters", "models", "duration_s", "source"),
    "measurement": ("when", "measures"),
}
"""What is read of each kind of event."""


@dataclass(frozen=True)
class TreatedBag:
    """A bag and its ``events``, whose chain holds and which have what is read of them."""

    folder: Path
    events: tuple[Event, ...]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the log of a bag.

        Raises:
            BadBag: it is none of a treated item, or an event lacks what is read of it.
            BrokenRecord: the chain of its log does not hold.
        """
        log = folder / LOG
        if not log.is_file():
            raise BadBag(f"{folder}: is no bag of a restored item: {LOG} is not there")
        events = tuple(read(log))
        for event in events:
            missing = [name for name in NEEDED.get(str(event.get("event")), ()) if name not in event]
            if missing:
                raise BadBag(f"{log}: event {event['sequence']} ({event['event']}) has no “{missing[0]}”")
        for kind in ("ingestion", "extraction"):
            if not any(event["event"] == kind for event in events):
                raise BadBag(f"{log}: has no event “{kind}”; the treatment was not finished")
        return cls(folder, events)

    def last(self, kind: str, **same: object) -> Event | None:
        """The last event of that kind whose fields have those values."""
        for event in reversed(self.events):
            if event["event"] == kind and all(event.get(name) == value for name, value in same.items()):
                return event
        return None

    def one(self, kind: str) -> Event:
        """The last event of a kind that every log has.

        Raises:
            BadBag: this one has none.
        """
        found = self.last(kind)
        if found is None:
            raise BadBag(f"{self.folder / LOG}: has no event “{kind}”; the treatment was not finished")
        return found

    @property
    def identifier(self) -> str:
        return str(self.one("ingestion")["item"].get("identifier") or self.folder.name)

    @property
    def derivatives(self) -> dict[str, Event]:
        """By path in the bag, the event of each file that was derived, in the order they were written."""
        return {str(event["file"]): event for event in self.events if event["event"] == "derivation"}

    @cached_property
    def master(self) -> Path:
        return self.place(f"data/master/{self.one('extraction')['file']}")

    def place(self, file: str) -> Path:
        """Where a file of the bag lies.

        Raises:
            BadBag: the log names a place outside the bag.
        """
        parts = PurePosixPath(file).parts
        if not parts or parts[0] != "data" or ".." in parts:
            raise BadBag(f"{self.folder / LOG}: names a file outside the payload: {file}")
        return self.folder / file

    @property
    def item(self) -> Item:
        """The item as its row in the manifest described it; the master is the one in the bag."""
        fields = {name: str(value) for name, value in self.one("ingestion")["item"].items()}
        sha256 = str(self.one("extraction")["sha256"])
        return Item(self.identifier, self.master.name, self.master, sha256, None, fields.get("recipe"), 0, fields)

    @property
    def recipe(self) -> Recipe:
        """What the log says of the recipe. Its steps are events, and stand there with all their parameters."""
        said: dict[str, Any] = self.one("ingestion")["recipe"]
        name, purpose, version = (str(said.get(key, "")) for key in ("name", "purpose", "version"))
        return Recipe(name, purpose, version, (), SegmentationParameters(), AccessSettings())

    def before(self, last: Event | None) -> Sequence[Event]:
        """The log as it was when an event was written; the whole of it without one."""
        return self.events[: int(last["sequence"]) - 1] if last else self.events
