"""What can go wrong, as one tree. The command line prints these as a sentence; anything else is a bug.

RestorationError
├── BadManifest        problems in a manifest, all of them at once
├── BadRecipe          a recipe that names what is not there, or asks for the impossible
├── BadSoundFile       a file that is not the sound its header claims
├── FixityMismatch     a digest that is not the expected one
├── MissingWeights     a model whose file is not on this machine
├── BrokenRecord       an event log whose chain does not hold
├── StepFailed         a step that could not do its work on this recording
├── NoConsent          a voice that may not be used for this, now
└── BadBag             a package that is not whole
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class RestorationError(Exception):
    """The root: everything that a user can put right."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a manifest, in the words of a spreadsheet.

    ``row`` counts as the spreadsheet does (the header is row 1); 0 means the whole file.
    """

    row: int
    column: str
    value: str
    message: str
    severity: str = "error"  # or "warning"

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.row else self.column or "the file"
        shown = f" “{self.value}”" if self.value else ""
        return f"{place}{shown}: {self.message}"


class BadManifest(RestorationError):
    """A manifest with problems, which are all in ``problems``."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path, self.problems = path, problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = len(problems)
        super().__init__(f"{path}: {count} problem{'s' if count != 1 else ''}\n{lines}")


class BadRecipe(RestorationError):
    """A recipe that cannot be followed."""


class BadSoundFile(RestorationError):
    """A sound file that cannot be trusted; ``reason`` is a sentence."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


class FixityMismatch(RestorationError):
    """A file whose digest is not what the manifest, or an earlier event, says."""

    def __init__(self, path: Path, algorithm: str, expected: str, found: str) -> None:
        self.path, self.algorithm, self.expected, self.found = path, algorithm, expected, found
        super().__init__(
            f"{path}: the {algorithm} is {found}, but {expected} was expected; "
            "the file is not the one that was described"
        )


class MissingWeights(RestorationError):
    """A model's file is absent or is not the file its card describes."""


class BrokenRecord(RestorationError):
    """An event log that was changed after it was written."""


class StepFailed(RestorationError):
    """A step could not do its work; ``step`` names it."""

    def __init__(self, step: str, reason: str) -> None:
        self.step, self.reason = step, reason
        super().__init__(f"step {step}: {reason}")


class NoConsent(RestorationError):
    """A use of a voice that nobody allowed; ``reasons`` are sentences that name item and column."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class BadBag(RestorationError):
    """A BagIt package that is not whole."""
