"""What an item of a manifest allows to be made of the voice on it. Nothing is assumed: what is blank allows nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Protocol

from restoration.errors import NoConsent
from restoration.manifest.dates import day_fault
from restoration.manifest.vocabularies import CONSENT_SCOPES, CONSENTS_WITH_REFERENCE, VOICE_CONSENTS
from restoration.record import canonical, digest_of

COLUMN_OF = {
    "item": "identifier",
    "status": "voice_consent",
    "scope": "consent_scope",
    "given_by": "consent_given_by",
    "reference": "consent_ref",
    "document_sha256": "consent_document_sha256",
    "valid_from": "consent_from",
    "valid_until": "consent_until",
    "tk_label": "tk_label",
    "community_protocol": "community_protocol",
}
"""The column of the manifest that each field of a consent stands in."""

SEAL_KEY = "consent_sha256"
"""Where the metadata of ``voice.safetensors`` hold what ``sealed`` gave when the voice was trained."""


class Row(Protocol):
    """A row of a manifest, such as ``manifest.Item``."""

    @property
    def identifier(self) -> str: ...

    @property
    def fields(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Consent:
    """Consent to the use of the voice on one item, as its row of the manifest tells it; texts are blank where it is.

    Attributes:
        item: identifier of the item.
        status: ``none``, ``recorded``, ``estate`` or ``not-required``.
        scope: ``restoration only``, ``voice model`` or ``public synthetic speech``; another text allows nothing.
        given_by: who gave it.
        reference: where it is kept.
        document_sha256: digest of its document.
        valid_from, valid_until: first and last day, yyyy-mm-dd; blank where it has no beginning or no end.
        tk_label, community_protocol: a community's claim, which bars voices unless the status is ``recorded``.
    """

    item: str
    status: str
    scope: str = ""
    given_by: str = ""
    reference: str = ""
    document_sha256: str = ""
    valid_from: str = ""
    valid_until: str = ""
    tk_label: str = ""
    community_protocol: str = ""

    def as_dict(self) -> dict[str, str]:
        """Every field, for the card of a voice."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Consent:
        """The consent that a card holds.

        Raises:
            NoConsent: it is not what ``as_dict`` gives.
        """
        names = [field.name for field in fields(cls)]
        if set(told) != set(names) or not all(isinstance(text, str) for text in told.values()):
            raise NoConsent(f"the card of the voice holds no consent that can be read; it has the texts {names}")
        return cls(**told)


def consent_of(item: Row) -> Consent:
    """The consent of an item, from the columns of its row; blank columns stay blank."""
    told = {name: item.fields.get(column, "") for name, column in COLUMN_OF.items() if name != "item"}
    return Consent(item=item.identifier, **told)


def sealed(consents: Sequence[Consent]) -> str:
    """SHA-256 of the consents of a voice, in whatever order: what ``voice.safetensors`` holds in its metadata."""
    # Two archives may call two items by one identifier: every consent counts, not one for each identifier.
    return digest_of(sorted({canonical(consent.as_dict()) for consent in consents}))


def check_seal(consents: Sequence[Consent], seal: str) -> None:
    """Raise unless these are the consents that the voice was trained with.

    The seal has no secret key: it finds a card that was edited, not a voice that was made anew with another seal.

    Raises:
        NoConsent: the consents of the card are not those that ``seal`` was made of.
    """
    if not consents or sealed(consents) != seal:
        items = ", ".join(sorted({consent.item for consent in consents})) or "no item"
        raise NoConsent(
            f"the consent in the card of the voice ({items}) is not the one it was trained with: the card was changed. "
            "Put the card back, or train the voice again from a manifest that has the new consent"
        )


def consents_of_card(card: Mapping[str, Any], metadata: Mapping[str, str] | None) -> tuple[Consent, ...]:
    """The consents of a voice, from ``card["consent"]`` (one ``as_dict`` or a list of them), held to their seal.

    Args:
        card: what stands in ``card.json``.
        metadata: those of ``voice.safetensors``; the seal is under ``SEAL_KEY``.

    Raises:
        NoConsent: the card has none, or others than the voice was trained with, or the voice has no seal.
    """
    told = card.get("consent")
    listed = [told] if isinstance(told, Mapping) else told
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise NoConsent("the card of the voice holds no consent; train the voice again from a manifest that has it")
    if not (metadata or {}).get(SEAL_KEY):
        raise NoConsent(f"the voice has no seal of its consent ({SEAL_KEY} in voice.safetensors); train it again")
    consents = tuple(Consent.from_dict(each) for each in listed)
    check_seal(consents, (metadata or {})[SEAL_KEY])
    return consents


def allows(consent: Consent, scope: str) -> bool:
    """Whether the scope of a consent reaches as far as ``scope``, status and dates aside."""
    return _reach(consent.scope) >= _reach(scope) > 0


def _reach(scope: str) -> int:
    lower = [each.lower() for each in CONSENT_SCOPES]
    return lower.index(scope.lower()) + 1 if scope.lower() in lower else 0


def faults(consent: Consent, scope: str, on: date) -> list[str]:
    """Why a consent does not allow ``scope`` on a day: sentences that name column and cell; none if it does."""
    wrong = [*_of_status(consent), *_of_protocol(consent)]
    if not allows(consent, scope):
        wrong.append(f"consent_scope {_shown(consent.scope)}; this needs {' or '.join(_from(scope))}")
    return wrong + _of_days(consent, on)


def _from(scope: str) -> list[str]:
    return [f"“{each}”" for each in CONSENT_SCOPES[CONSENT_SCOPES.index(scope) :]]


def _shown(text: str) -> str:
    return f"is “{text}”" if text else "is blank"


def _of_status(consent: Consent) -> list[str]:
    status = consent.status.lower()
    if status not in VOICE_CONSENTS or status == "none":
        right = ", ".join(f"“{each}”" for each in VOICE_CONSENTS[1:])
        return [f"voice_consent {_shown(consent.status)}; {right} would allow a voice, if it is so"]
    if status in CONSENTS_WITH_REFERENCE and not consent.reference.strip():
        return [f"consent_ref is blank; voice_consent is “{status}”, so it says where that consent is kept"]
    return []


def _of_protocol(consent: Consent) -> list[str]:
    if consent.status.lower() == "recorded":
        return []
    return [
        f"{column} is “{text}”, which bars voice models unless voice_consent is “recorded”; it {_shown(consent.status)}"
        for column, text in (("tk_label", consent.tk_label), ("community_protocol", consent.community_protocol))
        if text
    ]


def _of_days(consent: Consent, on: date) -> list[str]:
    wrong = [
        f"{column} “{text}” {fault}"
        for column, text in (("consent_from", consent.valid_from), ("consent_until", consent.valid_until))
        if text and (fault := day_fault(text))
    ]
    if wrong:
        return wrong
    if consent.valid_from and on.isoformat() < consent.valid_from:
        wrong.append(f"consent_from is {consent.valid_from}: on {on} the consent has not begun")
    if consent.valid_until and on.isoformat() > consent.valid_until:
        wrong.append(f"consent_until is {consent.valid_until}: on {on} it is over; a consent that was renewed would do")
    return wrong
