"""The editing list: the names of its published semantics and no others, the same list for the same log."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from restoration.provenance.editing_list import editing_list, time_label
from restoration.provenance.history import history

from .logs import BLANK, ITEM, hard_log

NAMES = {"OriginalSpeedStandard", "OriginalEqualisationStandard", "OriginalSamplingFrequency", "Restorations"}
OF_RESTORATION = {
    "RestorationID",
    "PreservationAudioFileStart",
    "PreservationAudioFileEnd",
    "RestoredAudioFileURI",
    "ReadingBackwards",
    "AppliedSamplingFrequency",
}


def told(path: Path, events: int | None = None, **item: str) -> dict[str, Any]:
    return dict(json.loads(editing_list(history(hard_log(path, {**ITEM, **item})[:events]))))


def test_it_tells_of_the_production_master_from_the_first_moment_to_the_last(tmp_path: Path) -> None:
    said = told(tmp_path / "events.jsonl")
    assert set(said) == NAMES
    (one,) = said["Restorations"]
    assert set(one) == OF_RESTORATION
    assert uuid.UUID(one["RestorationID"]).version == 5
    assert (one["PreservationAudioFileStart"], one["PreservationAudioFileEnd"]) == ("00:00:00.000", "00:01:40.000")
    assert one["RestoredAudioFileURI"] == "../restored/00471-A_restored.wav"
    assert (one["ReadingBackwards"], one["AppliedSamplingFrequency"]) == (False, 96000)


@pytest.mark.parametrize(
    ("item", "speed", "curve"),
    [
        ({}, 7.5, "IEC2"),
        ({"eq_standard": "CCIR", "speed_ips": "15"}, 15, "IEC1"),
        ({"eq_standard": "RIAA", "speed_ips": ""}, None, None),
        ({"carrier_type": "gramophone disc"}, None, None),
    ],
)
def test_speed_and_equalisation_of_open_reels_alone(
    tmp_path: Path, item: dict[str, str], speed: float | None, curve: str | None
) -> None:
    said = told(tmp_path / "events.jsonl", **item)
    assert (said.get("OriginalSpeedStandard"), said.get("OriginalEqualisationStandard")) == (speed, curve)


def test_the_same_log_gives_the_same_list(tmp_path: Path) -> None:
    events = hard_log(tmp_path / "events.jsonl", BLANK)
    assert editing_list(history(events)) == editing_list(history(events))


def test_a_log_that_broke_off_has_no_restorations(tmp_path: Path) -> None:
    assert told(tmp_path / "events.jsonl", events=2)["Restorations"] == []


def test_a_time_label_is_hours_minutes_seconds_and_milliseconds() -> None:
    assert [time_label(seconds) for seconds in (0, 59.9996, 3661.25)] == [
        "00:00:00.000",
        "00:01:00.000",
        "01:01:01.250",
    ]
    assert re.fullmatch(r"\d+:\d\d:\d\d\.\d{3}", time_label(400_000.1))
