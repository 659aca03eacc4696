"""How much of a known wow ``correct_speed`` takes out of speech, how often it finds it, how often it makes it worse.

python -m tests.speed_bench --corpus DIR
python -m tests.speed_bench --corpus DIR --clues none --seconds 600 --speakers kathleen,fleurs_readers --rates 1,3

Training clips of one speaker are joined until they last as long as wanted. With them sounds what may tell the speed:
a plain hum of 50 or 60 Hz 25 dB below the speech, a faint one 38 dB below it, a whine of some kilohertz 38 dB below it,
or nothing; and a hiss 25 dB below it. Then the carrier sways at one rate. The true time axis is known from
``restoration.simulate``: the depth that is left is that of the speed after the correction, RMS, over that before it.
What the step judges not to help is left out, as in any treatment. Rows without wow are carriers that run evenly: what
is found there is a false alarm.
"""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import soundfile
import soxr
import typer

from restoration.audio import Audio, Recording, Writer
from restoration.screen import console, table
from restoration.simulate.age import Aged, age
from restoration.simulate.fault import Fault
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.simulate.speed import WowFlutter
from restoration.steps.correct_speed import CorrectSpeed, warp_of

RATE = 16_000
HISS_DB, HUM_DB, FAINT_DB, TONE_DB = 25.0, 25.0, 38.0, 38.0
TONES_HZ = (1210.0, 3150.0, 6900.0)
CLUES = ("hum", "faint", "tone", "none")
SPEAKERS = ("kathleen", "nathalie", "flemishguy", "fleurs_readers")
EDGE_S = 1.0
WORSE = 1.02
"""Depth left over the depth there was: more is worse, and no rounding."""


@dataclass(frozen=True)
class Wanted:
    speakers: tuple[str, ...]
    seconds: float
    conditions: tuple[tuple[str, float, float], ...]
    """What tells the speed, the peak depth in percent, and the rate in Hz."""


@dataclass(frozen=True)
class Trial:
    """One joined clip: whether any wow was ``found``, and the share of it that is ``left`` (of an even carrier: what
    was added, in percent RMS)."""

    found: bool
    left: float


def joined_clips(corpus: Path, speaker: str, seconds: float) -> np.ndarray:
    """So many seconds of one speaker's training clips, at 16 kHz."""
    with (corpus / "train.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"] == speaker]
    pieces, have = [np.zeros(0)], 0
    for row in rows:
        if have >= seconds * RATE:
            break
        samples, rate = soundfile.read(corpus / row["path"], dtype="float32")
        pieces.append(soxr.resample(samples, rate, RATE))
        have += pieces[-1].size
    return np.concatenate(pieces)[: int(seconds * RATE)]


def aged(clean: np.ndarray, clue: str, sway: tuple[float, float], seed: int) -> Aged:
    sound = clean.astype(np.float64)
    if clue == "tone":
        loud = 10 ** (-TONE_DB / 20) * np.sqrt(2.0) * np.sqrt(np.mean(sound**2))
        sound = sound + loud * np.sin(2 * np.pi * TONES_HZ[seed % 3] / RATE * np.arange(sound.size))
    levels_db = {"hum": HUM_DB, "faint": FAINT_DB}
    chain: list[Fault] = [Hiss(snr_db=HISS_DB)]
    if clue in levels_db:
        mains_hz = (50.0, 60.0)[seed % 2]
        chain.append(Hum(mains_hz=mains_hz, snr_db=levels_db[clue], partials=8, drift_percent=0.05))
    if sway[1]:
        chain.append(WowFlutter(sways=(sway,)))
    return age(Audio(sound[None].astype(np.float32), RATE), chain, seed)


def trial(carrier: Aged, step: CorrectSpeed, folder: Path) -> tuple[Trial, dict[str, Any]]:
    before = Recording.from_audio(folder / "carrier.f32", carrier.audio)
    findings = step.measure(before)
    kept = bool(findings["needed"])
    if kept:
        with Writer(folder / "even.f32") as result:
            step.treat(before, findings, result)
        verdict = step.judge(before, result.recording, findings)
        findings["reason"] += " " + verdict["reason"]
        kept = verdict["helps"]
    axis_s = np.arange(EDGE_S, carrier.audio.duration_s - EDGE_S, 0.005)
    read_s = warp_of(findings).transfer_time_s(axis_s) if kept else axis_s
    swayed = np.std(np.gradient(carrier.clean_time_s(axis_s), axis_s))
    left = np.std(np.gradient(carrier.clean_time_s(read_s), axis_s))
    return Trial(kept, float(left / (swayed if swayed > 1e-9 else 0.01))), findings


def trials(corpus: Path, wanted: Wanted) -> Iterator[tuple[tuple[str, float, float], Trial]]:
    step = CorrectSpeed()
    with tempfile.TemporaryDirectory() as name:
        for number, speaker in enumerate(wanted.speakers):
            clean = joined_clips(corpus, speaker, wanted.seconds)
            for condition in wanted.conditions:
                clue, *sway = condition
                carrier = aged(clean, clue, (sway[0], sway[1]), seed=number)
                one, findings = trial(carrier, step, Path(name))
                if not one.found or one.left > WORSE:
                    console.print(f"{speaker}, {condition}: {findings['reason']} Left: {one.left:.2f}")
                yield condition, one


def row(condition: tuple[str, float, float], ones: list[Trial]) -> tuple[str, ...]:
    clue, percent, hz = condition
    left = np.array([one.left for one in ones])
    found = f"{sum(one.found for one in ones)} of {len(ones)}"
    if not hz:
        return (clue, "even", "", found, "", f"{left.max():.3f} % added", str(int((left > 1e-6).sum())))
    worse = str(int((left > WORSE).sum()))
    return (clue, f"{percent:g}", f"{hz:g}", found, f"{np.median(left):.3f}", f"{left.max():.3f}", worse)


def main(
    corpus: Annotated[Path, typer.Option()],
    seconds: float = 64.0,
    speakers: Annotated[str, typer.Option(help="comma-separated")] = ",".join(SPEAKERS[:2]),
    percents: Annotated[str, typer.Option(help="peak depths of the wow, comma-separated")] = "0.1,0.3,0.8",
    rates: Annotated[str, typer.Option(help="Hz, comma-separated; 0 is an even carrier")] = "0,0.5,1,3,6",
    clues: Annotated[str, typer.Option(help="what tells the speed, comma-separated")] = ",".join(CLUES),
) -> None:
    depths = [float(percent) for percent in percents.split(",")]
    conditions = [
        (clue, percent, float(hz))
        for clue in clues.split(",")
        for hz in rates.split(",")
        for percent in (depths if float(hz) else depths[:1])
    ]
    groups: dict[tuple[str, float, float], list[Trial]] = defaultdict(list)
    for condition, one in trials(corpus, Wanted(tuple(speakers.split(",")), seconds, tuple(conditions))):
        groups[condition].append(one)
    columns = ("clue", "wow, %", "at Hz", "found", "depth left, median", "worst", "made worse")
    table(f"Wow in {seconds:g} s of speech", columns, [row(*group) for group in groups.items()])


if __name__ == "__main__":
    typer.run(main)
