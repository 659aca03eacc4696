"""The cells of a manifest: delimiter, header, rows, each with the number that the spreadsheet gives it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from restoration.errors import Problem
from restoration.manifest.decoding import LARGEST_BYTES, decode_text

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")

EMPTY = "is empty; a manifest has a header and a row for each tape"


@dataclass
class Table:
    """Rows by their number in the spreadsheet: {row: {column: cell}}; columns in the order of the header."""

    columns: list[str] = field(default_factory=list)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    has_header: bool = False

    @property
    def refused(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def warn(self, row: int, column: str, value: str, message: str) -> None:
        self.problems.append(Problem(row, column, value, message, "warning"))

    def refuse(self, row: int, column: str, value: str, message: str) -> None:
        self.problems.append(Problem(row, column, value, message))


def read_table(path: Path, known: Collection[str], other_names: Mapping[str, str]) -> Table:
    """Read the cells of a CSV file; what is wrong with its form stands in the table's ``problems``.

    ``known`` are the column names, by which the delimiter and misspelt headers are recognised; ``other_names`` are
    what people call some of them.
    """
    table = Table()
    text = _text(path, table)
    if not text.strip("\r\n\t ,;\ufeff") and not table.problems:
        table.refuse(0, "", "", EMPTY)
    if table.refused:
        return table
    text, delimiter = _delimiter(text, known)
    if delimiter != ",":
        table.warn(0, "", "", f"cells are separated by {_DELIMITERS[delimiter]}; read as such, commas are usual")
    records = _records(text, delimiter, table)
    header = next(((row, cells) for row, cells in records if any(map(str.strip, cells))), None)
    if header:
        names = _header(*header, table, known, other_names)
        _fill(table, names, records)
    elif not table.refused:
        table.refuse(0, "", "", EMPTY)
    return table


def _text(path: Path, table: Table) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            table.refuse(0, "", "", f"is larger than {LARGEST_BYTES >> 20} MiB; this is no manifest")
            return ""
        decoded = decode_text(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        table.refuse(0, "", "", f"cannot be read ({reason})")
        return ""
    if decoded.refusal:
        table.refuse(0, "", "", decoded.refusal)
    if decoded.encoding:
        message = f"is not UTF-8; read as {decoded.encoding}. If accents look wrong, save it as “CSV UTF-8”"
        table.warn(0, "", "", message)
    return decoded.text


def _delimiter(text: str, known: Collection[str]) -> tuple[str, str]:
    """The delimiter whose header has the most known columns; Excel's own ``sep=;`` line is obeyed and left out."""
    marked = re.match(r"sep=(.)\r?\n", text)
    if marked and marked[1] in _DELIMITERS:
        return text[marked.end() :], marked[1]
    first = text.lstrip("\r\n").splitlines()[0]

    def found(delimiter: str) -> tuple[int, int]:
        names = [_name(cell.strip('"')) for cell in first.split(delimiter)]
        return len({*names} & {*known}), first.count(delimiter)

    best = max(_DELIMITERS, key=found)
    return text, best if found(best) > found(",") else ","


def _records(text: str, delimiter: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Records with their numbers. A quoted cell may hold lines; the record is one row all the same."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        try:
            yield row, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            table.refuse(row, "", "", _broken_quotes(str(error)))
            return


def _broken_quotes(error: str) -> str:
    if "limit" in error:
        return "a cell has more than 131,072 letters: most likely a quotation mark is opened and never closed"
    return (
        "a quotation mark is opened and not closed, or stands inside a quoted cell without being doubled; "
        "what follows cannot be told apart"
    )


def _name(text: str) -> str:
    """A header as a column name: ``Rights URI`` is ``rights_uri``."""
    return re.sub(r"[\s\-./]+", "_", clean(text)).strip("_").lower()


def clean(text: str) -> str:
    """A cell without what cannot be seen: outer spaces, hard spaces, zero-width letters; accents composed."""
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE).translate(_SPACES)).strip(" \t\r\n")


def _header(
    row: int, cells: list[str], table: Table, known: Collection[str], other_names: Mapping[str, str]
) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        written, name = clean(cell), _name(cell)
        if name in names and name:
            table.refuse(
                row, name, written, f"the column is there twice (columns {names.index(name) + 1} and {number})"
            )
            name = ""
        elif name in known and written != name:
            table.warn(row, name, written, f"read as the column “{name}”")
        elif name and name not in known:
            table.warn(row, name, written, _unknown(name, known, other_names))
        names.append(name)
    table.columns = [name for name in names if name]
    table.has_header = True
    return names


def _unknown(name: str, known: Collection[str], other_names: Mapping[str, str]) -> str:
    near = [other_names[name]] if name in other_names else get_close_matches(name, known, 1, 0.75)
    hint = f"; did you mean “{near[0]}”?" if near else ""
    return f"is not a column of ours and is kept as it is{hint}"


def _fill(table: Table, names: list[str], records: Iterator[tuple[int, list[str]]]) -> None:
    for row, cells in records:
        if not any(map(str.strip, cells)):
            continue
        if any(map(str.strip, cells[len(names) :])):
            message = f"has {len(cells)} cells and the header {len(names)}; a cell that holds a {_comma(cells)}"
            table.refuse(row, "", "", message)
            continue
        if len(cells) < len(names):
            table.warn(
                row, "", "", f"has {len(cells)} cells and the header {len(names)}; the missing ones are taken as empty"
            )
        padded = cells + [""] * (len(names) - len(cells))
        _nameless(table, row, names, padded)
        table.rows[row] = {name: cell for name, cell in zip(names, padded, strict=False) if name}
    if not table.rows and not any(problem.row > 1 for problem in table.problems):
        table.refuse(0, "", "", "there is a header and no row; a manifest has a row for each tape")


def _comma(cells: list[str]) -> str:
    curly = any(set(cell) & set("“”„«»") for cell in cells)
    return 'comma must stand in straight quotation marks (")' + (", not in typographic ones" if curly else "")


def _nameless(table: Table, row: int, names: list[str], cells: list[str]) -> None:
    for number, (name, cell) in enumerate(zip(names, cells, strict=False), 1):
        if not name and cell.strip():
            table.warn(row, "", clean(cell), f"stands in column {number}, which has no name of its own; it is left out")
