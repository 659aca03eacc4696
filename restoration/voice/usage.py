"""The usage log: whose voice was used, by whom, for what and how long. Those who gave a voice are owed that.

It is ``usage.jsonl`` in the folder that RESTORATION_USAGE names, or else in the folder of the voice: a chain of events
as ``restoration.record`` keeps it, so that a use that was edited or taken out is found.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restoration import ledger
from restoration.record import Event
from restoration.voice.gate import Permit, terms_of

USAGE_VARIABLE = "RESTORATION_USAGE"
FILE = "usage.jsonl"
USED = "voice used"


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a use gave.

    Attributes:
        voice: name of the voice, from its card.
        seconds: of sound that were made, or learnt from by a training.
        source_sha256: digest of the sound or text that it was made from; blank where there is none.
        result_sha256: digest of the file that was made; blank where the sound went to a loudspeaker.
    """

    voice: str
    seconds: float
    source_sha256: str = ""
    result_sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Total:
    """The uses of one voice in one month (yyyy-mm, UTC); ``purposes`` counts them by what they were for."""

    voice: str
    month: str
    uses: int
    public: int
    seconds: float
    purposes: str
    by: str


def log_of(voice_folder: Path) -> Path:
    """The usage log of a voice.

    Raises:
        RestorationError: RESTORATION_USAGE names no folder.
    """
    return (ledger.folder_named_by(USAGE_VARIABLE) or voice_folder) / FILE


def count_use(permit: Permit, made: Made, log: Path) -> Event:
    """Write down a use that was permitted; it is on the disk when this returns.

    A use that goes on beyond midnight is counted all the same: the day of the permit is not asked here.

    Args:
        permit: by which it was made; who and what for are taken from it.
        made: what came of it.
        log: from ``log_of``.

    Raises:
        NoConsent: the permit is none that the gate gave.
        BrokenRecord: the log was changed.
        ValueError: a length that is none.
    """
    if not 0 <= made.seconds < float("inf"):
        raise ValueError(f"a use lasts a number of seconds, not {made.seconds}")
    terms = terms_of(permit)
    use = terms.use
    return ledger.append(
        log,
        USED,
        voice=made.voice,
        consent_sha256=terms.seal,
        consents=list(terms.references),
        by=use.by,
        purpose=use.purpose,
        public=use.public,
        seconds=round(float(made.seconds), 3),
        source_sha256=made.source_sha256,
        result_sha256=made.result_sha256,
    )


def uses(folder: Path, voice: str | None = None) -> list[Event]:
    """Every use in the log of a folder, the oldest first; those of one voice where it is named.

    Raises:
        BrokenRecord: the log was changed.
    """
    found = [event for event in ledger.events_of(folder / FILE) if event["event"] == USED]
    return [event for event in found if voice is None or event["voice"] == voice]


def totals(found: Sequence[Event]) -> list[Total]:
    """Uses and seconds by voice and month, in that order."""
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in found:
        groups[event["voice"], event["time"][:7]].append(event)
    return [_total(voice, month, groups[voice, month]) for voice, month in sorted(groups)]


def _total(voice: str, month: str, group: list[Event]) -> Total:
    purposes = Counter(event["purpose"] for event in group)
    return Total(
        voice=voice,
        month=month,
        uses=len(group),
        public=sum(event["public"] for event in group),
        seconds=round(sum(event["seconds"] for event in group), 3),
        purposes=", ".join(f"{purpose} {count}" for purpose, count in sorted(purposes.items())),
        by=", ".join(sorted({event["by"] for event in group})),
    )


def as_csv(found: Sequence[Total]) -> str:
    """The totals as a table for a spreadsheet; a text that it would run as a formula gets a space before it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    names = [*Total.__dataclass_fields__]
    writer.writerow(names)
    for total in found:
        cells = (getattr(total, name) for name in names)
        writer.writerow(f" {cell}" if str(cell).startswith(("=", "+", "-", "@")) else cell for cell in cells)
    return text.getvalue()
