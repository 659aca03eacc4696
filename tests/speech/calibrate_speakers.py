"""Calibrate ``restoration.speech.clustering``: ``python tests/speech/calibrate_speakers.py CORPUS``.

Tapes are spliced from voices that the embedding was never trained on (and, for one voice alone, also from long readings
of the training set), clean and each through one random channel. Prints, for each setting, on how many tapes the number
of speakers is right, and the mean diarisation error rate.
"""

from __future__ import annotations

import csv
import itertools
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from tapes import RATE, diarisation_error_rate, read_clip, splice, within

from restoration.audio import Audio, Recording
from restoration.nets.channel_variation import ChannelVariation, through_channels
from restoration.nets.speaker_corpus import HELD_OUT
from restoration.speech.clustering import Clustering, label_windows
from restoration.speech.detect import speech_regions
from restoration.speech.speakers import WINDOW_FRAMES, turns_of, window_embeddings, windows_in

READINGS = ("kathleen", "nathalie", "flemishguy", "fleurs_readers")


def tapes_of(corpus: Path):
    """(number of voices, kind, samples, spans)."""
    clips: dict[str, list[np.ndarray]] = {}
    with (corpus / "train.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            name = row["speaker"]
            if name in HELD_OUT or (name in READINGS and len(clips.get(name, [])) < (6 if "fleurs" in name else 40)):
                clips.setdefault(name, []).append(read_clip(corpus / row["path"], 90.0))
    random = np.random.default_rng(1)
    for name in HELD_OUT:
        yield 1, *splice([(name, clip) for clip in clips[name]])
    for name in READINGS:
        groups = [[clip] for clip in clips[name]] if "fleurs" in name else [clips[name]]
        for group in groups:
            yield 1, *splice([(name, clip) for clip in group])
    pairs = list(itertools.combinations(HELD_OUT, 2))
    for chosen in random.choice(len(pairs), 20, replace=False):
        yield 2, *splice(_conversation(clips, pairs[chosen], random))
    for _ in range(6):
        yield 3, *splice(_conversation(clips, random.choice(HELD_OUT, 3, replace=False), random))


def _conversation(clips, names, random):
    turns = []
    for turn in range(5 * len(names)):
        own = clips[names[turn % len(names)]]
        turns += [(names[turn % len(names)], own[int(random.integers(len(own)))]) for _ in range(1 + turn % 2)]
    return turns


def aged(samples: np.ndarray, seed: int) -> np.ndarray:
    """The tape through one channel."""
    generator = torch.Generator().manual_seed(seed)
    heard = through_channels(torch.from_numpy(samples)[None], ChannelVariation(), generator)[0].numpy()
    return heard * (0.1 / np.sqrt(np.mean(np.square(heard))))


def prepared(corpus: Path, folder: Path):
    """Everything that does not depend on the clustering, computed once."""
    for number, (voices, samples, spans) in enumerate(tapes_of(corpus)):
        for kind, sound in (("clean", samples), ("aged", aged(samples, number))):
            sound = np.ascontiguousarray(sound[None], dtype=np.float32)
            recording = Recording.from_audio(folder / f"{number}-{kind}.f32", Audio(sound, RATE))
            regions = speech_regions(recording)
            if kind == "clean":
                reference = within(spans, regions)
            windows = windows_in(regions)
            yield voices, kind, recording.duration_s, reference, regions, windows, window_embeddings(recording, windows)


def score(cases, parameters: Clustering):
    """For each number of voices and kind: share of tapes with the right number, mean error rate, mean confusion."""
    results: dict[tuple[int, str], list[tuple[bool, float, float]]] = {}
    for voices, kind, duration_s, reference, regions, windows, embeddings in cases:
        owner = np.array([window.region for window in windows], dtype=np.int64)
        whole = np.array([window.stop - window.start == WINDOW_FRAMES for window in windows])
        found = turns_of(regions, windows, label_windows(embeddings, owner, parameters, whole)) if windows else []
        rates = diarisation_error_rate(reference, found, duration_s)
        right = len({turn.speaker for turn in found}) == voices
        results.setdefault((voices, kind), []).append((right, rates["error"], rates["confused"]))
    return {key: np.mean(rows, axis=0).round(3).tolist() for key, rows in results.items()}


def main(corpus: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cases = list(prepared(corpus, Path(folder)))
    for alike, smallest in itertools.product((0.5, 0.55, 0.6, 0.65, 0.7), (4, 6)):
        parameters = Clustering(alike=alike, smallest=smallest)
        sys.stdout.write(f"alike {alike} smallest {smallest}: {score(cases, parameters)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
