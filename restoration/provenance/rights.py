"""The rights in a recording and, apart from them, the consent to the use of the voice on it, for the exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Basis = Literal["copyright", "license", "other"]


@dataclass(frozen=True)
class Rights:
    """The rights in a recording; texts are blank where the manifest does not say.

    Attributes:
        uri: statement of rightsstatements.org or licence of creativecommons.org (column ``rights_uri``).
        holder: who holds them (``rights_holder``).
        basis: PREMIS 3 ``rightsBasis``: ``license`` for a licence or waiver of Creative Commons, ``copyright`` for a
            statement about copyright (rightsstatements.org, Public Domain Mark), ``other`` for any other address.
        access_level: who may hear it (``access_level``).
        tk_label, community_protocol: a community's claim (columns of these names).
    """

    uri: str
    holder: str
    basis: Basis
    access_level: str
    tk_label: str
    community_protocol: str


@dataclass(frozen=True)
class VoiceConsent:
    """The consent to the use of the voice; texts are blank where the manifest does not say, and blank grants nothing.

    Attributes:
        status: ``none``, ``recorded``, ``estate`` or ``not-required`` (column ``voice_consent``).
        scope: ``restoration only``, ``voice model`` or ``public synthetic speech`` (``consent_scope``).
        given_by: who gave it (``consent_given_by``).
        reference: where it is kept (``consent_ref``).
        valid_from, valid_until: first and last day, yyyy-mm-dd (``consent_from``, ``consent_until``).
        document_sha256: digest of its document (``consent_document_sha256``).
    """

    status: str
    scope: str
    given_by: str
    reference: str
    valid_from: str
    valid_until: str
    document_sha256: str


def rights_in(item: Mapping[str, str]) -> Rights:
    """The rights that a row of a manifest states."""
    uri = item.get("rights_uri", "")
    texts = (item.get(name, "") for name in ("access_level", "tk_label", "community_protocol"))
    return Rights(uri, item.get("rights_holder", ""), basis_of(uri), *texts)


def consent_in(item: Mapping[str, str]) -> VoiceConsent:
    """The consent that a row of a manifest states."""
    columns = ("voice_consent", "consent_scope", "consent_given_by", "consent_ref", "consent_from", "consent_until",
               "consent_document_sha256")  # fmt: skip
    return VoiceConsent(*(item.get(name, "") for name in columns))


def basis_of(uri: str) -> Basis:
    """The PREMIS rights basis of a statement's address."""
    address = uri.lower().partition("://")[2].removeprefix("www.")
    if address.startswith(("creativecommons.org/licenses/", "creativecommons.org/publicdomain/zero/")):
        return "license"
    if address.startswith(("rightsstatements.org/", "creativecommons.org/publicdomain/mark/")):
        return "copyright"
    return "other"
