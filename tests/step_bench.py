"""What a step does for the fault it is there for, and to speech without it. Prints a table for each step.

python -m tests.step_bench --corpus DIR                                      every step of FAULTS
python -m tests.step_bench --corpus DIR --step remove_clicks --clips 12
python -m tests.step_bench --corpus DIR --step remove_clicks+reduce_noise --fault "disc 10 dB"

DIR is a corpus with a train.csv. What is aged are clips that no training sees, as many speakers as there are. Only the
named steps are applied (measured, treated and judged as in any treatment); several are joined by +. Beside the table of
FAULTS, any degradation of the benchmark can be named. PESQ and SI-SDR are means over the clips, before and after.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from restoration.audio import Audio, Recording
from restoration.benchmark.clips import SAMPLE_RATE, Clip, Source, read_clip
from restoration.benchmark.degradations import CLEAN, Degradation, degradations, degrade
from restoration.benchmark.scores import Pair, pesq_wb, si_sdr_db
from restoration.progress import Progress
from restoration.recipe import Recipe, parse_recipe
from restoration.record import Record
from restoration.scratch import Scratch
from restoration.screen import table
from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.crackle import Crackle
from restoration.simulate.dropouts import Dropouts
from restoration.simulate.fault import Fault
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.simulate.saturation import Saturation
from restoration.simulate.speed import WowFlutter
from restoration.step import Judged
from restoration.training.clips import is_held_out
from restoration.treatment import apply

SEED = 1
SHORTEST_S, PAUSE_S = 3.0, 0.25
SCRATCH_BYTES = 2**30

Chain = tuple[Fault, ...]


def _dips(depth_db: float, longest_ms: float) -> Chain:
    return (Dropouts(per_s=3.0, depth_db=(depth_db, depth_db + 2), duration_ms=(10, longest_ms), treble=1.2),)


FAULTS: dict[str, dict[str, Chain]] = {
    "remove_clicks": {
        "clicks 2/s, 6 dB": (Clicks(per_s=2.0, peak_db=6.0),),
        "clicks 12/s, 6 dB": (Clicks(per_s=12.0, peak_db=6.0, spread_db=6.0),),
        "clicks 12/s, -6 dB": (Clicks(per_s=12.0, peak_db=-6.0, spread_db=6.0),),
        "clicks 30/s, 0 dB": (Clicks(per_s=30.0, peak_db=0.0, spread_db=6.0),),
    },
    "remove_crackle": {
        f"crackle {per_s}/s, {peak_db} dB{', hiss 20 dB' if hiss else ''}": (
            *((Hiss(snr_db=20.0),) if hiss else ()),
            Crackle(per_s=per_s, peak_db=peak_db),
        )
        for per_s in (30, 100, 200, 500)
        for peak_db in (-6, -15)
        for hiss in (False, True)
    },
    "fill_dropouts": {
        "dips 6 to 8 dB": _dips(6, 60),
        "dips 10 to 12 dB": _dips(10, 60),
        "dips 18 to 20 dB": _dips(18, 60),
        "gone": (Dropouts(per_s=3.0, depth_db=(60, 80), duration_ms=(5, 40)),),
    },
    "restore_clipped": {
        "clipped 12 dB over the voice": (Clipping(headroom_db=12.0),),
        "clipped 6 dB over the voice": (Clipping(headroom_db=6.0),),
        "clipped 3 dB over the voice": (Clipping(headroom_db=3.0),),
        "saturated": (Saturation(headroom_db=3.0),),
    },
    "remove_hum": {"hum 10 dB": (Hum(snr_db=10.0, partials=10, even_db=-6.0, spread_db=3.0, drift_percent=0.1),)},
    "reduce_noise": {f"hiss {snr_db} dB": (Hiss(snr_db=snr_db),) for snr_db in (30, 20, 10)},
    "correct_speed": {"wow": (WowFlutter(sways=((0.6, 0.55), (0.1, 7.0))),)},
}
"""By step, the faults it is tried on. The levels are relative to the speech level of the clip."""


@dataclass(frozen=True)
class Outcome:
    """A clip before and after: PESQ (None: no utterance was heard) and SI-SDR; what the steps said."""

    pesq: tuple[float | None, float | None]
    si_sdr_db: tuple[float | None, float | None]
    same_bits: bool
    treated: bool
    refused: bool


def held_out_clips(corpus: Path, count: int, longest_s: float) -> list[Clip]:
    """A clip of every speaker in turn, made of what is held out of the training of him, of ``longest_s`` at most."""
    by_speaker: dict[str, list[Source]] = defaultdict(list)
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if is_held_out(row["path"]):
                path = corpus / row["path"]
                by_speaker[row["speaker"]].append(Source(path, path.stem, row.get("language", "")))
    queues = [iter(list(_joined(sources, longest_s))) for sources in by_speaker.values()]
    clips: list[Clip] = []
    while queues and len(clips) < count:
        found = [(queue, next(queue, None)) for queue in queues]
        clips += [clip for _, clip in found if clip is not None]
        queues = [queue for queue, clip in found if clip is not None]
    return clips[:count]


def _joined(sources: Sequence[Source], longest_s: float, most: int = 3) -> Iterator[Clip]:
    """Clips of one speaker, each of several files with short pauses between them; ``most`` of them."""
    made, pieces = 0, [np.zeros(0, dtype=np.float32)]
    for source in sources:
        pieces += [read_clip(source, longest_s).audio.samples[0], np.zeros(round(PAUSE_S * SAMPLE_RATE), np.float32)]
        seconds = sum(piece.size for piece in pieces) / SAMPLE_RATE
        if made < most and (seconds >= longest_s or (source is sources[-1] and seconds >= SHORTEST_S)):
            sound = np.concatenate(pieces[:-1])[: round(longest_s * SAMPLE_RATE)]
            yield Clip(source.name, source.language, Audio(sound[None], SAMPLE_RATE))
            made, pieces = made + 1, [np.zeros(0, dtype=np.float32)]
        if made == most:
            return


def recipe_of(steps: str) -> Recipe:
    """The recipe of the named steps with their defaults; names are joined by +."""
    content = {"purpose": "bench", "step": [{"name": name} for name in steps.split("+")]}
    return parse_recipe(content, "bench", "the bench")


def faults_of(steps: str, wanted: Sequence[str]) -> list[Degradation]:
    """The faults of the last of the steps, or those that are ``wanted``: of any step, or of the benchmark."""
    own = {label: chain for table_of_step in FAULTS.values() for label, chain in table_of_step.items()}
    labels = list(wanted) or list(FAULTS.get(steps.split("+")[-1], ()))
    found: list[Degradation] = []
    for label in labels:
        found += (
            [Degradation(label, None, lambda draw, chain=own[label]: chain)]
            if label in own
            else degradations([label], levels_db=(20.0, 10.0, 5.0, 0.0))
        )
    return found


def treated(recipe: Recipe, source: Recording, folder: Path) -> tuple[Recording, list[dict]]:
    """What the recipe makes of the recording, and the events of its steps."""
    record = Record(folder / "events.jsonl")
    scratch = Scratch(folder / "scratch", SCRATCH_BYTES)
    result = apply(recipe, source, record, scratch, Progress(folder / "progress.json", [])).recording
    return result, [event for event in record.events if event["event"] == "step"]


def tried(recipe: Recipe, clip: Clip, degradation: Degradation, seed: int) -> Outcome:
    """Age the clip, treat it, and compare both with what the carrier's programme was."""
    aged = degrade(clip, degradation, seed)
    with tempfile.TemporaryDirectory() as name:
        source = Recording.from_audio(Path(name) / "source.f32", aged.audio)
        result, events = treated(recipe, source, Path(name))
        sounds = [recording.read().samples[0].astype(np.float64) for recording in (source, result)]
    clean = clip.audio.samples[0].astype(np.float64)
    programme = aged.programme.samples[0].astype(np.float64)
    return Outcome(
        pesq=_both(sounds, clean, pesq_wb),
        si_sdr_db=_both(sounds, programme if programme.any() else clean, si_sdr_db),
        same_bits=source.pcm_sha256 == result.pcm_sha256,
        treated=any(event["outcome"] == "treated" for event in events),
        refused=any(not event.get("verdict", {"helps": True})["helps"] for event in events),
    )


