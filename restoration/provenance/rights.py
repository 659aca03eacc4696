"""Rights in the recording and, apart from them, consent to the use of the voice: what the exports say of an item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from restoration.manifest.vocabularies import CONSENT_SCOPES, CONSENTS_WITH_REFERENCE
from restoration.provenance.history import History

Basis = Literal["copyright", "license", "other"]
Status = Literal["copyrighted", "public domain", "unknown", ""]
_STATEMENT = re.compile(r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([^/]+)", re.IGNORECASE)
_COMMONS = re.compile(r"https?://(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Rights:
    """Rights in a recording: ``status`` is of the copyright and blank where the basis is another."""

    uri: str
    basis: Basis
    status: Status
    holder: str
    access_level: str


@dataclass(frozen=True)
class VoiceConsent:
    """Consent to the use of a voice.

    Attributes:
        acts: the scopes of ``CONSENT_SCOPES`` that are granted; none where the status, a protocol or a revocation
            bars them. The days are not weighed here: they stand in ``valid_from`` and ``valid_until``.
        barred: why acts that the scope names are not granted, in sentences.
    """

    status: str
    scope: str
    given_by: str
    reference: str
    document_sha256: str
    valid_from: str
    valid_until: str
    restrictions: tuple[str, ...]
    acts: tuple[str, ...]
    barred: tuple[str, ...]


def rights_of(history: History) -> Rights:
    """The rights in the recording, by the columns of the item."""
    item = history.item
    uri = item.get("rights_uri", "")
    basis, status = _basis(uri)
    return Rights(uri, basis, status, item.get("rights_holder", ""), item.get("access_level", ""))


def _basis(uri: str) -> tuple[Basis, Status]:
    if found := _COMMONS.match(uri):
        # The mark says what the law made of a work; everything else of Creative Commons is granted by its holder.
        return ("copyright", "public domain") if found[2].lower() == "mark" else ("license", "")
    if found := _STATEMENT.match(uri):
        code = found[1].lower()
        if code.startswith("inc"):
            return "copyright", "copyrighted"
        return "copyright", "public domain" if code.startswith("noc") else "unknown"
    return "other", ""


def consent_of(history: History) -> VoiceConsent:
    """The consent of the item, as its columns and the revocations in its log have it."""
    item = history.item
    restrictions = tuple(
        f"{name}: {item[column]}"
        for column, name in (("tk_label", "TK label"), ("community_protocol", "Community protocol"))
        if item.get(column)
    )
    barred = tuple(_barred(history, restrictions))
    return VoiceConsent(
        status=item.get("voice_consent", ""),
        scope=item.get("consent_scope", ""),
        given_by=item.get("consent_given_by", ""),
        reference=item.get("consent_ref", ""),
        document_sha256=item.get("consent_document_sha256", ""),
        valid_from=item.get("consent_from", ""),
        valid_until=item.get("consent_until", ""),
        restrictions=restrictions,
        acts=() if barred else _acts(item),
        barred=barred,
    )


def _acts(item: Mapping[str, str]) -> tuple[str, ...]:
    """Each scope allows those before it; what is blank or in other words grants nothing."""
    lower = [scope.lower() for scope in CONSENT_SCOPES]
    scope = item.get("consent_scope", "").lower()
    return CONSENT_SCOPES[: lower.index(scope) + 1] if scope in lower else ()


def _barred(history: History, restrictions: tuple[str, ...]) -> list[str]:
    status = history.item.get("voice_consent", "").lower()
    wrong = [] if status not in ("", "none") else [f"The status of the consent is “{status or 'blank'}”."]
    if status in CONSENTS_WITH_REFERENCE and not history.item.get("consent_ref", "").strip():
        wrong.append("Nothing says where the consent is kept.")
    if restrictions and status != "recorded":
        wrong.append("A community's protocol bars the use of the voice unless consent is recorded.")
    revoked = [act for act in history.acts if act.kind == "revocation"]
    return [*wrong, *(f"Revoked at {act.ended}: {act.detail}." for act in revoked)]
