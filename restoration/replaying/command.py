"""The commands ``restoration replay``, ``explain`` and ``diff``; light to import, for every command line does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Bags = Annotated[list[Path], typer.Argument(help="The bags of treated items.", metavar="BAG...")]
Keep = Annotated[Path | None, typer.Option("--keep", help="Leave the files that were made here.", metavar="FOLDER")]
Workers = Annotated[int, typer.Option(min=1, help="How many bags at a time.")]
Question = Annotated[str, typer.Argument(help="A file of a bag, and a moment of it.", metavar="FILE@TIME")]
Steps = Annotated[
    bool | None,
    typer.Option("--steps/--no-steps", help="Make the sounds between the steps again; unasked only if that is quick."),
]
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


def explain(question: Question, steps: Steps = None, as_json: AsJson = False) -> None:
    """Tell the story of one moment of a derivative: where it comes from, what changed it there, by how much, and why.

    Example: `restoration explain bags/tape-0001/data/access/tape-0001_restored.opus@1:23.5`
    """
    from restoration.replaying import explaining, show
    from restoration.replaying.asking import moment_of

    moment = moment_of(question)
    if steps is not False:
        show.errors.print(f"the sounds between the steps take about {explaining.cost_s(moment):.0f} s")
    with show.progress() as heard:
        found = explaining.explain(moment, steps, heard)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        show.explained(found)


def diff(
    first: Annotated[Path, typer.Argument(help="A bag.", metavar="BAG_A")],
    second: Annotated[Path, typer.Argument(help="A bag of the same master.", metavar="BAG_B")],
    as_json: AsJson = False,
) -> None:
    """Set two treatments of one master side by side: recipe, steps, findings, measures, sound, and what they declare.

    Exit status as diff(1) has it: 0 the same, 1 different, 2 they cannot be compared.

    Example: `restoration diff bags/tape-0001 gentle/tape-0001`
    """
    from restoration.errors import RestorationError
    from restoration.replaying import show
    from restoration.replaying.differing import difference

    try:
        found = difference(first, second)
    except RestorationError as error:
        show.errors.print(f"error: {error}")
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        show.different(found)
    if not found.equal:
        raise typer.Exit(1)
