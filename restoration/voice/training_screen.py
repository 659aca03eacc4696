"""A training on the terminal: a bar with how far the voice is from the phrases kept back; lines without a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from restoration.voice.tuning import Point

BARS = "▁▂▃▄▅▆▇█"
SHOWN = 30


class Watch(Protocol):
    """Who is told how a training goes."""

    def said(self, sentence: str) -> None:
        """What was done or decided."""
        ...

    def reached(self, points: Sequence[Point], steps: int) -> None:
        """The evaluations so far, and the steps at most."""
        ...


class Unwatched:
    """Nobody is told."""

    def said(self, sentence: str) -> None:
        """Nothing."""

    def reached(self, points: Sequence[Point], steps: int) -> None:
        """Nothing."""


class Lines:
    """A line for everything."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def said(self, sentence: str) -> None:
        # As plain text: the name of a voice may look like markup.
        self.console.print(sentence, markup=False)

    def reached(self, points: Sequence[Point], steps: int) -> None:
        last = points[-1]
        self.console.print(
            f"step {last.step} of at most {steps}, {last.minutes:.1f} minutes: phrases kept back are at a spectral "
            f"distance of {last.held_out_loss:.3f}"
        )


class _Bar(Lines):
    def __init__(self, console: Console, bar: Progress) -> None:
        super().__init__(console)
        self.bar = bar
        self.task = bar.add_task("preparing", total=None)

    def reached(self, points: Sequence[Point], steps: int) -> None:
        losses = [point.held_out_loss for point in points]
        text = f"phrases kept back {course(losses)} {losses[-1]:.3f}, best {min(losses):.3f}"
        self.bar.update(self.task, total=steps, completed=points[-1].step, description=text)


@contextmanager
def watched(console: Console) -> Iterator[Watch]:
    """A bar while the block runs, if the console is a terminal."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} steps"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Bar(console, bar)


def course(values: Sequence[float]) -> str:
    """The last values as a row of bars."""
    shown = list(values)[-SHOWN:]
    low, high = min(shown), max(shown)
    return "".join(BARS[round((value - low) / max(high - low, 1e-9) * (len(BARS) - 1))] for value in shown)
