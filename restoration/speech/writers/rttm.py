"""RTTM (NIST, *Rich Transcription* evaluations): what tools that compare diarisations read.

Fields: type, file, channel, onset, duration, orthography, subtype, speaker, confidence, lookahead. A field is a word,
so spaces in names become underscores.
"""

from __future__ import annotations

from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_word

SUFFIX = ".rttm"


def text(segmentation: Segmentation, subject: Subject) -> str:
    """One line a segment; nothing if nobody speaks."""
    file = one_word(subject.identifier)
    return "".join(
        f"SPEAKER {file} 1 {part.start_s:.3f} {part.duration_s:.3f} <NA> <NA> {one_word(part.speaker)} <NA> <NA>\n"
        for part in segmentation.segments
    )
