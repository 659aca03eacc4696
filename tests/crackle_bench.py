"""What remove_crackle does for crackle from hardly audible to heavy, and whether its judge knows.

python -m tests.crackle_bench --corpus DIR --clips 4

DIR is a corpus with a train.csv; crackle is made on clips that no training sees. The treatment is made whether it is
needed or not: ``kept`` counts the clips that measure and judge would both have treated, ``gain kept`` is the mean gain
in SI-SDR of those and ``gain left`` that of the others, which they were spared.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from restoration.audio import Audio, Recording, Writer
from restoration.benchmark.clips import SAMPLE_RATE
from restoration.benchmark.scores import Pair, si_sdr_db
from restoration.screen import table
from restoration.simulate.crackle import Crackle
from restoration.steps.remove_crackle import RemoveCrackle
from tests.step_bench import held_out_clips

CRACKLES = [
    Crackle(per_s=per_s, peak_db=peak_db) for per_s in (100.0, 200.0, 500.0) for peak_db in (-6.0, -15.0, -25.0, -32.0)
]
"""Medians of the peaks are relative to the speech level of the clip."""


def tried(clean: np.ndarray, crackle: Crackle, seed: int) -> tuple[bool, float, float, float]:
    """Whether the treatment would be kept, its gain in dB, ``under_voice_db``, and the seconds it took for a second."""
    worn = crackle.apply(clean[None].astype(np.float64), SAMPLE_RATE, np.random.default_rng(seed))[0][0]
    step = RemoveCrackle()
    with tempfile.TemporaryDirectory() as name:
        source = Recording.from_audio(Path(name) / "worn.f32", Audio(worn[None].astype(np.float32), SAMPLE_RATE))
        clock = time.thread_time()
        findings = step.measure(source)
        with Writer(Path(name) / "treated.f32") as writer:
            step.treat(source, findings, writer)
        verdict = step.judge(source, writer.recording, findings)
        cost = (time.thread_time() - clock) / source.duration_s
        ratios = [si_sdr_db(Pair(clean, sound)) for sound in (worn, writer.recording.read().samples[0])]
    gain = (ratios[1] or 0.0) - (ratios[0] or 0.0)
    return findings["needed"] and verdict["helps"], gain, verdict["under_voice_db"], cost


def bench(
    corpus: Annotated[Path, typer.Option(help="a corpus with a train.csv")], clips: int = 4, seconds: float = 5.0
) -> None:
    """Print a line for each kind of crackle."""
    sounds = [clip.audio.samples[0].astype(np.float64) for clip in held_out_clips(corpus, clips, seconds)]
    rows = []
    for crackle in CRACKLES:
        found = np.array([tried(sound, crackle, seed) for seed, sound in enumerate(sounds)], dtype=float)
        kept = found[:, 0] > 0
        gains = [f"{found[own, 1].mean():+.1f}" if own.any() else "" for own in (kept, ~kept)]
        label = f"{crackle.per_s:g}/s, {crackle.peak_db:g} dB"
        worst = f"{found[kept, 1].min():+.1f}" if kept.any() else ""
        means = found[:, 2:].mean(axis=0)
        rows.append((label, f"{kept.sum()} of {kept.size}", *gains, worst, f"{means[0]:.0f}", f"{means[1]:.3f}"))
    columns = ("crackle", "kept", "gain kept, dB", "gain left, dB", "worst kept", "under voice, dB", "processor s / s")
    table("remove_crackle", columns, rows)


if __name__ == "__main__":
    typer.run(bench)
