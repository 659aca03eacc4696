"""The curator's approval: a CSV file with a row for each phrase; only rows that say yes are learnt.

A proposal is such a file with the column ``approved`` filled in as the measures suggest, and the reason in ``comment``.
The curator changes yes to no and no to yes, moves ``start_s`` and ``stop_s`` where a cut is bad, adds rows, and writes
what is worth remembering into the comment. Nothing else is read back than what stands in the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from restoration.errors import Problem
from restoration.manifest.table import Table, clean, read_table
from restoration.voice.choosing_material import Proposed
from restoration.voice.material import BadMaterial, Material, Piece, Source

COLUMNS = ("identifier", "start_s", "stop_s", "speaker", "approved", "comment")
OTHER_NAMES = {"end_s": "stop_s", "end": "stop_s", "start": "start_s", "item": "identifier"}
YES, NO = "yes", "no"
LEAST_S = 0.1
MOST_SAID = 8


@dataclass(frozen=True)
class Approval:
    """One row: the phrase, whose it is, whether it may be learnt from, and what was remarked; ``row`` as a spreadsheet
    counts (the header is row 1)."""

    identifier: str
    start_s: float
    stop_s: float
    speaker: str
    approved: bool
    comment: str
    row: int = 0


def proposal(proposed: Sequence[Proposed]) -> tuple[Approval, ...]:
    """The rows that the measures suggest, by item and time."""
    ordered = sorted(proposed, key=lambda each: each.piece.key)
    return tuple(
        Approval(*each.piece.key, each.piece.speaker, each.proposed, each.reason, row)
        for row, each in enumerate(ordered, start=2)
    )


def write_approvals(rows: Sequence[Approval], path: Path) -> Path:
    """Write the rows for a curator; the file appears under its name only when it is whole.

    Raises:
        BadMaterial: a file of that name is there: somebody may have worked on it.
    """
    if path.exists():
        raise BadMaterial(f"{path} is there already, and a curator may have worked on it; give another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(approvals_text(rows), encoding="utf-8", newline="\n")
    partial.replace(path)
    return path


def approvals_text(rows: Sequence[Approval]) -> str:
    """The rows as CSV with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        times = (f"{row.start_s:.3f}", f"{row.stop_s:.3f}")
        writer.writerow((row.identifier, *times, row.speaker, YES if row.approved else NO, row.comment))
    return sheet.getvalue()


def read_approvals(path: Path, material: Material) -> tuple[Approval, ...]:
    """The rows of an approval, checked against the material that it is about.

    Raises:
        BadMaterial: all that is wrong, by row and column.
    """
    table = read_table(path, COLUMNS, OTHER_NAMES)
    problems = [problem for problem in table.problems if problem.severity == "error"]
    if table.has_header:
        missing = [name for name in COLUMNS if name not in table.columns and name not in ("speaker", "comment")]
        problems += [Problem(1, name, "", "the column is missing") for name in missing]
    if not problems:
        problems = list(_problems(table, material))
    if problems:
        raise BadMaterial(_told(path, problems))
    return tuple(_approval(row, cells) for row, cells in table.rows.items())


def learnt(material: Material, approvals: Sequence[Approval]) -> Material:
    """What may be learnt: the approved rows, cut anew at the times that they say; in order of item and time."""
    known = {piece.key: piece for piece in material.pieces}
    pieces = [_cut(material, row, known) for row in approvals if row.approved]
    return material.only(tuple(sorted(pieces, key=lambda piece: piece.key)))


def digest_of_approvals(approvals: Sequence[Approval]) -> str:
    """SHA-256 of what was approved, for the card: which phrases, whatever else the file says."""
    own = sorted((row.identifier, f"{row.start_s:.3f}", f"{row.stop_s:.3f}") for row in approvals if row.approved)
    return hashlib.sha256("\n".join(" ".join(row) for row in own).encode()).hexdigest()


def _cut(material: Material, row: Approval, known: Mapping[tuple[str, float, float], Piece]) -> Piece:
    same = known.get((row.identifier, row.start_s, row.stop_s))
    if same is not None:
        return same
    source = material.source_of(row.identifier)
    sound = source.cut(row.start_s, row.stop_s)
    return Piece(row.identifier, row.start_s, row.stop_s, sound, source.sha256, row.speaker)


def _problems(table: Table, material: Material) -> Iterator[Problem]:
    sources = {source.item: source for source in material.sources}
    known = ", ".join(sources)
    seen: dict[tuple[str, float, float], int] = {}
    for row, cells in table.rows.items():
        wrong = list(_cell_problems(row, cells))
        yield from wrong
        name = clean(cells["identifier"])
        if name not in sources:
            yield Problem(row, "identifier", name, f"is no item of this material; there is {known}")
        elif not wrong:
            yield from _row_problems(_approval(row, cells), sources[name], seen)


def _cell_problems(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    for name in ("start_s", "stop_s"):
        if _seconds(cells[name]) is None:
            yield Problem(row, name, clean(cells[name]), "is not a time; write seconds with a point, as 12.345")
    if clean(cells["approved"]).lower() not in (YES, NO):
        yield Problem(row, "approved", clean(cells["approved"]), f"is neither “{YES}” nor “{NO}”")


def _row_problems(row: Approval, source: Source, seen: dict[tuple[str, float, float], int]) -> Iterator[Problem]:
    duration_s = source.duration_s
    if row.stop_s - row.start_s < LEAST_S:
        yield Problem(row.row, "stop_s", f"{row.stop_s:.3f}", f"is not {LEAST_S} s or more after start_s")
    elif row.stop_s > duration_s + 0.01:
        yield Problem(row.row, "stop_s", f"{row.stop_s:.3f}", f"is after the end of the item ({duration_s:.3f} s)")
    if row.approved and (why := source.unfit_in(row.start_s, row.stop_s)):
        yield Problem(row.row, "approved", YES, f"cannot be approved: {why}")
    key = (row.identifier, row.start_s, row.stop_s)
    if key in seen:
        yield Problem(row.row, "start_s", f"{row.start_s:.3f}", f"is the same phrase as in row {seen[key]}")
    seen[key] = row.row


def _seconds(cell: str) -> float | None:
    try:
        seconds = float(clean(cell))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _approval(row: int, cells: Mapping[str, str]) -> Approval:
    start_s, stop_s = (round(float(clean(cells[name])), 3) for name in ("start_s", "stop_s"))
    approved = clean(cells["approved"]).lower() == YES
    texts = (clean(cells.get(name, "")) for name in ("speaker", "comment"))
    speaker, comment = texts
    return Approval(clean(cells["identifier"]), start_s, stop_s, speaker, approved, comment, row)


def _told(path: Path, problems: Sequence[Problem]) -> str:
    lines = [f"  {problem}" for problem in problems[:MOST_SAID]]
    if len(problems) > MOST_SAID:
        lines.append(f"  and {len(problems) - MOST_SAID} more")
    return "\n".join([f"{path}: {len(problems)} problem{'s' if len(problems) != 1 else ''}", *lines])
