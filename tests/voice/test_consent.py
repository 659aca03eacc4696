"""What a row of the manifest allows for its voice."""

import csv
import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from restoration.errors import NoConsent
from restoration.manifest import read_manifest
from restoration.manifest.vocabularies import CONSENT_SCOPES
from restoration.voice.consent import (
    COLUMN_OF,
    SEAL_KEY,
    Consent,
    allows,
    check_seal,
    consent_of,
    consents_of_card,
    faults,
    sealed,
)

DAY = date(2026, 5, 1)
TEXT = st.text(max_size=12)
CONSENTS = st.builds(Consent, item=TEXT, status=TEXT, scope=TEXT, reference=TEXT, valid_until=TEXT, tk_label=TEXT)


def test_a_consent_is_read_from_its_row(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    row = {
        "identifier": "00471",
        "file": "a.wav",
        "sha256": "ab" * 32,
        "title": "A reading",
        "carrier_type": "cylinder",
        "generation": "original",
        "language": "en",
        "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
        "voice_consent": "Recorded",
        "consent_ref": "letter 7",
        "consent_scope": "Voice Model",
        "consent_given_by": "Karen Holm",
        "consent_from": "2019-03-12",
        "consent_until": "2039-03-11",
        "consent_document_sha256": "CD" * 32,
        "tk_label": "TK Community Voice",
        "community_protocol": "ask the elders",
    }
    with (tmp_path / "m.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row.keys(), row.values()])
    (item,) = read_manifest(tmp_path / "m.csv").items
    read = consent_of(item).as_dict()
    expected = row | {"voice_consent": "recorded", "consent_scope": "voice model", "consent_document_sha256": "cd" * 32}
    assert read == {name: expected[column] for name, column in COLUMN_OF.items()}
    assert faults(consent_of(item), "voice model", DAY) == []


def test_the_historical_recordings_grant_nothing(corpus):
    from pathlib import Path

    manifest = Path(__file__).parents[2] / "archive_manifests" / "historical.csv"
    for item in read_manifest(manifest, corpus).items:
        assert "voice_consent is “none”" in faults(consent_of(item), "voice model", DAY)[0]


@pytest.mark.parametrize("granted", CONSENT_SCOPES)
@pytest.mark.parametrize("wanted", CONSENT_SCOPES)
def test_a_scope_allows_what_stands_before_it(consent, granted, wanted):
    expected = CONSENT_SCOPES.index(granted) >= CONSENT_SCOPES.index(wanted)
    assert allows(consent(scope=granted), wanted) is expected
    assert (faults(consent(scope=granted), wanted, DAY) == []) is expected


@pytest.mark.parametrize("scope", ["", "everything", "exhibition, no voice model", "voice model and more"])
def test_a_scope_in_other_words_grants_nothing(consent, scope):
    (fault,) = faults(consent(scope=scope), "voice model", DAY)
    assert fault.startswith("consent_scope is")
    assert "“voice model” or “public synthetic speech”" in fault


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"status": "none"}, "voice_consent"),
        ({"status": ""}, "voice_consent"),
        ({"status": "yes"}, "voice_consent"),
        ({"reference": " "}, "consent_ref"),
        ({"status": "estate", "reference": ""}, "consent_ref"),
        ({"status": "not-required", "scope": ""}, "consent_scope"),
        ({"status": "estate", "tk_label": "TK Community Voice"}, "tk_label"),
        ({"status": "not-required", "community_protocol": "ask the elders"}, "community_protocol"),
        ({"valid_from": "2026-05-02"}, "consent_from"),
        ({"valid_until": "2026-04-30"}, "consent_until"),
        ({"valid_until": "some day"}, "consent_until"),
        ({"valid_from": "9999"}, "consent_from"),
    ],
)
def test_a_fault_names_its_column(consent, changed, column):
    (fault,) = faults(consent(**changed), "voice model", DAY)
    assert fault.startswith(column)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "not-required", "reference": ""},
        {"status": "estate"},
        {"tk_label": "TK Community Voice"},
        {"valid_from": "2026-05-01", "valid_until": "2026-05-01"},
    ],
)
def test_what_is_allowed_is_allowed(consent, changed):
    assert faults(consent(**changed), "public synthetic speech", DAY) == []


