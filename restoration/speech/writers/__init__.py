"""Segments as label files: one module a format, each a pure function of the segmentation.

A module has ``SUFFIX`` and ``text(segmentation, subject) -> str``; no time of day and no machine gets into the text, so
the same segments always give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from restoration.speech.segments import Segmentation
from restoration.speech.writers import audacity, csv_table, eaf, rttm, textgrid, webvtt
from restoration.speech.writers.subject import Subject, file_stem

FORMATS = (csv_table, textgrid, eaf, webvtt, rttm, audacity)


def write_labels(segmentation: Segmentation, folder: Path, subject: Subject) -> list[Path]:
    """Write all formats into ``folder``, which is made if need be; the files, named after the identifier."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for form in FORMATS:
        file = folder / (file_stem(subject.identifier) + form.SUFFIX)
        file.write_text(form.text(segmentation, subject), encoding="utf-8", newline="\n")
        files.append(file)
    return files
