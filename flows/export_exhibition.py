"""Export restored items for an exhibition: one task an item, so that one that may not leave never stops the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.objects import State
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner

from restoration.exhibition.exhibition import Exhibition, alone, close, common_target
from restoration.exhibition.export import export_piece
from restoration.exhibition.request import Outcome, Piece, Wanted


@task(task_run_name="{piece.bag.name}, {piece.words}", persist_result=False)
def export_item(piece: Piece, wanted: Wanted, target_lufs: float | None) -> Outcome | State[Outcome]:
    """Export one piece of an item."""
    outcome = export_piece(piece, wanted, target_lufs)
    # A state and not an exception: why something may not leave is a sentence, not a trace.
    return outcome if outcome.there else Failed(message=outcome.detail, data=outcome)


@flow(name="export exhibition", flow_run_name="export by {wanted.preset.name}", validate_parameters=False)
def export_exhibition(pieces: list[Piece], wanted: Wanted) -> Exhibition:
    """Export pieces; what became of each, in their order."""
    with alone(wanted):
        target_lufs = common_target(pieces, wanted)
        futures = [export_item.submit(piece, wanted, target_lufs) for piece in pieces]
        share = cast(UUID, create_progress_artifact(progress=0.0, key="share-of-the-export", description="Exported"))
        outcomes = []
        for ended, future in enumerate(futures, start=1):
            outcomes.append(cast(Outcome, future.result(raise_on_failure=False)))
            update_progress_artifact(share, progress=100.0 * ended / len(futures))
        made = close(pieces, outcomes, wanted, target_lufs)
    create_table_artifact(key="exported-pieces", table=[_row(each) for each in outcomes], description=_about(made))
    for place in _to_look_at(made, wanted):
        create_link_artifact(link=place.resolve().as_uri(), link_text=place.name)
    return made


def _row(each: Outcome) -> dict[str, Any]:
    return {
        "item": each.identifier,
        "piece": each.piece,
        "state": each.state,
        "loudness LUFS": each.loudness.get("loudness_lufs"),
        "true peak dBTP": each.loudness.get("true_peak_dbtp"),
        "files": ", ".join(str(file["name"]) for file in each.files),
        "detail": each.detail,
    }


def _about(made: Exhibition) -> str:
    there = sum(each.there for each in made.outcomes)
    return " ".join([f"{there} of {len(made.outcomes)} pieces are there.", *(f"{note}." for note in made.notes)])


def _to_look_at(made: Exhibition, wanted: Wanted) -> list[Path]:
    sounds = [wanted.folder / str(each.files[0]["name"]) for each in made.outcomes if each.there]
    return [*made.files, *sounds]


def run(pieces: Sequence[Piece], wanted: Wanted, workers: int = 1) -> Exhibition:
    """Run the flow with so many pieces at a time, on the configured server or else on an embedded one."""
    runner: Any = ThreadPoolTaskRunner(max_workers=workers)
    return export_exhibition.with_options(task_runner=runner)(list(pieces), wanted)
