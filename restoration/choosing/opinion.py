"""What a network that predicts listeners' opinions hears: one column more where it is installed, never the judge."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np

from restoration.audio import Recording
from restoration.benchmark.learned import distill_mos
from restoration.benchmark.scores import MEASURES
from restoration.choosing.candidates import Candidate, Trial
from restoration.choosing.figures import Original

NETWORK_RATE = 16000
LISTENING_LUFS = -23.0
"""Both are heard at one loudness: the network likes what is louder."""


def heard_by_the_network(candidate: Candidate, originals: Sequence[Original]) -> Candidate:
    """The candidate with the opinion of the network in its figures, where the network is installed."""
    if MEASURES["distill_mos"].missing() is not None:
        return candidate
    trials = [_judged(trial, original) for trial, original in zip(candidate.trials, originals, strict=False)]
    return replace(candidate, trials=tuple(trials))


def _judged(trial: Trial, original: Original) -> Trial:
    recording = trial.treated.recording if trial.treated is not None else original.recording
    loudness = trial.figures.after["loudness_lufs"]
    opinion = _opinion(recording, 0.0 if loudness is None else LISTENING_LUFS - float(loudness))
    return replace(trial, figures=replace(trial.figures, distill_mos=opinion))


def _opinion(recording: Recording, gain_db: float) -> float | None:
    import soxr

    mono = recording.read().samples.astype(np.float64).mean(axis=0)
    heard = soxr.resample(mono, recording.sample_rate, NETWORK_RATE)
    # It says where its weights lie, on standard output, which is for results.
    with redirect_stdout(io.StringIO()):
        found = distill_mos(np.clip(heard * 10 ** (gain_db / 20), -1, 1))
    return None if found is None else round(found, 2)
