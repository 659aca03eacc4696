"""What the rights and the consent of an item come to: whether it is in copyright, and what may be made of the voice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from restoration.manifest.vocabularies import CONSENT_SCOPES, CONSENTS_WITH_REFERENCE
from restoration.provenance.history import History
from restoration.provenance.rights import Rights, VoiceConsent, consent_in, rights_in

Status = Literal["copyrighted", "public domain", "unknown"]
_STATEMENT = re.compile(r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Grants:
    """What a consent grants.

    Attributes:
        acts: scopes of ``CONSENT_SCOPES``; none where the status, a protocol or a revocation bars them. The days of
            the consent are not weighed here, for the export must not change with the calendar.
        restrictions: what a community asks for, in words.
        barred: why acts that the scope names are not granted, in sentences.
    """

    acts: tuple[str, ...]
    restrictions: tuple[str, ...]
    barred: tuple[str, ...]


def copyright_status(rights: Rights) -> Status:
    """The status that a statement about copyright gives; "unknown" where it gives none."""
    if "creativecommons.org/publicdomain/mark/" in rights.uri.lower():
        return "public domain"
    found = _STATEMENT.match(rights.uri)
    code = found[1].lower() if found else ""
    if code.startswith("inc"):
        return "copyrighted"
    return "public domain" if code.startswith("noc") else "unknown"


def grants_of(history: History) -> Grants:
    """What may be made of the voice of an item, as its columns and the revocations in its log have it."""
    rights, consent = rights_in(history.item), consent_in(history.item)
    claims = (("TK label", rights.tk_label), ("Community protocol", rights.community_protocol))
    restrictions = tuple(f"{name}: {text}" for name, text in claims if text)
    barred = (*_barred(consent, restrictions), *_revoked(history))
    return Grants(() if barred else _acts(consent), restrictions, barred)


def _acts(consent: VoiceConsent) -> tuple[str, ...]:
    """Each scope allows those before it; what is blank or in other words grants nothing."""
    lower = [scope.lower() for scope in CONSENT_SCOPES]
    scope = consent.scope.lower()
    return CONSENT_SCOPES[: lower.index(scope) + 1] if scope in lower else ()


def _barred(consent: VoiceConsent, restrictions: tuple[str, ...]) -> list[str]:
    status = consent.status.lower()
    wrong = [] if status not in ("", "none") else [f"The status of the consent is “{status or 'blank'}”."]
    if status in CONSENTS_WITH_REFERENCE and not consent.reference.strip():
        wrong.append("Nothing says where the consent is kept.")
    if restrictions and status != "recorded":
        wrong.append("A community's protocol bars the use of the voice unless consent is recorded.")
    return wrong


def _revoked(history: History) -> list[str]:
    revocations = [act for act in history.acts if act.kind == "revocation"]
    return [f"The consent was revoked at {act.ended}: {act.detail}" for act in revocations]
