"""PBCore: valid by its schema, every file in it with its digest, rights and consent apart."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from restoration.provenance.history import History, history
from restoration.provenance.pbcore import pbcore

from .export_readers.pbcore_digests import SPACES, digests
from .logs import ITEM, hard_log


def texts(told: History, name: str) -> list[str]:
    return [one.text or "" for one in etree.fromstring(pbcore(told).encode()).findall(f".//b:{name}", SPACES)]


def test_it_is_valid(told: History) -> None:
    folder = os.environ.get("RESTORATION_STANDARDS")
    if not folder:
        pytest.skip("RESTORATION_STANDARDS does not name the folder with pbcore-2.1.xsd")
    schema = etree.XMLSchema(etree.parse(Path(folder) / "pbcore-2.1.xsd"))
    assert schema.validate(etree.fromstring(pbcore(told).encode())), schema.error_log


def test_every_file_is_there_with_its_digest(told: History, tmp_path: Path) -> None:
    path = tmp_path / "pbcore.xml"
    path.write_text(pbcore(told), encoding="utf-8", newline="")
    assert digests(path) == {one.identifier: one.sha256 for one in told.things.values() if one.kind == "file"}


def test_the_same_log_gives_the_same_text(told: History) -> None:
    assert pbcore(told) == pbcore(history([act.event for act in told.acts]))


def test_rights_and_consent_stand_apart(tmp_path: Path) -> None:
    told = history(hard_log(tmp_path / "events.jsonl"))
    assert texts(told, "rightsLink") == ["http://rightsstatements.org/vocab/InC/1.0/"]
    holder, consent = texts(told, "rightsSummary")
    assert holder == "Rights holder: Harbour Museum"
    assert consent == (
        "Voice consent: recorded; grants restoration only, voice model, from 2019-03-12 until 2039-03-11; "
        "TK label: TK Community Voice"
    )


def test_the_carrier_is_an_instantiation_too(tmp_path: Path) -> None:
    told = history(hard_log(tmp_path / "events.jsonl"))
    assert texts(told, "instantiationPhysical") == ["quarter-inch open-reel audio"]
    assert texts(told, "essenceTrackPlaybackSpeed") == ["7.5"]
    assert texts(told, "instantiationGenerations")[:3] == ["original", "Preservation master", "Production master"]


def test_a_language_is_told_in_three_letters_or_not_at_all(tmp_path: Path) -> None:
    for number, (tag, code) in enumerate({"de-AT": "deu", "gsw": "gsw", "mul": "mul", "x": None, "": None}.items()):
        told = history(hard_log(tmp_path / f"{number}.jsonl", {**ITEM, "language": tag}))
        assert set(texts(told, "instantiationLanguage")) == ({code} if code else set())
