"""One row of a manifest, and all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restoration.errors import Problem


@dataclass(frozen=True)
class Item:
    """One tape, as a row of the manifest describes it.

    ``file`` is what the row says and ``path`` where that lies; ``sha256`` and ``md5`` are in lower case, None where the
    row has none; ``row`` counts as the spreadsheet does (the header is row 1). ``fields`` has every cell that is
    not blank, by the name of its column, in its normal form: an empty column more or less does not change it.
    """

    identifier: str
    file: str
    path: Path
    sha256: str | None
    md5: str | None
    recipe: str | None
    row: int
    fields: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """The items of a manifest, in its order, and what was doubtful in it."""

    path: Path
    root: Path
    items: tuple[Item, ...]
    warnings: tuple[Problem, ...]
