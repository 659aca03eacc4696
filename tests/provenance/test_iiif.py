"""The IIIF manifest, held to the Presentation API 3.0 property by property; its models in Python would bring Pillow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from restoration.provenance.history import History, history
from restoration.provenance.iiif import iiif_manifest

from .export_readers.iiif_digests import digests
from .logs import BLANK, ITEM, hard_log

REQUIRED = {
    "Manifest": {"id", "label", "items"},
    "Canvas": {"id", "items", "duration"},
    "AnnotationPage": {"id", "items"},
    "Annotation": {"id", "motivation", "target"},
    "Choice": {"items"},
    "Sound": {"id", "format", "duration"},
    "Text": {"id", "format"},
    "Dataset": {"id", "format"},
    "Agent": {"id", "label"},
    "TextualBody": {"value"},
}


@pytest.fixture
def made(told: History) -> dict[str, Any]:
    return dict(json.loads(iiif_manifest(told)))


def parts(part: Any) -> Iterator[dict[str, Any]]:
    for one in part if isinstance(part, list) else part.values() if isinstance(part, dict) else ():
        yield from parts(one)
    if isinstance(part, dict) and "type" in part:
        yield part


def test_every_resource_has_what_its_type_requires(made: dict[str, Any]) -> None:
    assert made["@context"] == "http://iiif.io/api/presentation/3/context.json"
    for part in parts(made):
        assert set(part) >= REQUIRED[part["type"]], part


def test_every_address_is_an_http_uri_and_is_given_once(made: dict[str, Any]) -> None:
    addresses = [part["id"] for part in parts(made) if "id" in part]
    for address in addresses:
        split = urlsplit(address)
        assert split.scheme in ("http", "https") and split.netloc and not split.fragment and " " not in address
    repeated = {address for address in addresses if addresses.count(address) > 1}
    assert not repeated


def test_language_maps_are_of_lists_of_texts_that_no_viewer_takes_for_html(made: dict[str, Any]) -> None:
    maps = [made["label"], made["summary"], *made["requiredStatement"].values()]
    maps += [one for pair in made["metadata"] for one in pair.values()]
    maps += [part["label"] for part in parts(made) if "label" in part]
    for one in maps:
        assert all(isinstance(texts, list) and texts for texts in one.values())
        assert not any(text.strip().startswith("<") for texts in one.values() for text in texts)


def test_a_title_in_angle_brackets_is_no_html(tmp_path: Path) -> None:
    events = hard_log(tmp_path / "events.jsonl", {**ITEM, "title": "<script>alert(1)</script>"})
    (title,) = json.loads(iiif_manifest(history(events)))["label"]["none"]
    assert not title.startswith("<")


def test_files_and_digests_are_those_of_the_history(told: History, made: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "iiif-made.json"
    path.write_text(iiif_manifest(told), encoding="utf-8")
    found = digests(path)
    assert found == {name: told.things[name].sha256 for name in found}
    copies = [one.identifier for one in told.things.values() if one.facts.get("role") == "access copy"]
    assert set(found) >= {name for name in copies if not name.endswith("_removed.opus")}


def test_the_canvas_is_painted_with_a_choice_that_begins_with_the_restored_sound(tmp_path: Path) -> None:
    manifest = json.loads(iiif_manifest(history(hard_log(tmp_path / "events.jsonl"))))
    (canvas,) = manifest["items"]
    (painting,) = canvas["items"][0]["items"]
    assert (painting["motivation"], painting["target"]) == ("painting", canvas["id"])
    assert painting["body"]["type"] == "Choice"
    restored, untreated = painting["body"]["items"]
    assert restored["id"] == "https://sound.example.org/bags/00471-A/data/access/00471-A_restored.opus"
    assert untreated["id"].endswith("_untreated.opus")
    assert canvas["duration"] == restored["duration"] == 100.0


def test_segments_are_annotations_with_their_speaker_and_time(tmp_path: Path) -> None:
    (canvas,) = json.loads(iiif_manifest(history(hard_log(tmp_path / "events.jsonl"))))["items"]
    (page,) = canvas["annotations"]
    said = [one for one in page["items"] if one["motivation"] == "commenting"]
    assert [one["body"]["value"] for one in said] == ["speaker 1", "speaker 2"] * 2
    assert said[1]["target"] == f"{canvas['id']}#t=3.25,6.25"
    assert [one["body"]["format"] for one in page["items"] if one["motivation"] == "supplementing"] == ["text/vtt"]


def test_what_was_generated_must_be_shown(tmp_path: Path) -> None:
    manifest = json.loads(iiif_manifest(history(hard_log(tmp_path / "events.jsonl"))))
    (text,) = manifest["requiredStatement"]["value"]["en"]
    assert "generated" in text
    assert "never recorded" in json.dumps(manifest["items"][0]["items"])


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by/4.0/"),
        ("http://rightsstatements.org/vocab/InC/1.0/", "http://rightsstatements.org/vocab/InC/1.0/"),
        ("https://archive.example.org/terms", None),
        ("", None),
    ],
)
def test_only_rights_that_viewers_know_stand_as_rights(tmp_path: Path, uri: str, said: str | None) -> None:
    events = hard_log(tmp_path / "events.jsonl", {**ITEM, "rights_uri": uri})
    assert json.loads(iiif_manifest(history(events))).get("rights") == said


def test_without_a_base_the_addresses_are_plainly_nowhere(tmp_path: Path) -> None:
    events = hard_log(tmp_path / "events.jsonl", BLANK)
    assert json.loads(iiif_manifest(history(events)))["id"].startswith("https://not-published.invalid/00471-A/data/")
