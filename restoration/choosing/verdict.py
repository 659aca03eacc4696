"""Which treatment to choose, by rules that can be read, and a sentence for each that says why or why not.

1. A recipe is admissible if the voice is still there afterwards: no octave in which it is clear lost more than 3 dB, at
   most one place in twenty where the voice alone is heard lost more than 6 dB, and what was removed does not come and
   go with the voice. It adds no clicks and no clipping; where nothing may be generated it generates nothing.
2. Of these the one with the greatest benefit is chosen: by how much the voice stands further above the noise, clicks
   and clipping that are mended, in dB.
3. Those within 1 dB of the best are as good. Of them the one made for the carrier is chosen, if it is known; then one
   that generates nothing; then the one that takes least from the voice.
4. Nothing is done that is not worth it: a benefit of 3 dB or less leaves the recording as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from restoration.choosing.candidates import AS_IT_IS, Candidate
from restoration.choosing.carriers import family_of
from restoration.choosing.limits import JUST_HEARD_DB, LEAST_BENEFIT_DB, Rules
from restoration.choosing.reasons import Decision, objections
from restoration.choosing.totals import Totals, totals_of


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a candidate stands: its totals (None if it failed), what speaks against it, and the sentence for it."""

    candidate: Candidate
    totals: Totals | None
    objections: tuple[str, ...]
    chosen: bool
    sentence: str

    @property
    def name(self) -> str:
        return self.candidate.name

    @property
    def admissible(self) -> bool:
        return not self.objections

    @property
    def place(self) -> tuple[bool, bool, float]:
        """The chosen one first, then by benefit, then what is not admissible."""
        return not self.chosen, not self.admissible, -(self.totals.benefit_db if self.totals else 0.0)


def decide(candidates: Sequence[Candidate], excerpt_s: Sequence[float], rules: Rules) -> list[Standing]:
    """Where every candidate stands, the chosen one first; leaving the recording as it is is one of them.

    Args:
        candidates: each with a trial for every excerpt, or a failure.
        excerpt_s: the duration of each excerpt.
        rules: what the item asks for.
    """
    totals = {each.name: None if each.failure else totals_of(each, excerpt_s) for each in candidates}
    against = {each.name: tuple(objections(each, totals[each.name], rules)) for each in candidates}
    admissible = {name: found for name, found in totals.items() if found is not None and not against[name]}
    made_for = {each.name: _is_made_for(each, rules.carrier) for each in candidates}
    decision = Decision(_chosen(admissible, made_for), admissible, made_for, rules.carrier)
    standings = [
        Standing(
            candidate=each,
            totals=totals[each.name],
            objections=against[each.name],
            chosen=each.name == decision.chosen,
            sentence=decision.sentence(each.name, against[each.name]),
        )
        for each in candidates
    ]
    return sorted(standings, key=lambda standing: standing.place)


def _chosen(admissible: Mapping[str, Totals], made_for: Mapping[str, bool]) -> str:
    treatments = [name for name in admissible if name != AS_IT_IS]
    best_db = max((admissible[name].benefit_db for name in treatments), default=0.0)
    if best_db <= LEAST_BENEFIT_DB:
        return AS_IT_IS
    equals = [name for name in treatments if best_db - admissible[name].benefit_db <= JUST_HEARD_DB]

    def rank(name: str) -> tuple[Any, ...]:
        found = admissible[name]
        return not made_for[name], bool(found.generates), found.typical_loss_db or 0.0, -found.benefit_db, name

    return min(equals, key=rank)


def _is_made_for(candidate: Candidate, carrier: str) -> bool:
    family = family_of(carrier)
    if not candidate.is_treatment or family is None:
        return False
    return family_of(f"{candidate.name} {candidate.purpose}") == family
