"""PREMIS: valid by the schema of the Library of Congress, no orphan in it, and it says what the history says."""

from __future__ import annotations

import itertools
import json
import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from restoration.provenance.grants import copyright_status, grants_of
from restoration.provenance.history import History, history
from restoration.provenance.premis import premis
from restoration.provenance.premis_terms import DIGESTED_ONLY, EVENTS, MEASURED_ONLY, MODIFICATION
from restoration.provenance.rights import rights_in
from restoration.provenance.xml_text import decoded, element, encoded, json_text
from restoration.voice import consent as voice_consent

from .export_readers.premis import SPACES, statements
from .logs import HOSTILE, MASTER, hard_log

LOC = "http://id.loc.gov/vocabulary/preservation/"
OF_THE_LIBRARY = {
    "creation": "cre",
    "digital signature generation": "dsg",
    "exporting": "exp",
    "extraction": "ext",
    "fixity check": "fix",
    "information package creation": "ipc",
    "ingestion": "ing",
    "message digest calculation": "mes",
    "metadata extraction": "mee",
    "modification": "mod",
    "policy assignment": "poa",
    "quality review": "",
    "validation": "val",
}
"""Copied from the vocabulary eventType of 2018, which has fifty terms; the one without a code is not among them."""


@pytest.fixture
def root(told: History) -> etree._Element:
    return etree.fromstring(premis(told).encode())


def values(root: etree._Element, path: str) -> list[str]:
    return [one.text or "" for one in root.findall(path, SPACES)]


def test_it_is_valid(root: etree._Element) -> None:
    folder = os.environ.get("RESTORATION_STANDARDS")
    if not folder:
        pytest.skip("RESTORATION_STANDARDS does not name the folder with premis.xsd")
    schema = etree.XMLSchema(etree.parse(Path(folder) / "premis.xsd"))
    assert schema.validate(root), schema.error_log


def test_it_says_what_the_history_says(told: History, tmp_path: Path) -> None:
    path = tmp_path / "premis.xml"
    path.write_text(premis(told), encoding="utf-8", newline="")
    assert statements(path) == told.statements()


def test_the_same_log_gives_the_same_text(told: History) -> None:
    assert premis(told) == premis(history([act.event for act in told.acts]))


def test_every_event_links_objects_and_agents_that_are_there(root: etree._Element) -> None:
    objects, agents = values(root, "p:object//p:objectIdentifierValue"), values(root, "p:agent//p:agentIdentifierValue")
    assert len(set(objects)) == len(objects)
    for event in root.findall("p:event", SPACES):
        linked = values(event, "p:linkingObjectIdentifier/p:linkingObjectIdentifierValue")
        assert linked and set(linked) <= set(objects)
        acting = values(event, "p:linkingAgentIdentifier/p:linkingAgentIdentifierValue")
        assert acting and set(acting) <= set(agents)
    events = set(values(root, "p:event/p:eventIdentifier/p:eventIdentifierValue"))
    for name in ("p:object", "p:agent"):
        assert set(values(root, f"{name}/p:linkingEventIdentifier/p:linkingEventIdentifierValue")) <= events


def test_every_file_and_sound_is_there_with_its_digest(told: History, root: etree._Element) -> None:
    found = {
        decoded(one.findtext("p:objectIdentifier/p:objectIdentifierValue", "", SPACES)): values(
            one, "p:objectCharacteristics/p:fixity/p:messageDigest"
        )[:1]
        for one in root.findall("p:object", SPACES)
    }
    assert found == {name: [thing.sha256] * bool(thing.sha256) for name, thing in told.things.items()}


def test_what_was_made_has_its_source_and_the_event_that_made_it(told: History, root: etree._Element) -> None:
    found = {
        (
            decoded(one.findtext("p:objectIdentifier/p:objectIdentifierValue", "", SPACES)),
            decoded(relation.findtext(".//p:relatedObjectIdentifierValue", "", SPACES)),
            relation.findtext(".//p:relatedEventIdentifierValue", "", SPACES),
        )
        for one in root.findall("p:object", SPACES)
        for relation in one.findall("p:relationship", SPACES)
        if relation.findtext("p:relationshipType", "", SPACES) == "derivation"
    }
    made = {(act.results[0], act.sources[0], act.identifier) for act in told.acts if act.results}
    assert found == {(result, source, act) for result, source, act in made if result != source}


def test_a_modification_makes_a_new_object(root: etree._Element) -> None:
    for event in root.findall("p:event", SPACES):
        linked = {
            role: {
                one.findtext("p:linkingObjectIdentifierValue", "", SPACES)
                for one in event.findall("p:linkingObjectIdentifier", SPACES)
                if one.findtext("p:linkingObjectRole", "", SPACES) == role
            }
            for role in ("source", "outcome")
        }
        modified = event.findtext("p:eventType", "", SPACES) == "modification"
        failed = event.findtext(".//p:eventOutcome", "", SPACES) == "fail"
        kind = event.findtext(".//own:kind", "", SPACES)
        assert modified == (kind == "step" and (failed or bool(linked["outcome"] - linked["source"])))
        assert not (failed and linked["outcome"])


