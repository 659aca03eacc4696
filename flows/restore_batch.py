"""Restore the items of a manifest: one task an item, so that a bad tape never stops the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.objects import State
from prefect.futures import as_completed
from prefect.settings import PREFECT_API_URL
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner

from restoration.batch import Outcome, Plan, Request, plan, restore_and_tell
from restoration.errors import RestorationError

SERVER_LOST = ("Failed to reach API", "attempting to connect to ephemeral Prefect API server")
"""What Prefect says when its server is lost: in the middle, or while it starts."""


@lru_cache(maxsize=4)
def _plan(request: Request) -> Plan:
    """The plan, read once in each process that works on it."""
    return plan(request)


def _may_help(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Trying again helps against a server that was away for a moment, not against a broken file or a full disk."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, TimeoutError | ConnectionError | InterruptedError)


@task(
    task_run_name="{identifier}",
    retries=2,
    retry_delay_seconds=[2, 20],
    retry_condition_fn=_may_help,
    persist_result=False,
)
def restore_item(identifier: str, request: Request) -> Outcome | State[Outcome]:
    """Restore one item of the manifest."""
    try:
        return restore_and_tell(_plan(request).orders[identifier])
    except RestorationError as error:
        # A state and not an exception: what is wrong with a tape is a sentence, not a trace.
        return Failed(message=str(error), data=Outcome(identifier, "failed", str(error)))


@flow(name="restore batch", flow_run_name="restore {request.manifest.name}", validate_parameters=False)
def restore_batch(request: Request, identifiers: tuple[str, ...]) -> list[Outcome]:
    """Restore the named items; what became of each, in their order."""
    return restored(request, identifiers)


def restored(request: Request, identifiers: tuple[str, ...]) -> list[Outcome]:
    """A task for each of the named items, inside a flow; what became of each, in their order."""
    futures = {name: restore_item.submit(name, request) for name in identifiers}
    share = cast(UUID, create_progress_artifact(progress=0.0, key="share-of-the-batch", description="Items ended"))
    for ended, _ in enumerate(as_completed(list(futures.values())), start=1):
        update_progress_artifact(share, progress=100.0 * ended / len(futures))
    outcomes = [_outcome(name, future.result(raise_on_failure=False)) for name, future in futures.items()]
    create_table_artifact(
        key="restored-items",
        table=[vars(outcome) for outcome in outcomes],
        description=f"Items of {request.manifest.name}",
    )
    for outcome in outcomes:
        if outcome.state == "restored":
            report = Path(outcome.detail) / "data" / "record" / "treatment-report.html"
            create_link_artifact(link=report.resolve().as_uri(), link_text=f"Treatment report of {outcome.identifier}")
    return outcomes


def _outcome(identifier: str, result: object) -> Outcome:
    if isinstance(result, Outcome):
        return result
    return Outcome(identifier, "failed", f"{type(result).__name__}: {result}")


def run(request: Request, identifiers: tuple[str, ...], workers: int) -> list[Outcome]:
    """Run the flow with so many items at a time, on the configured server or else on an embedded one.

    Raises:
        RestorationError: the server does not answer, or went away in the middle.
    """
    runner: Any = ThreadPoolTaskRunner(max_workers=workers)
    with_workers = restore_batch.with_options(task_runner=runner)
    return served(lambda: with_workers(request, identifiers))


def served(work: Callable[[], list[Outcome]]) -> list[Outcome]:
    """What a flow returns.

    Raises:
        RestorationError: the server does not answer, or went away in the middle.
    """
    _check_server()
    try:
        return work()
    except (httpx.TransportError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not any(words in str(error) for words in SERVER_LOST):
            raise
        raise RestorationError(
            f"Prefect's server went away during the batch ({error}); what was done is kept, run the same command again"
        ) from error


def _check_server() -> None:
    """Say so in a sentence when the server that Prefect's configuration names is not there."""
    url = PREFECT_API_URL.value()
    if not url:
        return
    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=30.0).raise_for_status()
    except httpx.HTTPError as error:
        raise RestorationError(
            f"Prefect's server at {url} does not answer ({error}); start it, or unset PREFECT_API_URL "
            "(prefect config unset PREFECT_API_URL) to use the embedded one"
        ) from error
