"""What an event of each kind must say. A kind that is not here is a fault: nobody could tell what it claims."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.chain import moment
from restoration.auditing.fault import Fault
from restoration.record import Event

CHECK = "fields"
Test = Callable[[Any], bool]
HEXADECIMAL = re.compile(r"[0-9a-f]{64}")


def text(value: Any) -> bool:
    """Some text."""
    return isinstance(value, str) and bool(value)


def any_text(value: Any) -> bool:
    """Text, which may be empty."""
    return isinstance(value, str)


def digest(value: Any) -> bool:
    """A SHA-256 in lower-case hexadecimal."""
    return isinstance(value, str) and bool(HEXADECIMAL.fullmatch(value))


def count(value: Any) -> bool:
    """A whole number that is not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def number(value: Any) -> bool:
    """A number that is not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def table(value: Any) -> bool:
    """Names and values."""
    return isinstance(value, dict)


def yes_or_no(value: Any) -> bool:
    """Yes or no."""
    return isinstance(value, bool)


def rows(value: Any) -> bool:
    """A list."""
    return isinstance(value, list)


def time(value: Any) -> bool:
    """A time with an offset from UTC."""
    return moment(value) is not None


def digests(value: Any) -> bool:
    """Names with a SHA-256 each."""
    return isinstance(value, dict) and all(digest(one) for one in value.values())


def exported_files(value: Any) -> bool:
    """A list of files, each with its name, role, sha256 and bytes, and one of them a sound."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    known = all(
        text(each.get("name")) and digest(each.get("sha256")) and count(each.get("bytes")) and text(each.get("role"))
        for each in value
    )
    return known and any(each["role"] == "sound" for each in value)


def one_of(*words: str) -> Test:
    """One of some words."""

    def test(value: Any) -> bool:
        return value in words

    test.__doc__ = f"One of: {', '.join(words)}."
    return test


COMMON: Mapping[str, Test] = {"sequence": count, "time": time, "previous": digest, "digest": digest}
KINDS: Mapping[str, Mapping[str, Test]] = {
    "ingestion": {"item": table, "recipe": table, "software": table, "agent": text},
    "fixity check": {
        "when": one_of("before", "after"),
        "file": text,
        "expected": table,
        "found": table,
        "outcome": one_of("match", "mismatch"),
    },
    "extraction": {"file": text, "sha256": digest, "bytes": count, "format": table, "result": digest, "warnings": rows},
    "measurement": {"when": one_of("before", "after"), "source": digest, "measures": table},
    "step": {
        **dict.fromkeys(("name", "about", "version", "device", "generates"), text),
        **dict.fromkeys(("source", "result"), digest),
        **dict.fromkeys(("parameters", "findings"), table),
        **dict.fromkeys(("seconds", "cpu_seconds"), number),
        "position": count,
        "weights": digests,
        "outcome": one_of("treated", "left out", "failed"),
        "reason": any_text,
        "started": time,
    },
    "segmentation": {
        "source": digest,
        "duration_s": number,
        "parameters": table,
        "models": digests,
        "speakers": rows,
        "segments": rows,
    },
    "map": {"source": digest, "result": digest, "steps": rows, "figures": table},
    "derivation": {
        "file": text,
        "role": text,
        "sha256": digest,
        "bytes": count,
        "source": digest,
        "parameters": table,
    },
    "packing": {"files": rows, "treatment_key": digest},
    "seal": {"head": digest, "upto": count, "key": text, "public_key": text, "signature": text},
    "key change": {"by": text, "reason": text, "key": digest, "public_key": text},
    "countersigning": {"by": text, "reason": text, "events": rows},
    "decision": {"decision": text, "by": text, "reason": text, "seen": table},
    "audit": {},
    "export": {
        **dict.fromkeys(("by", "about", "to"), text),
        **dict.fromkeys(("request", "source"), digest),
        **dict.fromkeys(("preset", "parameters", "loudness", "rights", "software"), table),
        "files": exported_files,
    },
    "revocation": {"reference": text, "by": text, "reason": text, "revoked": time, "register": digest},
}
MAY_SAY: Mapping[str, Mapping[str, Test]] = {
    "step": {"overruled": table},
    "decision": {
        **dict.fromkeys(("start_s", "stop_s", "low_hz", "high_hz"), number),
        **dict.fromkeys(("findings", "step", "carried_from"), table),
        **dict.fromkeys(("spared", "spared_in_step"), rows),
        "needed": yes_or_no,
        "mask": text,
        "entry": digest,
    },
}
"""What an event of a kind says only where there is something to say."""
ONLY_ONCE = {
    "ingestion": (),
    "fixity check": ("when", "outcome"),
    "extraction": (),
    "measurement": ("when",),
    "segmentation": (),
    "map": (),
    "derivation": ("file",),
    "packing": (),
}
"""Kinds that happen once, or once for each value of the fields named."""
ALWAYS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("ingestion", {}),
    ("fixity check", {"when": "before", "outcome": "match"}),
    ("extraction", {}),
    ("measurement", {"when": "before"}),
    ("measurement", {"when": "after"}),
    ("segmentation", {}),
    ("derivation", {"role": "production master"}),
    ("derivation", {"role": "residual"}),
    ("derivation", {"role": "access copy"}),
    ("derivation", {"role": "segments"}),
    ("fixity check", {"when": "after", "outcome": "match"}),
    ("packing", {}),
)
"""What the log of every bag has, in this order."""


def fields(bag: Bag) -> Iterator[Fault]:
    """Every event is of a known kind and says what its kind must, in a form that can be read."""
    for event in bag.events:
        required = KINDS.get(event["event"])
        if required is None:
            yield _fault(event, "is of a kind that nobody here knows", found=event["event"])
            continue
        optional = {name: test for name, test in MAY_SAY.get(event["event"], {}).items() if name in event}
        for name, test in {**COMMON, **required, **optional}.items():
            if name not in event:
                yield _fault(event, f"does not say its {name}", expected=name)
            elif not test(event[name]):
                wanted = (test.__doc__ or "").rstrip(".")
                yield _fault(event, f"says {name} {str(event[name])[:80]!r}", wanted, str(event[name])[:200])


def once(bag: Bag) -> Iterator[Fault]:
    """What happens once is there once, and what always happens is there, in its order."""
    keys = Counter(_key(event) for event in bag.events if event["event"] in ONLY_ONCE)
    for event in bag.events:
        if keys.pop(_key(event), 0) > 1 and event.get("outcome") != "mismatch":
            yield _fault(event, "stands in the log more than once", expected="once")
    latest = 0
    for kind, said in ALWAYS:
        found = bag.first(kind, **said)
        words = " ".join([*said.values(), kind])
        if not found:
            yield Fault(check=CHECK, file=LOG, sentence=f"the log has no {words}", expected=words)
            continue
        here = bag.events.index(found)
        if here < latest:
            yield _fault(found, f"stands too early: {words} comes after event {latest + 1}")
        latest = max(latest, here)


def _key(event: Event) -> tuple[str, ...]:
    return (event["event"], *(str(event.get(name)) for name in ONLY_ONCE.get(event["event"], ())))


def _fault(event: Event, sentence: str, expected: str = "", found: str = "") -> Fault:
    where = f"event {event.get('sequence')} ({event['event']})"
    wanted = f"; expected: {expected}" if expected and found else ""
    return Fault(
        check=CHECK, file=LOG, event=event.get("sequence"), sentence=f"{where} {sentence}{wanted}",
        expected=expected, found=found,
    )  # fmt: skip
