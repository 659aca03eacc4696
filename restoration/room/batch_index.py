"""The index of a folder of bags: its batch page, written anew from the logs of the bags after every change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from restoration import package
from restoration.batch import Outcome, status
from restoration.decisions import REPORT
from restoration.errors import RestorationError
from restoration.package import LOG
from restoration.record import read
from restoration.room.batch_page import batch_page
from restoration.room.batch_rows import BatchRow
from restoration.room.write_item import is_of_treatment

ROOM = "listening-room"
INDEX = "index.html"
SEEN_AS = {"failed": "failed", "begun": "begun", "waiting": "queued"}
"""What the workshop calls an item that is not restored, and what the page calls it."""


def write_index(out: Path, problems: Mapping[str, str] | None = None, refused: Mapping[str, str] | None = None) -> Path:
    """Write ``index.html``, the page of the batch: each item before and after, with the way to hear it.

    Args:
        out: a folder of bags.
        problems: sentences on items whose listening page could not be made, by identifier.
        refused: sentences on items that a run did not begin, by identifier.
    """
    place = out / INDEX
    package.write_whole(place, batch_page(batch_rows(out, problems or {}, refused or {}), out.resolve().name))
    return place


def batch_rows(out: Path, problems: Mapping[str, str], refused: Mapping[str, str]) -> list[BatchRow]:
    """The rows of a folder of bags, by identifier."""
    rows = {outcome.identifier: _row(out, outcome, problems) for outcome in status(out)}
    for identifier, reason in refused.items():
        # A bag of another treatment may stand there, which can be heard, but is not what was asked for.
        there = rows.get(identifier, BatchRow(identifier=identifier, state="refused"))
        rows[identifier] = replace(there, state="refused", problem=reason)
    return [rows[identifier] for identifier in sorted(rows)]


def _row(out: Path, outcome: Outcome, problems: Mapping[str, str]) -> BatchRow:
    name = outcome.identifier
    if outcome.state != "restored":
        return BatchRow(identifier=name, state=SEEN_AS[outcome.state], problem=_reason(outcome))
    page = Path(ROOM, name, INDEX)
    try:
        events = list(read(out / name / LOG))
        # What was heard of an older treatment is not this one.
        heard = (out / page).is_file() and is_of_treatment(out / ROOM / name, events)
    except (RestorationError, OSError) as error:
        return BatchRow(identifier=name, state="failed", problem=str(error))
    report = Path(name, REPORT)
    return BatchRow.of(
        events,
        identifier=name,
        page=page.as_posix() if heard else "",
        report=report.as_posix() if (out / report).is_file() else "",
        problem=problems.get(name, ""),
    )


def _reason(outcome: Outcome) -> str:
    return outcome.detail if outcome.state == "failed" else ""
