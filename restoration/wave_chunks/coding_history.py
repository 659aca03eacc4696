"""The coding history of a broadcast wave file: one row for each generation of the sound (EBU R98).

Archives write dialects of it (``A=ANALOG`` after FADGI, ``F=96000`` where R98 ends at 48000, commas at the end, free
text). They are all read, and what deviates is remarked upon; what is written follows R98 to the letter but for
sampling frequencies above 48000, which R98 had no place for and every archive needs.
"""

from __future__ import annotations

import re
from typing import Any

from restoration.wave_chunks.ascii_text import to_ascii

_R98_ALGORITHMS = {"ANALOGUE", "PCM", "MPEG1L1", "MPEG1L2", "MPEG1L3", "MPEG2L1", "MPEG2L2", "MPEG2L3"}
_R98_SAMPLE_RATES = {11000, 22050, 24000, 32000, 44100, 48000}
_R98_MODES = {"mono", "stereo", "dual-mono", "joint-stereo"}
_NUMBERS = {"F": "sample_rate", "B": "bit_rate_kbps", "W": "bits"}
_WORDS = {"A": "algorithm", "M": "mode"}
_FIELD = re.compile(r"\s*([AFBWM])\s*=([^,]*)(?:,|$)", re.IGNORECASE)
_TEXT = re.compile(r"\s*T\s*=(.*)$", re.IGNORECASE | re.DOTALL)


def mode_of(channels: int) -> str:
    """The word for the mode: ``mono``, ``stereo``, or ``multitrack`` for more channels."""
    return {1: "mono", 2: "stereo"}.get(channels, "multitrack")


def row_text(*parts: str) -> str:
    """Any texts as the text of a row: accents and commas are lost, semicolons stand between the parts."""
    return ";".join(" ".join(to_ascii(part).replace(",", " ").replace(";", " ").split()) for part in parts)


def coding_history_row(algorithm: str, sample_rate: int | None, bits: int | None, mode: str, text: str) -> str:
    """One row, without its line end: ``A=PCM,F=96000,W=24,M=stereo,T=heritage-voice 0.1.0;remove_hum``.

    Args:
        algorithm: ``PCM``, ``ANALOGUE``, ``MPEG1L3`` ...
        sample_rate: in Hz; None for an analogue generation.
        bits: word length; None where there is none.
        mode: ``mono``, ``stereo``, ``dual-mono``, ``joint-stereo``, ``multitrack``.
        text: ASCII without commas or line ends; semicolons separate its parts. ``row_text`` makes such a text.

    Raises:
        ValueError: something that would make the row unreadable to others.
    """
    fields = [f"A={algorithm}"]
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
    rows = [_parse_row(line) for line in re.split(r"\r\n|\r|\n", text) if line.strip("\0 \t")]
    if rows and re.search(r"(?<!\r)\n|\r(?!\n)", text):
        rows[0]["remarks"].append("rows end in something else than CR LF")
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
        row[_WORDS[letter]] = value
    elif value.isascii() and value.isdigit() and len(value) < 10:
        row[_NUMBERS[letter]] = int(value)
    else:
        row["remarks"].append(f"{letter}={value} is not a whole number")


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
        remarks.append(f"M={mode} is not a mode of R98")
