"""What stands in ``archive_manifests/``: the schema, the guide to the columns, and the historical recordings."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from restoration.manifest import read_manifest
from restoration.manifest.columns import COLUMNS
from restoration.manifest.schema import columns_guide, schema_text

ARCHIVE = Path(__file__).parent.parent / "archive_manifests"


def test_the_schema_is_the_one_of_the_columns():
    """To write it again: python -m restoration.manifest.schema archive_manifests/manifest.schema.json"""
    assert (ARCHIVE / "manifest.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_guide_has_the_columns():
    assert columns_guide() in (ARCHIVE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", json.loads(schema_text())["fields"], ids=lambda field: field["name"])
def test_the_example_of_a_column_passes_schema_and_check(field):
    constraints = field.get("constraints", {})
    column = next(column for column in COLUMNS if column.name == field["name"])
    assert column.fault is None or column.fault(field["example"]) is None
    assert field["example"] in constraints.get("enum", [field["example"]])
    assert re.match(constraints.get("pattern", ""), field["example"])


def test_the_historical_recordings_are_those_of_the_manifest(corpus):
    found = read_manifest(ARCHIVE / "historical.csv", corpus)
    assert found.warnings == ()
    assert [item.recipe for item in found.items] == ["cylinder", "broadcast_tape", "broadcast_tape", "broadcast_tape"]
    for item in found.items:
        assert hashlib.sha256(item.path.read_bytes()).hexdigest() == item.sha256
