"""The commands of the listening room; light to import."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

Bags = Annotated[Path, typer.Argument(help="The folder of bags.", metavar="FOLDER")]
Items = Annotated[
    list[str] | None, typer.Option("--item", help="Only this item, by its identifier; may be given several times.")
]
Excerpts = Annotated[
    bool, typer.Option("--excerpts", help="Let each step be heard by itself; takes as long as the treatment did.")
]
Workers = Annotated[int, typer.Option(min=1, help="How many items at a time.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


Serve = Annotated[bool, typer.Option("--serve", help="Serve the pages to this machine; decisions are saved at once.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Of --serve; 0 takes a free one.")]


def room(
    out: Bags,
    item: Items = None,
    excerpts: Excerpts = False,
    workers: Workers = 1,
    as_json: AsJson = False,
    serve: Serve = False,
    port: Port = 0,
) -> None:
    """Write the listening room of a folder of bags: pages to listen, compare and decide, which open from disk.

    The bags are only read. A second run makes only what is missing or has changed. With `--serve` the pages are at an
    address of this machine until the command is interrupted, and what is decided goes into the logs at once.

    Example: `restoration room bags --workers 2`
    """
    from restoration import screen
    from restoration.room.batch_index import INDEX
    from restoration.room.room import Wish, bags_of, write_room

    wish = Wish(out, tuple(item or ()), excerpts, workers)
    with screen.counted("listening room", len(bags_of(wish))) as heard:
        made = write_room(wish, heard)
    wrong = [one for one in made if one.problem]
    if as_json:
        typer.echo(json.dumps({"items": [asdict(one) for one in made]}, indent=2, ensure_ascii=False))
    else:
        for one in wrong:
            screen.errors.print(f"{one.identifier}: no page: {one.problem}")
        pages = len(made) - len(wrong)
        screen.console.print(f"{pages} listening page{'s' if pages != 1 else ''}. Open {out / INDEX} in a browser.")
    if serve:
        serve_room(out, port)
    if wrong:
        raise typer.Exit(1)


def serve_room(out: Path, port: int) -> None:
    """Serve the pages of a folder until the program is interrupted; a run that waits for decisions is told of them."""
    from restoration.deciding_command import gone_on
    from restoration.room.serving import serve

    serve(out, port, gone_on, lambda address: typer.echo(address, err=True))
