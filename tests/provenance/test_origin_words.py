"""What the report says of a map and of a time axis that was changed: from the log, with its figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from restoration.provenance.origin_words import map_sentence, master_pace, not_calibrated, time_axis_sentences
from restoration.provenance.treatment_report import treatment_report
from restoration.record import Event

from .fabricated_log import write_log

FIGURES = {
    "extent": "speech",
    "generated_energy_share": 0.0213,
    "removed_cell_share": 0.61,
    "doubtful_cell_share": 0.384,
    "doubtful_energy_share": 0.0004,
}
MOVED = {
    "against": "ab" * 32,
    "time_moved_by": [{"step": "correct_speed", "position": 2, "event": "cd" * 32}],
    "master_s_per_restored_s": 1.0123,
}


def mapped(**figures: Any) -> Event:
    table = {"calibration": "ab", "measured_with": "denoiser", "same_network": True}
    return {
        "event": "map",
        "figures": {**FIGURES, **figures},
        "steps": [{"step": "reduce_noise", "confidence": table}, {"step": "extend_band"}],
    }


def residual(**parameters: Any) -> Event:
    return {"event": "derivation", "role": "residual", "parameters": {"gain_db": 0.0, **parameters}}


def test_the_map_is_told_with_its_figures() -> None:
    assert map_sentence([mapped()]) == (
        "While somebody speaks, 2.1 % of the energy was generated. From 61.0 % of the cells, each 50 ms long and a "
        "third of an octave wide, most of the master’s energy was removed. 38.4 % have a confidence below one half; "
        "they hold less than 0.1 % of the energy."
    )
    assert map_sentence([mapped(extent="everything", generated_energy_share=0.0)]).startswith(
        "In the whole recording, none of the energy was generated."
    )
    assert map_sentence([residual()]) == ""


def test_where_no_network_worked_confidence_is_not_mentioned() -> None:
    assert map_sentence([mapped() | {"steps": []}]).endswith("removed.")


def test_a_guess_is_called_one() -> None:
    assert not_calibrated([mapped()]) == ""
    event = mapped()
    event["steps"][0]["confidence"] |= {"same_network": False}
    assert "reduce noise was calibrated with another network" in not_calibrated([event])


def test_a_moved_time_axis_is_told_with_an_example() -> None:
    told = time_axis_sentences([residual(**MOVED)])
    assert "(correct speed)" in told
    assert "1.012300 times that time" in told
    assert "what is at 10:00.0 here is at 10:07.4 there" in told
    assert master_pace([residual(**MOVED)]) == 1.0123


@pytest.mark.parametrize("events", [[], [residual()], [mapped()]])
def test_a_time_axis_that_stayed_is_not_mentioned(events: list[Event]) -> None:
    assert time_axis_sentences(events) == ""
    assert master_pace(events) == 1.0


def page_of(events: list[Event], pictures: dict[str, bytes] | None = None) -> str:
    return treatment_report(events, pictures or {}, {"before": "b.opus", "after": "a.opus", "removed": "r.opus"})


def test_the_report_shows_the_map_with_a_text_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    events = list(write_log(tmp_path / "events.jsonl"))
    pictures = {"map_confidence": b"\x89PNG", "map_origin": b"\x89PNG"}
    page = page_of([*events, {**events[-1], **mapped()}], pictures)
    origin, confidence = re.findall(r'<img src="data:image/png[^"]+" alt="([^"]+)"', page)
    assert "blue where it was removed, green where it was generated" in origin
    assert "dark red where that is doubtful, green where it was generated" in confidence
    assert map_sentence([mapped()]) in page
    assert "Where it comes from" not in page_of(events)


def test_confidence_is_explained_only_where_it_is_shown(tmp_path: Path) -> None:
    events = list(write_log(tmp_path / "events.jsonl"))
    told = [*events, {**events[-1], **mapped(), "steps": []}]
    assert "dark red" not in page_of(told, {"map_origin": b"\x89PNG"})


def test_players_keep_the_pace_of_their_axis(tmp_path: Path) -> None:
    events = list(write_log(tmp_path / "events.jsonl"))
    assert "data-pace" not in page_of(events)
    page = page_of([*events, {**events[-1], **residual(**MOVED)}])
    paces = dict(re.findall(r'<audio[^>]* src="([^"]+)"[^>]* data-pace="([^"]+)"', page))
    assert paces == {"b.opus": "1.012300000"}
    assert "The time axis was changed" in page
