"""The treatment done again from the master, as one check of the audit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from restoration.auditing.bag import Bag
from restoration.auditing.fault import Fault, Severity
from restoration.replaying.answer import Compared, Outcome
from restoration.replaying.rebuilding import replay

CHECK = "replay"
SEVERITY: dict[Outcome, Severity] = {"differs": "fault", "not replayed": "warning"}
"""What an outcome is to an audit; the others are as they should be."""


def replayed(bag: Bag) -> Iterator[Fault]:
    """Every derivative is made again from the master by the recorded decisions, and compared."""
    with tempfile.TemporaryDirectory(prefix="restoration-audit-") as workshop:
        found = replay(bag.path, Path(workshop))
    for one in found.items:
        if one.outcome in SEVERITY:
            yield _fault(one, bag)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in found.counts.items() if count)
    changed = ", ".join(f"{name} {then} → {here}" for name, (then, here) in found.software_changed.items())
    sentence = f"replayed in {found.seconds:.1f} s: of {len(found.items)} files {counts}"
    what = f"{sentence}; changed since the treatment: {changed}" if changed else sentence
    yield Fault(check=CHECK, file="", sentence=what, severity="note")


def _fault(one: Compared, bag: Bag) -> Fault:
    event = bag.first("derivation", file=one.file).get("sequence")
    peak = "" if one.peak_difference_dbfs is None else f"{one.peak_difference_dbfs:.1f} dBFS apart"
    tolerance = "" if one.tolerance_dbfs is None else f"up to {one.tolerance_dbfs:.1f} dBFS apart"
    return Fault(
        check=CHECK,
        file=one.file,
        event=event,
        sentence=f"{one.file}: {one.sentence}",
        expected=tolerance,
        found=peak or one.outcome,
        severity=SEVERITY[one.outcome],
    )
