"""What the page of one item knows: the log and the files of its bag as one dictionary, which ``item.js`` holds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restoration.decisions import DECISION, REPORT, review_state
from restoration.errors import BadBag
from restoration.package import LOG
from restoration.provenance.chapters import item_of, last_of, of_kind, printable
from restoration.provenance.condition_words import MEASURES, MeasureRow, measure_rows, measures_of
from restoration.provenance.generated import generates, treated_steps
from restoration.provenance.label import label
from restoration.record import Event, read
from restoration.room.heard import NAMES, access_copy, derivation, matching_gains_db, pace
from restoration.room.pieces import PIECE_FRAMES, SAMPLE_RATE, OpusFile
from restoration.room.step_excerpts import excerpts_in
from restoration.room.step_rows import step_rows
from restoration.room.tiles import full_scale_of, tile_facts
from restoration.room.values import plain, unit_of
from restoration.texts import languages

FORMAT = "heritage-voice item 1"
ROOM = "listening-room"


def events_of(bag: Path) -> list[Event]:
    """The log of a bag.

    Raises:
        BadBag: there is none.
        BrokenRecord: its chain does not hold.
    """
    if not (bag / LOG).is_file():
        raise BadBag(f"{bag}: is no bag of a restored item: {LOG} is not there")
    return list(read(bag / LOG))


def item_page_facts(bag: Path, folder: Path | None = None) -> dict[str, Any]:
    """Everything that the page of an item shows, but for its ``texts``, which the page has.

    Args:
        bag: of a treated item; it is only read.
        folder: where the page will lie, for the way from there to the report; beside the bag without it.

    Raises:
        BadBag: it is no bag of a treated item, or a file of it is missing.
        BrokenRecord: the chain of its log does not hold.
    """
    events = events_of(bag)
    item = item_of(events)
    identifier = item.get("identifier") or bag.name
    folder = folder or bag.parent / ROOM / identifier
    excerpts = excerpts_in(folder)
    restored = derivation(events, "_restored.wav")["format"]
    duration_s = restored["frames"] / restored["sample_rate"]
    return {
        "format": FORMAT,
        "identifier": identifier,
        **_about(item),
        "duration_s": plain(duration_s),
        "state": review_state(events).state,
        "head": str(events[-1]["digest"]),
        "events": len(events),
        "report": Path(os.path.relpath(bag / REPORT, folder)).as_posix(),
        "sounds": _sounds(bag, events),
        "piece_s": PIECE_FRAMES / SAMPLE_RATE,
        "preroll_s": 0,
        "tiles": tile_facts(events, restored["sample_rate"], duration_s, any((bag / "data" / "map").glob("*.json"))),
        "waveform": {"full_scale": plain(full_scale_of(events))},
        "segments": _segments(events),
        "speakers": list(last_of(events, "segmentation").get("speakers") or []),
        "steps": _steps(events, excerpts["excerpts"]),
        "excerpts_missing": excerpts["missing"],
        "measures": _measures(events),
        "decisions": decisions_of(events),
        "labels": labels_of(events),
        "serve": None,
    }


def item_script(facts: dict[str, Any]) -> str:
    """The facts as a classic script, safe inside a page too."""
    text = json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A script element would end at "</script", and in older browsers a line at U+2028.
    for character, escaped in (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(character, escaped)
    return f"window.HERITAGE_ITEM = {text};\n"


def labels_of(events: Sequence[Event]) -> dict[str, dict[str, str]]:
    """The label of the item, by language."""
    said = {language: label(events, language) for language in languages()}
    return {language: {"short": one.short, "long": one.long} for language, one in said.items()}


def decisions_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """What people decided, the whole log long."""
    kept = (
        "by",
        "reason",
        "time",
        "concerns",
        "start_s",
        "stop_s",
        "low_hz",
        "high_hz",
        "findings",
        "spared",
        "needed",
    )
    return [
        {
            "event": int(event["sequence"]),
            "kind": str(event.get("decision", "")),
            **{name: event[name] for name in kept if name in event},
        }
        for event in of_kind(events, DECISION)
    ]


def _about(item: dict[str, str]) -> dict[str, str]:
    names = {
        "title": ("title",),
        "carrier": ("carrier_type", "carrier"),
        "date": ("recorded_date", "date"),
        "speaker": ("speaker",),
        "language": ("language",),
        "rights": ("rights_uri", "rights"),
        "access_level": ("access_level",),
        "notes": ("notes",),
    }
    return {name: next((item[key] for key in keys if key in item), "") for name, keys in names.items()}


def _sounds(bag: Path, events: Sequence[Event]) -> list[dict[str, Any]]:
    gains = matching_gains_db(events)
    return [_sound(bag, name, access_copy(events, name), gains[name], pace(events)) for name in NAMES]


def _sound(bag: Path, name: str, event: Event, gain_db: float, before_pace: float) -> dict[str, Any]:
    frames = OpusFile.open(bag / event["file"]).frames
    return {
        "name": name,
        "file": event["file"],
        "sha256": event["sha256"],
        "pieces": -(-frames // PIECE_FRAMES),
        "frames": frames,
        "duration_s": plain(frames / SAMPLE_RATE),
        "gain_db": gain_db,
        "pace": plain(before_pace) if name == "before" else 1,
    }


def _steps(events: Sequence[Event], excerpts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**row, "excerpt": excerpts.get(str(row["event"]))} for row in step_rows(events)]


def _segments(events: Sequence[Event]) -> list[dict[str, Any]]:
    found = last_of(events, "segmentation").get("segments") or []
    return [
        {
            "number": number,
            "start_s": float(segment["start_s"]),
            "stop_s": float(segment["end_s"]),
            "speaker": printable(segment.get("speaker", "")),
            "text": printable(segment.get("text", "")),
        }
        for number, segment in enumerate(found, start=1)
    ]


def _measures(events: Sequence[Event]) -> list[dict[str, Any]]:
    before, after = measures_of(events, "before"), measures_of(events, "after")
    generated = any(generates(step) == "band" for step in treated_steps(events))
    known = [name for name in MEASURES if name in before or name in after]
    names = known + [name for name in {**before, **after} if name not in MEASURES]
    rows = measure_rows(before, after, generated)
    return [_measure(name, row, before, after) for name, row in zip(names, rows, strict=True)]


def _measure(name: str, row: MeasureRow, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": row.name,
        "meaning": row.meaning,
        "before": plain(before.get(name)),
        "after": plain(after.get(name)),
        "unit": unit_of(name),
        "before_text": row.before,
        "after_text": row.after,
        "change": row.change,
    }
