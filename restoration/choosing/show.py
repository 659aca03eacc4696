"""A choice on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from restoration import screen
from restoration.choosing import tables
from restoration.choosing.choice import Choice
from restoration.choosing.excerpts import Heard

COLUMNS_AT_ONCE = 4
"""So many fit beside the names on a screen of 80 letters; the rest follows in further tables."""


@contextmanager
def progress() -> Iterator[Heard]:
    """What is being done and how far it is, while the block runs; a line for each kind of work where nobody looks."""
    if not screen.errors.is_terminal:
        told: set[str] = set()

        def tell(what: str, share: float) -> None:
            if what not in told:
                told.add(what)
                screen.errors.print(f"{what} …")

        yield tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=screen.errors, transient=True) as bars:
        bar = bars.add_task("", total=1.0)
        yield lambda what, share: bars.update(bar, completed=share, description=what)


def choice(found: Choice, out: Path | None) -> None:
    """Print the excerpts, the table, and a sentence for each candidate."""
    told = "; ".join(f"{each.name}, {tables.clock_span(each.start_s, each.end_s)}" for each in found.excerpts)
    screen.console.print(f"{found.title}: tried on {told}")
    if found.rules.carrier:
        screen.console.print(f"Carrier: {found.rules.carrier}")
    headings, rows = [heading for heading, _ in tables.columns(found.standings)], tables.rows(found.standings)
    for first in range(0, len(headings), COLUMNS_AT_ONCE):
        part = slice(first, first + COLUMNS_AT_ONCE)
        screen.table("", ("", *headings[part]), [(name, *cells[part]) for name, *cells in rows])
    what = f"Choose {found.chosen.name}." if found.chosen.candidate.is_treatment else "Leave it as it is."
    screen.console.print(f"{what} {found.chosen.sentence}")
    for standing in found.standings[1:]:
        screen.console.print(f"- {standing.name}: {standing.sentence}")
    if out is not None:
        screen.console.print(f"Look at {out / 'index.html'}")
