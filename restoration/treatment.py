"""A recipe applied to a recording: measure, decide, treat, log, for one step after the other.

The log says what was done; the scratch keeps the sounds. A run that was killed finds in the log the steps that were
finished and goes on after them; a result that is in the log but no longer in the scratch is made again by the recorded
findings, and must then be the same sound to the sample.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from restoration.audio import Recording
from restoration.errors import RestorationError, StepFailed
from restoration.overruling import NOT_OVERRULED, Overruling
from restoration.progress import Progress
from restoration.recipe import Recipe
from restoration.record import Event, Record
from restoration.scratch import Scratch
from restoration.step import Findings, Judged, Verdict
from restoration.step_map import StepMap, known_map, step_map
from restoration.turn import Turn, Workshop


@dataclass(frozen=True)
class Treated:
    """What a recipe made.

    ``recording`` is the result, ``gain_db`` the gain that its steps applied to the sound as a whole, and ``maps`` say
    of each step that generates or loads a model what of its result was recorded.
    """

    recording: Recording
    gain_db: float
    maps: tuple[StepMap, ...] = ()


def apply(
    recipe: Recipe,
    source: Recording,
    record: Record,
    scratch: Scratch,
    progress: Progress,
    overrulings: Mapping[int, Overruling] | None = None,
) -> Treated:
    """Treat ``source`` by ``recipe``, with one event in ``record`` for each step.

    Args:
        recipe: the steps.
        source: the sound of the master.
        record: the log.
        scratch: where sounds and findings are kept.
        progress: hears which step is at work.
        overrulings: what people decided of a step, by its place in the recipe from 1 on.

    Raises:
        StepFailed: a step could not do its work, or made another sound than the log says it made before.
    """
    decided = overrulings or {}
    turns = [
        Turn(position, name, step, decided.get(position, NOT_OVERRULED))
        for position, (name, step) in enumerate(recipe.steps, start=1)
    ]
    workshop = Workshop(scratch, progress)
    known = _known_events(turns, source, record)
    current = _resume(turns, known, source, workshop)
    events = list(known)
    for turn in turns[len(known) :]:
        progress.reached(turn.stage)
        event, current = _take(turn, current, record, workshop)
        events.append(event)
    maps = (known_map(turn, event, scratch) for turn, event in zip(turns, events, strict=True))
    return Treated(current, sum(applied_gain_db(event) for event in events), tuple(one for one in maps if one))


def _known_events(turns: list[Turn], source: Recording, record: Record) -> list[Event]:
    """The events of the steps that were finished before, an unbroken chain from ``source``."""
    known: list[Event] = []
    sha256 = source.pcm_sha256
    for turn in turns:
        finished = [
            event
            for event in record.events
            if event["event"] == "step"
            and event["outcome"] != "failed"
            and (event["position"], event["name"], event["source"]) == (turn.position, turn.name, sha256)
        ]
        if not finished:
            break
        known.append(finished[-1])
        sha256 = finished[-1]["result"]
    return known


def _resume(turns: list[Turn], known: list[Event], source: Recording, workshop: Workshop) -> Recording:
    """The sound after the last known step: the latest one still in the scratch, with what followed made again.

    A map that was lost is made again too, for which the sounds before and after its step are needed.
    """
    lost = [
        number
        for number, (turn, event) in enumerate(zip(turns, known, strict=False))
        if event.get("map") and not known_map(turn, event, workshop.scratch)
    ]
    for count in range(min([len(known), *lost]), 0, -1):
        turn, event = turns[count - 1], known[count - 1]
        found = workshop.scratch.find(turn.key(event["source"], event["findings"]))
        if event["outcome"] == "treated" and found:
            break
    else:
        count, found = 0, source
    for turn, event in zip(turns[count : len(known)], known[count:], strict=True):
        found = _again(turn, found, event, workshop)
    return found


def applied_gain_db(event: Event) -> float:
    """The constant gain a step applied to everything, which the residual must not count as removed."""
    return float(event["findings"].get("gain_db", 0.0)) if event["name"] == "set_level" else 0.0


def _take(turn: Turn, source: Recording, record: Record, workshop: Workshop) -> tuple[Event, Recording]:
    """Run one step for the first time. A failure is an event too."""
    log = partial(record.append, "step", **turn.description(), source=source.pcm_sha256)
    timer = _Timer()
    findings: Findings = {}
    told: dict[str, Any] = {}
    try:
        measured = turn.measured(source, workshop.scratch)
        findings, told = _decided(turn, source, measured)
        result, verdict = source, None
        if findings.get("needed", True):
            result, verdict = _treated(turn, source, findings, workshop)
    except RestorationError as error:
        log(
            findings=findings,
            **told,
            result=source.pcm_sha256,
            generates="nothing",
            outcome="failed",
            reason=str(error),
            **timer.read(),
        )
        raise
    treated = bool(findings.get("needed", True)) and (verdict is None or _stands(turn, verdict))
    times = timer.read()
    map_ = step_map(turn, source, result, findings, workshop.scratch) if treated else None
    event = log(
        findings=findings,
        **told,
        **({"verdict": verdict} if verdict is not None else {}),
        **({"map": map_.facts} if map_ is not None else {}),
        result=result.pcm_sha256,
        generates=type(turn.step).generates if treated else "nothing",
        outcome="treated" if treated else "left out",
        reason=_reason(findings, verdict, turn.overruling),
        **times,
    )
    return event, result


def _treated(turn: Turn, source: Recording, findings: Findings, workshop: Workshop) -> tuple[Recording, Verdict | None]:
    """The result of a step, or its source where the step itself says that the result is no better."""
    result = turn.result(source, findings, workshop)
    if not isinstance(turn.step, Judged):
        return result, None
    verdict = turn.tried("judge", lambda: cast(Judged, turn.step).judge(source, result, findings))
    return (result if _stands(turn, verdict) else source), verdict


def _stands(turn: Turn, verdict: Verdict) -> bool:
    """Whether the result is kept: it helps, or people want it whatever the step thinks of it."""
    return bool(verdict["helps"]) or turn.overruling.needed is True


def _decided(turn: Turn, source: Recording, measured: Findings) -> tuple[Findings, dict[str, Any]]:
    """The findings that hold, and what the step's event says of those that people overruled."""
    if not turn.overruling.decisions:
        return measured, {}
    findings = turn.tried("measure", lambda: turn.overruling.applied(turn.step, source, measured))
    return findings, {"overruled": turn.overruling.told(measured, findings)}


