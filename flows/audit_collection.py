"""Audit the bags of a collection: a task takes a shelf of them, so that a thousand items are not a thousand tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.futures import as_completed
from prefect.task_runners import ThreadPoolTaskRunner

from restoration.auditing.audit import Audit, Wish
from restoration.auditing.collection import audit_bags

SHELF = 20
"""Bags that a task takes."""


@task(task_run_name="{paths[0].name} and the next", persist_result=False)
def audit_shelf(paths: list[Path], wish: Wish) -> list[Audit]:
    """Audit some bags, one after the other."""
    return audit_bags(paths, wish, workers=1)


@flow(name="audit collection", validate_parameters=False)
def audit_collection(bags: list[Path], wish: Wish) -> list[Audit]:
    """Audit bags; the audits in their order, and a table of the items with faults."""
    futures = [audit_shelf.submit(bags[at : at + SHELF], wish) for at in range(0, len(bags), SHELF)]
    share = cast(UUID, create_progress_artifact(progress=0.0, key="share-of-the-audit", description="Bags audited"))
    for ended, _ in enumerate(as_completed(futures), start=1):
        update_progress_artifact(share, progress=100.0 * ended / len(futures))
    found = [one for future in futures for one in future.result()]
    create_table_artifact(key="items-with-faults", table=_rows(found), description=_description(found))
    return found


def _rows(found: Sequence[Audit]) -> list[dict[str, Any]]:
    return [
        {
            "item": one.identifier,
            "check": fault.check,
            "file": fault.file,
            "event": fault.event,
            "fault": fault.sentence,
        }
        for one in found
        for fault in one.of("fault")
    ]


def _description(found: Sequence[Audit]) -> str:
    return f"{len(found)} items audited, {sum(not one.clean for one in found)} with faults"


def run(bags: Sequence[Path], wish: Wish, workers: int) -> list[Audit]:
    """Run the flow with so many shelves at a time (0: two), on the configured server or else on an embedded one."""
    runner: Any = ThreadPoolTaskRunner(max_workers=workers or 2)
    return audit_collection.with_options(task_runner=runner)(list(bags), wish)
