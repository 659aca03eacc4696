"""Rights and consent as two rights entities of PREMIS: leave to use a recording is not leave to use a voice."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from restoration.provenance import premis_terms as terms
from restoration.provenance.grants import Grants, copyright_status, grants_of
from restoration.provenance.history import History
from restoration.provenance.premis_objects import identifier_elements
from restoration.provenance.rights import Rights, VoiceConsent, consent_in, rights_in
from restoration.provenance.xml_text import element

RECORDING, VOICE = "rights/recording", "rights/voice"
IDENTIFIERS = (RECORDING, VOICE)
COPYRIGHTS = {"copyrighted": terms.COPYRIGHTED, "public domain": terms.PUBLIC_DOMAIN, "unknown": terms.UNKNOWN}
BASES = {"copyright": terms.COPYRIGHT, "license": terms.LICENSE, "other": terms.OTHER}
COUNTRIES = "http://id.loc.gov/vocabulary/countries"
NO_COUNTRY = "xx"
"""MARC's code for a place that is not known: the manifest does not say under which law the rights are."""
OPEN = ".."
"""A date without beginning or end (EDTF, level 1)."""


def rights_elements(history: History) -> Iterator[Element]:
    """The two ``rights`` of an item, linked to its package."""
    rights, consent, grants = rights_in(history.item), consent_in(history.item), grants_of(history)
    yield _statement(history, RECORDING, BASES[rights.basis], _information(rights), *_access(rights))
    yield _statement(history, VOICE, terms.OTHER, _consent(consent, grants), *_granted(consent, grants))


def _statement(history: History, name: str, basis: terms.Term, *parts: Element) -> Element:
    statement = element(
        "rightsStatement",
        element("rightsStatementIdentifier", *identifier_elements("rightsStatementIdentifier", name)),
        terms.term_element("rightsBasis", "rightsBasis", basis),
        *parts,
        element("linkingObjectIdentifier", *identifier_elements("linkingObjectIdentifier", history.package)),
    )
    return element("rights", statement)


def _information(rights: Rights) -> Element:
    notes = [f"Rights holder: {rights.holder}"] if rights.holder else []
    if rights.basis == "copyright":
        country = {"authority": "marccountry", "authorityURI": COUNTRIES, "valueURI": f"{COUNTRIES}/{NO_COUNTRY}"}
        return element(
            "copyrightInformation",
            terms.term_element("copyrightStatus", "copyrightStatus", COPYRIGHTS[copyright_status(rights)]),
            element("copyrightJurisdiction", text=NO_COUNTRY, **country),
            *(element("copyrightNote", text=note) for note in notes),
            _documentation("copyright", rights.uri),
        )
    if rights.basis == "license":
        return element(
            "licenseInformation",
            _documentation("license", rights.uri),
            *(element("licenseNote", text=note) for note in notes),
        )
    return element(
        "otherRightsInformation",
        _documentation("otherRights", rights.uri) if rights.uri else None,
        element("otherRightsBasis", text="statement of the archive" if rights.uri else "not stated"),
        *(element("otherRightsNote", text=note) for note in notes),
    )


def _documentation(kind: str, value: str, type_: str = "URI", role: str = "rights statement") -> Element:
    name = f"{kind}DocumentationIdentifier"
    return element(
        name,
        element(f"{name}Type", text=type_),
        element(f"{name}Value", text=value),
        element(f"{kind}DocumentationRole", text=role),
    )


def _access(rights: Rights) -> Iterator[Element]:
    if rights.access_level:
        yield element(
            "rightsGranted",
            terms.term_element("act", "eventType", terms.Term("dissemination", "dis")),
            element("restriction", text=f"access level: {rights.access_level}"),
        )


def _consent(consent: VoiceConsent, grants: Grants) -> Element:
    notes = [
        f"Scope: {consent.scope or 'blank, which grants nothing for voices'}",
        f"Given by: {consent.given_by}" if consent.given_by else "",
        *(f"Restriction: {text}" for text in grants.restrictions),
        *(f"Not granted: {sentence}" for sentence in grants.barred),
    ]
    identifiers = (("reference", consent.reference), ("SHA-256", consent.document_sha256))
    return element(
        "otherRightsInformation",
        *(_documentation("otherRights", value, kind, "consent") for kind, value in identifiers if value),
        element("otherRightsBasis", text=f"voice consent: {consent.status or 'blank'}"),
        _dates("otherRightsApplicableDates", consent),
        *(element("otherRightsNote", text=note) for note in notes if note),
    )


def _dates(name: str, consent: VoiceConsent) -> Element | None:
    if not consent.valid_from and not consent.valid_until:
        return None
    return element(
        name,
        element("startDate", text=consent.valid_from or OPEN),
        element("endDate", text=consent.valid_until or OPEN),
    )


def _granted(consent: VoiceConsent, grants: Grants) -> Iterator[Element]:
    for act in grants.acts:
        yield element(
            "rightsGranted",
            element("act", text=act, authority=terms.OWN),
            *(element("restriction", text=text) for text in grants.restrictions),
            _dates("termOfGrant", consent),
        )
