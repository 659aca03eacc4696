"""The row that a treatment adds to the CodingHistory."""

from __future__ import annotations

from pathlib import Path

import pytest

from restoration.provenance.coding_history import coding_history_row, delivered_history, row_dialect
from restoration.record import Event, read
from restoration.sound_files import identify
from restoration.wave_chunks import parse_coding_history

from .fabricated_log import write_log


@pytest.fixture
def events(tmp_path: Path) -> list[Event]:
    return write_log(tmp_path / "events.jsonl")


def test_names_the_recipe_and_every_step_that_was_carried_out(events: list[Event]) -> None:
    assert coding_history_row(events) == (
        "A=PCM,F=96000,W=24,M=mono,T=heritage-voice 0.1.0;broadcast_tape;"
        "remove_dc;remove_hum;remove_clicks;reduce_noise;extend_band (generated band)"
    )


def test_a_step_that_was_left_out_is_not_in_it(events: list[Event]) -> None:
    for event in events:
        if event["event"] == "step":
            event["outcome"] = "left out"
    assert coding_history_row(events).endswith("T=heritage-voice 0.1.0;broadcast_tape")


def test_keeps_to_the_form_whatever_the_log_says(events: list[Event]) -> None:
    events[0]["recipe"]["name"] = "Größe, «alt»;\r\nA=PCM"
    row = coding_history_row(events, sample_rate=44_100, bits=16)
    parsed = parse_coding_history(row)
    assert len(parsed) == 1
    assert parsed[0]["remarks"] == []
    assert parsed[0]["sample_rate"] == 44_100
    assert parsed[0]["bits"] == 16


def test_the_rate_after_the_treatment_counts(events: list[Event]) -> None:
    after = next(event for event in events if event["event"] == "measurement" and event["when"] == "after")
    after["measures"]["sample_rate"] = 48_000
    after["measures"]["channels"] = 2
    assert coding_history_row(events).startswith("A=PCM,F=48000,W=24,M=stereo,T=")


def test_the_dialect_is_that_of_the_master(events: list[Event]) -> None:
    """The fabricated log spells ANALOGUE, as R 98 does, and has 96 kHz, as R 98 has not."""
    assert row_dialect(events, sample_rate=96_000) == row_dialect(events, sample_rate=48_000) == "R98"
    (extraction,) = (event for event in events if event["event"] == "extraction")
    extraction["format"]["coding_history"] = delivered_history(events).replace("ANALOGUE", "ANALOG")
    assert row_dialect(events, sample_rate=48_000) == "FADGI"
    extraction["format"]["coding_history"] = ""
    assert row_dialect(events, sample_rate=96_000) == "FADGI"
    assert row_dialect(events, sample_rate=48_000) == "R98"


def test_the_log_of_a_bag_names_the_dialect(bag: Path) -> None:
    events = list(read(bag / "data" / "record" / "events.jsonl"))
    (made,) = (event for event in events if event.get("role") == "production master")
    assert made["parameters"]["coding_history_dialect"] == "R98"
    assert identify(bag / made["file"]).coding_history == coding_history_row(events) + "\r\n"
