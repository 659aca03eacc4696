"""The page of a benchmark: opens from disk, asks the network for nothing, and holds every figure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from restoration.benchmark import plots, tables
from restoration.benchmark.degradations import CLEAN
from restoration.benchmark.figures import Figure, Ledger
from restoration.benchmark.run import Results
from restoration.benchmark.scores import MEASURES
from restoration.provenance.treatment_report import TEMPLATES

OWN_TEMPLATES = Path(__file__).parent / "templates"
PEERS_IN_CURVES = 4


def page(results: Results) -> str:
    """The results as one HTML page."""
    ledger = Ledger(results.rows)
    return str(
        environment()
        .get_template("benchmark.html")
        .render(
            facts=results.facts,
            measures=[MEASURES[name].label for name in results.measures],
            overall=tables.overall(results),
            against=list(tables.against_the_best_peer(results, results.measures)),
            by_degradation=list(tables.by_degradation(results, results.measures)),
            dots=_dots(results, ledger),
            curves=_curves(results, ledger),
            left_out=results.left_out,
            failures=[(row.system, row.clip, row.degradation, row.error) for row in ledger.failures],
        )
    )


def _dots(results: Results, ledger: Ledger) -> list[tuple[str, Markup]]:
    aged = [name for name in ledger.degradations if name != CLEAN] or ledger.degradations
    pictures = []
    for name in results.measures:
        measure = MEASURES[name]
        found = {system: ledger.figure(system, name, aged) for system in ledger.parts}
        figures = {system: figure for system, figure in found.items() if figure is not None}
        if figures:
            which = "higher" if measure.higher_is_better else "lower"
            picture = plots.dots(figures, _ours(ledger), measure.higher_is_better, measure.decimals)
            # Every text in the picture was escaped when it was drawn.
            pictures.append((f"{measure.label}: {which} is better", Markup(picture)))
    return pictures


def _curves(results: Results, ledger: Ledger) -> list[tuple[str, Markup]]:
    pictures = []
    levels = {row.degradation: row.level_db for row in results.rows if row.level_db is not None}
    for title, names in tables.groups(results).items():
        if len([name for name in names if name in levels]) < 2:
            continue
        for measure in [name for name in tables.TOLD_FIRST if name in results.measures]:
            lines: dict[str, dict[float, Figure]] = {}
            for system in _drawn(ledger, measure, names):
                found = {levels[name]: ledger.figure(system, measure, [name]) for name in names}
                lines[system] = {level: f for level, f in found.items() if level is not None and f is not None}
            told, known = MEASURES[measure], {name: line for name, line in lines.items() if line}
            if known:
                picture = plots.curves(known, _ours(ledger), told.label, told.higher_is_better)
                pictures.append((f"{title}: {told.label}", Markup(picture)))
    return pictures


def _drawn(ledger: Ledger, measure: str, names: list[str]) -> list[str]:
    """Those that a curve is drawn for: the references, the recipes, and the best of the peers."""
    peers = {}
    for system, part in ledger.parts.items():
        figure = ledger.figure(system, measure, names)
        if part == "peer" and figure is not None:
            peers[system] = figure.mean * (1 if MEASURES[measure].higher_is_better else -1)
    best = sorted(peers, key=lambda name: -peers[name])[:PEERS_IN_CURVES]
    return [system for system, part in ledger.parts.items() if part != "peer" or system in best]


def _ours(ledger: Ledger) -> list[str]:
    return [name for name, part in ledger.parts.items() if part == "recipe"]


@cache
def environment() -> Any:
    """Where the pages' templates come from."""
    return Environment(
        loader=FileSystemLoader([OWN_TEMPLATES, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
