"""The hash chain of the log, line by line, and its times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from restoration.auditing.bag import LOG, Bag, LogLine
from restoration.auditing.fault import Fault, in_short
from restoration.record import GENESIS, Event, canonical, digest_of

CHECK = "chain"


def chain(bag: Bag) -> Iterator[Fault]:
    """Each line is an event, written as the log writes it, numbered, with its own digest and that of the one before."""
    if not bag.log:
        yield Fault(check=CHECK, file=LOG, sentence=f"{LOG} is missing or empty: nothing tells how this bag was made")
    previous = GENESIS
    for line in bag.log:
        if line.event is None:
            yield Fault(check=CHECK, file=LOG, sentence=f"line {line.number} of {LOG} {line.problem}")
            continue
        yield from _link(line, line.event, previous)
        previous = str(line.event.get("digest", ""))


def _link(line: LogLine, event: Event, previous: str) -> Iterator[Fault]:
    number, kind = event.get("sequence"), event["event"]
    place = f"event {line.number} ({kind})"
    digest = _digest(event)
    if event.get("digest") != digest:
        yield _fault(line, f"{place} was changed after it was written", digest, event.get("digest"))
    elif line.text != canonical(event).encode() + b"\n":
        yield _fault(line, f"{place} is not written as the log writes: its bytes were changed", "canonical JSON", "")
    if event.get("previous") != previous:
        yield _fault(line, f"{place} does not follow the line before: an event is missing, added or moved", previous,
                     event.get("previous"))  # fmt: skip
    if number != line.number:
        yield _fault(line, f"{place} has the sequence number {number}", line.number, number)


def _digest(event: Event) -> str:
    try:
        return digest_of({key: value for key, value in event.items() if key != "digest"})
    except ValueError:
        # NaN and infinity, and halves of surrogate pairs, which the log never holds.
        return "none: it holds what the log cannot"


def _fault(line: LogLine, sentence: str, expected: object, found: object) -> Fault:
    what = f": expected {in_short(expected)}, found {in_short(found)}" if len(str(expected)) == 64 else ""
    return Fault(
        check=CHECK, file=LOG, event=line.number, sentence=sentence + what, expected=str(expected), found=str(found)
    )


def times(bag: Bag) -> Iterator[Fault]:
    """Times have an offset from UTC and do not run backwards; nothing starts after it ended."""
    latest: datetime | None = None
    for event in bag.events:
        ended, started = moment(event.get("time")), moment(event.get("started", event.get("time")))
        if ended is None or started is None:
            yield _about(event, f"{_named(event)} has no time with an offset from UTC", str(event.get("time")))
            continue
        if started - ended > timedelta(0):
            yield _about(event, f"{_named(event)} started at {event['started']}, after it ended at {event['time']}")
        if latest is not None and ended < latest:
            before = latest.isoformat(timespec="milliseconds")
            yield _about(event, f"{_named(event)} is of {event['time']}, before the event in front of it ({before})")
        latest = max(latest or ended, ended)


def moment(text: object) -> datetime | None:
    """A time with an offset from UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _named(event: Event) -> str:
    return f"event {event.get('sequence')} ({event['event']})"


def _about(event: Event, sentence: str, found: str = "") -> Fault:
    return Fault(check="times", file=LOG, event=event.get("sequence"), sentence=sentence, found=found)
