"""The row that a treatment adds to the CodingHistory (EBU R 98 or FADGI) of its production master."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from restoration import wave_chunks
from restoration.provenance.generated import generates, treated_steps
from restoration.record import Event

SOFTWARE = "heritage-voice"


def coding_history_row(events: Sequence[Event], *, sample_rate: int | None = None, bits: int = 24) -> str:
    """The row of the production master, ASCII, without the CR LF that the writer adds, in ``row_dialect``.

    The text after ``T=`` is the software, the recipe and each step that was carried out, with semicolons between (a
    comma would end the field). A step that generated something says so: ``extend_band (generated band)``.

    Args:
        events: the log up to the treatment's end.
        sample_rate: of the file in Hz; None: as last measured, or else the master's.
        bits: word length of the file.
    """
    format_ = _format(events)
    mode, rate = _mode(format_), sample_rate or format_.get("sample_rate")
    dialect = row_dialect(events, sample_rate=sample_rate)
    return wave_chunks.coding_history_row("PCM", rate, bits, mode, _text(events), dialect)


def row_dialect(events: Sequence[Event], *, sample_rate: int | None = None) -> wave_chunks.Dialect:
    """The dialect of that row: the one in which the master's history is written, where it shows one."""
    format_ = _format(events)
    return wave_chunks.dialect_for(delivered_history(events), sample_rate or format_.get("sample_rate"), _mode(format_))


def delivered_history(events: Sequence[Event]) -> str:
    """The CodingHistory of the master as it was delivered; empty where it had none."""
    extractions = [event for event in events if event["event"] == "extraction"]
    return str((extractions[-1].get("format") or {}).get("coding_history") or "") if extractions else ""


def _mode(format_: dict[str, Any]) -> str:
    return wave_chunks.mode_of(int(format_.get("channels") or 1))


def _format(events: Sequence[Event]) -> dict[str, Any]:
    """Sample rate and channels of the treated sound: as measured after the treatment, or else the master's."""
    found: dict[str, Any] = {}
    for event in events:
        if event["event"] == "extraction":
            found |= event.get("format") or {}
        if event["event"] == "measurement" and event.get("when") == "after":
            measures = event.get("measures") or {}
            found |= {key: measures[key] for key in ("sample_rate", "channels") if key in measures}
    return found


def _text(events: Sequence[Event]) -> str:
    parts = []
    for event in events:
        if event["event"] == "ingestion":
            version = (event.get("software") or {}).get(SOFTWARE, "")
            parts = [f"{SOFTWARE} {version}".strip(), str((event.get("recipe") or {}).get("name", ""))]
    parts = parts or [SOFTWARE]
    for step in treated_steps(events):
        generated = generates(step)
        parts.append(step["name"] + (f" (generated {generated})" if generated != "nothing" else ""))
    return ";".join(_plain(part) for part in parts if part)


def _plain(text: str) -> str:
    """ASCII without commas, semicolons and control characters, which would break the row."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[,;\x00-\x1f\x7f]+", " ", ascii_text).strip()
