"""The sentences of a choice: what speaks against a candidate, why one was chosen, and why each other was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from restoration.choosing.candidates import AS_IT_IS, Candidate
from restoration.choosing.limits import (
    CLICKS_OF_A_VOICE_PER_S,
    CLIPPED_UNHEARD,
    FOLLOWS,
    JUST_HEARD_DB,
    LEAST_BENEFIT_DB,
    MOST_EATEN_SHARE,
    MOST_VOICE_LOST_DB,
    Rules,
)
from restoration.choosing.totals import Totals
from restoration.provenance.figures import MINUS, figure


def objections(candidate: Candidate, totals: Totals | None, rules: Rules) -> Iterator[str]:
    """What makes a candidate inadmissible, in clauses."""
    if totals is None:
        yield f"it failed: {candidate.failure.rstrip('.')}"
        return
    yield from _voice_objections(totals)
    added = totals.clicks_per_s_after - totals.clicks_per_s_before
    if added > CLICKS_OF_A_VOICE_PER_S:
        yield f"it adds {added:.1f} clicks a second"
    if totals.clipped_share_after - totals.clipped_share_before > CLIPPED_UNHEARD:
        yield f"it clips {figure('clipped_share', round(totals.clipped_share_after, 4))} of the samples"
    if rules.faithful and totals.generates:
        yield "it generates what was not recorded, and nothing may be generated"


def _voice_objections(totals: Totals) -> Iterator[str]:
    if totals.voice_lost_db > MOST_VOICE_LOST_DB:
        yield f"the voice lost {totals.voice_lost_db:.1f} dB{_where(totals)}; {MOST_VOICE_LOST_DB:g} dB is the most"
    if totals.eaten_share is not None and totals.eaten_share > MOST_EATEN_SHARE:
        yield (
            f"{100 * totals.eaten_share:.0f} % of the places where the voice alone is heard lost more than half of "
            f"their amplitude; {100 * MOST_EATEN_SHARE:.0f} % is the most"
        )
    follows, loss_db = totals.follows_voice or 0.0, totals.typical_loss_db or 0.0
    if follows >= FOLLOWS and loss_db > JUST_HEARD_DB:
        yield f"what it removed comes and goes with the voice (correlation {follows:.2f}), which lost {loss_db:.1f} dB"


@dataclass(frozen=True)
class Decision:
    """Which candidate was ``chosen``, of those that are ``admissible``; which are ``made_for`` the ``carrier``."""

    chosen: str
    admissible: Mapping[str, Totals]
    made_for: Mapping[str, bool]
    carrier: str

    def sentence(self, name: str, against: Sequence[str]) -> str:
        """Why the candidate ``name`` was chosen, or why not."""
        if against:
            return f"Not admissible: {'; '.join(against)}."
        if name == self.chosen:
            return self._nothing_worth_it() if name == AS_IT_IS else self._why()
        if name == AS_IT_IS:
            gain = decibels(self._gain_db(self.chosen))
            return f"{self.chosen} gains {gain}; up to {LEAST_BENEFIT_DB:g} dB nothing would be done."
        gain = decibels(self._gain_db(name))
        if self.chosen == AS_IT_IS:
            return f"It gains {gain}; a treatment is worth it above {LEAST_BENEFIT_DB:g} dB."
        if self._best_db - self._gain_db(name) > JUST_HEARD_DB:
            return (
                f"It gains {gain}, {self._gain_db(self.chosen) - self._gain_db(name):.1f} dB less than {self.chosen}."
            )
        return f"It gains {gain}, as good as {self.chosen}, which {self._advantage_over(name)}."

    @property
    def _best_db(self) -> float:
        return max(totals.benefit_db for totals in self.admissible.values())

    def _gain_db(self, name: str) -> float:
        return self.admissible[name].benefit_db

    def _nothing_worth_it(self) -> str:
        gains = {name: totals.benefit_db for name, totals in self.admissible.items() if name != AS_IT_IS}
        if not gains:
            return "No recipe is admissible."
        best = max(gains, key=lambda name: gains[name])
        if gains[best] < 0.05:
            return "No admissible recipe gains anything."
        return (
            f"The most that an admissible recipe gains is {decibels(gains[best])} ({best}); "
            f"a treatment is worth it above {LEAST_BENEFIT_DB:g} dB."
        )

    def _why(self) -> str:
        totals = self.admissible[self.chosen]
        parts = [f"the voice stands {totals.noise_gain_db:.1f} dB further above the noise that is heard"]
        parts += [f"fewer clicks count {totals.clicks_gain_db:.1f} dB"] if totals.clicks_gain_db >= 0.5 else []
        parts += [f"mended clipping counts {totals.clipping_gain_db:.1f} dB"] if totals.clipping_gain_db >= 0.5 else []
        lost = f"where the voice is clear it lost at most {totals.voice_lost_db:.1f} dB{_where(totals)}"
        return f"It gains {totals.benefit_db:.1f} dB: {', '.join(parts)}; {lost}.{self._before_its_equals()}"

    def _before_its_equals(self) -> str:
        """Why the chosen one goes before others that are as good; empty where none is."""
        others = [name for name in self.admissible if name not in (self.chosen, AS_IT_IS)]
        equals = sorted(name for name in others if self._best_db - self._gain_db(name) <= JUST_HEARD_DB)
        by_reason: dict[str, list[str]] = {}
        for name in equals:
            by_reason.setdefault(self._advantage_over(name), []).append(name)
        told = "; ".join(
            f"{_listed(names)} {'is' if len(names) == 1 else 'are'} as good within {JUST_HEARD_DB:g} dB, "
            f"but {self.chosen} {why}"
            for why, names in by_reason.items()
        )
        unknown = "" if self.carrier else " The carrier is not known; named in a manifest it would decide."
        return f" {told}.{unknown}" if told else ""

    def _advantage_over(self, other: str) -> str:
        """What the chosen one has before another that gains as much: the rest of a sentence about it."""
        mine, theirs = self.admissible[self.chosen], self.admissible[other]
        if self.made_for[self.chosen] and not self.made_for[other]:
            return f"is made for the carrier ({self.carrier})"
        if theirs.generates and not mine.generates:
            return "generates nothing"
        lost = (theirs.typical_loss_db or 0.0) - (mine.typical_loss_db or 0.0)
        if lost > 0:
            return f"takes {lost:.2f} dB less from the voice"
        return "gains more" if mine.benefit_db > theirs.benefit_db else "comes first by name"


def decibels(value: float) -> str:
    """``3.1 dB``, or ``nothing``."""
    return f"{value:.1f} dB".replace("-", MINUS) if abs(value) >= 0.05 else "nothing"


def _listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _where(totals: Totals) -> str:
    return f" around {figure('_hz', totals.voice_lost_at_hz)}" if totals.voice_lost_db >= 0.05 else ""
