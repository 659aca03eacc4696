"""Calibrate ``restoration.voice.channel``: ``python tests/voice/calibrate_channel.py CORPUS [BAG ...]``.

Readings of the training part, clean and aged as tapes and discs of several levels, with the figures and the verdict of
each; then the recordings of the corpus's folder ``historical``, and the restored sound of bags. Nothing of ``dev``.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS, worn_disc, worn_tape
from restoration.simulate.clicks import Clicks
from restoration.simulate.noise import Hiss
from restoration.simulate.programme import BandLimit
from restoration.voice.channel import channel_score

READERS = ("kathleen", "nathalie", "flemishguy", "so0024", "so0120", "so1334")
LEVELS = {
    "hiss 35 dB": (Hiss(snr_db=35.0),),
    "hiss 25 dB": (Hiss(snr_db=25.0),),
    "hiss 15 dB": (Hiss(snr_db=15.0),),
    "band 220-3400": (BandLimit(low_hz=220.0, high_hz=3400.0),),
    "clicks 3/s": (Clicks(per_s=3.0, peak_db=3.0),),
    "clicks 20/s": (Clicks(per_s=20.0, peak_db=3.0),),
    "worn tape": worn_tape(),
    "worn disc": worn_disc(),
    **{f"{name} {seed}": CHAINS[name](np.random.default_rng(seed)) for name in ("tape", "disc") for seed in range(3)},
}


def mono_16k(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, 16000).astype(np.float32)


def reading(corpus: Path, speaker: str, seconds: float = 24.0) -> np.ndarray:
    """Clips of one speaker, one after the other."""
    clips: list[np.ndarray] = []
    with (corpus / "train.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if row["speaker"] == speaker and sum(clip.size for clip in clips) < seconds * 16000:
                clips.append(mono_16k(corpus / row["path"]))
    return np.concatenate(clips)


def told(name: str, sound: np.ndarray) -> None:
    score = channel_score(sound)
    bands = " ".join("  -" if band is None else f"{band:3.0f}" for band in score.band_snr_db)
    hum, t60, width = score.hum_below_voice_db, score.t60_s, score.bandwidth_hz
    sys.stdout.write(
        f"{name:<28} {score.verdict:<8} share {score.carrier_share:.3f} snr {score.snr_db} bands {bands} "
        f"band {width and round(width)} hum {hum} clicks {score.clicks_per_s} t60 {t60}\n"
    )


def main(corpus: Path, bags: list[Path]) -> None:
    for path in sorted((corpus / "historical").glob("*.mp3")):
        told(path.stem[:28], mono_16k(path)[: 120 * 16000])
    for bag in bags:
        for path in sorted(bag.glob("data/restored/*_restored.wav")):
            told(f"restored {bag.name}"[:28], mono_16k(path)[: 120 * 16000])
    for speaker in READERS:
        clean = reading(corpus, speaker)
        told(speaker, clean)
        for name, chain in LEVELS.items() if speaker in READERS[:2] else ():
            told(f"  {name}", age(Audio(clean[None], 16000), chain, 1).audio.samples[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
