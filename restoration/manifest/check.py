"""All that is wrong with a manifest, at once, in the words of a spreadsheet. No sound is read.

Cells are judged one by one through pandera, lazily, every column as text; then rows by themselves, then rows against
each other, then the files by name and size. A cell with an error is not judged again for what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from restoration.errors import BadManifest, Problem
from restoration.manifest.columns import BY_NAME, OTHER_NAMES, REQUIRED, Column
from restoration.manifest.comparisons import between_rows, within_rows
from restoration.manifest.item import Item, Manifest
from restoration.manifest.places import Places, root_of
from restoration.manifest.rules import any_cell_doubt, any_cell_fault, hard_space_doubt
from restoration.manifest.table import Table, clean, read_table

Judge = Callable[[Column, str], str | None]


@dataclass
class _Examined:
    """Rows in their normal form, where their files lie, and the problems."""

    table: Table
    root: Path
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    places: dict[int, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def check_manifest(path: Path, root: Path | None = None) -> list[Problem]:
    """Everything that is wrong or doubtful, by row and column; an empty list if nothing is.

    Args:
        path: the CSV file.
        root: the folder that files are relative to; by default RESTORATION_ROOT, or else the folder of the manifest.
    """
    return _examine(path, root).problems


def read_manifest(path: Path, root: Path | None = None) -> Manifest:
    """The items of a manifest; ``root`` as in ``check_manifest``.

    Raises:
        BadManifest: every error in it. Warnings do not stop it, and stand in the result.
    """
    found = _examine(path, root)
    errors = [problem for problem in found.problems if problem.severity == "error"]
    if errors:
        raise BadManifest(path, errors)
    items = tuple(_item(found, row) for row in found.rows)
    return Manifest(path, found.root, items, tuple(found.problems))


def _item(found: _Examined, row: int) -> Item:
    cells = {name: text for name, text in found.rows[row].items() if text}
    return Item(
        identifier=cells["identifier"],
        file=clean(found.table.rows[row]["file"]),
        path=found.places[row],
        sha256=cells.get("sha256"),
        md5=cells.get("md5"),
        recipe=cells.get("recipe"),
        row=row,
        fields=cells,
    )


def _examine(path: Path, root: Path | None) -> _Examined:
    table = read_table(path, BY_NAME.keys(), OTHER_NAMES)
    found = _Examined(table, root_of(path, root), problems=list(table.problems))
    if table.has_header:
        _examine_cells(found)
    order = {name: number for number, name in enumerate(table.columns)}
    found.problems = [_presentable(problem) for problem in found.problems]
    found.problems.sort(key=lambda problem: (problem.row, order.get(problem.column, -1), problem.severity))
    return found


def _examine_cells(found: _Examined) -> None:
    table = found.table
    columns = [BY_NAME.get(name) or Column(name, "", "") for name in table.columns]
    faults = _judged(table, columns, _fault, "error")
    wrong = {(problem.row, problem.column) for problem in faults}
    doubts = _judged(table, columns, _doubt, "warning")
    for row, cells in table.rows.items():
        found.rows[row] = {
            each.name: (clean if (row, each.name) in wrong else each.normalised)(cells[each.name]) for each in columns
        }
    located = _located(found, wrong)
    found.problems += [
        *_missing_columns(table.columns),
        *_missing_digests(found.rows, table.columns),
        *faults,
        *located,
    ]
    compared = [*within_rows(found.rows), *between_rows(found.rows, found.places)]
    found.problems += [problem for problem in doubts + compared if (problem.row, problem.column) not in wrong]


def _fault(column: Column, cell: str) -> str | None:
    text = clean(cell)
    if not text:
        return f"is required ({_lowered(column.meaning)})" if column.required else None
    if general := any_cell_fault(text):
        return general
    # Spaces around an identifier are a fault; around everything else they are only left out.
    return column.fault(cell if column.name == "identifier" else text) if column.fault else None


def _doubt(column: Column, cell: str) -> str | None:
    text = clean(cell)
    if not text:
        return None
    return hard_space_doubt(cell) or any_cell_doubt(text) or (column.doubt(text) if column.doubt else None)


def _lowered(meaning: str) -> str:
    return meaning if meaning[1:2].isupper() else meaning[:1].lower() + meaning[1:]


def _judged(table: Table, columns: Sequence[Column], judge: Judge, severity: str) -> list[Problem]:
    """What a judge says of every cell: pandera finds the cells, all at once, and the judge has the words."""
    import pandas
    import pandera.pandas as pandera

    def passes(column: Column) -> Callable[[pandas.Series], pandas.Series]:
        def check(cells: pandas.Series) -> pandas.Series:
            verdicts = {cell: judge(column, cell) is None for cell in set(cells)}
            return pandas.Series([verdicts[cell] for cell in cells], index=cells.index, dtype=bool)

        return check

    frame = pandas.DataFrame.from_dict(table.rows, orient="index", columns=table.columns, dtype=str)
    schema = pandera.DataFrameSchema(
        {column.name: pandera.Column(str, pandera.Check(passes(column), name=severity)) for column in columns}
    )
    by_name = {column.name: column for column in columns}
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as failed:
        cases = failed.failure_cases
        return [
            Problem(row, name, table.rows[row][name], judge(by_name[name], table.rows[row][name]) or "", severity)
            for name, row in zip(cases["column"], map(int, cases["index"]), strict=True)
        ]
    return []


def _presentable(problem: Problem) -> Problem:
    """A problem that a terminal can show: the value on one line and not long, no letters that would disturb it."""
    value = _printable(problem.value)
    short = value if len(value) <= 80 else f"{value[:79]}…"
    return replace(problem, value=short, column=_printable(problem.column), message=_printable(problem.message))


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def _missing_columns(names: Sequence[str]) -> Iterator[Problem]:
    for name in REQUIRED:
        if name not in names:
            yield Problem(1, name, "", f"the column is missing ({_lowered(BY_NAME[name].meaning)})")
    if not {"sha256", "md5"} & set(names):
        yield Problem(1, "sha256", "", "the column is missing (SHA-256 of the file; a column md5 would do)")


def _missing_digests(rows: dict[int, dict[str, str]], names: Sequence[str]) -> Iterator[Problem]:
    column = next((name for name in ("sha256", "md5") if name in names), None)
    if not column:
        return
    for row, cells in rows.items():
        if not cells.get("sha256") and not cells.get("md5"):
            message = "is required (or md5): without a digest nobody can tell that the file is the one described"
            yield Problem(row, column, "", message)


def _located(found: _Examined, wrong: set[tuple[int, str]]) -> list[Problem]:
    """Find the file of every row whose path is a good one; those that are there are put into ``places``."""
    if not found.root.is_dir():
        message = "there is no such folder; --root names the one where the files lie"
        return [Problem(0, "file", str(found.root), message)]
    problems: list[Problem] = []
    places = Places(found.root)
    for row, cells in found.rows.items():
        if not cells.get("file") or (row, "file") in wrong:
            continue
        try:
            found.places[row] = places.locate(cells["file"])
        except LookupError as error:
            problems.append(Problem(row, "file", found.table.rows[row]["file"], str(error)))
    return problems
