"""Consents that were taken back: an append-only register, which goes before every card of a voice.

The register is ``revocations.jsonl`` in the folder that RESTORATION_CONSENTS names, or a file of any name. A line that
was edited, moved or dropped inside it is found, and then nothing is allowed; that its last lines were cut off cannot be
told from the file alone, so a copy of it belongs where the archive keeps its letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from restoration import ledger
from restoration.errors import NoConsent
from restoration.record import Event
from restoration.voice.consent import Consent

CONSENTS_VARIABLE = "RESTORATION_CONSENTS"
FILE = "revocations.jsonl"
REVOKED = "consent revoked"
REVOCATION = "revocation"
"""The kind of event that a bag's own log holds when its consent was taken back."""


def register_of(given: Path | None = None) -> Path | None:
    """The register: ``given``, or the one in the folder that RESTORATION_CONSENTS names; None where neither is.

    A folder that is given stands for the ``revocations.jsonl`` in it.

    Raises:
        RestorationError: RESTORATION_CONSENTS names no folder.
    """
    if given is not None:
        return given / FILE if given.is_dir() else given
    folder = ledger.folder_named_by(CONSENTS_VARIABLE)
    return folder / FILE if folder else None


def registers(given: Path | None = None) -> tuple[Path, ...]:
    """Every register that counts: the one that RESTORATION_CONSENTS names is read beside one that is given."""
    found = (register_of(given), register_of())
    return tuple(dict.fromkeys(path.resolve() for path in found if path))


def revoke(register: Path, reference: str, by: str, reason: str) -> Event:
    """Write down that the consent of this reference, or of the item of this identifier, is void from now on.

    Raises:
        NoConsent: ``reference``, ``by`` or ``reason`` is blank.
        BrokenRecord: the register was changed.
    """
    for name, text in (("reference", reference), ("by", by), ("reason", reason)):
        if not text.strip():
            raise NoConsent(f"a revocation says its {name}; consent_ref or the identifier of the item is a reference")
    return ledger.append(register, REVOKED, reference=reference.strip(), by=by.strip(), reason=reason.strip())


def revocations(given: Path | None = None) -> list[Event]:
    """Every revocation of the registers that count, the oldest first; each has reference, by, reason and time.

    Raises:
        BrokenRecord: a register was changed.
        RestorationError: a folder that should hold one is not there.
    """
    found = [event for path in registers(given) for event in ledger.events_of(path) if event["event"] == REVOKED]
    return sorted(found, key=lambda event: str(event["time"]))


def revocation_of(consent: Consent, found: Sequence[Event]) -> Event | None:
    """The first revocation that names this consent by its reference or by its item; capitals and spaces aside."""
    names = {key_of(name) for name in (consent.reference, consent.item) if name.strip()}
    return next((event for event in found if key_of(str(event["reference"])) in names), None)


def key_of(name: str) -> str:
    """A reference as it is compared: capitals and spaces aside."""
    return " ".join(name.split()).casefold()
