"""An audit on the screen: a table of the items, every fault as a sentence, and what was not looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from restoration import screen
from restoration.auditing.audit import Audit
from restoration.auditing.collection import Heard
from restoration.auditing.fault import Severity

COLUMNS = ("item", "faults", "warnings", "sealed by", "files", "read", "took")
MANY = 50
"""Of more items than so many, only those with faults are in the table."""
WORDS: dict[Severity, str] = {"fault": "FAULT", "warning": "warning", "note": "note"}


@contextmanager
def progress(count: int) -> Iterator[Heard]:
    """A bar of the bags while the block runs; a line where nobody looks."""
    if not screen.errors.is_terminal or count == 1:
        if count > 1:
            screen.errors.print(f"auditing {count} bags …")
        yield lambda _audit: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.errors, transient=True) as bars:
        bar, faults = bars.add_task("auditing", total=count), 0

        def heard(one: Audit) -> None:
            nonlocal faults
            faults += len(one.of("fault"))
            bars.update(bar, advance=1, description=f"auditing: {faults} faults")

        yield heard


def audits(found: Sequence[Audit], absent: Sequence[str] = ()) -> None:
    """Print what came of it; faults last but for what was not checked, so that they are seen."""
    shown = [one for one in found if not one.clean] if len(found) > MANY else list(found)
    if shown:
        screen.table("", COLUMNS, [_row(one) for one in shown])
    for one in found:
        for fault in one.found:
            screen.console.print(f"{one.identifier}: {WORDS[fault.severity]}: {fault.sentence}")
    for name in absent:
        screen.console.print(f"{name}: warning: the register of heads knows this item, and no bag of it was audited")
    for sentence, count in Counter(sentence for one in found for sentence in one.unchecked).items():
        screen.console.print(f"Not checked ({count} of {len(found)}): {sentence}")
    screen.console.print(_total(found))


def _row(one: Audit) -> tuple[object, ...]:
    megabytes = one.checked_bytes / 1e6
    read = f"{megabytes:.0f} MB at {megabytes / one.reading_seconds:.0f} MB/s" if one.reading_seconds else "no sound"
    faults, warnings = len(one.of("fault")), len(one.of("warning"))
    return one.identifier, faults, warnings, one.sealed_by, one.files, read, f"{one.seconds:.2f} s"


def _total(found: Sequence[Audit]) -> str:
    faulty = [one for one in found if not one.clean]
    faults = sum(len(one.of("fault")) for one in found)
    if not faulty:
        return f"{len(found)} item{'s' if len(found) != 1 else ''}: no fault in what was checked."
    return f"{len(found)} item{'s' if len(found) != 1 else ''}: {faults} faults in {len(faulty)} of them."
