"""The commands ``restoration voice train`` and ``restoration voice card``; light to import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restoration.voice.material_command import AsItIs, Places

Folder = Annotated[Path, typer.Argument(help="The folder of a voice model.", metavar="VOICE")]


def train(
    items: Places,
    out: Annotated[Path, typer.Option("--out", help="The folder of the voice; a training cut off there goes on.")],
    approved: Annotated[
        Path, typer.Option(help="The curator's answers, made by `restoration voice material`.", metavar="FILE")
    ],
    by: Annotated[str, typer.Option(help="Who trains it, for the record.", metavar="NAME")],
    curator: Annotated[str, typer.Option(help="Who approved it, if somebody else.", metavar="NAME")] = "",
    name: Annotated[str, typer.Option(help="What the voice is called; by default its speaker.")] = "",
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes of training at most.")] = 8.0,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the processor.")] = 2,
    how_much: Annotated[
        bool, typer.Option("--how-much", help="Also say what half a minute, one, two and four of it would have given.")
    ] = False,
    encoder: Annotated[
        str, typer.Option(help="Content encoder that hears the words; if not said, what measures best.")
    ] = "",
    as_it_is: AsItIs = False,
) -> None:
    """Learn a voice from approved minutes of restored material; needs consent in the manifest.

    Example: `restoration voice train bags/reading-1938 --approved voices/reading/approved.csv --by "A. Karimova"
    --out voices/reading`
    """
    import torch
    from rich.console import Console

    from restoration.voice.few_shot import MINUTES, train_voice
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.proposing import approved_material
    from restoration.voice.reading import approval_in, reading_of
    from restoration.voice.training_screen import watched
    from restoration.voice.tuning import Tuning

    torch.set_num_threads(threads)
    material = approved_material(items, approved, as_it_is)
    reading = reading_of(material, name, approval_in(approved, curator or by))
    allowed = permit(reading.consents, Use(purpose="train", by=by, public=False, on=today()))
    console = Console(highlight=False)
    with watched(console) as watch:
        train_voice(allowed, reading, out, Tuning(minutes=minutes, encoder=encoder), MINUTES if how_much else (), watch)
    typer.echo(f"Wrote {out}; look at {out / 'card.html'}")


def card(
    voice: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Say what a voice is worth: what it was learnt from, who allowed it, how like it is, and its limits.

    Example: `restoration voice card voices/reading`
    """
    import json

    from rich.console import Console

    from restoration.voice.card_table import card_tables
    from restoration.voice.model import load_voice

    known = load_voice(voice).card
    if as_json:
        typer.echo(json.dumps(known, indent=2, ensure_ascii=False))
        return
    Console(highlight=False).print(card_tables(known))
