"""EAF 3.0, for ELAN: a tier a speaker, its annotations empty, ready for a transcription.

Max Planck Institute for Psycholinguistics, *EAF Annotation Format 3.0*. Times are whole milliseconds.
"""

from __future__ import annotations

import mimetypes
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from restoration.speech.segments import Segmentation
from restoration.speech.writers.subject import Subject, one_line

SUFFIX = ".eaf"
SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"


def text(segmentation: Segmentation, subject: Subject) -> str:
    """The document; its author is the project, its date the subject's."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<ANNOTATION_DOCUMENT AUTHOR="heritage-voice" DATE={quoteattr(subject.date)} FORMAT="3.0" VERSION="3.0"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:noNamespaceSchemaLocation="{SCHEMA}">',
        *_header(segmentation, subject),
        *_times(segmentation),
    ]
    for name in dict.fromkeys(one_line(segment.speaker) for segment in segmentation.segments):
        lines += _tier(segmentation, name)
    lines += [
        '    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="speech" TIME_ALIGNABLE="true"/>',
        "</ANNOTATION_DOCUMENT>",
    ]
    return "\n".join(lines) + "\n"


def _header(segmentation: Segmentation, subject: Subject) -> list[str]:
    media = []
    if subject.sound_file:
        place = quoteattr("./" + quote(one_line(subject.sound_file)))
        kind = mimetypes.guess_type(subject.sound_file)[0] or "audio/x-wav"
        media = [f'        <MEDIA_DESCRIPTOR MEDIA_URL={place} MIME_TYPE="{kind}" RELATIVE_MEDIA_URL={place}/>']
    return [
        '    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
        *media,
        f'        <PROPERTY NAME="item">{escape(one_line(subject.identifier))}</PROPERTY>',
        f'        <PROPERTY NAME="lastUsedAnnotationId">{len(segmentation.segments)}</PROPERTY>',
        "    </HEADER>",
    ]


def _times(segmentation: Segmentation) -> list[str]:
    lines = ["    <TIME_ORDER>"]
    for number, segment in enumerate(segmentation.segments, start=1):
        for slot, seconds in ((2 * number - 1, segment.start_s), (2 * number, segment.end_s)):
            lines.append(f'        <TIME_SLOT TIME_SLOT_ID="ts{slot}" TIME_VALUE="{round(seconds * 1000)}"/>')
    return [*lines, "    </TIME_ORDER>"]


def _tier(segmentation: Segmentation, name: str) -> list[str]:
    label = quoteattr(name)
    lines = [f'    <TIER LINGUISTIC_TYPE_REF="speech" PARTICIPANT={label} TIER_ID={label}>']
    for number, segment in enumerate(segmentation.segments, start=1):
        if one_line(segment.speaker) == name:
            lines += [
                "        <ANNOTATION>",
                f'            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}"'
                f' TIME_SLOT_REF1="ts{2 * number - 1}" TIME_SLOT_REF2="ts{2 * number}">',
                "                <ANNOTATION_VALUE></ANNOTATION_VALUE>",
                "            </ALIGNABLE_ANNOTATION>",
                "        </ANNOTATION>",
            ]
    return [*lines, "    </TIER>"]
