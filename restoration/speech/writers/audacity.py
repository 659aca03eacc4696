"""Audacity's label track: start, end and label, parted by tabs."""

from __future__ import annotations

from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_line

SUFFIX = "-labels.txt"


def text(segmentation: Segmentation, subject: Subject) -> str:
    """One line a segment; ``subject`` is not named in it, because the format has no place for it."""
    return "".join(
        f"{part.start_s:.6f}\t{part.end_s:.6f}\t{one_line(part.speaker)}\n" for part in segmentation.segments
    )