@settings(max_examples=30)
@given(st.lists(CONSENTS, min_size=1, max_size=4), st.randoms())
def test_a_seal_holds_in_any_order_and_for_these_consents_only(consents, random):
    seal = sealed(consents)
    shuffled = random.sample(consents, len(consents))
    check_seal(shuffled, seal)
    told = consents[0].as_dict()
    for name in told:
        edited = Consent(**told | {name: told[name] + "x"})
        if edited not in consents:
            with pytest.raises(NoConsent, match="not the one it was trained with"):
                check_seal([edited, *consents[1:]], seal)


def test_items_of_one_name_in_two_archives_are_both_sealed(consent):
    ours, theirs = consent(), consent(scope="restoration only")
    assert sealed([ours, theirs]) != sealed([ours]) != sealed([theirs])
    assert sealed([ours, theirs]) == sealed([theirs, ours])


def test_a_voice_of_no_item_has_no_seal():
    with pytest.raises(NoConsent, match="no item"):
        check_seal([], sealed([]))


@given(CONSENTS)
def test_a_consent_comes_back_from_a_card(consent):
    assert Consent.from_dict(consent.as_dict()) == consent


@pytest.mark.parametrize("told", [{}, {"item": "1"}, {"item": 1}])
def test_a_card_without_a_consent_is_a_sentence(told):
    with pytest.raises(NoConsent, match="no consent that can be read"):
        Consent.from_dict(told)


# A voice on disk: the card beside the weights that carry the seal.


@pytest.fixture
def voice(tmp_path, consent):
    """The folder of a voice of two items: its card, and weights with the seal in their metadata."""
    consents = [consent(scope="voice model"), consent(item="00472", valid_until="2030-01-01")]
    (tmp_path / "card.json").write_text(json.dumps({"consent": [each.as_dict() for each in consents]}))
    save_file({"w": np.zeros(1, np.float32)}, tmp_path / "voice.safetensors", metadata={SEAL_KEY: sealed(consents)})
    return tmp_path


def read_voice(folder):
    with safe_open(folder / "voice.safetensors", "np") as file:
        return consents_of_card(json.loads((folder / "card.json").read_text()), file.metadata())


def test_a_card_as_it_was_trained_is_read(voice):
    assert [each.item for each in read_voice(voice)] == ["00471", "00472"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda listed: listed[0].update(scope="public synthetic speech"),
        lambda listed: listed[1].update(valid_until=""),
        lambda listed: listed[1].update(reference="letter 8"),
        lambda listed: listed.pop(),
        lambda listed: listed.clear(),
        lambda listed: listed[0].update(more="x"),
        lambda listed: listed[0].update(scope=None),
    ],
)
def test_an_edited_card_is_found(voice, edit):
    card = json.loads((voice / "card.json").read_text())
    edit(card["consent"])
    (voice / "card.json").write_text(json.dumps(card))
    with pytest.raises(NoConsent):
        read_voice(voice)


@pytest.mark.parametrize("card", [{}, {"consent": None}, {"consent": "yes"}, {"consent": ["yes"]}])
def test_a_card_without_consents_is_a_sentence(card):
    with pytest.raises(NoConsent, match="holds no consent"):
        consents_of_card(card, {SEAL_KEY: sealed([])})


@pytest.mark.parametrize("metadata", [None, {}, {SEAL_KEY: ""}])
def test_a_voice_without_a_seal_is_a_sentence(consent, metadata):
    with pytest.raises(NoConsent, match="no seal"):
        consents_of_card({"consent": consent().as_dict()}, metadata)
