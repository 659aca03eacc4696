"""The PROV document is one that the library ``prov`` knows, and keeps to what PROV asks of generations."""

from __future__ import annotations

from collections import Counter

import pytest
from prov.model import ProvActivity, ProvAgent, ProvAssociation, ProvDocument, ProvEntity, ProvGeneration

from restoration.provenance.history import history
from restoration.provenance.prov_json import prov_json
from restoration.record import read


@pytest.fixture(scope="module")
def told(grown_log):
    return history(list(read(grown_log)))


@pytest.fixture(scope="module")
def document(told):
    return ProvDocument.deserialize(content=prov_json(told), format="json")


def test_a_round_trip_gives_the_same_document(document):
    assert ProvDocument.deserialize(content=document.serialize(format="json"), format="json") == document


def test_every_thing_and_act_is_in_it(document, told):
    assert len(list(document.get_records(ProvEntity))) == len(told.things)
    assert len(list(document.get_records(ProvActivity))) == len(told.acts)
    assert {one.args[0] for one in document.get_records(ProvAssociation)} == {
        activity.identifier for activity in document.get_records(ProvActivity)
    }


def test_nothing_is_generated_twice_and_only_what_was_made_once(document, told):
    generated = Counter(one.args[0] for one in document.get_records(ProvGeneration))
    made = {name for act in told.acts for name in act.results if name not in act.sources}
    assert set(generated.values()) == {1}
    assert len(generated) == len(made)


def test_a_person_is_one_and_a_recipe_is_a_plan(document):
    kinds = {
        agent.label: {str(kind) for kind in agent.get_asserted_types()} for agent in document.get_records(ProvAgent)
    }
    assert kinds == {"Ann Å. Smith/Holm": {"prov:Person"}, "heritage-voice": {"prov:SoftwareAgent"}}
    (ingestion,) = (one for one in document.get_records(ProvAssociation) if one.args[2] is not None)
    assert str(ingestion.args[2]).startswith("hv:recipe/broadcast_tape/")
