"""The index page of a batch: every item, how it went, and the way to its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from restoration.provenance.chapters import item_of, printable
from restoration.provenance.condition_words import MEASURES, measures_of
from restoration.provenance.figures import figure
from restoration.provenance.generated import generated_sentence, treated_steps
from restoration.provenance.label import label
from restoration.provenance.treatment_report import link, template
from restoration.record import Event

COLUMNS = ("noise_floor_dbfs", "snr_db", "hum_dbfs", "clicks_per_s", "bandwidth_hz", "loudness_lufs")


@dataclass(frozen=True, kw_only=True)
class BatchItem:
    """A row of the index.

    ``state`` is a word ("done", "failed", "waiting"); ``report`` the report's path relative to the index, empty when
    there is none; ``problem`` the sentence of a failure.
    """

    identifier: str
    state: str
    title: str = ""
    report: str = ""
    problem: str = ""
    label: str = ""
    generated: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Sequence[Event], *, state: str, report: str = "", problem: str = "") -> Self:
        """The row of an item from its log, which need not be kept."""
        item = item_of(events)
        return cls(
            identifier=item.get("identifier", ""),
            state=state,
            title=item.get("title", ""),
            report=report,
            problem=problem,
            label=label(events).short,
            generated=any(generated_sentence(step) for step in treated_steps(events)),
            before=measures_of(events, "before"),
            after=measures_of(events, "after"),
        )


def batch_report(items: Sequence[BatchItem], title: str = "Batch") -> str:
    """The index as one HTML page, which asks the network for nothing. Items keep the order they are given in."""
    states: dict[str, int] = {}
    for item in items:
        states[item.state] = states.get(item.state, 0) + 1
    columns = [name for name in COLUMNS if any(name in item.before or name in item.after for item in items)]
    return str(
        template("batch_report.html").render(
            title=printable(title),
            count=len(items),
            states=states,
            columns=[MEASURES[name][0] for name in columns],
            rows=[_row(item, columns) for item in items],
        )
    )


def _row(item: BatchItem, columns: Sequence[str]) -> dict[str, Any]:
    return {
        "identifier": printable(item.identifier) or "unnamed",
        "title": printable(item.title),
        "state": printable(item.state),
        "failed": item.state == "failed",
        "problem": printable(item.problem),
        "label": item.label if item.before or item.after else "",
        "generated": item.generated,
        "report": link(item.report),
        "figures": [(_shown(name, item.before), _shown(name, item.after)) for name in columns],
    }


def _shown(name: str, measures: dict[str, Any]) -> str:
    return figure(name, measures[name]) if name in measures else ""
