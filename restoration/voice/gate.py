"""The one gate that every use of a voice passes: training, conversion, live, speech, blend, cover and export.

``permit`` asks the consents of all items of a voice and the register of revocations, and gives a ``Permit`` or raises a
sentence. What makes sound takes the permit and calls ``check``, which believes nothing that stands in the permit: what
was granted is remembered here, for that very object, so that a copy, a pickled, derived or hand-made permit is none.

This stops mistakes, short cuts and edited files. It does not stop somebody who changes this code: nothing written in
Python can, and the marks of ``marking`` and the log of ``usage`` are there for what happens then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, final
from weakref import WeakKeyDictionary

from restoration.errors import NoConsent
from restoration.record import Event
from restoration.voice.consent import Consent, faults, sealed
from restoration.voice.revocation import revocation_of, revocations

_MODEL, _PUBLIC = "voice model", "public synthetic speech"
SCOPE_FOR: Mapping[str, str] = MappingProxyType(
    {
        "train": _MODEL,
        "convert": _MODEL,
        "live": _MODEL,
        "blend": _MODEL,
        "cover": _MODEL,
        "export": _MODEL,
        "speak": _PUBLIC,
    }
)
"""The scope of consent that each purpose needs; anything public needs the widest."""

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType({"speak": ("convert",), "cover": ("convert",)})
"""Purposes that another purpose has as a part: who may make a cover may convert for it."""


def today() -> date:
    """The day by the clock of the machine, where it stands."""
    return datetime.now().astimezone().date()


@dataclass(frozen=True, kw_only=True)
class Use:
    """What somebody wants to do with a voice.

    Attributes:
        purpose: one of ``SCOPE_FOR``.
        by: who does it, for the usage log; never blank.
        public: whether what is made will be heard by others than those who made it.
        on: the day of the use, today or later.
    """

    purpose: str
    by: str
    public: bool
    on: date


@dataclass(frozen=True)
class Terms:
    """What was granted: for which use, by which consents (their seal, where they are kept), by which register."""

    use: Use
    seal: str
    references: tuple[str, ...]
    register: Path | None


_TOKEN = object()


@final
class Permit:
    """Leave for one use of one voice on one day. Only ``permit`` makes one that ``check`` accepts."""

    __slots__ = ("__weakref__",)

    def __new__(cls, token: object = None) -> Permit:
        if token is not _TOKEN:
            raise NoConsent("a permit is given by restoration.voice.gate.permit and made nowhere else")
        return super().__new__(cls)

    def __init_subclass__(cls, **_: Any) -> NoReturn:
        raise NoConsent("there is one kind of permit: nothing can be derived from it")

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise NoConsent("a permit cannot be copied or kept in a file; ask the gate again where it is needed")

    def check(self, purpose: str, consents: Sequence[Consent], *, public: bool = False) -> None:
        """As ``gate.check``."""
        check(self, purpose, consents, public=public)

    @property
    def use(self) -> Use:
        """What was permitted."""
        return terms_of(self).use

    @property
    def seal(self) -> str:
        """Digest of the consents that it was permitted by: which voice it is for."""
        return terms_of(self).seal

    @property
    def references(self) -> tuple[str, ...]:
        """Where the consents are kept, or the items where nothing is kept, for the mark of what is made."""
        return terms_of(self).references


_GRANTED: WeakKeyDictionary[Permit, Terms] = WeakKeyDictionary()


def permit(consents: Sequence[Consent], use: Use, revoked: Path | None = None) -> Permit:
    """Leave to use a voice, or the sentences that say why not.

    Args:
        consents: of every item that the voice was, or shall be, trained on; every one must allow the use.
        use: what it is wanted for.
        revoked: the register of revocations; the one that RESTORATION_CONSENTS names is always read as well.

    Raises:
        NoConsent: with a sentence for each thing that is wanting: item, column and what would be right.
        BrokenRecord: a register was changed after it was written.
        RestorationError: the folder of a register is not there.
    """
    use = _own(use)
    _check_use(use)
    _check_consents(consents, use, revocations(revoked))
    references = tuple(dict.fromkeys(each.reference or f"item {each.item}" for each in consents))
    return _grant(Terms(use, sealed(consents), references, revoked))


def check(granted: Permit, purpose: str, consents: Sequence[Consent], *, public: bool = False) -> None:
    """Raise unless this permit is one, and is for this purpose, this voice and today.

    The registers are read again: a consent that was revoked since the permit was given is found. What makes sound
    calls this function rather than the method, so that no other object with a ``check`` of its own can stand in.

    Args:
        granted: what ``permit`` gave.
        purpose: what is about to be done.
        consents: those of the voice, from its card.
        public: whether the result will be public.

    Raises:
        NoConsent, BrokenRecord, RestorationError: as ``permit``.
    """
    terms = terms_of(granted)
    use = terms.use
    if purpose != use.purpose:
        raise NoConsent(f"the permit is to {use.purpose}, not to {purpose}; ask the gate for that")
    if sealed(consents) != terms.seal:
        items = ", ".join(sorted({consent.item for consent in consents}))
        raise NoConsent(f"the permit is for another voice, not for the one of {items}; ask the gate for this one")
    if public and not use.public:
        raise NoConsent("the permit is not for what will be public; ask the gate with public=True")
    if use.on != today():
        raise NoConsent(f"the permit is for {use.on}, and today is {today()}; ask the gate again")
    _check_consents(consents, use, revocations(terms.register))


def part(granted: Permit, purpose: str) -> Permit:
    """A permit for a part of what was permitted, such as the conversion in a cover: same voice, person and day.

    It is for the functions inside; the use is counted and marked by the permit of the whole, so that it counts once.

    Raises:
        NoConsent: ``purpose`` is no part of it.
    """
    terms = terms_of(granted)
    if purpose not in PARTS.get(terms.use.purpose, ()):
        raise NoConsent(f"to {purpose} is no part of what is permitted, which is to {terms.use.purpose}")
    return _grant(replace(terms, use=replace(terms.use, purpose=purpose)))


def _own(use: Use) -> Use:
    """Another object of the same content: whoever holds the first one cannot change what was granted."""
    day = date(use.on.year, use.on.month, use.on.day)
    return Use(purpose=str(use.purpose), by=str(use.by), public=bool(use.public), on=day)


def _grant(terms: Terms) -> Permit:
    granted = Permit(_TOKEN)
    _GRANTED[granted] = terms
    return granted


def terms_of(granted: Permit) -> Terms:
    """What the gate granted with this very object.

    Raises:
        NoConsent: the gate did not give it.
    """
    terms = _GRANTED.get(granted) if type(granted) is Permit else None
    if terms is None:
        raise NoConsent("this is no permit that the gate has given; restoration.voice.gate.permit gives one")
    return replace(terms, use=_own(terms.use))


def _check_use(use: Use) -> None:
    if use.purpose not in SCOPE_FOR:
        raise NoConsent(f"there is no purpose “{use.purpose}”; there are {', '.join(SCOPE_FOR)}")
    if not use.by.strip():
        raise NoConsent("nobody is named who uses the voice; those who gave it are owed a name")
    if use.on < today():
        raise NoConsent(f"the use is on {use.on}, which is past; what is made today needs consent today")


def _check_consents(consents: Sequence[Consent], use: Use, revoked: Sequence[Event]) -> None:
    if not consents:
        raise NoConsent("the voice names no item, so nobody has allowed it; it needs the consent of every item")
    scope = _PUBLIC if use.public else SCOPE_FOR[use.purpose]
    wanted = f"to {use.purpose}{' in public' if use.public else ''}"
    reasons = [
        f"item {consent.item}, {wanted}: {fault}"
        for consent in consents
        for fault in [*faults(consent, scope, use.on), *_revoked(consent, revoked)]
    ]
    if reasons:
        raise NoConsent(*reasons)


def _revoked(consent: Consent, found: Sequence[Event]) -> list[str]:
    event = revocation_of(consent, found)
    if event is None:
        return []
    return [
        f"consent_ref “{consent.reference}” is void: “{event['reference']}” was revoked on {event['time'][:10]} by "
        f"{event['by']} ({event['reason']}); a consent that was given anew has a reference of its own"
    ]
