"""The card of a voice for the terminal: what the page says, in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from restoration.voice.card_page import LIMITS, compared, facts, heard, printable, searched, sentences


def card_tables(card: Mapping[str, Any]) -> Group:
    """What the voice is, how good it is, whether it repeats its material, and its limits."""
    return Group(*_parts(card))


def _parts(card: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield _table(printable(str(card["name"])), ("", ""), facts(card))
    if rows := compared(card):
        yield _table("How good it is", ("heard", "likeness", "spectra apart", "words heard otherwise"), rows)
    if found := searched(card):
        window = f"windows of {card['audit']['window_s']:g} s of"
        yield _table("Does it repeat its material?", (window, "windows", "flagged", "mean cosine"), found)
    if encoders := heard(card):
        names = ("content encoder", "sha256", "phrases kept back", "words heard otherwise")
        yield _table("What hears the words", names, encoders)
    for sentence in (*sentences(card), *LIMITS):
        yield Text(sentence)


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    # As plain text: what stands in a card may look like markup.
    sheet = Table(title=Text(title), title_justify="left", header_style="bold", show_header=any(names))
    for number, name in enumerate(names):
        sheet.add_column(name, justify="right" if number and any(names) else "left", overflow="fold")
    for row in rows:
        sheet.add_row(*(Text(str(cell)) for cell in row))
    return sheet
