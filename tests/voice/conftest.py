"""Consents that allow everything but what a test changes."""

import pytest

from restoration.voice.consent import Consent
from restoration.voice.gate import Use, today


@pytest.fixture(autouse=True)
def no_registers_of_the_machine(monkeypatch):
    for name in ("RESTORATION_CONSENTS", "RESTORATION_USAGE", "RESTORATION_C2PA_CERTIFICATE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def consent():
    """``consent(scope="voice model")``: of the item 00471, recorded, for public speech, without dates."""

    def make(**changed):
        told = {
            "item": "00471",
            "status": "recorded",
            "scope": "public synthetic speech",
            "given_by": "Karen Holm, daughter",
            "reference": "letter of 12 March 2019",
        }
        return Consent(**told | changed)

    return make


@pytest.fixture
def use():
    """``use("speak", public=True)``: by M. Jensen, today."""

    def make(purpose="convert", **changed):
        return Use(**{"purpose": purpose, "by": "M. Jensen", "public": False, "on": today()} | changed)

    return make
