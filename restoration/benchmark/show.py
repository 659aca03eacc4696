"""A benchmark on the screen, and its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restoration import screen
from restoration.benchmark import tables
from restoration.benchmark.page import page
from restoration.benchmark.run import Heard, Results

COLUMNS_AT_ONCE = 4


@contextmanager
def progress() -> Iterator[Heard]:
    """A bar that counts the rows, with the time left, while the block runs; nothing where nobody looks."""
    if not screen.errors.is_terminal:
        yield lambda done, whole, what: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.errors, transient=True) as bars:
        bar = bars.add_task("", total=None)
        yield lambda done, whole, what: bars.update(bar, completed=done, total=whole, description=what)


def results(found: Results, out: Path) -> None:
    """Print the tables, write the page, and say what was left out and why."""
    first = [name for name in tables.TOLD_FIRST if name in found.measures]
    print_table(tables.overall(found))
    for table in (*tables.by_degradation(found, first), *tables.against_the_best_peer(found, first)):
        print_table(table)
    for name, reason in found.left_out.items():
        screen.errors.print(f"left out: {name}: {reason}")
    failed = [row for row in found.rows if row.error]
    for row in failed[:10]:
        screen.errors.print(f"failed: {row.system}, {row.clip}, {row.degradation}: {row.error}")
    if len(failed) > 10:
        screen.errors.print(f"… and {len(failed) - 10} more")
    (out / "index.html").write_text(page(found), encoding="utf-8")
    screen.console.print(f"{found.made} of {len(found.rows)} rows are new. Look at {out / 'index.html'}")


def print_table(table: tables.Table) -> None:
    """Print a table in parts that a narrow screen can hold."""
    for first in range(0, len(table.columns) - 1, COLUMNS_AT_ONCE):
        part = slice(first, first + COLUMNS_AT_ONCE)
        rows = [(name, *(cell.text for cell in cells[part])) for name, cells in table.rows]
        screen.table(table.title if first == 0 else "", (table.columns[0], *table.columns[1:][part]), rows)
