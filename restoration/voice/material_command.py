"""The command ``restoration voice material``; light to import, for every command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Places = Annotated[
    list[Path],
    typer.Argument(help="Bags, a manifest (CSV), a folder of clips, or sound files: one voice.", metavar="ITEM..."),
]
AsItIs = Annotated[
    bool, typer.Option("--as-it-is", help="Take plain files although their channel is poor; the card says so.")
]
Speaker = Annotated[
    str | None, typer.Option(help="The speaker that the segments name; by default who speaks most.", metavar="NAME")
]


def material(
    items: Places,
    out: Annotated[Path, typer.Option("--out", help="The folder for approved.csv and material.png.", metavar="FOLDER")],
    speaker: Speaker = None,
    as_it_is: AsItIs = False,
) -> None:
    """Propose what a voice may be learnt from: a table, a picture, and the approval file for a curator.

    Example: `restoration voice material bags/demo-0001-reading --out voices/reading`
    """
    from rich.console import Console

    from restoration.voice.material_table import item_table, phrase_tables
    from restoration.voice.proposing import propose_to

    console = Console(highlight=False)
    read, proposed, written = propose_to(items, out, speaker, as_it_is)
    console.print(item_table(read))
    console.print(phrase_tables(proposed))
    typer.echo(f"Wrote {written} and {out / 'material.png'}; change “approved” where you know better, then train.")
