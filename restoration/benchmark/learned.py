"""Scores that a network gives: who is heard, and how good it sounds."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from restoration.benchmark.alignment import Mono

WINDOW_FRAMES, HOP_FRAMES = 24000, 12000
SPEECH_WITHIN_DB = 30.0


def speaker_cosine(clean: Mono, treated: Mono) -> float | None:
    """Mean cosine of the speaker embeddings of the two, window by window where the clean one speaks (16 kHz).

    None where there is no speech, or nothing is left of it.
    """
    from restoration.nets.speaker_embedding import embed, speaker_network

    size = min(WINDOW_FRAMES, clean.size)
    starts = range(0, clean.size - size + 1, HOP_FRAMES)
    ours, theirs = (np.stack([_level(sound[start : start + size]) for start in starts]) for sound in (clean, treated))
    power = np.array([np.mean(clean[start : start + size] ** 2) for start in starts])
    speech = (power > power.max() * 10 ** (-SPEECH_WITHIN_DB / 10)) & theirs.any(axis=1)
    if not speech.any():
        return None
    network = speaker_network()
    return float(np.mean(np.sum(embed(network, ours[speech]) * embed(network, theirs[speech]), axis=1)))


def _level(sound: Mono) -> Any:
    return (sound / (np.sqrt(np.mean(sound**2)) + 1e-9)).astype(np.float32)


def distill_mos(sound: Mono) -> float | None:
    """The mean opinion, 1 to 5, that DistillMOS predicts of ``sound`` at 16 kHz."""
    import torch

    with torch.inference_mode():
        return float(_distill_mos_network()(torch.from_numpy(sound.astype(np.float32))[None]))


@cache
def _distill_mos_network() -> Any:
    # It imports torchaudio for its command line alone, and the torchaudio beside a processor-only torch cannot load.
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
    from distillmos import ConvTransformerSQAModel

    return ConvTransformerSQAModel().eval()
