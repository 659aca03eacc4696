"""The treatment report of one item: a page that opens from disk and says what was done to a voice, and why.

It is a pure function of the event log. Pictures and sounds are the only other things on it, and they come by relative
path or inside the page; nothing on it asks the network for anything.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from restoration.provenance import chapters
from restoration.provenance.coding_history import coding_history_row, delivered_history
from restoration.provenance.condition_words import MeasureRow, condition_sentences, measure_rows, measures_of
from restoration.provenance.digital_source_type import COMPOSITE, IN_WORDS, SYNTHETIC, digital_source_type
from restoration.provenance.figures import figure, moment, seconds, words
from restoration.provenance.generated import generated_sentence, treated_steps
from restoration.provenance.label import label
from restoration.provenance.map_picture import CONFIDENCE, ORIGIN
from restoration.provenance.origin_words import map_sentence, master_pace, not_calibrated, time_axis_sentences
from restoration.provenance.picture_canvas import clock
from restoration.record import Event
from restoration.wave_chunks import dialect_of, parse_coding_history

TEMPLATES = Path(__file__).parent / "templates"
SOUND_NAMES = {
    "master": "Before: the preservation master",
    "before": "Before: the untreated sound",
    "after": "After: the restored sound",
    "restored": "After: the restored sound",
    "access": "After: the access copy",
    "access copy": "After: the access copy",
    "residual": "Removed: the residual",
    "removed": "Removed by the treatment",
}
MAP_NAMES = {
    ORIGIN: ("Where it comes from", "light where the recording was kept, blue where it was removed"),
    CONFIDENCE: ("How sure it is", "light where it is surely the recorded programme, dark red where that is doubtful"),
}
ON_MASTER_AXIS = ("master", "before")
TREATED_SOUNDS = ("after", "restored", "access", "access copy")
PICTURE_NAMES = {
    "spectrogram_before": "Before",
    "spectrogram_after": "After",
    "spectrogram_removed": "Removed",
    "waveform_before": "Before",
    "waveform_after": "After",
    "waveform_removed": "Removed",
}
TOLD_FIRST = ("noise_floor_dbfs", "snr_db", "bandwidth_hz", "loudness_lufs")


def treatment_report(events: Sequence[Event], pictures: Mapping[str, str | bytes], sounds: Mapping[str, str]) -> str:
    """The report as one HTML page.

    Args:
        events: the event log of the item. A log that stops early gives a report of what there is.
        pictures: by name (``spectrogram_before``, ``_after``, ``_removed``; ``waveform_`` the same; ``map_origin``,
            ``map_confidence``), each a PNG, or its path relative to the page.
        sounds: by name (``master``, ``restored``, ``access copy``, ``residual``), paths relative to the page. The
            first that is treated is what a click on a segment plays.
    """
    item = chapters.item_of(events)
    before, after = measures_of(events, "before"), measures_of(events, "after")
    generated = digital_source_type(events) in (COMPOSITE, SYNTHETIC)
    measured = measure_rows(before, after, generated)
    return template("treatment_report.html").render(
        **_identity(events, item),
        **_master(events),
        **_treatment(events),
        told_first=_told_first(before, after, generated),
        condition=condition_sentences(before),
        measured=measured,
        pictures=_pictures(pictures),
        map=_map(events, pictures),
        moved_time=time_axis_sentences(events),
        sounds=_sounds(sounds, master_pace(events)),
        segments=chapters.segment_rows(events),
        speakers=chapters.last_of(events, "segmentation").get("speakers") or [],
        segmentation=_segmentation(events),
        files=chapters.file_rows(events),
        log=chapters.event_rows(events),
        reviews=chapters.of_kind(events, "quality review"),
        duration=seconds(float(before["duration_s"])) if "duration_s" in before else "",
    )


def template(name: str) -> Any:
    """A compiled template: every value in it is escaped."""
    return _environment().get_template(name)


def link(path: str) -> str:
    """A relative path as it stands in ``href`` or ``src``: no scheme and no markup survives in it."""
    return quote(path.replace("\\", "/"), safe="/.~-_")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "clock": clock,
        "words": words,
        "short": _short,
        "figure": _figure_of,
        "link": link,
        "moment": moment,
    }
    return environment


def _figure_of(value: Any, name: str) -> str:
    return figure(name, value)


def _short(digest: str) -> str:
    return digest[:12]


def _identity(events: Sequence[Event], item: dict[str, str]) -> dict[str, Any]:
    ingestion = chapters.last_of(events, "ingestion")
    texts = label(events)
    source_type = digital_source_type(events)
    rights_link = re.fullmatch(r"https?://[^\s\"'<>]+", item.get("rights_uri", ""))
    return {
        "title": item.get("title") or item.get("identifier") or "Untitled",
        "identifier": item.get("identifier", ""),
        "item": item,
        "chapters": chapters.manifest_chapters(item, linked=("rights_uri",) if rights_link else ()),
        "rights_link": rights_link[0] if rights_link else "",
        "label": texts,
        "source_type": source_type,
        "source_type_words": IN_WORDS[source_type],
        "generated": [sentence for step in treated_steps(events) if (sentence := generated_sentence(step))],
        "recipe": ingestion.get("recipe") or {},
        "software": [
            (str(name), chapters.printable(value)) for name, value in (ingestion.get("software") or {}).items()
        ],
        "agent": chapters.printable(ingestion.get("agent", "")),
    }


def _master(events: Sequence[Event]) -> dict[str, Any]:
    extraction = chapters.last_of(events, "extraction")
    history = delivered_history(events)
    return {
        "master": chapters.master_rows(events),
        "master_digests": [
            (name, chapters.printable(extraction[key]))
            for key, name in (("sha256", "SHA-256"), ("md5", "MD5"), ("result", "SHA-256 of the sound"))
            if extraction.get(key)
        ],
        "warnings": [chapters.printable(warning) for warning in extraction.get("warnings") or []],
        "fixity": chapters.fixity_rows(events),
        "delivered_rows": parse_coding_history(chapters.printable(history)),
        "delivered_dialect": dialect_of(history) or "",
        "own_rows": parse_coding_history(coding_history_row(events)) if treated_steps(events) else [],
    }


def _treatment(events: Sequence[Event]) -> dict[str, Any]:
    steps = chapters.step_cards(events)
    last = next((event for event in reversed(chapters.of_kind(events, "step")) if event.get("result")), {})
    return {
        "steps": steps,
        "treated_count": len(treated_steps(events)),
        "restored_digest": chapters.printable(last.get("result", "")),
        "head": chapters.printable(events[-1].get("digest", "")) if events else "",
    }


def _told_first(before: dict[str, Any], after: dict[str, Any], generated: bool) -> list[MeasureRow]:
    """The figures at the top. A bandwidth that was generated is not among them: it is no gain of the recording."""
    names = [name for name in TOLD_FIRST if not (generated and name == "bandwidth_hz")]
    shown = {name for name in names if before.get(name) is not None and after.get(name) is not None}
    return measure_rows(
        {name: value for name, value in before.items() if name in shown},
        {name: value for name, value in after.items() if name in shown},
    )


def _segmentation(events: Sequence[Event]) -> dict[str, Any]:
    event = chapters.last_of(events, "segmentation")
    return {
        "parameters": chapters.flat_rows(event.get("parameters") or {}),
        "models": [
            (chapters.printable(name), chapters.printable(digest)) for name, digest in _pairs(event.get("models"))
        ],
        "source": chapters.printable(event.get("source", "")),
    }


def _pairs(models: Any) -> list[tuple[str, Any]]:
    if isinstance(models, dict):
        return list(models.items())
    return [(str(name), "") for name in models or []]


def _pictures(pictures: Mapping[str, str | bytes]) -> dict[str, list[tuple[str, str]]]:
    """Spectrograms and waveforms, each a list of (caption, address)."""
    shown: dict[str, list[tuple[str, str]]] = {"spectrogram": [], "waveform": []}
    order = [*PICTURE_NAMES, *(name for name in pictures if name not in PICTURE_NAMES)]
    for name in order:
        if name in pictures and name not in MAP_NAMES:
            kind = "waveform" if name.startswith("waveform") else "spectrogram"
            shown[kind].append((PICTURE_NAMES.get(name, words(name)), _address(pictures[name])))
    return shown


def _map(events: Sequence[Event], pictures: Mapping[str, str | bytes]) -> dict[str, Any]:
    """The map's sentences and pictures (caption, words for who does not see it, address); empty where it has none."""
    sentence = map_sentence(events)
    shown = [(*MAP_NAMES[name], _address(pictures[name])) for name in MAP_NAMES if name in pictures]
    if not sentence and not shown:
        return {}
    return {"sentence": sentence, "warning": not_calibrated(events), "shown": shown, "judged": CONFIDENCE in pictures}


def _address(picture: str | bytes) -> str:
    if isinstance(picture, bytes):
        return "data:image/png;base64," + b64encode(picture).decode("ascii")
    return link(picture)


def _sounds(sounds: Mapping[str, str], master_pace: float) -> list[dict[str, Any]]:
    """The players, before first, then after, then what was removed; each with its pace beside the restored sound."""
    order = [*(name for name in SOUND_NAMES if name in sounds), *(name for name in sounds if name not in SOUND_NAMES)]
    return [
        {
            "name": SOUND_NAMES.get(name, words(name)),
            "path": link(sounds[name]),
            "treated": name in TREATED_SOUNDS,
            "pace": master_pace if name in ON_MASTER_AXIS else 1.0,
        }
        for name in order
    ]
