"""Answers of the replay on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from restoration.replaying.answer import Replayed
from restoration.replaying.changes import changes_sentence
from restoration.replaying.steps_again import Heard

# Progress goes to standard error, answers to standard output, so that a pipe holds answers alone.
console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


@contextmanager
def progress() -> Iterator[Heard]:
    """What is being done and how far it is, while the block runs; a line for each kind of work where nobody looks."""
    if not errors.is_terminal:
        told: set[str] = set()

        def tell(what: str, share: float) -> None:
            if what not in told:
                told.add(what)
                errors.print(f"{what} …")

        yield tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=errors, transient=True) as bars:
        bar = bars.add_task("", total=1.0)
        yield lambda what, share: bars.update(bar, completed=share, description=what)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    sheet = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        sheet.add_column(column, overflow="fold")
    for row in rows:
        # As plain text: what stands in a cell may look like markup.
        sheet.add_row(*(Text(str(cell)) for cell in row))
    console.print(sheet)


def replayed(found: Replayed) -> None:
    """Print what came of the files of one item."""
    table(found.identifier, ("file", "made again"), [(one.file, one.outcome) for one in found.items])
    for one in found.items:
        if one.outcome != "bit-exact":
            console.print(f"- {one.sentence}")
    for step in found.steps:
        if not step.same:
            console.print(f"- event {step.event}, {step.name}: {step.sentence}")
    if told := changes_sentence(found.software_changed):
        console.print(told)
    console.print(verdict(found))


def verdict(found: Replayed) -> str:
    """The replay in one sentence."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in found.counts.items() if count)
    took = f"{found.seconds:.0f} s, where the treatment took {found.treatment_seconds:.0f} s"
    if found.holds and found.first_different_event is None:
        return f"{found.identifier}: the treatment can be replayed: {counts} ({took})."
    if found.holds:
        first = f"from event {found.first_different_event} on the sound is another, within its tolerance"
        return f"{found.identifier}: the treatment can be replayed, not to the bit: {counts}; {first} ({took})."
    first = f"; the first event that gives something else is {found.first_different_event}"
    return f"{found.identifier}: not replayed: {counts}{first if found.first_different_event else ''} ({took})."
