"""The text of a manifest, whatever a spreadsheet saved it as."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

LARGEST_BYTES = 256 * 2**20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_WORKBOOKS = (
    (b"PK\x03\x04", "an Excel or OpenDocument workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind"),
    (b"%PDF", "a PDF file"),
)


@dataclass(frozen=True)
class Decoded:
    """A text and, where it was not UTF-8, the name of what it was; or the sentence why there is no text."""

    text: str = ""
    encoding: str = ""
    refusal: str = ""


def decode_text(content: bytes) -> Decoded:
    """Text of a file: UTF-8 with or without a mark, UTF-16, UTF-32, or else Windows-1252 or Latin-1."""
    for magic, kind in _WORKBOOKS:
        if content.startswith(magic):
            return Decoded(refusal=f"is {kind}, not a CSV file; save it as “CSV UTF-8” and give that file")
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, codec, name)
    if name := _unmarked_wide(content):
        return _strictly(content, name.lower(), name)
    for codec, name in (("utf-8", ""), ("cp1252", "Windows-1252")):
        try:
            return Decoded(content.decode(codec), name)
        except UnicodeDecodeError:
            continue
    return Decoded(content.decode("latin-1"), "Latin-1")


def _unmarked_wide(content: bytes) -> str:
    """UTF-16 without its mark: every second byte of a text that is mostly ASCII is zero."""
    head = content[:4096]
    pairs = len(head) // 2
    if pairs < 2:
        return ""
    if head[1::2].count(0) > 0.6 * pairs and not head[::2].count(0):
        return "UTF-16-LE"
    if head[::2].count(0) > 0.6 * pairs and not head[1::2].count(0):
        return "UTF-16-BE"
    return ""


def _strictly(content: bytes, codec: str, name: str) -> Decoded:
    try:
        return Decoded(content.decode(codec), name)
    except UnicodeDecodeError as error:
        wanted = name or "UTF-8"
        return Decoded(refusal=f"begins as {wanted} but is broken at byte {error.start}; save it again as “CSV UTF-8”")
