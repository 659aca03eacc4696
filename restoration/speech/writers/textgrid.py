"""Praat TextGrid, long format: a tier "speech" and a tier "speaker", both covering the whole recording."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_line

SUFFIX = ".TextGrid"

Interval = tuple[float, float, str]
"""Start and end in seconds, and the label; an interval without speech has an empty one."""


def text(segmentation: Segmentation, subject: Subject) -> str:
    """The TextGrid; ``subject`` is not named in it, because the format has no place for it."""
    speakers = [(part.start_s, part.end_s, one_line(part.speaker)) for part in segmentation.segments]
    tiers = {"speech": _joined(speakers), "speaker": speakers}
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_time(segmentation.duration_s)}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, (name, labels) in enumerate(tiers.items(), start=1):
        lines += [f"    item [{number}]:", *_tier(name, list(_covering(labels, segmentation.duration_s)))]
    return "\n".join(lines) + "\n"


def _tier(name: str, intervals: list[Interval]) -> Iterator[str]:
    yield '        class = "IntervalTier"'
    yield f'        name = "{name}"'
    yield f"        xmin = {_time(intervals[0][0])}"
    yield f"        xmax = {_time(intervals[-1][1])}"
    yield f"        intervals: size = {len(intervals)}"
    for number, (start, end, label) in enumerate(intervals, start=1):
        quoted = label.replace('"', '""')
        yield f"        intervals [{number}]:"
        yield f"            xmin = {_time(start)}"
        yield f"            xmax = {_time(end)}"
        yield f'            text = "{quoted}"'


def _joined(labels: list[Interval]) -> list[Interval]:
    """Speech, whoever speaks: labels that touch become one."""
    joined: list[Interval] = []
    for start, end, _ in labels:
        if joined and start <= joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, end, "speech"))
    return joined


def _covering(labels: list[Interval], duration_s: float) -> Iterator[Interval]:
    """The labels and, between them, empty intervals, so that the tier has no gap."""
    reached = 0.0
    for start, end, label in labels:
        if start > reached:
            yield reached, start, ""
        yield start, end, label
        reached = end
    if duration_s > reached or not labels:
        yield reached, duration_s, ""


def _time(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".")
