"""What a decision is about, checked against the log of the item: all that is wrong with it, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from restoration.decisions import OVERRULED, REPAIR, BadDecision, Decision, event_in, head_of, span_in
from restoration.errors import BadRecipe
from restoration.overruling import Stretch, joined
from restoration.package import LOG
from restoration.recipe import build, step_kind
from restoration.record import Event
from restoration.repair.region import BadRegion, one_bit
from restoration.standing import REPAIR_STEP, region_of
from restoration.time_axis import moving_steps

WITHIN_S = 0.01
"""By so much a stretch may end after the sound does: times are rounded on their way."""
MASK_BYTES = 2**20
NOT_OVERRULABLE = ("needed", "reason")


def problems(decision: Decision, events: Sequence[Event]) -> Iterator[str]:
    """Sentences about what a decision says of a log that is not so."""
    concerns = decision.concerns.strip()
    yield from _concerned(concerns, events)
    if decision.kind == OVERRULED:
        yield from _overruled(decision, events)
    else:
        for name in ("findings", "spared", "needed"):
            if getattr(decision, name) is not None:
                yield f"“{name}” belongs to “{OVERRULED}”, and not to “{decision.kind}”"
    if decision.kind == REPAIR:
        yield from _region(decision, events)
    elif decision.low_hz is not None or decision.high_hz is not None or decision.mask:
        yield f"low_hz, high_hz and mask belong to “{REPAIR}”, and not to “{decision.kind}”"


def fields(decision: Decision, events: Sequence[Event], files: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The fields of its event, beside ``decision``; ``files`` are the digests of what was looked at and heard.

    Raises:
        BadDecision: it concerns what the log does not have.
    """
    if wrong := list(problems(decision, events)):
        raise BadDecision("\n".join(wrong))
    return {
        "by": decision.by.strip(),
        "reason": decision.reason.strip(),
        **about(decision, events),
        "seen": {"head": head_of(events), "files": dict(files or {})},
    }


def about(decision: Decision, events: Sequence[Event]) -> dict[str, Any]:
    """What the decision is about, as its event says it; ``problems`` found none."""
    concerns = decision.concerns.strip()
    found: dict[str, Any] = {"concerns": concerns} if concerns else {}
    if span := span_in(concerns):
        found |= {"start_s": span[0], "stop_s": span[1]}
    step = step_of(concerns, events) if decision.kind == OVERRULED else None
    if step and _asks(decision):
        found["step"] = {"position": step["position"], "name": step["name"]}
        found |= {name: getattr(decision, name) for name in ("needed",) if decision.needed is not None}
        found |= {"findings": dict(decision.findings)} if decision.findings is not None else {}
        found |= _spared(decision.spared, step, events) if decision.spared is not None else {}
    return found | (_band(decision, events) if decision.kind == REPAIR else {})


def step_of(concerns: str, events: Sequence[Event]) -> Event | None:
    """The step that ``event/9`` names; None where that is none that was finished."""
    number = event_in(concerns)
    event = events[number - 1] if number and number <= len(events) else None
    return event if event and event["event"] == "step" and event.get("outcome") != "failed" else None


def _asks(decision: Decision) -> bool:
    return any(one is not None for one in (decision.findings, decision.spared, decision.needed))


def _concerned(concerns: str, events: Sequence[Event]) -> Iterator[str]:
    number, span = event_in(concerns), span_in(concerns)
    if number is not None and not 1 <= number <= len(events):
        yield f"{LOG} has no {concerns}; it has {len(events)} events"
    elif span is not None:
        yield from _stretch(span, events)
    elif concerns and number is None:
        yield f"“{concerns}” is neither an event, as event/7, nor seconds, as 12.5-14"


def _stretch(span: Stretch, events: Sequence[Event]) -> Iterator[str]:
    duration_s = _duration_s(events)
    if not 0 <= span[0] < span[1] or (duration_s is not None and span[1] > duration_s + WITHIN_S):
        ends = "" if duration_s is None else f" of the {duration_s:.2f} s of the item"
        yield f"“{span[0]:g}-{span[1]:g}” is no stretch{ends}; the first is the start, the second the end"


def _overruled(decision: Decision, events: Sequence[Event]) -> Iterator[str]:
    if not _asks(decision):
        return
    step = step_of(decision.concerns.strip(), events)
    if step is None:
        there = [f"{event['sequence']} ({event['name']})" for event in events if event["event"] == "step"]
        yield f"“{decision.concerns}” is no step that can be overruled; the steps are the events {', '.join(there)}"
        return
    if decision.findings is not None:
        yield from _findings(decision.findings, step)
    if decision.spared is not None:
        yield from _spares(decision.spared, step, events)


