"""What the seals of a log are worth: which events are signed, by which keys, and what is wrong.

What a seal is, and what somebody can do to a log in spite of it, stands in ``restoration.seals``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from restoration.record import Event
from restoration.seals import (
    KEY_CHANGE,
    SEAL,
    SEAL_FIELDS,
    decoded,
    fingerprint_of,
    identifier_of,
    is_signed,
    raw,
    signed_text,
)


class WrongSeal(NamedTuple):
    """One thing that is wrong: the event's sequence number, or None where it is about the whole log, and a sentence."""

    event: int | None
    sentence: str


@dataclass(frozen=True)
class SealReport:
    """What the seals of a log are worth.

    Attributes:
        seals: sequence numbers of the seals, good or not.
        sealed_upto: the last event that a good seal signs; 0 where none does.
        keys: fingerprints of the keys that made good seals, in order, each once.
        in_force: fingerprint of the key that has to make the next seal; blank before the first.
        unsealed: sequence numbers of the events after the last good seal, which nobody signed.
        trusted_upto: the last event that the trusted key vouches for, by its own seals or by those of a key that it
            handed over to; None where no trusted key was given.
        wrong: what is wrong. Unsealed events are not in it: whether there may be some is for others to say.
    """

    seals: tuple[int, ...]
    sealed_upto: int
    keys: tuple[str, ...]
    in_force: str
    unsealed: tuple[int, ...]
    trusted_upto: int | None
    wrong: tuple[WrongSeal, ...]


@dataclass
class _Reading:
    """How far a log has been read: the key in force, the one announced, and who vouches for what."""

    identifier: str
    trusted: str | None
    in_force: str = ""
    announced: dict[int, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    vouching: set[str] = field(default_factory=set)
    sealed_upto: int = 0
    last_seal: int = 0
    trusted_upto: int = 0
    wrong: list[WrongSeal] = field(default_factory=list)

    def change(self, event: Event) -> None:
        """Read a change of key, which holds once the older key has sealed it."""
        key = decoded(event.get("public_key"))
        if len(key) != 32 or fingerprint_of(key) != event.get("key"):
            self.wrong.append(WrongSeal(event["sequence"], "names a new key that does not fit its fingerprint"))
        else:
            self.announced[event["sequence"]] = str(event["key"])

    def seal(self, event: Event, before: Event | None) -> None:
        """Read a seal; from a good one on, what it signs is signed."""
        faults = [*_faults(event, before, self.identifier)]
        key = str(event.get("key"))
        if not faults and self.in_force and key != self.in_force:
            faults.append(f"is sealed with the key {key[:16]}…, and {self.in_force[:16]}… never handed over to that")
        self.wrong += [WrongSeal(event["sequence"], fault) for fault in faults]
        if not faults:
            self._good(event, key)

    def _good(self, event: Event, key: str) -> None:
        self.in_force = key
        self.sealed_upto, self.last_seal = event["upto"], event["sequence"]
        if key not in self.keys:
            self.keys.append(key)
        if key == self.trusted:
            self.vouching.add(key)
        if key in self.vouching:
            self.trusted_upto = event["upto"]
        for sequence in [one for one in self.announced if one <= event["upto"]]:
            self.in_force = self.announced.pop(sequence)
            if key in self.vouching:
                self.vouching.add(self.in_force)


def check_seals(events: Sequence[Event], trusted: Ed25519PublicKey | None = None) -> SealReport:
    """Check every seal of a log whose chain holds (``record.read``).

    Args:
        events: the whole log.
        trusted: the archive's public key, from elsewhere than the bag. It is the one that sealed the log last, or one
            that handed over to that by a change of key.
    """
    reading = _Reading(identifier_of(events), fingerprint_of(raw(trusted)) if trusted else None)
    for position, event in enumerate(events):
        if event["event"] == KEY_CHANGE:
            reading.change(event)
        elif event["event"] == SEAL:
            reading.seal(event, events[position - 1] if position else None)
    seals = tuple(event["sequence"] for event in events if event["event"] == SEAL)
    wrong = [*reading.wrong, *_not_trusted(reading, bool(seals))]
    return SealReport(
        seals=seals,
        sealed_upto=reading.sealed_upto,
        keys=tuple(reading.keys),
        in_force=reading.in_force,
        unsealed=tuple(range(reading.last_seal + 1, len(events) + 1)),
        trusted_upto=reading.trusted_upto if trusted else None,
        wrong=tuple(wrong),
    )


def _not_trusted(reading: _Reading, has_seals: bool) -> Iterator[WrongSeal]:
    if reading.trusted is None or reading.trusted_upto == reading.sealed_upto > 0:
        return
    key = f"the trusted key {reading.trusted[:16]}…"
    if not has_seals:
        yield WrongSeal(None, f"the log has no seal, and {key} should have sealed it")
    elif not reading.trusted_upto:
        yield WrongSeal(None, f"{key} never sealed this log; {', '.join(one[:16] + '…' for one in reading.keys)} did")
    else:
        yield WrongSeal(None, f"{key} vouches for the events up to {reading.trusted_upto} and not for what follows")


def _faults(event: Event, before: Event | None, identifier: str) -> Iterator[str]:
    """What is wrong with a seal, whoever's it is."""
    if set(event) != SEAL_FIELDS:
        odd = ", ".join(sorted(set(event) ^ SEAL_FIELDS))
        yield f"is no seal as this software writes them: it lacks, or has too many of, the fields {odd}"
        return
    if before is None:
        yield "is a seal of nothing: no event stands before it"
        return
    if event["head"] != before["digest"] or event["upto"] != before["sequence"] or type(event["upto"]) is not int:
        yield f"does not seal the event before it ({before['sequence']}, {before['digest'][:16]}…)"
    if event["time"] != before["time"]:
        yield f"has a time of its own, {event['time']}; a seal has that of the event it seals, {before['time']}"
    public, signature = decoded(event["public_key"]), decoded(event["signature"])
    if len(public) != 32 or fingerprint_of(public) != event["key"]:
        yield "holds a public key that does not fit its fingerprint"
    elif not is_signed(public, signature, signed_text(identifier, before["sequence"], before["digest"])):
        yield "holds a signature that does not fit: the log before it, its identifier or the seal was changed"
