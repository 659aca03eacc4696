"""What people decided otherwise than a step did: other findings, stretches to leave alone, carried out or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

from restoration.audio import Recording
from restoration.step import Findings

Stretch = tuple[float, float]
"""Start and end in seconds."""


@runtime_checkable
class Overrulable(Protocol):
    """A step whose findings follow from one another, so that one that is overruled changes others."""

    def findings_with(self, recording: Recording, findings: Findings, decided: Mapping[str, Any]) -> Findings:
        """The findings as they are if what was decided is true."""
        ...


@dataclass(frozen=True)
class Overruling:
    """What holds for one step.

    Attributes:
        findings: values in place of those that were measured.
        spared: stretches of the step's own sound that it leaves alone, in order and apart from each other.
        needed: whether the step is carried out, whatever it finds and thinks of its result; None: as it decides.
        decisions: sequence of each decision in the log that this follows from.
        sentences: who decided, and why.
    """

    findings: Mapping[str, Any] = field(default_factory=dict)
    spared: tuple[Stretch, ...] = ()
    needed: bool | None = None
    decisions: tuple[int, ...] = ()
    sentences: tuple[str, ...] = ()

    @classmethod
    def of_step(cls, said: Mapping[str, Any]) -> Self:
        """As the event of a step that was carried out has it under ``overruled``."""
        spared = tuple((float(one["start_s"]), float(one["stop_s"])) for one in said.get("spared", ()))
        return cls(spared=spared, decisions=tuple(said.get("decisions", ())))

    def applied(self, step: object, recording: Recording, measured: Findings) -> Findings:
        """The findings that hold: those measured, with what was decided in the place of some."""
        found = dict(measured)
        if self.findings:
            told = step.findings_with(recording, measured, self.findings) if isinstance(step, Overrulable) else {}
            found |= {**told, **self.findings}
        if self.needed is not None:
            found["needed"] = self.needed
        return found

    def told(self, measured: Findings, found: Findings) -> dict[str, Any]:
        """What the step's event says of it: ``measured`` and ``to`` name only what became another value."""
        other = [name for name in found if found[name] != measured.get(name) and name != "reason"]
        return {
            "decisions": list(self.decisions),
            "measured": {name: measured.get(name) for name in other},
            "to": {name: found[name] for name in other},
            "spared": [{"start_s": start_s, "stop_s": stop_s} for start_s, stop_s in self.spared],
        }


NOT_OVERRULED = Overruling()


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same stretches in order, those that touch or overlap as one."""
    found: list[Stretch] = []
    for start_s, stop_s in sorted(stretches):
        if found and start_s <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop_s))
        else:
            found.append((start_s, stop_s))
    return tuple(found)
