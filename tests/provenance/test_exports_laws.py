"""Laws of every export: the same log gives the same bytes in any process, and any text of a catalogue is told whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from restoration.provenance.exports import EXPORTS, exported
from restoration.provenance.history import history
from restoration.record import Event, digest_of, read

from .logs import BLANK, ITEM, hard_log

OWN = (
    "data/record/premis.xml",
    "data/record/pbcore.xml",
    "data/record/iiif-manifest.json",
    "data/record/editing-list.json",
)
FREE = ("title", "speaker", "rights_holder", "consent_ref", "consent_given_by", "tk_label", "notes", "eq_standard")
"""Columns that hold any text."""
SCHEMAS = {"data/record/premis.xml": "premis.xsd", "data/record/pbcore.xml": "pbcore-2.1.xsd"}
TELL = """
import sys
from pathlib import Path
from restoration.provenance.exports import exported
from restoration.record import digest_of, read
print(digest_of(exported(list(read(Path(sys.argv[1]))))))
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return hard_log(tmp_path_factory.mktemp("log") / "events.jsonl")


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    folder = os.environ.get("RESTORATION_STANDARDS")
    if not folder:
        return {}
    return {path: etree.XMLSchema(etree.parse(Path(folder) / name)) for path, name in SCHEMAS.items()}


def test_the_exports_are_registered() -> None:
    assert set(OWN) <= set(EXPORTS)


def test_a_log_makes_the_same_bytes_in_memory_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    written = hard_log(path)
    again = list(read(path))
    assert exported(written) == exported(again)
    for place in OWN:
        assert EXPORTS[place](history(written)) == EXPORTS[place](history(again))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_another_process_gives_the_same_bytes(tmp_path: Path, seed: str) -> None:
    """Sets come in another order in each process, unless nothing is written from one."""
    path = tmp_path / "events.jsonl"
    here = digest_of(exported(hard_log(path)))
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    there = subprocess.run(
        [sys.executable, "-c", TELL, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == here


@given(texts=st.dictionaries(st.sampled_from(FREE), st.text(st.characters(codec="utf-8"), max_size=40)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_texts_of_a_catalogue_can_be_told(
    events: list[Event], schemas: dict[str, etree.XMLSchema], texts: dict[str, str]
) -> None:
    item = {**ITEM, **texts}
    told = exported([{**events[0], "item": item}, *events[1:]])
    for path in OWN:
        if path.endswith(".json"):
            json.loads(told[path])
            continue
        root = etree.fromstring(told[path].encode())
        assert path not in schemas or schemas[path].validate(root), schemas[path].error_log


@pytest.mark.parametrize("count", range(1, 24))
def test_a_log_can_be_told_after_each_of_its_events(events: list[Event], count: int) -> None:
    assert set(OWN) <= set(exported(events[:count]))


def test_the_blank_columns_of_an_item_leave_no_trace(tmp_path: Path) -> None:
    told = exported(hard_log(tmp_path / "events.jsonl", BLANK))
    for path in OWN:
        assert "None" not in told[path] and "null" not in _without_parameters(told[path])


def _without_parameters(text: str) -> str:
    """Parameters may be null: they are what the log has."""
    return "\n".join(line for line in text.splitlines() if "<parameters>" not in line)


def test_a_longer_log_changes_nothing_of_what_was_made(events: list[Event]) -> None:
    """An audit that comes later adds an event; the objects and their digests are those from before."""
    more: dict[str, Any] = {**events[-1], "sequence": len(events) + 1, "event": "audit", "outcome": "whole"}
    before, after = (
        etree.fromstring(exported(log)["data/record/premis.xml"].encode()) for log in (events, [*events, more])
    )
    space = {"p": "http://www.loc.gov/premis/v3"}
    assert _digests(before, space) == _digests(after, space)
    assert len(after.findall("p:event", space)) == len(before.findall("p:event", space)) + 1


def _digests(root: etree._Element, space: dict[str, str]) -> list[str]:
    return [one.text or "" for one in root.findall(".//p:messageDigest", space)]


def test_every_export_calls_a_file_by_the_same_media_type(events: list[Event]) -> None:
    texts = exported(events)
    crate = json.loads(texts["data/ro-crate-metadata.json"])["@graph"]
    by_crate = {unquote(f"data/{one['@id']}"): one["encodingFormat"] for one in crate if "encodingFormat" in one}
    record = etree.fromstring(texts["data/record/pbcore.xml"].encode())
    by_record = {
        unquote(one.findtext("{*}instantiationLocation")): one.findtext("{*}instantiationDigital")
        for one in record.iterfind("{*}pbcoreInstantiation")
        if one.find("{*}instantiationDigital") is not None
    }
    assert len(by_record) > 6
    assert {name: by_crate.get(name) for name in by_record} == by_record