def _findings(findings: Mapping[str, Any], step: Event) -> Iterator[str]:
    known = [name for name in step["findings"] if name not in NOT_OVERRULABLE]
    place = f"event {step['sequence']} ({step['name']})"
    for name, value in findings.items():
        if name == "needed":
            yield f"whether {place} is needed is said with “needed”, and not among the findings"
        elif name not in known:
            yield f"{place} has no finding “{name}”; it has {', '.join(known) or 'none'}"
        elif not _alike(step["findings"][name], value):
            found = step["findings"][name]
            told = f"{_kind(found)} ({str(found)[:40]}), and not {_kind(value)} ({str(value)[:40]})"
            yield f"“{name}” of {place} is {told}"
    if not findings:
        yield f"no finding of {place} is named"


def _alike(found: Any, value: Any) -> bool:
    """Whether a value can stand for another: what was not found may become anything but nothing."""
    if found is None:
        return isinstance(value, str) or _is_number(value)
    if isinstance(found, list):
        return isinstance(value, list) and (not found or all(_alike(found[0], one) for one in value))
    if isinstance(found, dict):
        return isinstance(value, dict) and found.keys() == value.keys()
    if isinstance(found, bool | str):
        return type(value) is type(found)
    return _is_number(value) and (isinstance(found, float) or float(value).is_integer())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _kind(value: Any) -> str:
    names = {bool: "yes or no", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), "nothing")


def _spares(spared: Sequence[Stretch], step: Event, events: Sequence[Event]) -> Iterator[str]:
    for span in spared:
        yield from _stretch(span, events)
    place = f"event {step['sequence']} ({step['name']})"
    if step.get("moves_time"):
        yield f"{place} moves time: it cannot leave a stretch alone, only be left out as a whole (needed: false)"
    if step["name"] == "resample":
        yield f"{place} changes the sample rate: it cannot leave a stretch alone"


def _spared(spared: Sequence[Stretch], step: Event, events: Sequence[Event]) -> dict[str, Any]:
    """The stretches as they were said, and, where a later step moved time, as they lie in the sound of the step."""
    whole = joined(spared)
    there = tuple((_at_step_s(start, step, events), _at_step_s(stop, step, events)) for start, stop in whole)
    found = {"spared": _rows(whole)}
    return found | ({"spared_in_step": _rows(there)} if there != whole else {})


def _rows(stretches: Sequence[Stretch]) -> list[dict[str, float]]:
    return [{"start_s": start_s, "stop_s": stop_s} for start_s, stop_s in stretches]


def _at_step_s(restored_s: float, step: Event, events: Sequence[Event]) -> float:
    for turn, event in reversed(moving_steps(events)):
        if event["position"] > step["position"]:
            restored_s = round(float(getattr(turn.step, "source_time_s")(event["findings"], restored_s)), 6)  # noqa: B009
    return restored_s


def _region(decision: Decision, events: Sequence[Event]) -> Iterator[str]:
    if span_in(decision.concerns.strip()) is None:
        yield f"a “{REPAIR}” says where: start_s and stop_s"
        return
    if decision.mask and None in (decision.low_hz, decision.high_hz):
        yield "a mask is stretched over a band: say low_hz and high_hz too"
        return
    wrong = list(_mask(decision.mask)) if decision.mask else []
    yield from wrong
    if not wrong:
        try:
            # The step knows best which regions it can repair.
            build(step_kind(REPAIR_STEP), {"regions": [region_of(about(decision, events))]}, "the region")
        except BadRecipe as error:
            yield str(error)


def _mask(mask: str) -> Iterator[str]:
    if len(mask) > 4 * MASK_BYTES // 3 + 4:
        yield f"the mask has more than {MASK_BYTES} bytes; paint a smaller region, or coarser"
        return
    try:
        one_bit(mask)
    except BadRegion as error:
        yield str(error)


def _band(decision: Decision, events: Sequence[Event]) -> dict[str, Any]:
    """The band of a region, all frequencies that the sound has where nobody said."""
    rates = [event["format"].get("sample_rate") for event in events if event["event"] == "extraction"]
    highest_hz = rates[-1] / 2 if rates and rates[-1] else 24000.0
    low_hz = 0.0 if decision.low_hz is None else float(decision.low_hz)
    high_hz = highest_hz if decision.high_hz is None else float(decision.high_hz)
    return {"low_hz": low_hz, "high_hz": high_hz} | ({"mask": one_bit(decision.mask)} if decision.mask else {})


def _duration_s(events: Sequence[Event]) -> float | None:
    taken = [event["measures"].get("duration_s") for event in events if event["event"] == "measurement"]
    return float(taken[-1]) if taken and taken[-1] is not None else None
