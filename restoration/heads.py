"""The register of heads: how far each log had come, written down where the bags are not.

A log that was rolled back to an earlier state, or made anew, is whole in itself, and sealed as it once was. It is found
by comparing it with ``heads.jsonl`` in the folder that RESTORATION_HEADS names, to which every packing and every growth
appends the identifier, how many events there are and the head. Keep that folder on another machine, or send its last
line away from time to time: it is a chain, so that one line vouches for all before it. One register is for one
collection: of two bags with one identifier, only that which grew last agrees with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from restoration import ledger
from restoration.errors import RestorationError
from restoration.package import LOG
from restoration.record import Event, read
from restoration.seals import identifier_of

HEADS_VARIABLE = "RESTORATION_HEADS"
FILE = "heads.jsonl"
HEAD = "head"


@dataclass(frozen=True)
class HeadsReport:
    """What a register knows of a log: ``known`` heads of it, the last of them ``upto``, and what is ``wrong``."""

    known: int
    upto: int
    wrong: tuple[str, ...]


def configured() -> Path | None:
    """The register in the folder that RESTORATION_HEADS names; None where it is not set.

    Raises:
        RestorationError: it names no folder.
    """
    folder = ledger.folder_named_by(HEADS_VARIABLE)
    return folder / FILE if folder else None


def register(events: Sequence[Event], place: Path) -> None:
    """Append the head of a log, unless it is the last that is known of it.

    Raises:
        BrokenRecord: the register was changed.
    """
    head = _head(events)
    known = [event for event in ledger.events_of(place) if event["identifier"] == head["identifier"]]
    if not known or any(known[-1][name] != value for name, value in head.items()):
        ledger.append(place, HEAD, **head)


def check_heads(bag: Path, place: Path) -> HeadsReport:
    """Compare the log of a bag with a register, a file or the folder that holds it.

    Raises:
        BrokenRecord: the log or the register was changed.
        RestorationError: there is no register.
    """
    return compare(list(read(bag / LOG)), place)


def compare(events: Sequence[Event], place: Path) -> HeadsReport:
    """Compare a log with a register.

    Raises:
        BrokenRecord: the register was changed.
        RestorationError: there is no register.
    """
    place = place / FILE if place.is_dir() else place
    if not place.is_file():
        raise RestorationError(f"{place}: there is no register of heads; {HEADS_VARIABLE} names the folder of one")
    own = _head(events)
    state = place.stat()
    of_item = _by_item(place, state.st_size, state.st_mtime_ns).get(own["identifier"], ())
    of_log = [one for one in of_item if one["log"] == own["log"]]
    wrong = [fault for one in of_log if (fault := _fault(one, events))]
    if of_item and of_item[-1]["log"] != own["log"]:
        when = of_item[-1]["time"][:10]
        wrong.append(
            f"the register’s last head of this item, of {when}, is that of another log: this one is older, or made up"
        )
    return HeadsReport(len(of_log), max((one["upto"] for one in of_log), default=0), tuple(wrong))


@lru_cache(maxsize=1)
def _by_item(place: Path, _size: int, _modified_ns: int) -> dict[str, list[Event]]:
    """The heads of each item, read once for as long as the register stays as it is: an audit asks for every bag."""
    found: dict[str, list[Event]] = {}
    for one in ledger.events_of(place):
        found.setdefault(one["identifier"], []).append(one)
    return found


def _head(events: Sequence[Event]) -> dict[str, Any]:
    """What is registered; ``log`` is the digest of the first event, which tells two logs of one item apart."""
    if not events:
        raise RestorationError("a log without events has no head")
    return {
        "identifier": identifier_of(events),
        "log": events[0]["digest"],
        "upto": len(events),
        "head": events[-1]["digest"],
    }


def _fault(known: Event, events: Sequence[Event]) -> str:
    sequence, when = known["upto"], known["time"][:10]
    if sequence > len(events):
        return f"the log had {sequence} events on {when} and has {len(events)}: it was rolled back"
    if events[sequence - 1]["digest"] != known["head"]:
        return f"event {sequence} is not the one that was there on {when}: the log was made anew from before it"
    return ""
