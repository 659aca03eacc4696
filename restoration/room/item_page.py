"""The page of one item: listen, compare, decide. It opens from disk and shows what the file ``item.js`` beside it says.

The page is the same for every item but for its title, so that it is written again wherever the room is.
"""

from __future__ import annotations

from pathlib import Path

from restoration.provenance.chapters import printable
from restoration.provenance.treatment_report import link
from restoration.room.pages import page

TABLES = ("state", "player", "item", "decide")
STYLES = ("room.css", "player*.css", "view*.css", "item*.css", "decide*.css")
SCRIPTS = ("texts.js", "texts_*.js", "filling.js", "player*.js", "view*.js", "item*.js", "decide*.js")


def item_page(title: str, report: str) -> str:
    """The page as HTML.

    Args:
        title: of the item, or its identifier where it has none.
        report: path of its treatment report, relative to the page.
    """
    return page(
        "item.html",
        tables=TABLES,
        styles=STYLES,
        scripts=SCRIPTS,
        title=printable(title),
        report=link(report),
    )


def write_item_page(folder: Path, title: str, report: str) -> Path:
    """Write ``index.html`` into the folder of an item, beside its ``item.js``."""
    place = folder / "index.html"
    place.write_text(item_page(title, report), encoding="utf-8")
    return place
