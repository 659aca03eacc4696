"""The chapters of a treatment report as plain values: what the template shows, taken from the log alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from restoration.provenance.figures import figure, moment, seconds, unitless, words
from restoration.provenance.generated import generated_sentence, treated_steps
from restoration.record import Event

Rows = list[tuple[str, str]]
"""Pairs of name and value, both ready to be read."""

CONSENT = re.compile(r"consent|^rights|^access_level|^tk_label|^community|^licen[cs]e|^voice_")
CARRIER = re.compile(
    r"^(carrier|generation|speed|track|sound_field|eq|equalisation|noise_reduction|face|side|region|part|condition|cleaned"
    r"|baked|stock|tape|playback|adc|operating|capture|operator|digiti[sz]|signal|transfer|stylus|groove|reel|pitch)"
)
MOST_ROWS = 40
MOST_ENTRIES = 16
PLACE_OF_SEGMENT = ("start_s", "end_s", "duration_s", "speaker")
ROLES = {"production master": 0, "residual": 1, "access copy": 2, "segments": 3, "map": 4}


def of_kind(events: Sequence[Event], kind: str) -> list[Event]:
    """The events of one kind."""
    return [event for event in events if event["event"] == kind]


def last_of(events: Sequence[Event], kind: str) -> Event:
    """The last event of one kind, or an empty one."""
    found = of_kind(events, kind)
    return found[-1] if found else {}


def item_of(events: Sequence[Event]) -> dict[str, str]:
    """The manifest row: every field that was filled in, cleaned of characters that no page can hold."""
    item = last_of(events, "ingestion").get("item") or {}
    return {str(name): printable(value) for name, value in item.items() if value not in (None, "", [], {})}


def manifest_chapters(item: dict[str, str], linked: Sequence[str] = ()) -> dict[str, Rows]:
    """The manifest row in three: identity, rights and consent, carrier and transfer.

    Fields that are ``linked`` are left out: the page shows them as links.
    """
    chapters: dict[str, Rows] = {"identity": [], "consent": [], "carrier": []}
    for name, value in item.items():
        if name in linked:
            continue
        chapter = "consent" if CONSENT.search(name) else "carrier" if CARRIER.search(name) else "identity"
        chapters[chapter].append((words(name), value))
    return chapters


def step_cards(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every step event, treated or not, in the order of the log."""
    used = [id(step) for step in treated_steps(events)]
    cards = []
    for number, event in enumerate(of_kind(events, "step"), start=1):
        card = _step_card(event, number)
        card["superseded"] = card["treated"] and id(event) not in used
        cards.append(card)
    return cards


def file_rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The files that were derived, production master first."""
    derived = of_kind(events, "derivation")
    derived.sort(key=lambda event: ROLES.get(str(event.get("role")), len(ROLES)))
    return [_file_row(event) for event in derived]


def master_rows(events: Sequence[Event]) -> Rows:
    """Name, format and digests of the preservation master."""
    extraction = last_of(events, "extraction")
    format_ = dict(extraction.get("format") or {})
    format_.pop("coding_history", None)
    head = [("File", printable(extraction["file"]))] if "file" in extraction else []
    size = [("Size", figure("bytes", extraction["bytes"]))] if "bytes" in extraction else []
    return head + size + flat_rows(format_)


def fixity_rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The fixity checks of the master; a check that had nothing to compare with says so."""
    rows = []
    for check in of_kind(events, "fixity check"):
        expected, found = _by_algorithm(check, "expected"), _by_algorithm(check, "found")
        outcome = str(check.get("outcome", ""))
        rows.append(
            {
                "when": printable(check.get("when", "")),
                "file": printable(check.get("file", "")),
                "outcome": "no digest given" if outcome == "match" and not expected else printable(outcome),
                "digests": [(name, expected.get(name, ""), found[name]) for name in found],
            }
        )
    return rows


def _by_algorithm(check: Event, key: str) -> dict[str, str]:
    """Digests by algorithm, whether the event holds one or several."""
    said = check.get(key) or {}
    if not isinstance(said, dict):
        said = {str(check.get("algorithm", "")): said}
    return {printable(name): printable(value) for name, value in said.items()}


