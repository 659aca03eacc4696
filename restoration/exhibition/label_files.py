"""The label of an exhibit as files: for the wall, the catalogue and whoever reads it out, in every language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from restoration.exhibition.exhibit import Exhibit
from restoration.exhibition.tagging import master_sha256, stretch, title
from restoration.provenance.digital_source_type import digital_source_type
from restoration.provenance.label import label, spoken_notice
from restoration.texts import catalogue, languages


def label_files(exhibit: Exhibit, folder: Path) -> list[Path]:
    """Write ``STEM.label.txt`` and ``STEM.label.json`` into ``folder``; a function of the exhibit, byte for byte."""
    stem = exhibit.file.stem
    content = {f"{stem}.label.json": _as_json(exhibit), f"{stem}.label.txt": _as_text(exhibit)}
    for name, text in content.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in content]


def labels(exhibit: Exhibit) -> dict[str, dict[str, str]]:
    """By language: ``short`` for the wall, ``long`` for the catalogue, ``spoken`` to be read out before the sound."""
    told = {}
    for language in languages():
        words = label(exhibit.events, language)
        spoken = spoken_notice(exhibit.events, language)
        told[language] = {"short": words.short, "long": words.long, "spoken": spoken}
    return told


def _as_json(exhibit: Exhibit) -> str:
    excerpt = exhibit.excerpt
    told: dict[str, Any] = {
        "format": "heritage-voice label 1",
        "identifier": exhibit.identifier,
        "title": title(exhibit),
        "excerpt": {"start_s": excerpt.start_s, "stop_s": excerpt.stop_s} if excerpt else None,
        "digital_source_type": digital_source_type(exhibit.events),
        "log_head": exhibit.events[-1]["digest"] if exhibit.events else "",
        "master_sha256": master_sha256(exhibit),
        "labels": labels(exhibit),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _as_text(exhibit: Exhibit) -> str:
    lines = [title(exhibit), " · ".join(part for part in (exhibit.identifier, stretch(exhibit)) if part)]
    for language, words in labels(exhibit).items():
        name = catalogue(language).name
        lines += ["", f"{name}", "-" * len(name), "", words["short"], "", words["long"], "", f"“{words['spoken']}”"]
    return "\n".join(lines) + "\n"
