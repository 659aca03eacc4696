"""What a step event says it generated."""

from __future__ import annotations

from typing import Any

import pytest

from restoration.provenance.generated import generated_band, generated_sentence, treated_steps
from restoration.record import Event


def step(findings: dict[str, Any], **fields: Any) -> Event:
    return {"event": "step", "outcome": "treated", "generates": "band", "findings": findings, **fields}


@pytest.mark.parametrize(
    ("findings", "parameters", "band", "words"),
    [
        ({"generated_band_hz": [4123.0, 8000.0]}, {}, (4123.0, 8000.0), "Frequencies from 4.1 kHz to 8 kHz generated"),
        ({"recorded_bandwidth_hz": 3000.0}, {"target_bandwidth_hz": 9000.0}, (3000.0, 9000.0), "from 3 kHz to 9 kHz"),
        ({"crossover_hz": 5000}, {}, (5000.0, None), "Frequencies above 5 kHz generated"),
        ({}, {}, (None, None), "Upper frequencies generated"),
    ],
)
def test_the_band_is_what_the_log_says(findings: Any, parameters: Any, band: Any, words: str) -> None:
    event = step(findings, parameters=parameters)
    assert generated_band(event) == band
    assert words in generated_sentence(event)


@pytest.mark.parametrize(("kind", "words"), [("gap", "Gaps"), ("voice", "The voice was"), ("rain", "“rain”")])
def test_other_kinds_are_named(kind: str, words: str) -> None:
    event = step({}, generates=kind, weights={"net": "ab"})
    assert generated_band(event) is None
    assert words in generated_sentence(event)
    assert generated_sentence(event).endswith("by a model.")


def test_a_step_that_was_not_carried_out_generated_nothing() -> None:
    event = step({"generated_band_hz": [1, 2]}, outcome="left out")
    assert generated_band(event) is None
    assert generated_sentence(event) == ""


def run(position: int, name: str, source: str, result: str, outcome: str = "treated") -> Event:
    fields = {"position": position, "name": name, "source": source, "result": result, "outcome": outcome}
    return {"event": "step", **fields}


def names(events: list[Event]) -> list[str]:
    return [event["name"] for event in treated_steps(events)]


def test_only_what_the_restored_sound_went_through_was_done() -> None:
    """A step that failed and was taken again, one left out, and an earlier recipe whose result was not used."""
    first = [run(1, "remove_dc", "m", "a"), run(2, "extend_band", "a", "b"), run(3, "limit", "b", "c")]
    assert names(first) == ["remove_dc", "extend_band", "limit"]
    second = [run(2, "reduce_noise", "a", "a", "failed"), run(2, "reduce_noise", "a", "d")]
    assert names([*first, *second, run(3, "limit", "d", "d", "left out")]) == ["remove_dc", "reduce_noise"]


def test_the_sound_that_was_measured_last_is_the_restored_one() -> None:
    events = [run(1, "remove_dc", "m", "a"), run(2, "extend_band", "a", "b")]
    measurement = {"event": "measurement", "when": "after", "source": "a"}
    assert names([*events, measurement]) == ["remove_dc"]


def test_where_the_trail_is_lost_every_treated_step_counts() -> None:
    extraction = {"event": "extraction", "result": "m"}
    events = [extraction, run(1, "extend_band", "m", "a"), run(2, "limit", "elsewhere", "b")]
    assert names(events) == ["extend_band", "limit"]
    assert names([extraction, {"event": "measurement", "when": "after", "source": "m"}]) == []
