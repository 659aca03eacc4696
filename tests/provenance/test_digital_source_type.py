"""The strongest class of the chain wins, wherever in the chain it stands."""

from __future__ import annotations

from itertools import permutations

import pytest

from restoration.provenance.digital_source_type import (
    CAPTURED,
    COMPOSITE,
    ENHANCED,
    SYNTHETIC,
    VOCABULARY,
    digital_source_type,
)
from restoration.record import Event


def step(generates: str, outcome: str = "treated") -> Event:
    return {"event": "step", "name": "step", "generates": generates, "outcome": outcome}


@pytest.mark.parametrize(
    ("generates", "expected"),
    [("nothing", ENHANCED), ("band", COMPOSITE), ("gap", COMPOSITE), ("voice", SYNTHETIC), ("weather", SYNTHETIC)],
)
def test_one_step(generates: str, expected: str) -> None:
    assert digital_source_type([step(generates)]) == expected
    assert expected.startswith("http://cv.iptc.org/newscodes/digitalsourcetype/")


def test_the_strongest_wins_in_any_order() -> None:
    for order in permutations(["nothing", "band", "voice"]):
        assert digital_source_type([step(kind) for kind in order]) == SYNTHETIC
    for order in permutations(["nothing", "nothing", "gap"]):
        assert digital_source_type([step(kind) for kind in order]) == COMPOSITE


def test_a_step_that_was_not_carried_out_does_not_count() -> None:
    assert digital_source_type([step("voice", "left out"), step("band", "failed")]) == CAPTURED
    assert digital_source_type([step("voice", "left out"), step("nothing")]) == ENHANCED


def test_an_untouched_transfer_is_a_capture() -> None:
    assert digital_source_type([]) == VOCABULARY + "digitalCapture"
