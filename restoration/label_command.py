"""The command ``restoration label``; light to import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def label(
    bag: Annotated[Path, typer.Argument(help="The bag of one item.", metavar="BAG")],
    language: Annotated[str, typer.Option("--language", help="en, ru or uz.")] = "en",
    speak: Annotated[
        Path | None, typer.Option("--speak", help="Write the spoken notice as FLAC, read by espeak-ng.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Print the label of an item, made from its log: short, long, and what is read out before the sound.

    Example: `restoration label bags/tape-0001 --language ru --speak notice.flac`
    """
    from restoration.package import LOG
    from restoration.provenance import label as labels
    from restoration.record import read

    events = list(read(bag / LOG))
    words, spoken = labels.label(events, language), labels.spoken_notice(events, language)
    if speak is not None:
        from restoration.voice.spoken_label import read_out

        read_out(spoken, language, speak)
    told = {"short": words.short, "long": words.long, "spoken": spoken}
    if as_json:
        typer.echo(json.dumps({"language": language, **told}, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n\n".join(told.values()))
