"""Texts and marks beside the sound: ``LIST``/INFO, ``cue`` points and their ``LIST``/adtl labels.

The readers take whatever is there and never raise: a list that ends in garbage gives what stood before it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

MAX_ENTRIES = 4096
"""No list of an archive has more; what comes after is not read."""

_CUE = struct.Struct("<II4sIII")


class CuePoint(NamedTuple):
    """A mark at ``frame`` of the sound; ``label`` is empty where nobody wrote one."""

    identifier: int
    frame: int
    label: str = ""


def list_type(body: bytes) -> str:
    """What kind of list the body of a ``LIST`` chunk is: ``INFO``, ``adtl`` ..."""
    return body[:4].decode("latin-1")


def parse_info(body: bytes) -> dict[str, str]:
    """Texts of a ``LIST``/INFO chunk by their four letters; empty for another kind of list."""
    if list_type(body) != "INFO":
        return {}
    return {name: _text(entry) for name, entry in _entries(body)}


def build_info(texts: Mapping[str, str]) -> bytes:
    """The body of a ``LIST``/INFO chunk.

    Raises:
        ValueError: a name that is not four letters, or more than a list holds.
    """
    if any(len(name) != 4 or not name.isascii() for name in texts) or len(texts) > MAX_ENTRIES:
        raise ValueError(f"names in a LIST/INFO chunk have four letters, not {', '.join(texts)}")
    return b"INFO" + b"".join(_entry(name, text.encode("utf-8") + b"\0") for name, text in texts.items())


def parse_labels(body: bytes) -> dict[int, str]:
    """Labels of a ``LIST``/adtl chunk by the identifier of their cue point."""
    if list_type(body) != "adtl":
        return {}
    labels = [entry for name, entry in _entries(body) if name == "labl" and len(entry) >= 4]
    return {int.from_bytes(entry[:4], "little"): _text(entry[4:]) for entry in labels}


def parse_cues(body: bytes, labels: Mapping[int, str] | None = None) -> list[CuePoint]:
    """Points of a ``cue`` chunk: as many as it says, has, and ``MAX_ENTRIES`` allows."""
    promised = int.from_bytes(body[:4], "little")
    count = min(promised, max(0, len(body) - 4) // _CUE.size, MAX_ENTRIES)
    points = (_CUE.unpack_from(body, 4 + index * _CUE.size) for index in range(count))
    return [CuePoint(point[0], point[5], (labels or {}).get(point[0], "")) for point in points]


def build_cues(points: Sequence[CuePoint]) -> bytes:
    """The body of a ``cue`` chunk."""
    body = b"".join(_CUE.pack(point.identifier, point.frame, b"data", 0, 0, point.frame) for point in points)
    return struct.pack("<I", len(points)) + body


def build_labels(points: Sequence[CuePoint]) -> bytes:
    """The body of the ``LIST``/adtl chunk with the labels of those points that have one."""
    labelled = (point for point in points if point.label)
    return b"adtl" + b"".join(
        _entry("labl", struct.pack("<I", point.identifier) + point.label.encode("utf-8") + b"\0") for point in labelled
    )


def _entry(name: str, body: bytes) -> bytes:
    return name.encode("ascii") + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _entries(body: bytes) -> Iterator[tuple[str, bytes]]:
    offset = 4
    for _ in range(MAX_ENTRIES):
        if offset + 8 > len(body):
            return
        size = int.from_bytes(body[offset + 4 : offset + 8], "little")
        yield body[offset : offset + 4].decode("latin-1"), body[offset + 8 : offset + 8 + size]
        offset += 8 + size + size % 2


def _text(entry: bytes) -> str:
    text = entry.partition(b"\0")[0]
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
