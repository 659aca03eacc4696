"""How a log grows after its bag was packed: an event, its seal, the exports written anew, the bag sealed again.

All of it or nothing, whenever the machine stops. What is added is written to ``growth.jsonl`` in the bag first, in one
stroke, with the seal; from then on it stands, and whoever comes next carries it through. So nobody ever signs an event
that was found in a log: a growth signs what it wrote itself, and refuses a log that holds more than its last seal does.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from restoration import heads, package, packed
from restoration.errors import BadBag, BrokenRecord
from restoration.package import JOURNAL, LOG, LOG_HEAD
from restoration.provenance.exports import EXPORTS, exported
from restoration.record import Event, Record, canonical, following, read
from restoration.seal_check import check_seals
from restoration.seals import (
    PUBLIC_KEY_FILE,
    SEAL,
    BadKey,
    Signer,
    configured,
    identifier_of,
    last_public_key,
    public_pem,
    seal_fields,
)

COUNTERSIGNING = "countersigning"
New = tuple[str, Callable[[Sequence[Event]], Mapping[str, object]]]
"""The kind of an event, and what makes its fields of the log before it."""
Wanted = Callable[[Sequence[Event]], Sequence[New]]
"""What is to be added to a log."""


def grow(bag: Path, kind: str, /, **fields: object) -> Event:
    """Append an event to the log of a bag, seal it where a key is configured, and make the bag whole again.

    Waits while another program grows the same bag, and first finishes what one that was killed had begun.

    Raises:
        BadBag: the log does not continue the head in bag-info.txt, the payload is not what was packed, a seal is wrong,
            or there are events that nobody sealed; nothing was written.
        BadKey: the key that RESTORATION_KEY names cannot be used, or is not the one that this log is sealed with.
        BrokenRecord: the log was changed after it was written.
    """
    return grow_by(bag, lambda _: [(kind, lambda _: fields)])[0]


def grow_by(bag: Path, wanted: Wanted) -> list[Event]:
    """Append several events at once, all or none, sealed together; those of ``wanted`` in their order.

    ``wanted`` is asked while the bag is held, so that what it sees of the log is what the events will follow.

    Raises:
        BadBag, BadKey, BrokenRecord: as ``grow``; and what ``wanted`` raises, with nothing written.
    """
    with held(bag):
        signer = configured()
        finish(bag)
        events = _at_rest(bag, signer)
        return _added(bag, events, signer, wanted(events))


def reseal(bag: Path, by: str = "", reason: str = "") -> list[Event]:
    """Finish a growth that was broken off; then, where ``by`` and ``reason`` are given, sign what nobody has signed.

    Returns the events that are newly in the log: none, those that were broken off, or a countersigning, which names the
    events that somebody has looked at and vouches for.

    Raises:
        BadBag, BadKey, BrokenRecord: as ``grow``; there is no key to sign with.
    """
    with held(bag):
        signer = configured()
        finished = finish(bag)
        if not (by and reason):
            return finished
        if signer is None:
            raise BadKey(f"{bag}: there is no key to sign with; RESTORATION_KEY names its file")
        events = _at_rest(bag, signer, unsealed_too=True)
        unsealed = check_seals(events).unsealed
        if not unsealed:
            return finished
        about = {"by": by, "reason": reason, "events": list(unsealed)}
        return [*finished, *_added(bag, events, signer, [(COUNTERSIGNING, lambda _: about)])]


def write_exports(bag: Path, events: Sequence[Event]) -> None:
    """Write every export of a log into its bag, and the public key of its last seal."""
    for name, text in _texts(events).items():
        (bag / name).parent.mkdir(parents=True, exist_ok=True)
        package.write_whole(bag / name, text)


def close_log(bag: Path, record: Record, signer: Signer | None) -> None:
    """End the log of a bag that is being packed: its seal, where there is a key, its head in the register, the exports.

    It may be broken off and called again: a log that is sealed is not sealed twice.
    """
    if signer is not None and record.find(SEAL) is None:
        record.append(SEAL, **seal_fields(identifier_of(record.events), record.events, signer))
    register = heads.configured()
    if register is not None:
        heads.register(record.events, register)
    write_exports(bag, record.events)


@contextmanager
def held(bag: Path) -> Iterator[None]:
    """Hold a bag, so that two growths of it come one after the other; the lock is on the folder and leaves nothing.

    Raises:
        BadBag: there is no such folder.
    """
    descriptor = _locked(bag)
    # Whoever waited may hold a folder that was set aside meanwhile, where a newer bag stands now.
    while not _is_still(bag, descriptor):
        os.close(descriptor)
        descriptor = _locked(bag)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(bag: Path) -> int:
    try:
        descriptor = os.open(bag, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BadBag(f"{bag}: is no bag ({error.strerror})") from error
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _is_still(bag: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(bag.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def finish(bag: Path) -> list[Event]:
    """Carry a growth through that was begun, in a bag that is ``held``; the events that it added.

    Raises:
        BadBag: what was begun does not follow the log, or the payload is not what was packed.
    """
    journal = bag / JOURNAL
    if not journal.exists():
        return []
    growing = _growing()
    for name in growing:
        # A killed write leaves its half-written file, which is no payload.
        (bag / f"{name}.part").unlink(missing_ok=True)
    record, added = Record(bag / LOG), _journal(journal)
    missing = _missing(bag, record.events, added)
    still = packed.check_payload(bag, record.events, growing)
    for event in missing:
        record.keep(event)
    register = heads.configured()
    if register is not None:
        heads.register(record.events, register)
    write_exports(bag, record.events)
    kept = {name: text for name, text in package.read_info(bag).items() if name not in package.OWN_INFO}
    package.seal(bag, still, {**kept, LOG_HEAD: record.head})
    journal.unlink()
    package.sync_folder(bag)
    return added


def _added(bag: Path, events: list[Event], signer: Signer | None, wanted: Sequence[New]) -> list[Event]:
    """Write down what shall be added, in one stroke, and carry it through."""
    grown = list(events)
    for kind, fields in wanted:
        grown.append(following(grown, kind, **fields(grown)))
    added = grown[len(events) :]
    if not added:
        return []
    told = list(added)
    if signer is not None:
        told.append(following(grown, SEAL, **seal_fields(identifier_of(grown), grown, signer)))
    # An export that cannot tell of the event must say so while nothing is written yet.
    _texts([*events, *told])
    package.write_whole(bag / JOURNAL, "".join(canonical(each) + "\n" for each in told))
    finish(bag)
    return added


def _at_rest(bag: Path, signer: Signer | None, unsealed_too: bool = False) -> list[Event]:
    """The events of a bag that may grow: whole as far as sizes tell, its seals good, nothing in it unaccounted for."""
    events = list(read(packed.check_log_file(bag)))
    packed.check_closed(bag, events, _growing())
    packed.check_payload(bag, events, _growing())
    _check_seals(bag, events, signer, unsealed_too)
    register = heads.configured()
    if register is not None and register.exists():
        report = heads.compare(events, register)
        if report.wrong:
            raise BadBag(f"{bag}: {report.wrong[0]}")
    return events


def _check_seals(bag: Path, events: Sequence[Event], signer: Signer | None, unsealed_too: bool) -> None:
    report = check_seals(events)
    if report.wrong:
        event, sentence = report.wrong[0]
        raise BadBag(f"{bag}: event {event} {sentence}")
    if signer is None or not report.seals:
        return
    if report.in_force != signer.fingerprint:
        raise BadKey(
            f"{bag}: its log is sealed with the key {report.in_force[:16]}…, and RESTORATION_KEY names "
            f"{signer.fingerprint[:16]}…; name the right one, or hand over with `restoration key change`"
        )
    if report.unsealed and not unsealed_too:
        raise BadBag(
            f"{bag}: the events {report.unsealed[0]} to {report.unsealed[-1]} of its log came after its last seal and "
            f"nobody has signed them. Look at them; `restoration reseal {bag} --by NAME --reason TEXT` signs them"
        )


def _journal(journal: Path) -> list[Event]:
    try:
        added = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        if added and all(isinstance(event, dict) and isinstance(event.get("sequence"), int) for event in added):
            return added
    except ValueError as error:
        raise BadBag(f"{journal}: holds no events ({error}); whoever wrote it was not this software") from error
    raise BadBag(f"{journal}: holds no events; whoever wrote it was not this software")


def _missing(bag: Path, events: list[Event], added: list[Event]) -> list[Event]:
    """Those of the events that were to be added which the log lacks."""
    begun = [event for event in added if event["sequence"] <= len(events)]
    same = all(events[event["sequence"] - 1] == event for event in begun)
    if not same or len(events) > added[-1]["sequence"]:
        raise BrokenRecord(f"{bag}: {JOURNAL} does not continue the log: one of them was changed after it was written")
    missing = added[len(begun) :]
    wrong = check_seals([*events, *missing]).wrong
    if wrong:
        raise BadBag(
            f"{bag}: {JOURNAL} holds what this log cannot be continued with: event {wrong[0].event} {wrong[0].sentence}"
        )
    return missing


def _growing() -> set[str]:
    """The payload files that change when a log grows."""
    return {LOG, PUBLIC_KEY_FILE, *EXPORTS}


def _texts(events: Sequence[Event]) -> dict[str, str]:
    key = last_public_key(events)
    return exported(events) | ({PUBLIC_KEY_FILE: public_pem(key)} if key else {})
