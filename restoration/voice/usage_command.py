"""The command ``restoration voice usage``; light to import, for every command line does."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from restoration.voice.usage import Total


def usage(
    voice: Annotated[Path, typer.Argument(help="The folder of a voice, or a folder with a usage.jsonl of several.")],
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the table to this file too.", metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Say how often and how long a voice was used, month by month, by whom and what for.

    Example: `restoration voice usage voices/maria-holm --csv usage.csv`
    """
    from restoration.voice.usage import as_csv, log_of, totals, uses

    name = _name(voice)
    log = voice if name is None else log_of(voice).parent
    found = totals(uses(log, name))
    if csv is not None:
        csv.write_text(as_csv(found), encoding="utf-8", newline="")
    if as_json:
        typer.echo(json.dumps([asdict(total) for total in found], indent=2, ensure_ascii=False))
    elif found:
        _print(found)
    else:
        typer.echo(f"{name or voice}: no use is on record in {log}")


def _print(found: list[Total]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    sheet = Table(header_style="bold")
    for column in ("month", "voice", "uses", "public", "minutes of sound", "for", "by"):
        sheet.add_column(column, overflow="fold")
    for total in found:
        cells = (total.month, total.voice, total.uses, total.public, f"{total.seconds / 60:.1f}")
        # As plain text: what stands in a cell may look like markup.
        sheet.add_row(*(Text(str(cell)) for cell in (*cells, total.purposes, total.by)))
    Console(soft_wrap=True).print(sheet)


def _name(folder: Path) -> str | None:
    """The name on the card of a voice; None for a folder that holds a log and no card.

    Raises:
        RestorationError: there is neither, or the card cannot be read.
    """
    from restoration.errors import RestorationError
    from restoration.voice.usage import FILE

    card = folder / "card.json"
    if not card.is_file():
        if (folder / FILE).is_file():
            return None
        raise RestorationError(f"{folder}: there is neither the card.json of a voice nor a {FILE}")
    try:
        told = json.loads(card.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RestorationError(f"{card}: is no JSON ({error}); put the card of the voice back") from error
    name = told.get("name") if isinstance(told, dict) else None
    if not isinstance(name, str) or not name:
        raise RestorationError(f"{card}: has no name; put the card of the voice back")
    return name
