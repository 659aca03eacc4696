"""The material as tables for the terminal: the items with their channels, and the phrases with their reasons."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from restoration.voice.choosing_material import Proposed
from restoration.voice.material import Material

STYLES = {"clean": "green", "worn": "yellow", "refused": "red"}


def item_table(material: Material) -> Table:
    """One row an item: how long it is, whether it was restored, and what its channel is like."""
    sheet = Table(title="What there is to learn from", title_justify="left", header_style="bold")
    for name in ("item", "seconds", "speech", "restored", "channel", "why"):
        sheet.add_column(name, justify="right" if name in ("seconds", "speech") else "left", overflow="fold")
    for source in material.sources:
        speech_s = sum(piece.duration_s for piece in material.pieces if piece.item == source.item)
        score = source.channel
        verdict = Text(score.verdict, STYLES[score.verdict]) if score else Text("too short to tell", "dim")
        if source.as_it_is:
            verdict.append(", taken as it is")
        restored = "yes" if source.restored else "no"
        times = (f"{source.duration_s:.1f}", f"{speech_s:.1f}")
        sheet.add_row(Text(source.item), *times, restored, verdict, Text(score.sentence if score else ""))
    return sheet


def phrase_tables(proposed: Sequence[Proposed], most: int = 400) -> Group:
    """A table an item, under its name, with a row a phrase: when, who, how like the voice it is, how far above the
    noise, and why it is left out; after them how much is proposed."""
    shown = proposed[:most]
    tables = [
        _phrase_table(item, [each for each in shown if each.piece.item == item])
        for item in dict.fromkeys(each.piece.item for each in shown)
    ]
    more = [Text(f"and {len(proposed) - most} more, all in the approval file")] if len(proposed) > most else []
    return Group(*tables, *more, Text(totals(proposed)))


def _phrase_table(item: str, proposed: Sequence[Proposed]) -> Table:
    sheet = Table(title=Text(f"Phrases of {item}"), title_justify="left", header_style="bold")
    for name in ("from", "to", "seconds", "likeness", "SNR dB"):
        sheet.add_column(name, justify="right", no_wrap=True)
    for name in ("speaker", "proposed"):
        sheet.add_column(name, no_wrap=True)
    if any(not each.proposed for each in proposed):
        sheet.add_column("why not", overflow="fold")
    for each in proposed:
        sheet.add_row(*_cells(each)[: len(sheet.columns)])
    return sheet


def _cells(each: Proposed) -> tuple[str | Text, ...]:
    piece, answer = each.piece, Text("yes", "green") if each.proposed else Text("no", "red")
    times = (clock(piece.start_s), clock(piece.stop_s), f"{piece.duration_s:.1f}")
    figures = (f"{each.likeness:.2f}", "" if each.snr_db is None else f"{each.snr_db:.0f}")
    return (*times, *figures, Text(piece.speaker), answer, Text("" if each.proposed else each.reason))


def totals(proposed: Sequence[Proposed]) -> str:
    """How much is proposed, in a sentence."""
    chosen = [each for each in proposed if each.proposed]
    chosen_s = sum(each.piece.duration_s for each in chosen)
    every_s = sum(each.piece.duration_s for each in proposed)
    return f"{len(chosen)} of {len(proposed)} phrases are proposed: {chosen_s:.1f} of {every_s:.1f} s"


def clock(seconds: float) -> str:
    """Minutes and seconds, as an editor shows them: ``1:02.3``."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"
