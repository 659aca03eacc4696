"""Values of a log as a page takes them: number, unit, and the words that people read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from restoration.provenance.chapters import printable
from restoration.provenance.figures import figure, unitless, words

UNITS = (
    ("_per_min", "1/min"),
    ("_per_s", "1/s"),
    ("_dbfs", "dBFS"),
    ("_dbtp", "dBTP"),
    ("_lufs", "LUFS"),
    ("_lu", "LU"),
    ("_db", "dB"),
    ("_ms", "ms"),
    ("_us", "µs"),
    ("_hz", "Hz"),
    ("_percent", "%"),
    ("_s", "s"),
)
SIGNIFICANT = 7


def unit_of(name: str) -> str:
    """The unit that a name ends with; blank where it has none."""
    if name == "sample_rate":
        return "Hz"
    return next((unit for ending, unit in UNITS if name.endswith(ending)), "")


def told(name: str, value: Any) -> dict[str, Any]:
    """A value: ``name`` as the log has it, ``title`` and ``text`` in words, ``value`` (None: text alone), ``unit``."""
    title = unitless(name) if unit_of(name) else words(name)
    return {
        "name": name,
        "title": printable(title),
        "value": plain(value),
        "unit": unit_of(name),
        "text": printable(figure(name, value)),
    }


def plain(value: Any) -> Any:
    """A number, text or truth value as JSON takes it; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{SIGNIFICANT}g}")
    return None


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[dict[str, Any]]:
    """Nested values one by one; of a list, how many entries it has."""
    for name, value in values.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{full}.")
        elif isinstance(value, list) and (len(value) > 4 or any(isinstance(one, dict | list) for one in value)):
            yield {**told(full, None), "text": f"{len(value):,} {'entry' if len(value) == 1 else 'entries'}"}
        else:
            yield told(full, value)
