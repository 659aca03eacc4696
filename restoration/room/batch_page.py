"""The page of a batch: every item, how it stands, what the treatment did to it, and the way to hear it.

The rows stand in the page as one list, which its script filters, sorts and shows a stretch at a time, so that some
thousands of items stay smooth. Without scripts it is a plain list of links.
"""

from __future__ import annotations

from collections.abc import Sequence

from restoration.provenance.chapters import printable
from restoration.provenance.treatment_report import link
from restoration.room.batch_rows import BatchRow
from restoration.room.pages import in_script, page

TABLES = ("state", "item", "batch")
STYLES = ("room.css", "batch*.css")
SCRIPTS = ("texts.js", "texts_*.js", "filling.js", "batch*.js")


def batch_page(rows: Sequence[BatchRow], title: str) -> str:
    """The page as HTML, which asks the network for nothing. Items keep the order they are given in."""
    return page(
        "batch.html",
        tables=TABLES,
        styles=STYLES,
        scripts=SCRIPTS,
        title=printable(title),
        rows=[_plain(row) for row in rows],
        batch=in_script({"rows": [row.facts() for row in rows]}),
    )


def _plain(row: BatchRow) -> dict[str, object]:
    """The row for a browser without scripts."""
    return {
        "name": printable(row.identifier) or "unnamed",
        "way": link(row.page or row.report),
        "title": printable(row.title),
        "state": row.state,
        "generated": row.generated,
        "problem": printable(row.problem),
    }
