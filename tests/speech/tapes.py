"""Tapes of several voices with a known answer, and how wrong an answer is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soundfile
import soxr
from scipy.optimize import linear_sum_assignment

RATE = 16000
FRAME_S = 0.01


def read_clip(path, max_s=20.0):
    """A clip as mono 16 kHz, at a level of -23 dBFS."""
    with soundfile.SoundFile(path) as sound:
        samples = sound.read(int(max_s * sound.samplerate), dtype="float32", always_2d=True).mean(axis=1)
        heard = soxr.resample(samples, sound.samplerate, RATE).astype(np.float32)
    return heard * (10 ** (-23 / 20) / (np.sqrt(np.mean(np.square(heard))) + 1e-9))


def splice(clips: Sequence[tuple[str, np.ndarray]], seed: int = 0, pause_s: tuple[float, float] = (0.4, 1.0)):
    """One tape of the (speaker, samples) ``clips`` with pauses of room noise; and its (start, end, speaker) spans."""
    random = np.random.default_rng(seed)
    parts, spans, at = [], [], 0
    for speaker, samples in clips:
        gap = int(random.uniform(*pause_s) * RATE)
        parts += [np.zeros(gap, dtype=np.float32), samples]
        spans.append(((at + gap) / RATE, (at + gap + samples.size) / RATE, speaker))
        at += gap + samples.size
    tape = np.concatenate([*parts, np.zeros(RATE // 2, dtype=np.float32)])
    return tape + random.normal(0, 10 ** (-65 / 20), tape.size).astype(np.float32), spans


def within(spans, regions):
    """The parts of the (start, end, speaker) ``spans`` that lie within the (start, end) ``regions``."""
    cut = [(max(a, start), min(b, end), name) for a, b, name in spans for start, end in regions]
    return [(start, end, name) for start, end, name in cut if end > start]


def diarisation_error_rate(reference, found, duration_s: float) -> dict[str, float]:
    """NIST's rate without a collar: missed, falsely found and confused time over the time that the reference speaks."""
    truth, guess = _frames(reference, duration_s), _frames(found, duration_s)
    speaks = max(1, int((truth > 0).sum()))
    overlap = np.zeros((truth.max() + 1, guess.max() + 1))
    np.add.at(overlap, (truth, guess), 1)
    rows, columns = linear_sum_assignment(-overlap[1:, 1:])
    both = int(((truth > 0) & (guess > 0)).sum())
    missed, false = int(((truth > 0) & (guess == 0)).sum()), int(((truth == 0) & (guess > 0)).sum())
    confused = both - int(overlap[1:, 1:][rows, columns].sum())
    parts = {"missed": missed / speaks, "false": false / speaks, "confused": confused / speaks}
    return {**parts, "error": sum(parts.values())}


def _frames(spans, duration_s: float) -> np.ndarray:
    names = {name: number for number, name in enumerate(dict.fromkeys(name for _, _, name in spans), start=1)}
    frames = np.zeros(int(np.ceil(duration_s / FRAME_S)) + 1, dtype=np.int64)
    for start, end, name in spans:
        frames[round(start / FRAME_S) : round(end / FRAME_S)] = names[name]
    return frames
