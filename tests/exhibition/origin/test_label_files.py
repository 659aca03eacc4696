"""The label as files: every language, short, long and spoken, the same for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from restoration.exhibition.label_files import label_files
from restoration.provenance.label import label, spoken_notice
from restoration.texts import catalogue, languages
from tests.exhibition.origin.exhibits import make


def test_both_say_the_same_in_every_language(tmp_path: Path) -> None:
    exhibit = make(tmp_path, "opus")
    as_json, as_text = label_files(exhibit, tmp_path)
    assert [as_json.name, as_text.name] == ["00471.label.json", "00471.label.txt"]
    told, text = json.loads(as_json.read_text("utf-8")), as_text.read_text("utf-8")
    assert set(told["labels"]) == set(languages())
    for language, words in told["labels"].items():
        expected = label(exhibit.events, language)
        assert words == {
            "short": expected.short,
            "long": expected.long,
            "spoken": spoken_notice(exhibit.events, language),
        }
        assert catalogue(language).name in text
        for each in words.values():
            assert each in text
    assert told["log_head"] == exhibit.events[-1]["digest"]
    assert told["excerpt"] == {"start_s": 12.5, "stop_s": 14.0}


def test_the_same_exhibit_has_the_same_files(tmp_path: Path) -> None:
    exhibit = make(tmp_path)
    first = [each.read_bytes() for each in label_files(exhibit, tmp_path)]
    assert first == [each.read_bytes() for each in label_files(exhibit, tmp_path)]
