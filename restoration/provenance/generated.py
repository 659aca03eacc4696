"""What a treatment invented, as the log tells it: which steps, and which band.

Only a step that was carried out generates anything; one that was left out is never named here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from restoration.provenance.figures import figure
from restoration.record import Event

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


def generated_sentence(event: Event) -> str:
    """One sentence on what a treated step generated; empty when it generated nothing.

    A step that loaded weights is said to have used a model, and only then.
    """
    by = "by a model" if event.get("weights") else "by an algorithm"
    kind = generates(event)
    if kind == "band":
        return f"{_band_words(generated_band(event))} generated {by}."
    if kind == "gap":
        return f"Gaps in the recording filled with sound generated {by}."
    if kind == "voice":
        return f"The voice was generated {by}."
    return "" if kind == "nothing" else f"Sound of the kind “{kind}” generated {by}."


def _band_words(band: Band | None) -> str:
    low, high = band or (None, None)
    if low and high:
        return f"Frequencies from {figure('_hz', low)} to {figure('_hz', high)}"
    if low:
        return f"Frequencies above {figure('_hz', low)}"
    return "Upper frequencies"


def _first(said: dict[str, Any], names: Sequence[str]) -> float | None:
    for name in names:
        value = said.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return None