def _both(
    sounds: list[np.ndarray], clean: np.ndarray, of: Callable[[Pair], float | None]
) -> tuple[float | None, float | None]:
    before, after = (of(Pair(clean, sound)) for sound in sounds)
    return before, after


def row_of(label: str, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """A line of the table: means over the clips, and in how many of them something was done."""
    worse = [
        outcome.si_sdr_db[1] - outcome.si_sdr_db[0]
        for outcome in outcomes
        if outcome.si_sdr_db[0] is not None and outcome.si_sdr_db[1] is not None
    ]
    return (
        label,
        _means([outcome.pesq for outcome in outcomes], 2),
        _means([outcome.si_sdr_db for outcome in outcomes], 1),
        f"{min(worse, default=0.0):+.1f}",
        f"{sum(outcome.treated for outcome in outcomes)}",
        f"{sum(outcome.refused for outcome in outcomes)}",
        f"{sum(outcome.same_bits for outcome in outcomes)} of {len(outcomes)}",
    )


def _means(pairs: list[tuple[float | None, float | None]], decimals: int) -> str:
    whole = [pair for pair in pairs if None not in pair]
    before, after = np.mean(whole, axis=0) if whole else (np.nan, np.nan)
    return f"{before:.{decimals}f} → {after:.{decimals}f}"


def costs(recipe: Recipe, clips: Sequence[Clip], degradation: Degradation) -> list[tuple[str, ...]]:
    """Seconds of the processor that measuring, treating and judging take, in a second of sound."""
    import soxr

    mono = np.concatenate([degrade(clip, degradation, SEED).audio.samples[0] for clip in clips[:3]])
    wide = soxr.resample(mono, SAMPLE_RATE, 2 * SAMPLE_RATE).astype(np.float32)
    stereo = np.stack([wide, np.roll(wide, 7)])
    rows = []
    for label, samples, rate in (("48 kHz mono", mono[None], SAMPLE_RATE), ("96 kHz stereo", stereo, 2 * SAMPLE_RATE)):
        with tempfile.TemporaryDirectory() as name:
            source = Recording.from_audio(Path(name) / "source.f32", Audio(samples, rate))
            clock = time.thread_time()
            treated(recipe, source, Path(name))
            rows.append((label, f"{(time.thread_time() - clock) / source.duration_s:.4f}"))
    return rows


def bench(
    corpus: Annotated[Path, typer.Option(help="a corpus with a train.csv")],
    step: Annotated[list[str] | None, typer.Option(help="a step, or several joined by +")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="a fault of the table, or a degradation")] = None,
    clips: int = 12,
    seconds: float = 8.0,
) -> None:
    """Print what each step does for its own fault, for clean speech, and what it costs."""
    sounds = held_out_clips(corpus, clips, seconds)
    for steps in step or list(FAULTS):
        recipe = recipe_of(steps)
        chosen = faults_of(steps, fault or ())
        rows = [
            row_of(degradation.name, [tried(recipe, clip, degradation, SEED) for clip in sounds])
            for degradation in [*degradations([CLEAN]), *chosen]
        ]
        judged = "" if all(isinstance(each, Judged) for _, each in recipe.steps) else " (not judged)"
        columns = ("fault", "PESQ", "SI-SDR, dB", "worst gain, dB", "treated", "refused", "same bits")
        table(f"{steps}, {len(sounds)} clips{judged}", columns, rows)
        if chosen:
            label = f"{steps}, of {chosen[0].name}"
            table(label, ("sound", "processor s / s"), costs(recipe, sounds, chosen[0]))


if __name__ == "__main__":
    typer.run(bench)
