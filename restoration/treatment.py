"""A recipe applied to a recording: measure, decide, treat, log, for one step after the other.

The log says what was done; the scratch keeps the sounds. A run that was killed finds in the log the steps that were
finished and goes on after them; a result that is in the log but no longer in the scratch is made again by the recorded
findings, and must then be the same sound to the sample.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from restoration import weights
from restoration.audio import Recording
from restoration.errors import RestorationError, StepFailed
from restoration.progress import Progress
from restoration.recipe import Recipe, about, kind_version
from restoration.record import Event, Record, digest_of
from restoration.scratch import Scratch
from restoration.step import Findings, Judged, Step, Verdict, models_of

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Treated:
    """What a recipe made: the result, and the gain in dB that its steps applied to the sound as a whole."""

    recording: Recording
    gain_db: float


@dataclass(frozen=True)
class _Turn:
    """One step in its place in the recipe."""

    position: int
    name: str
    step: Step

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(cast(Any, self.step))

    @property
    def stage(self) -> str:
        return self.name.replace("_", " ")

    @property
    def models(self) -> dict[str, str]:
        return weights.sha256_on_disk(models_of(self.step))

    def description(self) -> dict[str, Any]:
        """What the log says of the step whatever it finds."""
        return {
            "position": self.position,
            "name": self.name,
            "about": about(self.name),
            "parameters": self.parameters,
            "version": kind_version(self.step),
            "weights": self.models,
            "device": "cpu",
        }

    def key(self, source_sha256: str, findings: Findings | None = None) -> str:
        """What decides the findings; with them, what decides the sound."""
        return digest_of([source_sha256, self.name, self.parameters, kind_version(self.step), self.models, findings])


def apply(recipe: Recipe, source: Recording, record: Record, scratch: Scratch, progress: Progress) -> Treated:
    """Treat ``source`` by ``recipe``, with one event in ``record`` for each step.

    Raises:
        StepFailed: a step could not do its work, or made another sound than the log says it made before.
    """
    turns = [_Turn(position, name, step) for position, (name, step) in enumerate(recipe.steps, start=1)]
    known = _known_events(turns, source, record)
    current = _resume(turns, known, source, scratch, progress)
    events = list(known)
    for turn in turns[len(known) :]:
        progress.reached(turn.stage)
        event, current = _take(turn, current, record, scratch, progress)
        events.append(event)
    return Treated(current, sum(applied_gain_db(event) for event in events))


def _known_events(turns: list[_Turn], source: Recording, record: Record) -> list[Event]:
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


def _resume(
    turns: list[_Turn], known: list[Event], source: Recording, scratch: Scratch, progress: Progress
) -> Recording:
    """The sound after the last known step: the latest one still in the scratch, with what followed made again."""
    for count in range(len(known), 0, -1):
        turn, event = turns[count - 1], known[count - 1]
        if event["outcome"] == "treated" and (found := scratch.find(turn.key(event["source"], event["findings"]))):
            break
    else:
        count, found = 0, source
    for turn, event in zip(turns[count : len(known)], known[count:], strict=True):
        found = _again(turn, found, event, scratch, progress)
    return found


def applied_gain_db(event: Event) -> float:
    """The constant gain a step applied to everything, which the residual must not count as removed."""
    return float(event["findings"].get("gain_db", 0.0)) if event["name"] == "set_level" else 0.0


def _take(
    turn: _Turn, source: Recording, record: Record, scratch: Scratch, progress: Progress
) -> tuple[Event, Recording]:
    """Run one step for the first time. A failure is an event too."""
    log = partial(record.append, "step", **turn.description(), source=source.pcm_sha256)
    timer = _Timer()
    findings: Findings = {}
    try:
        findings = _measure(turn, source, scratch)
        result, verdict = source, None
        if findings.get("needed", True):
            result, verdict = _treated(turn, source, findings, scratch, progress)
    except RestorationError as error:
        log(
            findings=findings,
            result=source.pcm_sha256,
            generates="nothing",
            outcome="failed",
            reason=str(error),
            **timer.read(),
        )
        raise
    treated = bool(findings.get("needed", True)) and (verdict is None or bool(verdict["helps"]))
    event = log(
        findings=findings,
        **({"verdict": verdict} if verdict is not None else {}),
        result=result.pcm_sha256,
        generates=type(turn.step).generates if treated else "nothing",
        outcome="treated" if treated else "left out",
        reason=_reason(findings, verdict),
        **timer.read(),
    )
    return event, result


def _treated(
    turn: _Turn, source: Recording, findings: Findings, scratch: Scratch, progress: Progress
) -> tuple[Recording, Verdict | None]:
    """The result of a step, or its source where the step itself says that the result is no better."""
    result = _result(turn, source, findings, scratch, progress)
    if not isinstance(turn.step, Judged):
        return result, None
    verdict = _or_failed(turn, "judge", lambda: cast(Judged, turn.step).judge(source, result, findings))
    return (result if verdict["helps"] else source), verdict


def _reason(findings: Findings, verdict: Verdict | None) -> str:
    reasons = [findings.get("reason", ""), verdict["reason"] if verdict else ""]
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


def _again(turn: _Turn, source: Recording, event: Event, scratch: Scratch, progress: Progress) -> Recording:
    """The result of a step that the log knows: from the scratch, or made again by the recorded findings."""
    if event["outcome"] == "left out":
        return source
    result = _result(turn, source, event["findings"], scratch, progress)
    if result.pcm_sha256 != event["result"]:
        raise StepFailed(
            turn.name,
            f"made the sound {result.pcm_sha256[:16]}… from the recorded findings, where the log says "
            f"{event['result'][:16]}…; versions or machine have changed since",
        )
    return result


def _measure(turn: _Turn, source: Recording, scratch: Scratch) -> Findings:
    key = turn.key(source.pcm_sha256)
    findings = scratch.findings(key)
    if findings is None:
        findings = _or_failed(turn, "measure", lambda: turn.step.measure(source))
        scratch.keep_findings(key, findings)
    return findings


def _result(turn: _Turn, source: Recording, findings: Findings, scratch: Scratch, progress: Progress) -> Recording:
    key = turn.key(source.pcm_sha256, findings)
    found = scratch.find(key)
    if found is not None:
        return found
    scratch.make_room(source.frames * source.channels * 4, in_use=[source])

    def heard(share: float) -> None:
        progress.reached(turn.stage, share)

    writer = scratch.writer(key, source.frames, heard)

    def treat() -> None:
        with writer:
            turn.step.treat(source, findings, writer)

    _or_failed(turn, "treat", treat)
    return writer.recording


def _or_failed(turn: _Turn, what: str, work: Callable[[], Answer]) -> Answer:
    """What ``work`` returns; a numerical failure in it is one of the step."""
    try:
        return work()
    except RestorationError:
        raise
    except (ValueError, ArithmeticError, RuntimeError) as error:
        raise StepFailed(turn.name, f"could not {what} the recording: {error}") from error