def segment_rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """The segments of the last segmentation: times, speaker and quality figures."""
    rows = []
    for number, segment in enumerate(last_of(events, "segmentation").get("segments") or [], start=1):
        quality = [
            (unitless(name), figure(name, value))
            for name, value in segment.items()
            if name not in PLACE_OF_SEGMENT and value is not None
        ]
        rows.append(
            {
                "number": number,
                "start_s": float(segment.get("start_s", 0.0)),
                "end_s": float(segment.get("end_s", 0.0)),
                "speaker": printable(segment.get("speaker", "")),
                "quality": quality,
            }
        )
    return rows


def event_rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every event of the log in one line each: what an auditor compares with the log itself."""
    return [
        {
            "sequence": event.get("sequence", ""),
            "kind": printable(event["event"]),
            "time": moment(printable(event.get("time", ""))),
            "about": printable(event.get("name") or event.get("role") or event.get("when") or ""),
            "digest": printable(event.get("digest", "")),
        }
        for event in events
    ]


def flat_rows(values: dict[str, Any], absent: str = "none") -> Rows:
    """Nested values as rows, ``absent`` where there is none; beyond forty, the last row points to the event log."""
    rows = [(name, value if value != "none" else absent) for name, value in _flattened(values, "")]
    if len(rows) <= MOST_ROWS:
        return rows
    return [*rows[:MOST_ROWS], ("More", f"{len(rows) - MOST_ROWS:,} further values, in the event log")]


def printable(value: Any) -> str:
    """Text without control characters, lone surrogates and others that HTML forbids; line ends stay."""
    text = value if isinstance(value, str) else figure("", value)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "\ufffd", text)


def _flattened(values: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        full = f"{prefix}{name}"
        if isinstance(value, dict) and value:
            yield from _flattened(value, f"{full}.")
        elif isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            yield unitless(full), _entries(value)
        else:
            yield unitless(full), printable(figure(name, value))


def _entries(entries: list[dict[str, Any]]) -> str:
    if len(entries) > MOST_ENTRIES:
        return f"{len(entries):,} entries, in the event log"
    return "; ".join(printable(", ".join(figure(name, value) for name, value in entry.items())) for entry in entries)


def _step_card(event: Event, number: int) -> dict[str, Any]:
    findings = {key: value for key, value in (event.get("findings") or {}).items() if key not in ("needed", "reason")}
    outcome = str(event.get("outcome", ""))
    ended = outcome in ("treated", "left out")
    why = event.get("reason") if ended else (event.get("findings") or {}).get("reason")
    return {
        "number": event.get("position", number),
        "name": printable(event.get("name", "")),
        "about": printable(event.get("about", "")),
        "outcome": printable(outcome),
        "treated": outcome == "treated",
        "reason": printable(why or ""),
        "problem": "" if ended else printable(event.get("reason") or ""),
        "generated": generated_sentence(event),
        "parameters": flat_rows(event.get("parameters") or {}, absent="not set"),
        "findings": flat_rows(findings),
        "verdict": flat_rows({key: value for key, value in (event.get("verdict") or {}).items() if key != "reason"}),
        "work": _work(event),
        "digests": [
            (label, printable(event[key]))
            for key, label in (("source", "Source"), ("result", "Result"))
            if event.get(key)
        ],
        "weights": [(printable(model), printable(digest)) for model, digest in (event.get("weights") or {}).items()],
    }


def _work(event: Event) -> Rows:
    """How the work went: version, device, times."""
    rows = [(words(key), moment(printable(event[key]))) for key in ("version", "device", "started") if event.get(key)]
    if "seconds" in event:
        rows.append(("Took", seconds(float(event["seconds"]))))
    if "cpu_seconds" in event:
        rows.append(("Processor time", seconds(float(event["cpu_seconds"]))))
    return rows


def _file_row(event: Event) -> dict[str, Any]:
    form = event.get("format", "")
    return {
        "file": printable(event.get("file", "")),
        "role": printable(event.get("role", "")),
        "format": [("Format", printable(form))] if not isinstance(form, dict) else flat_rows(form),
        "bytes": figure("bytes", event["bytes"]) if "bytes" in event else "",
        "sha256": printable(event.get("sha256", "")),
        "source": printable(event.get("source", "")),
        "parameters": flat_rows(event.get("parameters") or {}),
        "digital_source_type": printable(event.get("digital_source_type", "")),
    }
