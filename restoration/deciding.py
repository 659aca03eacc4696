"""Writing a person's decision into the log of a bag that was packed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restoration.deciding_on import fields
from restoration.decisions import DECISION, Decision, seen_files
from restoration.growth import New, grow_by
from restoration.packed import check_log_file
from restoration.record import Event

__all__ = ["Decision", "decide", "new_decision"]


def decide(bag: Path, decision: Decision) -> Event:
    """Append a decision to the log of a bag, with the log's head and the digests of what the person looked at.

    Raises:
        BadDecision: it does not say what it has to, or concerns what is not there.
        BadBag, BadKey, BrokenRecord: as ``growth.grow``.
    """
    check_log_file(bag)
    return grow_by(bag, lambda events: [new_decision(decision, seen_files(bag, events))])[0]


def new_decision(decision: Decision, files: Mapping[str, str], more: Mapping[str, Any] | None = None) -> New:
    """The event of a decision that was made by ``files``, with ``more`` fields of its own."""
    return DECISION, lambda events: {"decision": decision.kind, **fields(decision, events, files), **(more or {})}
