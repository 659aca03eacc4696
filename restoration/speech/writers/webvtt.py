"""WebVTT (W3C): a cue a segment, with the speaker in a voice tag and, until there is a transcription, as the text."""

from __future__ import annotations

from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_line

SUFFIX = ".vtt"


def text(segmentation: Segmentation, subject: Subject) -> str:
    """The file; the item is named in a note, in which an arrow would be an error and is therefore escaped."""
    about = _escaped(one_line(subject.identifier))
    blocks = ["WEBVTT", f"NOTE {about}"]
    for number, segment in enumerate(segmentation.segments, start=1):
        name = _escaped(one_line(segment.speaker))
        times = f"{_time(segment.start_s)} --> {_time(segment.end_s)}"
        blocks.append(f"{number}\n{times}\n<v {name}>{name}</v>")
    return "\n\n".join(blocks) + "\n"


def _escaped(name: str) -> str:
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"
