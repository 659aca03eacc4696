"""The coding history of a broadcast wave file: one row for each generation of the sound (EBU R98).

Archives write dialects of it (``A=ANALOG`` after FADGI, ``F=96000`` where R98 ends at 48000, commas at the end, free
text). They are all read, and what deviates is remarked upon. What is written keeps to one dialect: that of the rows
before it where they have one, else R98; sampling frequencies above 48000 and more than two tracks, for which R98 has no
words, are written as FADGI has them.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from restoration.wave_chunks.ascii_text import to_ascii

Dialect = Literal["R98", "FADGI"]
"""EBU R98-1999, or the FADGI guidelines for embedding metadata in broadcast WAVE files (version 3, 2021)."""

_R98_ALGORITHMS = {"ANALOGUE", "PCM", "MPEG1L1", "MPEG1L2", "MPEG1L3", "MPEG2L1", "MPEG2L2", "MPEG2L3"}
_R98_SAMPLE_RATES = {11000, 22050, 24000, 32000, 44100, 48000}
_R98_LAST = 48000
_R98_MODES = {"mono", "stereo", "dual-mono", "joint-stereo"}
_FADGI_MODES = {"multitrack", "multichannel", "other"}
_NUMBERS = {"F": "sample_rate", "B": "bit_rate_kbps", "W": "bits"}
_WORDS = {"A": "algorithm", "M": "mode"}
_SPELLINGS = {"ANALOGUE": "R98", "ANALOG": "FADGI"}
_MANY_ROWS = re.compile(r",\s*(?=A\s*=)", re.IGNORECASE)
_FIELD = re.compile(r"\s*([AFBWM])\s*=([^,]*)(?:,|$)", re.IGNORECASE)
_TEXT = re.compile(r"\s*T\s*=(.*)$", re.IGNORECASE | re.DOTALL)


def mode_of(channels: int) -> str:
    """The word for the mode: ``mono``, ``stereo``, or ``multitrack`` for more channels."""
    return {1: "mono", 2: "stereo"}.get(channels, "multitrack")


def dialect_of(history: str) -> Dialect | None:
    """The dialect of a history; None where nothing in it tells one from the other.

    The spelling of ``ANALOG`` decides, as nothing else in use is so deliberate: archives that write ``ANALOGUE`` write
    ``F=96000`` all the same. Where nothing is analogue, a rate or a mode that only FADGI has tells.
    """
    rows = parse_coding_history(history)
    for row in rows:
        spelling = str(row.get("algorithm", "")).upper()
        if spelling in _SPELLINGS:
            return "R98" if spelling == "ANALOGUE" else "FADGI"
    beyond = any(row.get("sample_rate", 0) > _R98_LAST or row.get("mode") in _FADGI_MODES for row in rows)
    return "FADGI" if beyond else None


def dialect_for(history: str, sample_rate: int | None, mode: str) -> Dialect:
    """The dialect in which a row is added to a history: its own; else R98 where that has words for rate and mode."""
    fits = (sample_rate or 0) <= _R98_LAST and mode in _R98_MODES
    return dialect_of(history) or ("R98" if fits else "FADGI")


def row_text(*parts: str) -> str:
    """Any texts as the text of a row: accents and commas are lost, semicolons stand between the parts."""
    return ";".join(" ".join(to_ascii(part).replace(",", " ").replace(";", " ").split()) for part in parts)


def coding_history_row(
    algorithm: str, sample_rate: int | None, bits: int | None, mode: str, text: str, dialect: Dialect = "R98"
) -> str:
    """One row, without its line end: ``A=PCM,F=96000,W=24,M=stereo,T=heritage-voice 0.1.0;remove_hum``.

    Args:
        algorithm: ``PCM``, ``ANALOGUE``, ``MPEG1L3`` ...
        sample_rate: in Hz; None for an analogue generation.
        bits: word length; None where there is none.
        mode: ``mono``, ``stereo``, ``dual-mono``, ``joint-stereo``, ``multitrack``.
        text: ASCII without commas or line ends; semicolons separate its parts. ``row_text`` makes such a text.
        dialect: decides how ``ANALOGUE`` is spelt.

    Raises:
        ValueError: something that would make the row unreadable to others.
    """
    fields = ["A=ANALOG" if (algorithm, dialect) == ("ANALOGUE", "FADGI") else f"A={algorithm}"]
    fields += [f"F={sample_rate}"] if sample_rate else []
    fields += [f"W={bits}"] if bits else []
    fields += [f"M={mode}", f"T={text}"]
    for field in fields:
        if "," in field or not field.isascii() or not field.isprintable():
            raise ValueError(f"{field!r} has a comma, a line end or a letter beyond ASCII: EBU R98 allows none there")
    return ",".join(fields)


def parse_coding_history(text: str) -> list[dict[str, Any]]:
    """Every row as a dict with the keys that it has, and always ``row`` (as written) and ``remarks`` (list of str).

    Other keys: ``algorithm``, ``sample_rate`` (Hz), ``bit_rate_kbps``, ``bits``, ``mode``, ``text``.
    """
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip("\0 \t")]
    rows = [row for line in lines for row in _rows_of(line)]
    if rows and re.search(r"(?<!\r)\n|\r(?!\n)", text):
        rows[0]["remarks"].append("rows end in something else than CR LF")
    return rows


def _rows_of(line: str) -> list[dict[str, Any]]:
    parts = _MANY_ROWS.split(line)
    rows = [_parse_row(part) for part in parts]
    for row in rows[1:]:
        row["remarks"].append("stands on one line with the row before it")
    return rows


def _parse_row(line: str) -> dict[str, Any]:
    row: dict[str, Any] = {"row": line, "remarks": []}
    rest = line.strip()
    while rest:
        if said := _TEXT.match(rest):
            row["text"] = _without_trailing_comma(said.group(1), row).strip()
            break
        field = _FIELD.match(rest)
        if not field:
            row["text"] = _without_trailing_comma(rest, row).strip()
            row["remarks"].append(f"free text where a field was expected: {row['text']!r}")
            break
        _take(row, field.group(1).upper(), field.group(2).strip())
        if not rest[field.end() :] and rest.endswith(","):
            row["remarks"].append("a comma at the end of the row")
        rest = rest[field.end() :].strip()
    _remark_on_dialect(row)
    return row


def _without_trailing_comma(text: str, row: dict[str, Any]) -> str:
    if text.rstrip().endswith(","):
        row["remarks"].append("a comma at the end of the row")
        return text.rstrip()[:-1]
    return text


def _take(row: dict[str, Any], letter: str, value: str) -> None:
    if letter in _WORDS:
        row[_WORDS[letter]] = _in_case(letter, value, row)
    elif value.isascii() and value.isdigit() and len(value) < 10:
        row[_NUMBERS[letter]] = int(value)
    else:
        row["remarks"].append(f"{letter}={value} is not a whole number")


def _in_case(letter: str, value: str, row: dict[str, Any]) -> str:
    """Words are told in the case of the standards: ``M=Mono`` and ``A=Analogue`` are common."""
    usual = value.upper() if letter == "A" else value.lower()
    known = _R98_ALGORITHMS | set(_SPELLINGS) if letter == "A" else _R98_MODES | _FADGI_MODES
    if usual not in known or usual == value:
        return value
    row["remarks"].append(f"{letter}={value} is {usual} in other letters")
    return usual


def _remark_on_dialect(row: dict[str, Any]) -> None:
    remarks = row["remarks"]
    algorithm, mode, sample_rate = row.get("algorithm"), row.get("mode"), row.get("sample_rate")
    if algorithm == "ANALOG":
        remarks.append("A=ANALOG is the spelling of FADGI; R98 has ANALOGUE")
    elif algorithm is not None and algorithm not in _R98_ALGORITHMS:
        remarks.append(f"A={algorithm} is not an algorithm of R98")
    if sample_rate is not None and sample_rate not in _R98_SAMPLE_RATES:
        remarks.append(f"F={sample_rate} is not a sampling frequency of R98, which ends at 48000")
    if mode is not None and mode not in _R98_MODES:
        whose = "; FADGI has it" if mode in _FADGI_MODES else ""
        remarks.append(f"M={mode} is not a mode of R98{whose}")
