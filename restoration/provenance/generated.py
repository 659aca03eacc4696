"""What a treatment invented, as the log tells it: which steps, and which band.

Only a step that was carried out generates anything; one that was left out is never named here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from restoration.provenance.figures import figure
from restoration.provenance.local_figures import local_figure, local_number
from restoration.record import Event
from restoration.texts import SOURCE_LANGUAGE, Catalogue, catalogue

Band = tuple[float | None, float | None]
"""Lower and upper end in Hz; None where the log does not say."""

BOTH_ENDS = "generated_band_hz"
LOWER_ENDS = (
    "generated_above_hz",
    "generated_from_hz",
    "crossover_hz",
    "cutoff_hz",
    "edge_hz",
    "recorded_bandwidth_hz",
    "bandwidth_hz",
)
UPPER_ENDS = (
    "generated_below_hz",
    "generated_up_to_hz",
    "generated_to_hz",
    "top_hz",
    "target_hz",
    "target_bandwidth_hz",
)


def treated_steps(events: Sequence[Event]) -> list[Event]:
    """The steps that the restored sound went through, in their order.

    They are followed back from the last sound in the log by the digests of source and result, so that a step of an
    earlier run, whose result was not used in the end, is not among them. Where that trail does not lead to the
    master, every treated step counts: rather one too many named than generated sound unmarked.
    """
    chain: list[Event] = []
    wanted, position = _restored(events), math.inf
    for event in reversed(events):
        if event["event"] != "step" or event.get("outcome") not in ("treated", "left out"):
            continue
        if event.get("result") == wanted and event.get("position", 0) < position:
            chain.append(event)
            wanted, position = event.get("source"), event.get("position", math.inf)
    masters = [event.get("result") for event in events if event["event"] == "extraction"]
    whole = wanted == masters[-1] if masters else bool(chain)
    found = list(reversed(chain)) if whole else [event for event in events if event["event"] == "step"]
    return [event for event in found if event.get("outcome") == "treated"]


def _restored(events: Sequence[Event]) -> str | None:
    """PCM digest of the last sound that a step gave, or that was measured after the treatment."""
    for event in reversed(events):
        if event["event"] == "step" and event.get("outcome") in ("treated", "left out"):
            return event.get("result")
        if event["event"] == "measurement" and event.get("when") == "after" and event.get("source"):
            return str(event["source"])
    return None


def generates(event: Event) -> str:
    """What a step event generated: "nothing" for every event that is no treated step."""
    if event["event"] != "step" or event.get("outcome") != "treated":
        return "nothing"
    return str(event.get("generates") or "nothing")


def generated_band(event: Event) -> Band | None:
    """The band that a step generated; None when it generated none."""
    if generates(event) != "band":
        return None
    said = {**event.get("parameters", {}), **event.get("findings", {})}
    ends = said.get(BOTH_ENDS)
    if isinstance(ends, list) and len(ends) == 2:
        low, high = ends
        return low, high
    return _first(said, LOWER_ENDS), _first(said, UPPER_ENDS)


def generated_sentence(event: Event, language: str = SOURCE_LANGUAGE) -> str:
    """One sentence on what a treated step generated; empty when it generated nothing.

    A step that loaded weights is said to have used a model, and only then.
    """
    return _sentence(event, "generated", language)


def spoken_generated_sentence(event: Event, language: str = SOURCE_LANGUAGE) -> str:
    """The same to be read out, units in words."""
    return _sentence(event, "spoken_generated", language)


def _sentence(event: Event, table: str, language: str) -> str:
    kind, texts = generates(event), catalogue(language)
    if kind == "nothing":
        return ""
    by = texts.text("label.generated.by_model" if event.get("weights") else "label.generated.by_algorithm")
    ends: dict[str, str] = {}
    if kind == "band":
        low, high = generated_band(event) or (None, None)
        kind = "band_between" if low and high else "band_above" if low else "band_unknown"
        said = _spoken if table == "spoken_generated" else _written
        ends = {name: said(value, texts) for name, value in (("low", low), ("high", high)) if value}
    elif kind == "gap" and event.get("name") == "repair_region":
        kind = "gap_marked"
    elif kind not in ("gap", "voice"):
        return texts.text(f"label.{table}.unknown_kind", kind=kind, by=by)
    return texts.text(f"label.{table}.{kind}", by=by, **ends)


def _written(hz: float, texts: Catalogue) -> str:
    return local_figure("_hz", hz, texts.language)


def _spoken(hz: float, texts: Catalogue) -> str:
    number, _, unit = figure("_hz", hz).partition(" ")
    told = local_number(number, texts.language)
    return texts.counted(f"label.spoken_generated.{unit}", float(number.replace(",", "")), number=told)


def _first(said: dict[str, Any], names: Sequence[str]) -> float | None:
    for name in names:
        value = said.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None
