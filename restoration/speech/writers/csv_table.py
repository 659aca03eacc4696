"""CSV: one row a segment, all figures, for spreadsheets and data frames (RFC 4180 quoting)."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

from restoration.speech.quality import Figures
from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_line

SUFFIX = ".csv"
COLUMNS = ("identifier", "start_s", "end_s", "duration_s", "speaker", *(field.name for field in fields(Figures)))


def text(segmentation: Segmentation, subject: Subject) -> str:
    """The table, with a header; a figure that could not be measured is an empty cell."""
    table = io.StringIO()
    rows = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    rows.writeheader()
    for segment in segmentation.segments:
        row = {**segment.to_dict(), "identifier": one_line(subject.identifier), "speaker": one_line(segment.speaker)}
        rows.writerow({name: "" if value is None else value for name, value in row.items()})
    return table.getvalue()
