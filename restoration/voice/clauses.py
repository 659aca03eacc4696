"""A text as a reader breathes it: clauses, and the pause after each."""

from __future__ import annotations

import re
from dataclasses import dataclass

PAUSES_S = {"clause": 0.2, "part": 0.35, "sentence": 0.55, "trail": 0.8, "line": 0.4, "paragraph": 1.0}
"""After a comma; a semicolon, colon or dash; a full stop, question or exclamation mark; an ellipsis; a line of verse
without a mark at its end; an empty line. Of several at one place the longest holds."""

_MARKS = {"clause": ",،、，", "part": ";:؛；：—–", "sentence": ".!?。！？؟।", "trail": "…"}
_KIND = {mark: kind for kind, marks in _MARKS.items() for mark in marks}
_CLOSING = "\"'»”’)]"
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+", "mr mrs ms dr prof st vol fig etc e.g i.e cf al mme mlle m bijv enz dhr mevr т.е т.д т.п г гг им"
    )
)
_BREAK = re.compile(
    # A mark, or several, with what closes after them, before a space or the end; wide marks need no space, and a dash
    # between spaces ends a clause as well.
    rf"(?:[,;:.!?…،؛؟।]+[{re.escape(_CLOSING)}]*(?=\s|$))|(?:[、，；：。！？]+)|(?:(?<=\s)[—–-](?=\s))|(?:—)"
)


@dataclass(frozen=True)
class Clause:
    """What is read in one breath, with its mark, and how long the silence after it is, in s."""

    text: str
    pause_s: float


def clauses(text: str) -> list[Clause]:
    """The clauses of a text that hold a letter or a digit; the pause of the last is that of its mark."""
    found: list[Clause] = []
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("...", "…"))
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            for clause, kind in _of_line(" ".join(line.split())):
                found = _with(found, clause, PAUSES_S[kind])
            found = _at_least(found, PAUSES_S["line"] if len(paragraph.split("\n")) > 1 else 0.0)
        found = _at_least(found, PAUSES_S["paragraph"] if len(paragraphs) > 1 else 0.0)
    return found


def _of_line(line: str) -> list[tuple[str, str]]:
    """Clauses of a line and the kind of their end."""
    parts, start = [], 0
    for mark in _BREAK.finditer(line):
        if _is_abbreviation(line[start : mark.start()], mark.group()):
            continue
        kinds = [_KIND.get(each, "part") for each in mark.group() if each not in _CLOSING]
        parts.append((line[start : mark.end()].strip(), max(kinds, key=lambda kind: PAUSES_S[kind])))
        start = mark.end()
    rest = line[start:].strip()
    return [*parts, (rest, "line")] if rest else parts


def _is_abbreviation(before: str, mark: str) -> bool:
    """Whether a full stop belongs to the word before it: an initial, or an abbreviation that is known."""
    word = before.split()[-1].lstrip("([«“\"'") if before.split() else ""
    return mark == "." and (word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper() and word != "I"))


def _with(found: list[Clause], text: str, pause_s: float) -> list[Clause]:
    if any(each.isalnum() for each in text):
        return [*found, Clause(text, pause_s)]
    return _at_least(found, pause_s)


def _at_least(found: list[Clause], pause_s: float) -> list[Clause]:
    if not found:
        return found
    last = found[-1]
    return [*found[:-1], Clause(last.text, max(last.pause_s, pause_s))]
