"""What an audit finds wrong, in a form that a program reads and a sentence that a person does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "warning", "note"]
"""A fault breaks a promise of the bag; a warning is a weakness that an honest bag may have; a note explains."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is not as it should be.

    Attributes:
        check: the name of the check that found it.
        sentence: what is wrong, for people; it names file, event and what was expected.
        file: relative to the bag; empty where no single file is meant.
        event: sequence number of the event; None where no single event is meant.
        expected, found: what they say, or how much; empty where that has no short form.
    """

    check: str
    sentence: str
    file: str = ""
    event: int | None = None
    expected: str = ""
    found: str = ""
    severity: Severity = "fault"


def in_short(digest: object) -> str:
    """A digest as people read it: its first sixteen digits."""
    text = str(digest)
    return f"{text[:16]}…" if len(text) > 16 else text or "none"
