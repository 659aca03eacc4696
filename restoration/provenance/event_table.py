"""The events of a collection as one table: a row for each event, in typed columns, for pandas, R or a database.

Nothing is lost: what has no column of its own, or one that would not give it back to the letter, stands in ``rest``. So
an event can be put together again from its row, and its digest still fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from restoration.provenance.generated import generated_band
from restoration.provenance.history import Act, History
from restoration.record import Event, canonical

Row = dict[str, Any]

ITEM = ("title", "carrier_type", "generation", "language", "recorded_date", "rights_uri", "voice_consent")
TEXTS = ("event", "when", "outcome", "reason", "generates", "version", "file", "role", "sha256", "digital_source_type",
         "previous", "digest")  # fmt: skip
NUMBERS = {"sequence": int, "position": int, "bytes": int, "seconds": float, "cpu_seconds": float}
TIMES = ("time", "started")
NESTED = ("parameters", "findings", "verdict", "measures", "weights")
"""Written as JSON text."""
MEASURES = ("noise_floor_dbfs", "snr_db", "hum_hz", "hum_dbfs", "clicks_per_s", "bandwidth_hz", "loudness_lufs",
            "true_peak_dbtp", "clipped_share", "dropouts_per_min", "duration_s")  # fmt: skip
"""Of a measurement, each in a column; ``when`` says whether it was taken before or after the treatment."""

ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64()}
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("identifier", *ITEM)),
        ("decade", pa.int64()),
        *((name, pa.string()) for name in ("recipe", "recipe_sha256", "name", *TEXTS)),
        *((name, ARROW[kind]) for name, kind in NUMBERS.items()),
        *((name, pa.timestamp("ms", tz="UTC")) for name in TIMES),
        *((name, pa.string()) for name in ("source", "result", "models", "agents")),
        *((name, pa.float64()) for name in ("generated_from_hz", "generated_to_hz", *MEASURES)),
        *((name, pa.string()) for name in (*NESTED, "rest")),
    ]
)
"""``source`` and ``result`` are named as in ``History``; ``models`` (name and SHA-256) and ``agents`` are JSON text."""


def rows_of(told: History) -> Iterator[Row]:
    """A row for each event of one item."""
    item = told.item
    recipe = next((thing for thing in told.things.values() if thing.kind == "recipe"), None)
    about = {
        "identifier": item.get("identifier", ""),
        **{name: item.get(name) for name in ITEM},
        "decade": decade_of(item.get("recorded_date", "")),
        "recipe": recipe.name if recipe else None,
        "recipe_sha256": recipe.sha256 if recipe else None,
    }
    for act in told.acts:
        yield {**about, **_derived(act, told), **_measured(act), **_own(act.event)}


def table_of(rows: list[Row]) -> pa.Table:
    """Rows as an Arrow table with the columns of ``SCHEMA``."""
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def decade_of(date: str) -> int | None:
    """1950 of ``1958~``, ``195X`` or ``1950/1959``; None of a date that names none (EDTF, ISO 8601-2)."""
    found = re.search(r"\d{3}[\dX]", date)
    return int(found.group()[:3]) * 10 if found else None


def _derived(act: Act, told: History) -> Row:
    """What the event says of more than itself."""
    low, high = generated_band(act.event) or (None, None)
    models = [told.things[name] for name in act.used if told.things[name].kind == "model"]
    return {
        "name": act.name,
        "source": act.sources[0] if act.sources else None,
        "result": act.results[0] if act.results else None,
        "models": canonical({model.name: model.sha256 for model in models}),
        "agents": canonical(list(act.agents)),
        "generated_from_hz": low,
        "generated_to_hz": high,
    }


def _measured(act: Act) -> Row:
    measures: Mapping[str, Any] = act.event.get("measures") or {}
    return {name: None if measures.get(name) is None else float(measures[name]) for name in MEASURES}


def _own(event: Event) -> Row:
    """The event's own fields, each in its column; the others, and what a column would change, in ``rest``."""
    row: Row = {name: event[name] for name in TEXTS if isinstance(event.get(name), str)}
    row |= {name: event[name] for name, kind in NUMBERS.items() if type(event.get(name)) is kind}
    for name in TIMES:
        moment = _moment(event.get(name))
        if moment is not None:
            row[name] = moment
    rest = {name: value for name, value in event.items() if name not in row and name not in NESTED}
    row |= {name: canonical(event[name]) for name in NESTED if name in event}
    return {**row, "rest": canonical(rest)}


def _moment(said: Any) -> datetime | None:
    """A time of the log; None for one that is written in another way than the log does."""
    try:
        moment = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return moment if moment.isoformat(timespec="milliseconds") == said and said.endswith("+00:00") else None