def test_addresses_are_given_to_terms_of_the_library_of_congress_alone(root: etree._Element) -> None:
    kinds = {}
    for one in root.iter():
        if one.get("valueURI"):
            assert one.get("valueURI", "").startswith(one.get("authorityURI", "") + "/")
        if etree.QName(one).localname == "eventType":
            kinds[one.text] = one.get("valueURI", "").removeprefix(LOC + "eventType/")
    assert kinds.items() <= OF_THE_LIBRARY.items()


def test_the_event_types_are_those_of_the_library() -> None:
    known = {MODIFICATION, MEASURED_ONLY, DIGESTED_ONLY, *EVENTS.values()}
    assert {term.text: term.code for term in known} == OF_THE_LIBRARY


def test_texts_come_back(tmp_path: Path) -> None:
    told = history(hard_log(tmp_path / "events.jsonl"))
    root = etree.fromstring(premis(told).encode())
    (title,) = values(root, "p:object/p:originalName")[:1]
    pictures = {"\x01": "\u2401", "\x1f": "\u241f", "\r": "\u240d", "\ufffe": "\ufffd"}
    assert title == "".join(pictures.get(letter, letter) for letter in HOSTILE)
    assert f"data/master/{MASTER}" in map(decoded, values(root, "p:object//p:objectIdentifierValue"))


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_text_comes_back_from_identifiers_and_json(text: str) -> None:
    made = element("one")
    made.text = json_text({text: text})
    parsed = etree.fromstring(ElementTree.tostring(made, encoding="utf-8"))
    assert json.loads(parsed.text or "") == {text: text}
    named = etree.fromstring(ElementTree.tostring(element("one", text=encoded(text)), encoding="utf-8"))
    assert decoded(named.text or "") == text


def test_a_revocation_takes_back_what_was_granted(tmp_path: Path) -> None:
    events = hard_log(tmp_path / "events.jsonl")
    revoked = {**events[-1], "sequence": len(events) + 1, "event": "revocation", "reason": "The family asked for it."}
    voice = etree.fromstring(premis(history([*events, revoked])).encode()).findall("p:rights", SPACES)[1]
    assert values(voice, ".//p:act") == []
    assert "The family asked for it." in values(voice, ".//p:otherRightsNote")[-1]


def test_rights_and_consent_are_two_entities(tmp_path: Path) -> None:
    root = etree.fromstring(premis(history(hard_log(tmp_path / "events.jsonl"))).encode())
    recording, voice = root.findall("p:rights/p:rightsStatement", SPACES)
    assert values(recording, ".//p:rightsBasis") == ["copyright"]
    assert values(recording, ".//p:copyrightStatus") == ["copyrighted"]
    assert values(recording, ".//p:copyrightNote") == ["Rights holder: Harbour Museum"]
    assert values(voice, ".//p:rightsBasis") == ["other"]
    assert values(voice, ".//p:act") == ["restoration only", "voice model"]
    assert set(values(voice, ".//p:restriction")) == {"TK label: TK Community Voice"}
    assert values(voice, ".//p:termOfGrant/p:startDate")[0] == "2019-03-12"
    assert values(voice, ".//p:otherRightsDocumentationIdentifierValue") == ["letter of 12 March 2019", "ab" * 32]
    linked = values(root, "p:object/p:linkingRightsStatementIdentifier/p:linkingRightsStatementIdentifierValue")
    assert linked == values(root, ".//p:rightsStatementIdentifierValue")


@pytest.mark.parametrize(
    ("uri", "basis", "status"),
    [
        ("http://rightsstatements.org/vocab/InC-EDU/1.0/", "copyright", "copyrighted"),
        ("https://rightsstatements.org/page/NoC-NC/1.0/", "copyright", "public domain"),
        ("http://rightsstatements.org/vocab/CNE/1.0/", "copyright", "unknown"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "copyright", "public domain"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "license", ""),
        ("https://creativecommons.org/licenses/by/4.0/", "license", ""),
        ("https://archive.example.org/terms", "other", ""),
        ("", "other", ""),
    ],
)
def test_the_basis_follows_from_the_statement(uri: str, basis: str, status: str) -> None:
    found = rights_in({"rights_uri": uri})
    assert (found.basis, copyright_status(found) if basis == "copyright" else "") == (basis, status)


CASES = list(
    itertools.product(
        ("", "none", "recorded", "estate", "not-required"),
        ("", "restoration only", "Voice Model", "public synthetic speech", "anything"),
        ("", "a letter"),
        ("", "TK Community Voice"),
    )
)


@pytest.mark.parametrize(("status", "scope", "reference", "label"), CASES)
def test_what_is_granted_is_what_the_gate_lets_through(status: str, scope: str, reference: str, label: str) -> None:
    item = {"voice_consent": status, "consent_scope": scope, "consent_ref": reference, "tk_label": label}
    gate = voice_consent.consent_of(SimpleNamespace(identifier="1", fields=item))
    day = date(2026, 3, 1)
    open_ = [one for one in voice_consent.CONSENT_SCOPES if not voice_consent.faults(gate, one, day)]
    assert list(grants_of(History(item, {}, (), {})).acts) == open_
