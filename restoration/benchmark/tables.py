"""The tables of a benchmark, for the screen and for the page alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from restoration.benchmark.degradations import CLEAN
from restoration.benchmark.figures import Figure, Ledger
from restoration.benchmark.run import Results
from restoration.benchmark.scores import MEASURES

TOLD_FIRST = ("pesq", "estoi", "si_sdr_db", "lsd", "distill_mos")
NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """A figure as text; ``plain`` where it is a difference of more than two standard errors."""

    text: str
    plain: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of (name, cells) under ``columns``, of which the first is for the names."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def text_of(figure: Figure | None, decimals: int, signed: bool = False) -> str:
    """``1.85 ±0.03``."""
    if figure is None:
        return NOTHING
    mean = f"{figure.mean:+.{decimals}f}" if signed else f"{figure.mean:.{decimals}f}"
    return mean if figure.standard_error is None else f"{mean} ±{figure.standard_error:.{decimals}f}"


def overall(results: Results) -> Table:
    """Every system and measure over all that is degraded, with what it costs."""
    ledger = Ledger(results.rows)
    aged = [name for name in ledger.degradations if name != CLEAN] or ledger.degradations
    told = [name for name in results.measures if any(ledger.figure(system, name, aged) for system in ledger.parts)]
    labels = [MEASURES[name].label + (" ↑" if MEASURES[name].higher_is_better else " ↓") for name in told]
    rows = []
    for system in ledger.parts:
        cells = [_cell(ledger, system, measure, aged) for measure in told]
        cost = ledger.cost(system)
        spent = (NOTHING, NOTHING) if cost is None else (f"{cost.rtf:.4f}", f"{cost.peak_mb:.0f}")
        rows.append((system, (*cells, *map(Cell, spent))))
    title = f"All degradations together ({len(aged)}), mean ± standard error over the clips"
    return Table(title, ("system", *labels, "processor s per s", "memory, MB"), tuple(rows))


def _cell(ledger: Ledger, system: str, measure: str, degradations: Sequence[str]) -> Cell:
    return Cell(text_of(ledger.figure(system, measure, degradations), MEASURES[measure].decimals))


def by_degradation(results: Results, measures: Sequence[str]) -> Iterator[Table]:
    """A table for each measure and carrier, a column for each level; and one for the single faults."""
    ledger = Ledger(results.rows)
    for measure in measures:
        for title, names in groups(results).items():
            rows = [
                (system, tuple(_cell(ledger, system, measure, [name]) for name in names)) for system in ledger.parts
            ]
            yield Table(f"{MEASURES[measure].label}: {title}", ("system", *names), tuple(rows))


def groups(results: Results) -> dict[str, list[str]]:
    """The degradations by carrier, best level first; clean clips and single faults are one group."""
    found: dict[str, dict[str, None]] = {}
    for row in results.rows:
        title = "clean clips and single faults" if row.level_db is None else row.family
        found.setdefault(title, {})[row.degradation] = None
    return {title: list(names) for title, names in found.items()}


def against_the_best_peer(results: Results, measures: Sequence[str]) -> Iterator[Table]:
    """How much better each recipe is than the peer that is best there, for each measure: differences in pairs."""
    ledger = Ledger(results.rows)
    aged = [name for name in ledger.degradations if name != CLEAN]
    columns = {"all together": aged} if len(aged) > 1 else {}
    columns |= {name: [name] for name in ledger.degradations}
    recipes = [name for name, part in ledger.parts.items() if part == "recipe"]
    for measure in measures:
        compared = {title: ledger.comparisons(measure, names) for title, names in columns.items()}
        if not any(compared.values()):
            continue
        cells = {(title, each.recipe): each for title, found in compared.items() for each in found}
        rows = []
        for recipe in recipes:
            figures = [cells[title, recipe].better_by if (title, recipe) in cells else None for title in columns]
            told = [(text_of(each, MEASURES[measure].decimals, signed=True), each) for each in figures]
            rows.append((recipe, tuple(Cell(text, each is not None and each.is_plain) for text, each in told)))
        best = tuple(Cell(found[0].peer if found else NOTHING) for found in compared.values())
        title = f"{MEASURES[measure].label}: better than the best peer by (above 0: the recipe is better)"
        yield Table(title, ("recipe", *columns), (*rows, ("the best peer", best)))
