"""The command ``restoration choose``; light to import, for every command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Item = Annotated[str, typer.Argument(help="A sound file; with --manifest, an identifier in it.", metavar="ITEM")]
Manifest = Annotated[
    Path | None, typer.Option(help="The manifest that has the item, and its carrier.", metavar="MANIFEST")
]
Root = Annotated[Path | None, typer.Option("--root", help="Where the manifest's files lie, if not beside it.")]
Recipes = Annotated[str, typer.Option(help="Recipes of your own to try as well: TOML files, commas between.")]
Faithful = Annotated[bool, typer.Option("--faithful", help="Nothing may be generated.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="A folder for the page, its sounds and pictures.", metavar="FOLDER")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def choose(  # noqa: PLR0913 - the arguments of a command are its interface
    item: Item,
    manifest: Manifest = None,
    root: Root = None,
    recipes: Recipes = "",
    faithful: Faithful = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Try the recipes on excerpts of an item, and say by measures which to choose, and why not the others.

    Example: `restoration choose tape.wav --recipes mine.toml --faithful --out choice`
    """
    import json

    from restoration.choosing import show
    from restoration.choosing.choose import Request
    from restoration.choosing.choose import choose as found_for

    own = tuple(name.strip() for name in recipes.split(",") if name.strip())
    with show.progress() as heard:
        found = found_for(Request(item, manifest, root, own, faithful, out), heard)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        show.choice(found, out)
