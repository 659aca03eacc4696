"""The rows of a benchmark: one for each clip, degradation and system; kept as they come, and never made twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from restoration.record import digest_of


@dataclass(frozen=True)
class Row:
    """What became of one clip under one degradation in one system.

    ``key`` is a digest of all that decides the row: clean and aged sound, the system's version, what scores. ``rtf`` is
    processor seconds a second of sound, ``peak_mb`` the largest resident memory of the system's process so far;
    ``error`` is empty where all went well, and ``scores`` where it did not.
    """

    key: str
    clip: str
    clip_sha256: str
    degradation: str
    family: str
    level_db: float | None
    seed: int
    system: str
    part: str
    version: str
    cpu_s: float
    rtf: float
    peak_mb: float
    scores: dict[str, float | None] = field(default_factory=dict)
    error: str = ""

    def flat(self) -> dict[str, Any]:
        """The row for a table, a column for each score."""
        fields = asdict(self)
        return fields | fields.pop("scores")


def key_of(clean_sha256: str, aged_sha256: str, system: str, version: str, scoring: dict[str, str]) -> str:
    """What decides a row: the two sounds, the system and its version, and the versions of what scores."""
    return digest_of([clean_sha256, aged_sha256, system, version, scoring])


class Rows:
    """A file of rows, one a line. What a run that was killed had finished is found again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = {row.key: row for row in _read(path)}

    def find(self, key: str) -> Row | None:
        """The row under ``key``, unless it has an error: that is tried again."""
        row = self._rows.get(key)
        return row if row is not None and not row.error else None

    def keep(self, row: Row) -> None:
        """Add a row and see it in the file."""
        self._rows[row.key] = row
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row), allow_nan=False) + "\n")


def _read(path: Path) -> Iterable[Row]:
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield Row(**json.loads(line))
        except (ValueError, TypeError):
            # A line torn by a kill, or of an earlier form: its row is made again.
            continue


class Flat(Protocol):
    """Anything that has a line in a table."""

    def flat(self) -> dict[str, Any]: ...


def write_csv(rows: Iterable[Flat], path: Path) -> None:
    """A table with a line for each row."""
    flat = [row.flat() for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(flat)
