"""What a replay finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["bit-exact", "same sound", "within tolerance", "differs", "not replayed"]
OUTCOMES: tuple[Outcome, ...] = ("bit-exact", "same sound", "within tolerance", "differs", "not replayed")
GOOD: tuple[Outcome, ...] = ("bit-exact", "same sound", "within tolerance")


@dataclass(frozen=True)
class Compared:
    """One file of a bag beside the same file made again.

    Attributes:
        file: its path in the bag.
        outcome: "bit-exact", every byte; "same sound", every sample, in other bytes around them; "within tolerance";
            "differs"; "not replayed", where something that made it is not on this machine.
        peak_difference_dbfs: greatest difference of two samples; None where there is none, or the file is no sound.
        tolerance_dbfs: up to which difference the file counts as the same; None where only the same
            bytes do, and for access copies, which are judged second by second (``tolerances``).
        sentence: all of it in words.
    """

    file: str
    outcome: Outcome
    peak_difference_dbfs: float | None
    tolerance_dbfs: float | None
    sentence: str


@dataclass(frozen=True)
class StepAgain:
    """A step made again: ``same`` is None where it could not be; ``sentence`` says more, where there is more to say."""

    event: int
    name: str
    same: bool | None
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of a replay.

    Attributes:
        identifier: of the item.
        items: the files, in the order in which the log has them.
        steps: those that were carried out.
        first_different_event: sequence of the first event whose result is not made again to the bit; None: all are.
        software_changed: package -> version then, version here.
        seconds: that the replay took; ``treatment_seconds`` what the log says of the treatment.
    """

    identifier: str
    items: list[Compared]
    steps: list[StepAgain] = field(default_factory=list)
    first_different_event: int | None = None
    software_changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    seconds: float = 0.0
    treatment_seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether every file came out as it is, or within its tolerance."""
        return all(one.outcome in GOOD for one in self.items)

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many files came out how."""
        return {name: sum(one.outcome == name for one in self.items) for name in OUTCOMES}

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {**asdict(self), "holds": self.holds, "counts": self.counts}
