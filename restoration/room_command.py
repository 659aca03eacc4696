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


def room(
    out: Bags, item: Items = None, excerpts: Excerpts = False, workers: Workers = 1, as_json: AsJson = False
) -> None:
    """Write the listening room of a folder of bags: pages to listen, compare and decide, which open from disk.

    The bags are only read. A second run makes only what is missing or has changed.

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
    if wrong:
        raise typer.Exit(1)
