"""The invariant of the exports: what was made of what, by which step and with which models, is the same set in all.

Each export is read back by a reader that knows nothing of the writer: ``export_readers`` holds one for each, called as
the export's file, with underscores.
"""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import pytest

from restoration.provenance.event_export import LOG, write_table
from restoration.provenance.exports import EXPORTS, exported
from restoration.provenance.history import History, Statement, history
from restoration.record import read
from tests.provenance.export_readers import event_table

READERS = {path.stem for path in (Path(__file__).parent / "export_readers").glob("*.py")} - {"__init__"}
TELL_NO_SOURCES = {"data/record/recipe.toml"}
"""The recipe says what was to be done and not to what; test_recipe_text.py reads it back."""
DESCRIBE_ONLY = {"data/record/pbcore.xml", "data/record/iiif-manifest.json", "data/record/editing-list.json"}
"""These need no reader: their formats have no place for acts. One that has a reader is held to it like the others."""


def reader_of(path: str) -> str:
    return Path(path).stem.replace("-", "_")


READABLE = sorted(path for path in EXPORTS if reader_of(path) in READERS)


@pytest.fixture(scope="module")
def log(grown_log):
    return list(read(grown_log))


@pytest.fixture(scope="module")
def told(log) -> History:
    return history(log)


@pytest.fixture(scope="module")
def written(log, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for path, text in exported(log).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def statements_in(place: Path) -> set[Statement]:
    reader = importlib.import_module(f"tests.provenance.export_readers.{reader_of(str(place))}")
    return set(reader.statements(place))


def test_every_export_that_tells_of_acts_has_a_reader():
    assert set(EXPORTS) - set(READABLE) <= TELL_NO_SOURCES | DESCRIBE_ONLY


@pytest.mark.parametrize("path", READABLE)
def test_an_export_says_what_the_log_says(path, written, told):
    assert len(told.statements()) > 20
    assert statements_in(written / path) == told.statements()


@pytest.mark.parametrize("name", ["events.parquet", "events.csv"])
def test_so_does_the_table_of_events(name, grown_log, told, tmp_path):
    bag = tmp_path / "bag"
    (bag / LOG.parent).mkdir(parents=True)
    shutil.copy(grown_log, bag / LOG)
    write_table([bag], **{Path(name).suffix[1:]: tmp_path / name})
    assert event_table.statements(tmp_path / name) == told.statements()


@pytest.mark.parametrize("path", READABLE)
def test_an_export_changes_with_what_it_tells(path, log, tmp_path):
    """The reader is not blind: a changed parameter, model or result is another statement."""
    place = tmp_path / Path(path).name
    seen = []
    for change in ({}, {"parameters": {"strength": 0.25}}, {"weights": {"other": "5" * 64}}, {"result": "6" * 64}):
        changed = [{**event, **(change if event is _treated(log) else {})} for event in log]
        place.write_text(EXPORTS[path](history(changed)), encoding="utf-8")
        assert statements_in(place) == history(changed).statements()
        seen.append(frozenset(statements_in(place)))
    assert len(set(seen)) == len(seen)


def _treated(log):
    return [event for event in log if event["event"] == "step" and event["outcome"] == "treated"][-2]


def test_exports_are_the_same_bytes_for_the_same_log(log):
    assert exported(log) == exported(list(log))
