"""What choosing a recipe for an item came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from restoration.choosing.excerpts import Excerpt
from restoration.choosing.limits import Rules
from restoration.choosing.verdict import Standing


@dataclass(frozen=True)
class Choice:
    """What was found of ``title``: where every candidate stands, the chosen one first."""

    title: str
    rules: Rules
    excerpts: tuple[Excerpt, ...]
    standings: tuple[Standing, ...]
    facts: dict[str, Any]

    @property
    def chosen(self) -> Standing:
        return self.standings[0]

    def as_dict(self) -> dict[str, Any]:
        """Every figure, as JSON can hold it."""
        return {
            "item": self.title,
            "chosen": self.chosen.name,
            "because": self.chosen.sentence,
            "rules": self.rules.as_dict(),
            "excerpts": [asdict(excerpt) for excerpt in self.excerpts],
            "candidates": [_as_dict(standing) for standing in self.standings],
            **self.facts,
        }


def _as_dict(standing: Standing) -> dict[str, Any]:
    totals = standing.totals
    return {
        "name": standing.name,
        "purpose": standing.candidate.purpose,
        "chosen": standing.chosen,
        "admissible": standing.admissible,
        "objections": list(standing.objections),
        "sentence": standing.sentence,
        "benefit_db": None if totals is None else totals.benefit_db,
        "totals": None if totals is None else asdict(totals),
        "excerpts": [trial.as_dict() for trial in standing.candidate.trials],
    }