def _reason(findings: Findings, verdict: Verdict | None, overruling: Overruling) -> str:
    reasons = [findings.get("reason", ""), verdict["reason"] if verdict else "", *overruling.sentences]
    return " ".join(reason for reason in reasons if reason)


class _Timer:
    """When a step began, how long it took, and the processor time of its thread."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._clock, self._cpu = time.perf_counter(), time.thread_time()

    def read(self) -> dict[str, Any]:
        return {
            "started": self._started,
            "seconds": round(time.perf_counter() - self._clock, 3),
            "cpu_seconds": round(time.thread_time() - self._cpu, 3),
        }


def _again(turn: Turn, source: Recording, event: Event, workshop: Workshop) -> Recording:
    """The result of a step that the log knows: from the scratch, or made again by the recorded findings."""
    if event["outcome"] == "left out":
        return source
    result = turn.result(source, event["findings"], workshop)
    _same(turn, "sound", result.pcm_sha256, event["result"])
    if event.get("map"):
        map_ = step_map(turn, source, result, event["findings"], workshop.scratch)
        _same(turn, "map", map_.facts["sha256"] if map_ else "", event["map"]["sha256"])
    return result


def _same(turn: Turn, what: str, made: str, said: str) -> None:
    if made != said:
        raise StepFailed(
            turn.name,
            f"made the {what} {made[:16]}… from the recorded findings, where the log says {said[:16]}…; "
            "versions or machine have changed since",
        )
