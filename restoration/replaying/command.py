"""The commands ``restoration replay``, ``explain`` and ``diff``; light to import, for every command line does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Bags = Annotated[list[Path], typer.Argument(help="The bags of treated items.", metavar="BAG...")]
Keep = Annotated[Path | None, typer.Option("--keep", help="Leave the files that were made here.", metavar="FOLDER")]
Workers = Annotated[int, typer.Option(min=1, help="How many bags at a time.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def replay(bags: Bags, workers: Workers = 1, keep: Keep = None, as_json: AsJson = False) -> None:
    """Make every derivative again from the master by the recorded decisions, and compare it with the one in the bag.

    Exit status 1 if a file differs by more than its tolerance, or cannot be made again.

    Example: `restoration replay bags/tape-0001 bags/tape-0002`
    """
    from restoration.replaying import show
    from restoration.replaying.several import replay_all

    with show.progress() as heard:
        found = list(replay_all(bags, keep, workers, heard))
    if as_json:
        answers = [
            {"bag": str(bag), **({"error": one} if isinstance(one, str) else one.as_dict())} for bag, one in found
        ]
        typer.echo(json.dumps(answers, indent=2, ensure_ascii=False))
    for bag, one in found:
        if isinstance(one, str):
            show.errors.print(f"error: {bag}: {one}")
        elif not as_json:
            show.replayed(one)
    if not all(not isinstance(one, str) and one.holds for _, one in found):
        raise typer.Exit(1)
