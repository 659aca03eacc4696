"""Identifiers: each becomes the name of a folder, on whatever file system the bags will lie."""

from __future__ import annotations

import re
import unicodedata

from restoration.manifest.table import clean

LONGEST = 120

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_OURS = ("index.html",)
_FORBIDDEN = '<>:"|?*'
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MADE_A_DATE = re.compile(rf"\d{{1,2}}-({_MONTH})|({_MONTH})-\d\d|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}", re.IGNORECASE)


def identifier_fault(text: str) -> str | None:
    """What keeps an identifier from naming a folder; ``text`` is the cell as it stands."""
    composed, cleaned = unicodedata.normalize("NFC", text), clean(text)
    if composed != cleaned:
        return f"has spaces or letters that cannot be seen around or inside it; write “{cleaned}”"
    if _MADE_A_DATE.fullmatch(text):
        return "was turned into a date by a spreadsheet; format the column as text and enter the identifier again"
    if fault := _separator(text) or _name(text):
        return fault
    if len(text) > LONGEST or len(text.encode("utf-8", "replace")) > 2 * LONGEST:
        return f"has {len(text)} letters; an identifier names a folder and has {LONGEST} at most"
    return None


def _separator(text: str) -> str | None:
    if "/" in text or "\\" in text:
        return "holds a slash; it names one folder, so write “-” or “_” for it"
    if odd := [letter for letter in text if letter in _FORBIDDEN]:
        return f"holds {' '.join(dict.fromkeys(odd))}, which not every file system takes in the name of a folder"
    return None


def _name(text: str) -> str | None:
    if text in (".", ".."):
        return "is not the name of a folder but of the folder itself or the one above"
    if text.startswith(".") or text.endswith("."):
        return "begins or ends with a dot, which hides or changes a folder's name; leave the dot out"
    if _RESERVED.fullmatch(text) or text.lower() in _OURS:
        return "is a reserved name that no folder may have; put a word or a number before it"
    return None


def identifier_doubt(text: str) -> str | None:
    """What makes it likely that a spreadsheet changed an identifier."""
    if re.fullmatch(r"\d+[.,]0", text):
        return f"looks like a number; if “{text[:-2]}” was meant, format the column as text"
    if set(text) & set("“”‘’"):
        return "holds typographic quotation marks; are they part of the identifier?"
    return "begins with a dash, which commands take for an option" if text.startswith("-") else None


def folder_key(identifier: str) -> str:
    """The same for two identifiers that some file systems would put into one folder."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", identifier).casefold())
