"""A table for the screen, the same wherever one is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text


def sheet(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Rows under their columns; cells are folded, never cut."""
    made = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        # As plain text: what stands in a cell may look like markup.
        made.add_row(*(Text(str(cell)) for cell in row))
    return made
