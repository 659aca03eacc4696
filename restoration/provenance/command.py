"""The command ``restoration export-log``; light to import, for every command line does."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def export_log(
    folders: Annotated[list[Path], typer.Argument(help="Bags, or folders of bags.", metavar="FOLDER...")],
    parquet: Annotated[Path | None, typer.Option("--parquet", help="The Parquet file to write.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="The CSV file to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Write all events of a collection as one table, a row for each event.

    Example: `restoration export-log bags --parquet events.parquet`
    """
    if parquet is None and csv is None:
        raise typer.BadParameter("say where the table goes: --parquet FILE, --csv FILE, or both")
    from restoration.provenance.event_export import bags_in, write_table

    bags = bags_in(folders)
    with typer.progressbar(bags, label="reading the logs", file=sys.stderr) as watched:
        written = write_table(watched, parquet, csv)
    for sentence in written.broken:
        typer.echo(sentence, err=True)
    if as_json:
        typer.echo(json.dumps(asdict(written), indent=2, ensure_ascii=False))
    else:
        places = " and ".join(str(place) for place in (parquet, csv) if place)
        typer.echo(f"Wrote {written.events:,} events of {written.bags:,} bags to {places}.")
    if written.broken:
        raise typer.Exit(1)
