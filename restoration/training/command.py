"""The command ``restoration train-model``; light to import, for every command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train_model(  # noqa: PLR0913 - the arguments of a command are its interface
    name: Annotated[str, typer.Argument(help="denoiser, upper-band, extender, voice-base or content-encoder.")],
    corpus: Annotated[Path, typer.Option(help="A folder of clean speech with a train.csv.", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="The folder of the run; a run that stopped there goes on.")],
    steps: Annotated[int, typer.Option(min=1, help="Steps in all.")] = 4000,
    batch: Annotated[int, typer.Option(min=1, help="Examples in a step.")] = 8,
    begin_from: Annotated[
        Path | None, typer.Option(help="Weights (safetensors) of a run before, to begin from.", metavar="FILE")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the processor.")] = 2,
    bfloat16: Annotated[
        bool, typer.Option("--bfloat16", help="Reckon in bfloat16: sooner on processors that know it.")
    ] = False,
) -> None:
    """Train a model that ships with the package: weights, curve and model card; resumable.

    Example: `restoration train-model denoiser --corpus corpus --out runs/denoiser`
    """
    import logging

    import torch

    from restoration.training.loop import USUAL_RATE, schedule_of
    from restoration.training.model import RATES
    from restoration.training.model import train_model as train

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(threads)
    card = train(name, corpus, out, schedule_of(steps, batch, RATES.get(name, USUAL_RATE), bfloat16), begin_from)
    typer.echo(f"Wrote {card}; CONTRIBUTING.md says how a model comes into the package.")
