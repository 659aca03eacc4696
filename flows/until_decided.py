"""Restore the items of a manifest, and wait until a curator has decided on every one of them.

The flow pauses; what ``restoration decide`` or the page of an item writes lets it go on. Items that were sent back with
a change are restored anew, in the same flow, and waited for again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.exceptions import ObjectNotFound
from prefect.flow_runs import FlowPauseTimeout, NotPausedError, pause_flow_run, resume_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows.restore_batch import restored, served
from restoration.batch import Outcome, Request, plan
from restoration.decisions import Review, review_state
from restoration.errors import RestorationError
from restoration.order import WAITING
from restoration.package import LOG, write_whole
from restoration.record import read
from restoration.room.batch_index import write_index

WEEK_S = 7 * 24 * 3600
UNTIL_PAUSED_S = 20.0
"""So long a decision that comes just before the pause waits for it."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """A curator has ``wait_s`` to decide on what was restored, and is looked for every ``poll_s``."""

    wait_s: int = WEEK_S
    poll_s: int = 5


class Answer(RunInput):
    """What lets the flow go on; that everything is decided is read from the logs, and not from here."""

    decided_by: str = Field(default="", description="Who decided last.")


@flow(name="restore until decided", flow_run_name="decide on {request.manifest.name}", validate_parameters=False)
def restore_until_decided(request: Request, patience: Patience) -> list[Outcome]:
    """Restore what is pending, wait for the curator, and again, until nothing is pending and nothing undecided."""
    found: dict[str, Outcome] = {}
    try:
        while True:
            planned = plan(request)
            found |= {name: Outcome(name, "refused", why) for name, why in planned.refused.items()}
            if planned.pending:
                found |= {one.identifier: one for one in restored(request, planned.pending)}
                write_index(request.out, refused=planned.refused)
            sound = [name for name in planned.orders if _is_restored(request.out, name, found)]
            if not undecided(request.out, sound):
                return [_reviewed(request.out, name, found) for name in planned.orders]
            _wait(request.out, sound, patience)
    finally:
        (request.out / WAITING).unlink(missing_ok=True)


def undecided(out: Path, names: Sequence[str]) -> list[str]:
    """The items whose curator has not decided yet, or has asked for what was not done yet."""
    return [name for name in names if (review := review_of(out / name)).state == "waiting" or review.changes]


def review_of(bag: Path) -> Review:
    """Where the item of a bag stands with its curator."""
    return review_state(list(read(bag / LOG)))


def resume(out: Path) -> str:
    """Let the run go on that waits in a folder of bags, if everything is decided; a sentence about what came of it."""
    said = json.loads((out / WAITING).read_text(encoding="utf-8"))
    left = [name for name in said["items"] if review_of(out / name).state == "waiting"]
    if left:
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        return f"The run that waits here goes on after a decision on {', '.join(left[:3])}{more}."
    until = time.monotonic() + UNTIL_PAUSED_S
    while (out / WAITING).is_file():
        try:
            with temporary_settings({PREFECT_API_URL: said["api_url"]}):
                resume_flow_run(UUID(said["flow_run"]), run_input={"decided_by": _last_word(out, said["items"])})
            return "Everything is decided: the run that waited goes on."
        except NotPausedError:
            # It is about to pause, or somebody has just let it go on.
            if time.monotonic() > until:
                return "Everything is decided; the run that waited is not paused any more: run its command again."
            time.sleep(0.5)
        except (httpx.HTTPError, RuntimeError, FlowPauseTimeout, ObjectNotFound) as error:
            return f"Everything is decided, but the run that waits could not be told ({error}); run its command again."
    return "Everything is decided, and nothing waits any more."


def run(request: Request, workers: int, patience: Patience | None = None) -> list[Outcome]:
    """Run the flow with so many items at a time, on the configured server.

    Raises:
        RestorationError: no server is configured, it does not answer, or nobody decided in time.
    """
    if not PREFECT_API_URL.value():
        raise RestorationError(
            "a run can only wait for a curator on a Prefect server (`prefect server start`, then prefect config set "
            "PREFECT_API_URL=http://127.0.0.1:4200/api); without one, restore first, decide, and run again"
        )
    runner: Any = ThreadPoolTaskRunner(max_workers=workers)
    waiting = restore_until_decided.with_options(task_runner=runner)
    try:
        return served(lambda: waiting(request, patience or Patience()))
    except FlowPauseTimeout as error:
        raise RestorationError(
            "nobody decided in time; what was restored stays, and the same command waits again"
        ) from error


def _wait(out: Path, names: Sequence[str], patience: Patience) -> None:
    waiting = {"flow_run": str(flow_run.id), "api_url": PREFECT_API_URL.value(), "items": list(names)}
    write_whole(out / WAITING, json.dumps(waiting))
    if not [name for name in names if review_of(out / name).state == "waiting"]:
        return
    create_table_artifact(key="to-decide", table=[{"item": name} for name in undecided(out, names)])
    pause_flow_run(wait_for_input=Answer, timeout=patience.wait_s, poll_interval=patience.poll_s)


def _is_restored(out: Path, name: str, found: dict[str, Outcome]) -> bool:
    failed = name in found and found[name].state != "restored"
    return (out / name / LOG).is_file() and not failed


def _reviewed(out: Path, name: str, found: dict[str, Outcome]) -> Outcome:
    outcome = found.get(name) or Outcome(name, "restored", str(out / name))
    if outcome.state != "restored":
        return outcome
    review = review_of(out / name)
    return replace(outcome, review=review.state, reviewed_by=review.by)


def _last_word(out: Path, names: Sequence[str]) -> str:
    reviews = [review_of(out / name) for name in names]
    return reviews[-1].by if reviews else ""
