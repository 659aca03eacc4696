"""Dates as archives know them: EDTF, levels 0 and 1 (ISO 8601-2, Library of Congress 2019), with two spellings of old.

``1969-07-16``, ``1969?`` (uncertain), ``1912-08~`` (about), ``197X`` (some year of the seventies), ``1969/1972``
(from, to), ``1969-21`` (spring), ``../1950`` (up to). The suggestions turn what spreadsheets and people write into one
of these.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta

_YEAR = re.compile(r"(?P<year>-?\d{4}|-?\d{3}X|-?\d{2}XX|-?XXXX)")
_DATE = re.compile(_YEAR.pattern + r"(-(?P<month>\d\d|XX)(-(?P<day>\d\d|XX))?)?[?~%]?")
_TIMED = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-]\d\d(:\d\d)?)?")
_OPEN = ("", "..")

# Excel counts days from 1899-12-30, because it takes 1900 for a leap year.
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = range(10_000, 60_000)  # 1927 to 2064
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH_NAME = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"


def date_fault(text: str) -> str | None:
    """What is wrong with a date, and what would be right; None if it is EDTF of level 0 or 1."""
    if text.count("/") == 1 and _is_interval(*text.split("/")):
        return None
    if _is_date(text):
        return None
    if text.count("/") == 1 and all(map(_is_date, text.split("/"))):
        return "ends before it begins; the earlier date stands first"
    if suggestion := _suggested(text):
        return suggestion
    return "is not a date in EDTF; 1969-07-16, 1969-07, 1969, 1969? (uncertain), 1969~ (about), 197X or 1969/1972 are"


def day_fault(text: str) -> str | None:
    """What is wrong with a day of the calendar, which consents are counted by; None if it is written 2019-03-12."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) and not date_fault(text) and text[:4] != "0000":
        return None
    if _is_date(text) or text.count("/") == 1:
        return "is not one day; write the day, such as 2019-03-12"
    return _numeric(text) or _serial(text) or _worded(text) or "is not a day of the calendar, such as 2019-03-12"


def year_span(text: str) -> tuple[int, int] | None:
    """First and last year that a good date can mean; None where one end is open or unknown."""
    parts = text.split("/")
    spans = [_years(part) for part in parts]
    first, last = spans[0], spans[-1]
    return (first[0], last[1]) if first and last else None


def _years(text: str) -> tuple[int, int] | None:
    match = _YEAR.match(text)
    if not match or "XXXX" in match["year"]:
        return None
    year = match["year"]
    ends = sorted((int(year.replace("X", "0")), int(year.replace("X", "9"))))
    return ends[0], ends[1]


def _is_interval(start: str, end: str) -> bool:
    if (start in _OPEN and end in _OPEN) or not all(part in _OPEN or _is_date(part) for part in (start, end)):
        return False
    first, last = _years(start), _years(end)
    if start[:4] == end[:4] and len(start) == len(end) and not {*start, *end} & {*"XT"}:
        return start <= end
    return not (first and last) or first[0] <= last[1]


def _is_date(text: str) -> bool:
    if timed := _TIMED.fullmatch(text):
        text = timed["date"]
    match = _DATE.fullmatch(text)
    if not match or not text.isascii():
        return False
    year, month, day = match["year"], match["month"], match["day"]
    if month is None or month == "XX":
        return day in (None, "XX")
    if "X" in year:
        return False
    number = int(month)
    if number in range(21, 25):
        return day is None
    if number not in range(1, 13):
        return False
    return day in (None, "XX") or 1 <= int(day) <= calendar.monthrange(max(1, abs(int(year))), number)[1]


def _suggested(text: str) -> str | None:
    for suggest in (_serial, _numeric, _decade, _about, _worded, _span_of_years, _no_date):
        if message := suggest(text):
            return message
    return None


def _serial(text: str) -> str | None:
    match = re.fullmatch(r"(\d{5})([.,]\d+)?", text)
    if not match or int(match[1]) not in _EXCEL_DAYS:
        return None
    meant = _EXCEL_ZERO + timedelta(days=int(match[1]))
    return f"is a spreadsheet's day number; {meant.isoformat()} is meant, most likely"


def _numeric(text: str) -> str | None:
    """7/16/1969, 16.7.1969, 1969-7-16, 19690716."""
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text) or re.fullmatch(
        r"(\d{4})(\d\d)(\d\d)", text
    ):
        readings = [_iso(match[1], match[2], match[3])]
    elif match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        readings = [_iso(match[3], match[2], match[1]), _iso(match[3], match[1], match[2])]
    else:
        return None
    good = list(dict.fromkeys(reading for reading in readings if reading))
    if len(good) == 2:
        return f"can be read as {good[0]} or {good[1]}; write the one that is meant, year first"
    return f"write {good[0]}, year first" if good else "is no day of the calendar"


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _decade(text: str) -> str | None:
    match = re.fullmatch(r"(early|mid|late|the)?[\s-]*(\d{3})0'?s\??", text, re.IGNORECASE)
    if not match:
        return None
    part = (match[1] or "").lower()
    years = {"early": ("0", "4"), "mid": ("3", "7"), "late": ("5", "9")}.get(part)
    narrower = f" or {match[2]}{years[0]}/{match[2]}{years[1]}" if years else ""
    return f"write {match[2]}X (some year of that decade){narrower}"


def _about(text: str) -> str | None:
    match = re.fullmatch(r"(?:c|ca|circa|about|around|approx)\.?\s*(\d{4}(?:-\d\d){0,2})", text, re.IGNORECASE)
    return f"write {match[1]}~, which means about" if match else None


def _worded(text: str) -> str | None:
    """16 July 1969, July 16th, 1969, Jul 1969, Jul-69."""
    words = text.lower()
    for shape in (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+{_MONTH_NAME},?[\s-]+(?P<year>\d{{4}})",
        rf"{_MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})",
        rf"{_MONTH_NAME},?[\s-]+(?P<year>\d{{4}}|\d\d)",
    ):
        if match := re.fullmatch(shape, words):
            return _spelt(match.groupdict())
    return None


def _spelt(found: dict[str, str]) -> str:
    year = found["year"] if len(found["year"]) == 4 else f"19{found['year']}"
    month = _MONTHS[found["month"]]
    if "day" not in found:
        return f"write {year}-{month:02d}"
    meant = _iso(year, str(month), found["day"])
    return f"write {meant}" if meant else "is no day of the calendar"


def _span_of_years(text: str) -> str | None:
    match = re.fullmatch(r"(\d{4})\s*(?:-|–|to|until)\s*(\d{4}|\d\d)", text)
    if not match:
        return None
    start, end = match[1], match[1][: 4 - len(match[2])] + match[2]
    return f"write {start}/{end}, which means from {start} to {end}" if start <= end else None


def _no_date(text: str) -> str | None:
    if re.fullmatch(r"unknown|undated|n\.? ?d\.?|s\.? ?d\.?|\?+|-+|n/?a|none", text, re.IGNORECASE):
        return "leave the cell blank where the date is not known, or write 19XX for the century"
    return None


def this_year() -> int:
    """The year by the clock of the machine."""
    return datetime.now().astimezone().year
