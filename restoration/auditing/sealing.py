"""Who vouches for the log: its seals, the archive's key from elsewhere, and the register of heads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from restoration import heads
from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.package import JOURNAL
from restoration.seal_check import SealReport, check_seals
from restoration.seals import PUBLIC_KEY_FILE, last_public_key, public_pem, read_public

CHECK = "seals"


def report_of(bag: Bag, key: Path | None) -> SealReport:
    """What the seals of a log are worth, by the archive's key if there is one."""
    return check_seals(bag.events, _trusted(key) if key else None)


@cache
def _trusted(key: Path) -> Ed25519PublicKey:
    return read_public(key)


def seals(bag: Bag, key: Path | None) -> Iterator[Fault]:
    """Every seal holds, none but the key given made them, and once a log is sealed all of it is."""
    report = report_of(bag, key)
    for number, sentence in report.wrong:
        place = f"event {number} (seal) " if number is not None else ""
        yield Fault(check=CHECK, file=LOG, event=number, sentence=place + sentence)
    if report.seals and report.unsealed:
        first, last = report.unsealed[0], report.unsealed[-1]
        sentence = f"the events {first} to {last} came after the last seal that holds, and nobody signed them"
        yield Fault(check=CHECK, file=LOG, event=first, sentence=sentence, expected="a seal")


def public_key(bag: Bag) -> Iterator[Fault]:
    """The public key that lies in the bag is that of its last seal."""
    last = last_public_key(bag.events)
    if last is None:
        return
    if bag.text(PUBLIC_KEY_FILE) != public_pem(last):
        sentence = f"{PUBLIC_KEY_FILE} is missing, or is not the key of the log's last seal"
        yield Fault(check=CHECK, file=PUBLIC_KEY_FILE, sentence=sentence, expected=public_pem(last))


def broken_off(bag: Bag) -> Iterator[Fault]:
    """No growth of the log is half done."""
    if JOURNAL in bag.files:
        sentence = f"{JOURNAL} lies in the bag: a growth of the log was broken off; `restoration reseal` finishes it"
        yield Fault(check=CHECK, file=JOURNAL, sentence=sentence)


def in_register(bag: Bag, register: Path) -> Iterator[Fault]:
    """The register of heads knows this log, and knows no later or other one of the same item."""
    known = heads.compare(bag.events, register)
    for sentence in known.wrong:
        yield Fault(check="heads", file=LOG, sentence=f"register of heads: {sentence}")
    if not known.known and not known.wrong:
        yield Fault(
            check="heads", file=LOG, sentence="the register of heads knows nothing of this log", severity="warning"
        )
    elif known.upto < len(bag.events) and not known.wrong:
        sentence = f"the register of heads knows the log up to event {known.upto} of {len(bag.events)}"
        yield Fault(check="heads", file=LOG, event=known.upto, sentence=sentence, severity="warning")


def sealed_by(report: SealReport) -> str:
    """In words: who vouches for the log, and how far."""
    if not report.keys:
        return "nobody"
    far = f"{', '.join(map(in_short, report.keys))} to event {report.sealed_upto}"
    if report.trusted_upto is None:
        return f"{far}, whoever that is"
    vouched = "" if report.trusted_upto == report.sealed_upto else f" to event {report.trusted_upto}"
    return f"{far}, the key given{vouched}" if report.trusted_upto else f"{far}, not the key given"


def unchecked(report: SealReport, key: Path | None, register: Path | None) -> Iterator[str]:
    """What seals alone cannot tell, and nobody gave what could."""
    if not report.seals and key is None:
        yield "The log has no seal: whether somebody made it anew cannot be known."
    elif key is None:
        yield (
            "No key was given (--key): the seals fit the key that lies in the bag, and who made the log anew could "
            "have put another there. Whose seals they are is not known."
        )
    if register is None:
        yield "No register of heads was given (--heads): whether the log was rolled back to an earlier one is unknown."
