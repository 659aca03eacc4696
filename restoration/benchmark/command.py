"""The command ``restoration benchmark``, and those that stand under it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restoration.benchmark.voice_command import voice

Corpus = Annotated[
    Path | None, typer.Option("--corpus", help="A folder of clean speech, or a corpus with a dev.csv. Must be said.")
]
Out = Annotated[Path, typer.Option("--out", help="The folder for rows, tables and the page.", metavar="FOLDER")]
Systems = Annotated[
    str, typer.Option(help="Names with commas between; recipes, peers and references stand for all of them.")
]
Degradations = Annotated[str, typer.Option(help="Names with commas between: tape, “tape 5 dB”, clicks, clean.")]
Clips = Annotated[int | None, typer.Option(min=1, help="How many clips; all of them if not said.")]
Quick = Annotated[bool, typer.Option("--quick", help="Four clips, one level, no measure that takes long.")]


app = typer.Typer(invoke_without_command=True)
app.command()(voice)


@app.callback()
def benchmark(  # noqa: PLR0913 - the arguments of a command are its interface
    context: typer.Context,
    corpus: Corpus = None,
    out: Out = Path("benchmark"),
    systems: Systems = "",
    degradations: Degradations = "",
    clips: Clips = None,
    seed: Annotated[int, typer.Option(help="Of the ageing: the same seed gives the same sounds.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="How many systems at a time.")] = 1,
    quick: Quick = False,
) -> None:
    """Age clean speech, treat it by our recipes and by others' programs, and say which came closest.

    What is finished is not done again: a second run goes on where the first one stopped.

    Example: `restoration benchmark --corpus readings --systems gentle,broadcast_tape,peers --clips 8`
    """
    if context.invoked_subcommand is not None:
        return
    if corpus is None:
        # With a command under it, an option that must be said would have to be said for that command as well.
        raise typer.BadParameter("say it: a folder of clean speech", param_hint="--corpus")
    from restoration.benchmark import show
    from restoration.benchmark.run import Request, run_benchmark

    request = Request(
        corpus=corpus,
        out=out,
        systems=_names(systems),
        degradations=_names(degradations),
        clips=clips,
        seed=seed,
        workers=workers,
        quick=quick,
    )
    with show.progress() as heard:
        results = run_benchmark(request, heard)
    show.results(results, out)


def _names(told: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in told.split(",") if name.strip())
