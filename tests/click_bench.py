"""How many of the clicks that were made are found, how much that is found was none, and who is left alone.

python -m tests.click_bench --corpus DIR
python -m tests.click_bench --corpus DIR --clips 40 --no-struck

DIR is a corpus with a train.csv; of it are struck clips that no training sees, by seeded clicks whose places are known.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from restoration.audio import Audio, Recording
from restoration.benchmark.clips import SAMPLE_RATE, Clip
from restoration.measures.click_search import ClickSearch, runs
from restoration.measures.clicks import find_clicks
from restoration.screen import table
from restoration.simulate.clicks import Clicks
from restoration.steps.remove_clicks import KEYS, RemoveClicks
from tests.step_bench import held_out_clips

STRUCK = {
    f"{per_s:g}/s, {peak_db:g} dB": Clicks(per_s=per_s, peak_db=peak_db, spread_db=6.0)
    for per_s in (0.5, 2.0, 12.0, 30.0)
    for peak_db in (6.0, -6.0, -15.0)
}
"""Medians of the peaks are relative to the speech level of the clip."""
LATE_MS = 3.0


def met(sound: np.ndarray, made: np.ndarray, step: RemoveClicks) -> tuple[bool, int, int, int]:
    """Whether a treatment is asked for; how many of the clicks ``made`` (frames) lie in a repair, how many repairs
    there are, and how many of them meet no click."""
    with tempfile.TemporaryDirectory() as name:
        recording = Recording.from_audio(Path(name) / "struck.f32", Audio(sound[None].astype(np.float32), SAMPLE_RATE))
        findings = step.measure(recording)
    mask = find_clicks(
        sound.astype(np.float32).astype(np.float64), SAMPLE_RATE, ClickSearch(**{k: findings[k] for k in KEYS})
    ).mask
    starts, stops = runs(mask)
    late = round(LATE_MS * SAMPLE_RATE / 1000)
    near = np.array([mask[max(0, place - 2) : place + 3].any() for place in made], dtype=bool)
    idle = [not ((made >= start - late) & (made < stop)).any() for start, stop in zip(starts, stops, strict=True)]
    return bool(findings["needed"]), int(near.sum()), starts.size, int(np.sum(idle))


def row_of(label: str, clips: list[Clip], clicks: Clicks | None) -> tuple[str, ...]:
    """A line of the table: shares over all clips."""
    found, seconds, counts = [], 0.0, 0
    for seed, clip in enumerate(clips):
        sound, made = clip.audio.samples.astype(np.float64), np.zeros(0, dtype=int)
        if clicks:
            sound, drawn = clicks.apply(sound, SAMPLE_RATE, np.random.default_rng(seed))
            made = np.array(drawn["click_frames"], dtype=int)
        found.append(met(sound[0], made, RemoveClicks()))
        seconds, counts = seconds + clip.audio.duration_s, counts + made.size
    needed, near, repairs, idle = np.sum(found, axis=0)
    recall = f"{near / counts:.3f}" if counts else ""
    return label, f"{needed} of {len(clips)}", recall, f"{1 - idle / max(repairs, 1):.3f}", f"{idle / seconds:.2f}"


def bench(
    corpus: Annotated[Path, typer.Option(help="a corpus with a train.csv")],
    clips: int = 24,
    seconds: float = 8.0,
    struck: bool = True,
) -> None:
    """Print recall and precision for every kind of click, and how many clean clips would be treated."""
    sounds = held_out_clips(corpus, clips, seconds)
    rows = [row_of("none", sounds, None)]
    if struck:
        rows += [row_of(label, sounds, clicks) for label, clicks in STRUCK.items()]
    table("remove_clicks", ("clicks", "treated", "recall", "precision", "false, 1/s"), rows)


if __name__ == "__main__":
    typer.run(bench)
