"""What the terminal shows: tables, and the bars of a batch that is running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from restoration.batch import Outcome
from restoration.errors import Problem
from restoration.order import Order
from restoration.progress import read_state
from restoration.sheet import sheet

# Progress and errors go to standard error, results to standard output, so that a pipe holds results alone.
console = Console(highlight=False, soft_wrap=True, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

LOOKS_PER_S = 4.0


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    console.print(sheet(title, columns, rows))


def problems(found: Sequence[Problem]) -> None:
    """Print what is wrong with a manifest, in the words of a spreadsheet."""
    rows = [(each.row or "file", each.column, each.value, each.message, each.severity) for each in found]
    table("", ("row", "column", "value", "what is wrong and what would be right", ""), rows)


def outcomes(results: Sequence[Outcome]) -> None:
    """Print what became of the items."""
    if not any(o.review for o in results):
        rows = [(o.identifier, o.state, o.detail, f"{o.seconds:.1f}") for o in results]
        table("", ("item", "state", "", "seconds"), rows)
        return
    more = [(o.identifier, o.state, reviewed(o), o.detail, f"{o.seconds:.1f}") for o in results]
    table("", ("item", "state", "curator", "", "seconds"), more)


def reviewed(outcome: Outcome) -> str:
    """Where an item stands with its curator, in words."""
    if not outcome.reviewed_by:
        return outcome.review
    told = f"{outcome.review.replace('_', ' ')} by {outcome.reviewed_by}"
    if not outcome.changes:
        return told
    return f"{told}; the next run honours {outcome.changes} decision{'s' if outcome.changes != 1 else ''}"


@contextmanager
def watched(orders: Sequence[Order]) -> Iterator[None]:
    """Show a bar for the batch and one for each item at work, with the time left, while the block runs."""
    if not errors.is_terminal:
        errors.print(f"restoring {len(orders)} item{'s' if len(orders) != 1 else ''} …")
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, MofNCompleteColumn(), TimeRemainingColumn(), console=errors, transient=True) as bars:
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(bars, orders, ended), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()


@contextmanager
def counted(title: str, items: int) -> Iterator[Callable[[str, str, float], None]]:
    """Show a bar for ``items`` things and one for each that is at work, while the block runs.

    What is yielded is called with a name, what is being done to it, and the share (0..1) that is done; 1 ends it.
    """
    if not errors.is_terminal:
        errors.print(f"{title}: {items} item{'s' if items != 1 else ''} …")
        yield lambda name, what, share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, MofNCompleteColumn(), TimeRemainingColumn(), console=errors, transient=True) as bars:
        whole = bars.add_task(title, total=items)
        shown: dict[str, TaskID] = {}

        def heard(name: str, what: str, share: float) -> None:
            if name not in shown:
                shown[name] = bars.add_task(name, total=1.0)
            ended = share >= 1.0 and not what
            bars.update(shown[name], completed=share, visible=not ended, description=f"{name}: {what}")
            if ended:
                bars.advance(whole)

        yield heard


def _watch(bars: Progress, orders: Sequence[Order], ended: threading.Event) -> None:
    whole = bars.add_task("batch", total=len(orders))
    shown: dict[str, TaskID] = {}
    began = time.time()
    while not ended.wait(1.0 / LOOKS_PER_S):
        done = 0.0
        for order in orders:
            share = _show(bars, order, shown, began)
            done += share
        bars.update(whole, completed=done)


def _show(bars: Progress, order: Order, shown: dict[str, TaskID], began: float) -> float:
    """Show the bar of one item; the share of it that is done."""
    name = order.item.identifier
    if order.bag.exists() and not order.older:
        if name in shown:
            bars.update(shown[name], visible=False)
        return 1.0
    state = read_state(order.workshop / "progress.json")
    if state is None or state.since < began - 1.0:
        return 0.0
    if name not in shown:
        shown[name] = bars.add_task(name, total=1.0)
    bars.update(shown[name], completed=state.done, description=f"{name}: {state.stage}")
    return state.done
