"""What a label file is about, and how odd names are brought into formats that have a line a label."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The item that the labels belong to.

    Attributes:
        identifier: of the item.
        sound_file: the sound that the times refer to, as a path relative to the label file; empty if none is named.
        date: ISO 8601 with a time zone, for formats that must have one (EAF); a fixed one by default.
    """

    identifier: str
    sound_file: str = ""
    date: str = "1970-01-01T00:00:00+00:00"


def one_line(name: str) -> str:
    """``name`` with a space for each run of line breaks, tabs and control characters; "unnamed" if nothing is left."""
    visible = "".join(" " if unicodedata.category(mark) in _NOT_TEXT else mark for mark in name)
    return " ".join(visible.split()) or "unnamed"


def one_word(name: str) -> str:
    """``one_line(name)`` with underscores for spaces."""
    return "_".join(one_line(name).split())


def file_stem(name: str) -> str:
    """A file name of letters, digits, ``.``, ``_`` and ``-`` that resembles ``name``; never empty nor hidden."""
    safe = re.sub(r"[^\w.-]+", "-", one_word(name)).strip("-.")
    return safe or "item"


_NOT_TEXT = {"Cc", "Cs", "Zl", "Zp", "Cn", "Co"}
