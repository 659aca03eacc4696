"""The logs of a collection, read one after the other and written as one table, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet

from restoration.errors import BadBag, RestorationError
from restoration.provenance.event_table import SCHEMA, Row, rows_of, table_of
from restoration.provenance.history import history
from restoration.record import read

LOG = Path("data", "record", "events.jsonl")
ROWS_AT_A_TIME = 5000


@dataclass
class Written:
    """What was read: how many bags and events, and a sentence for each bag whose log could not be."""

    bags: int = 0
    events: int = 0
    broken: list[str] = field(default_factory=list)


def bags_in(folders: Iterable[Path]) -> list[Path]:
    """The bags: each folder that is one, else those directly in it, by name.

    Raises:
        BadBag: a folder is no bag and holds none.
    """
    found: list[Path] = []
    for folder in folders:
        here = [folder] if (folder / LOG).is_file() else sorted(log.parents[2] for log in folder.glob(f"*/{LOG}"))
        if not here:
            raise BadBag(f"{folder}: is no bag and holds none: there is no {LOG} in it, nor in a folder in it")
        found += here
    return list(dict.fromkeys(found))


def write_table(bags: Iterable[Path], parquet: Path | None = None, csv: Path | None = None) -> Written:
    """Write the events of ``bags`` as Parquet, as CSV, or as both. A file appears under its name when it is whole.

    A bag whose log is broken is left out, and said.
    """
    written = Written()
    with _sheets(parquet, csv) as sheets:
        for rows in _portions(bags, written):
            table = table_of(rows)
            written.events += table.num_rows
            for sheet in sheets:
                sheet.write_table(table)
    return written


def _portions(bags: Iterable[Path], written: Written) -> Iterator[list[Row]]:
    rows: list[Row] = []
    for bag in bags:
        try:
            rows += rows_of(history(list(read(bag / LOG))))
        except (RestorationError, OSError) as error:
            written.broken.append(f"{bag}: left out: {error}")
            continue
        written.bags += 1
        if len(rows) >= ROWS_AT_A_TIME:
            yield rows
            rows = []
    if rows:
        yield rows


@contextmanager
def _sheets(parquet: Path | None, csv: Path | None) -> Iterator[list[Any]]:
    """The writers of the files that are wanted, which take their names in the end."""
    wanted = [(parquet, _parquet), (csv, pyarrow.csv.CSVWriter)]
    partial = [(file, file.with_name(file.name + ".part"), kind) for file, kind in wanted if file is not None]
    with ExitStack() as open_:
        yield [open_.enter_context(kind(place, SCHEMA)) for _, place, kind in partial]
    for file, place, _ in partial:
        place.replace(file)


def _parquet(place: Path, schema: Any) -> Any:
    return pyarrow.parquet.ParquetWriter(place, schema, compression="zstd")
