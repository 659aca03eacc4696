"""Figures as a curator reads them: a unit with each, and no more places than mean something.

The unit is in the name of every measure, parameter and finding (``noise_floor_dbfs``, ``max_click_ms``), so that the
name alone says how to write the figure.
"""

from __future__ import annotations

import math
import re
from typing import Any

MINUS = "−"
PLACES_BY_UNIT = (
    ("_per_min", " per minute", 2),
    ("_per_s", " per second", 2),
    ("_dbfs", " dBFS", 1),
    ("_dbtp", " dBTP", 1),
    ("_lufs", " LUFS", 1),
    ("_lu", " LU", 1),
    ("_db", " dB", 1),
    ("_ms", " ms", 2),
    ("_percent", " %", 1),
)
ABBREVIATIONS = {
    "snr": "SNR",
    "dc": "DC",
    "uri": "URI",
    "id": "ID",
    "eq": "EQ",
    "adc": "ADC",
    "vad": "VAD",
    "rms": "RMS",
}
HERTZ_NAMES = ("sample_rate",)
COUNTED = {"bytes": "bytes", "frames": "frames", "samples": "samples", "bits": "bits"}


def figure(name: str, value: Any) -> str:
    """``value`` of the measure ``name`` in words: ``figure("bandwidth_hz", 4123.0)`` is "4.1 kHz"."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, list):
        return _list(name, value)
    return str(value)


def difference(name: str, before: Any, after: Any) -> str:
    """``after`` minus ``before`` with its sign; empty where there is nothing to subtract."""
    if not _is_number(before) or not _is_number(after):
        return ""
    if figure(name, before) == figure(name, after):
        return "unchanged"
    places = next((places for ending, _, places in PLACES_BY_UNIT if name.endswith(ending)), None)
    if places is not None:
        # What is shown must add up: the difference is that of the figures as they are written.
        before, after = round(before, places), round(after, places)
    change = after - before
    return f"{'+' if change > 0 else MINUS}{figure(_relative(name), abs(change))}"


def words(name: str) -> str:
    """A column or measure name as words: ``recorded_date`` is "Recorded date"."""
    text = name.replace("_", " ").replace(".", ": ").strip()
    text = text[:1].upper() + text[1:]
    return " ".join(ABBREVIATIONS.get(word.lower(), word) for word in text.split(" "))


def unitless(name: str) -> str:
    """The name in words without the unit that ``figure`` writes with the value."""
    for ending in ("_per_min", "_per_s", "_dbfs", "_dbtp", "_lufs", "_lu", "_db", "_ms", "_percent", "_hz", "_s"):
        if name.endswith(ending) and len(name) > len(ending):
            return words(name.removesuffix(ending))
    return words(name)


def seconds(value: float) -> str:
    """A duration: "0.42 s", "12.3 s", "4 min 05 s", "2 h 03 min 11 s"."""
    if value < 59.95:
        return f"{_rounded(value, 2 if abs(value) < 1 else 1)} s"
    minutes, second = divmod(round(value), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours} h {minute:02} min {second:02} s" if hours else f"{minute} min {second:02} s"


def _relative(name: str) -> str:
    """A difference of levels is in dB, and one of loudness in LU, whatever the levels refer to."""
    for ending, relative in (("_dbfs", "_db"), ("_dbtp", "_db"), ("_lufs", "_lu")):
        if name.endswith(ending):
            return relative
    return name


def moment(iso_time: str) -> str:
    """An ISO 8601 time to the second: "2026-03-01 10:00:04 UTC"; anything else as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:\+00:00|Z)", iso_time)
    return f"{match[1]} {match[2]} UTC" if match else iso_time


def _number(name: str, value: float) -> str:
    if not math.isfinite(value):
        return "beyond measure"
    if name.endswith("_hz") or name in HERTZ_NAMES:
        return _hertz(value, name in HERTZ_NAMES)
    if name.endswith("_share"):
        return f"{_significant(100 * value)} %"
    for ending, unit, places in PLACES_BY_UNIT:
        if name.endswith(ending):
            text = _rounded(value, places)
            return (text if places == 1 else _shortened(text)) + unit
    if name == "seconds" or name.endswith(("_s", "_seconds")):
        return seconds(value)
    counted = COUNTED.get(name.rsplit("_", 1)[-1], "")
    return f"{_significant(value)} {counted}".strip()


def _hertz(value: float, exact: bool) -> str:
    if abs(value) >= 1000:
        return f"{_shortened(_rounded(value / 1000, 3 if exact else 1))} kHz"
    return f"{_shortened(_rounded(value, 2))} Hz"


def _shortened(text: str) -> str:
    """A decimal without the noughts at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def _significant(value: float) -> str:
    """Whole numbers in full with commas, others to three significant places."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}".replace("-", MINUS)
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return _shortened(f"{value:.{places}f}").replace("-", MINUS)


def _list(name: str, values: list[Any]) -> str:
    if not values:
        return "none"
    if len(values) > 8:
        return f"{len(values):,} values, in the event log"
    return ", ".join(figure(name, value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
