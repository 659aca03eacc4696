"""Writing a person's decision into the log of a bag that was packed."""

from __future__ import annotations

from pathlib import Path

from restoration.decisions import DECISION, Decision, seen_files
from restoration.growth import grow
from restoration.package import LOG
from restoration.packed import check_log_file
from restoration.record import Event, read

__all__ = ["Decision", "decide"]


def decide(bag: Path, decision: Decision) -> Event:
    """Append a decision to the log of a bag, with the log's head and the digests of what the person looked at.

    Raises:
        BadDecision: it does not say what it has to, or concerns what is not there.
        BadBag, BadKey, BrokenRecord: as ``growth.grow``.
    """
    check_log_file(bag)
    events = list(read(bag / LOG))
    fields = decision.fields(events, seen_files(bag, events))
    return grow(bag, DECISION, decision=decision.kind, **fields)
