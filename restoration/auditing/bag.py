"""A bag under audit, read without trusting it: what lies there, what its manifests list, what its log says."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from restoration.package import LOG
from restoration.provenance.history import History, history
from restoration.record import Event

REPORT = "data/record/treatment-report.html"
MANIFEST = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
LINE_END = re.compile(r"\r\n|\n|\r")
LINE = re.compile(r"([0-9a-fA-F]+)[ \t]+\*?(.+)")


@dataclass(frozen=True)
class Line:
    """A line of a manifest; ``name`` is relative to the bag, None where the line is none."""

    number: int
    text: str
    name: str | None
    digest: str


@dataclass(frozen=True)
class Manifest:
    """A manifest as it was read: ``of_tags`` tells a tag manifest from one of the payload."""

    file: str
    algorithm: str
    of_tags: bool
    lines: tuple[Line, ...]

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> digest in lower case, of the lines that can be read."""
        return {line.name: line.digest for line in self.lines if line.name is not None}


@dataclass(frozen=True)
class LogLine:
    """A line of the log: its bytes, and the event if it is one (a JSON object that names its kind)."""

    number: int
    text: bytes
    event: Event | None
    problem: str = ""


class Bag:
    """What lies in the folder ``path``; everything is read when first asked for, and once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def files(self) -> Mapping[str, int]:
        """Every plain file, relative to the bag -> bytes."""
        return self._listing[0]

    @cached_property
    def oddities(self) -> Mapping[str, str]:
        """What else lies there -> what it is: links, devices, empty folders."""
        return self._listing[1]

    @cached_property
    def manifests(self) -> tuple[Manifest, ...]:
        """Every manifest and tag manifest at the top of the bag."""
        named = [(name, MANIFEST.fullmatch(name)) for name in sorted(self.files)]
        return tuple(self._manifest(name, found[2], bool(found[1])) for name, found in named if found)

    @property
    def payload_digests(self) -> dict[str, str]:
        """SHA-256 of the payload as the bag's manifest has it; empty without one."""
        return next((one.digests for one in self.manifests if one.file == "manifest-sha256.txt"), {})

    @cached_property
    def info(self) -> list[tuple[str, str]]:
        """The fields of bag-info.txt in order; a line that is none has an empty name."""
        lines = LINE_END.split(self.text("bag-info.txt"))
        pairs = [line.partition(": ") for line in lines if line.strip()]
        return [(name, value) if middle else ("", name) for name, middle, value in pairs]

    @cached_property
    def log(self) -> list[LogLine]:
        """The lines of the log, whatever they hold."""
        lines = self.bytes(LOG).splitlines(keepends=True)
        return [_log_line(number, line) for number, line in enumerate(lines, start=1)]

    @cached_property
    def events(self) -> list[Event]:
        """The events that can be read at all."""
        return [line.event for line in self.log if line.event is not None]

    @cached_property
    def history(self) -> History:
        """The history that the log tells. May raise anything on a log that is not as it should be."""
        return history(self.events)

    def of_kind(self, *kinds: str) -> list[Event]:
        """The events of those kinds, in order."""
        return [event for event in self.events if event["event"] in kinds]

    def first(self, kind: str, **fields: object) -> Event:
        """The first event of a kind with those fields, or an empty one."""
        for event in self.of_kind(kind):
            if all(event.get(name) == value for name, value in fields.items()):
                return event
        return {}

    def bytes(self, name: str) -> bytes:
        """The content of a plain file of the bag; nothing where there is none."""
        return (self.path / name).read_bytes() if name in self.files else b""

    def text(self, name: str) -> str:
        """The same as text; what is no UTF-8 is replaced."""
        return self.bytes(name).decode("utf-8", "replace")

    @cached_property
    def _listing(self) -> tuple[dict[str, int], dict[str, str]]:
        files: dict[str, int] = {}
        odd: dict[str, str] = {}
        for folder, folders, names in os.walk(self.path):
            here = Path(folder)
            for name in sorted(names) + [name for name in folders if (here / name).is_symlink()]:
                _look_at(here / name, self._name(here / name), files, odd)
            if not folders and not names and here != self.path:
                odd[self._name(here)] = "an empty folder, which a bag cannot hold"
        return files, odd

    def _name(self, place: Path) -> str:
        return place.relative_to(self.path).as_posix()

    def _manifest(self, name: str, algorithm: str, of_tags: bool) -> Manifest:
        lines = enumerate(LINE_END.split(self.text(name)), start=1)
        return Manifest(name, algorithm, of_tags, tuple(_line(number, text) for number, text in lines if text.strip()))


def _look_at(place: Path, name: str, files: dict[str, int], odd: dict[str, str]) -> None:
    about = place.lstat()
    if stat.S_ISREG(about.st_mode):
        files[name] = about.st_size
    else:
        odd[name] = "a symbolic link" if stat.S_ISLNK(about.st_mode) else "neither a file nor a folder"


def _line(number: int, text: str) -> Line:
    found = LINE.fullmatch(text)
    if not found:
        return Line(number, text, None, "")
    # Line breaks in names are percent-encoded (RFC 8493, 2.1.3).
    name = found[2].replace("%0A", "\n").replace("%0a", "\n").replace("%0D", "\r").replace("%0d", "\r")
    return Line(number, text, name, found[1].lower())


def _log_line(number: int, text: bytes) -> LogLine:
    try:
        event: Any = json.loads(text)
    except ValueError as error:
        return LogLine(number, text, None, f"is not JSON ({error})")
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return LogLine(number, text, None, "is no event: it names no kind")
    return LogLine(number, text, event)
