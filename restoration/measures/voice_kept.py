"""What the sections of a tape kept of their voice, and what left their pauses, heard before and after a treatment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.octave_levels import octave_levels_db
from restoration.measures.quiet_stretches import noise_alone

CLEAR_SNR_DB = 10.0
"""An octave in which the voice stands this far above the noise must come through."""

Samples = npt.NDArray[np.floating]
Sections = Sequence[dict[str, Any]]
"""Each with ``profile`` and ``voice``: lists of (start, end) in seconds of its noise alone and of its louder voice."""


def mean_dbfs(recording: Recording, sections: Sections, which: str) -> float:
    """Mean level over the sections' stretches of a kind, in dBFS."""
    powers = [
        float((noise_alone(recording, section[which]).astype(np.float64) ** 2).mean())
        for section in sections
        if section[which]
    ]
    return 10 * float(np.log10(max(float(np.mean(powers)), 1e-20))) if powers else -200.0


def worst_octave(before: Recording, after: Recording, sections: Sections) -> tuple[float, float]:
    """What the voice lost, in dB, in the octave (named by its centre) where it lost most; the noise under it apart."""
    worst = (0.0, 1000.0)
    for section in sections:
        if section["voice"] and section["profile"]:
            noise, voice, left = (
                noise_alone(recording, section[which])
                for recording, which in ((before, "profile"), (before, "voice"), (after, "voice"))
            )
            worst = max(worst, octave_lost(noise, voice, left, before.sample_rate))
    return worst


def octave_lost(noise: Samples, voice: Samples, left: Samples, sample_rate: int) -> tuple[float, float]:
    """The same of sounds (channels, time): the noise alone, the louder voice, and what is left of that."""
    noises, voices, lefts = (octave_levels_db(each, sample_rate) for each in (noise, voice, left))
    losses = [
        (level_db - lefts[centre_hz], centre_hz)
        for centre_hz, level_db in voices.items()
        if level_db - noises[centre_hz] >= CLEAR_SNR_DB
    ]
    return max(losses, default=(0.0, 1000.0))
