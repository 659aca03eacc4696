"""How much of a noise reduction a section of a tape bears: tried on its own noise and on its own louder voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.quiet_stretches import Section, Span, noise_alone
from restoration.repair.noise_reduction import Reduction

SHARES = 41
"""Steps in which a section's share is brought down until the voice bears it."""

Channel = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Trial:
    """What is wanted: the share of the treated sound, and the most that the louder voice may lose by it, in dB."""

    share: float
    max_voice_loss_db: float


def borne_shares(
    recording: Recording,
    sections: Sequence[Section],
    voices: Sequence[Sequence[Span]],
    reduction: Reduction,
    trial: Trial,
) -> tuple[list[float], float]:
    """The share that each section's louder voice bears, and the dB by which the loudest section's noise then falls."""
    loudest = max(range(len(sections)), key=lambda index: sections[index].noise_dbfs)
    shares, fall_db = [], 0.0
    for index, (section, stretches) in enumerate(zip(sections, voices, strict=True)):
        noise, voice = (noise_alone(recording, each)[0] for each in (section.stretches, stretches))
        if not noise.any():
            shares.append(trial.share)
            continue
        reduce = reduction.learnt_from(noise, recording.sample_rate)
        shares.append(_borne(voice, reduce(voice), noise, trial) if voice.any() else trial.share)
        if index == loudest:
            fall_db = _fall_db(noise, reduce(noise), shares[index])
    return shares, fall_db


def _borne(voice: Channel, reduced: npt.NDArray[np.floating], noise: Channel, trial: Trial) -> float:
    """As much of the wanted share as the louder voice of the section bears."""
    # The noise under the voice is no loss.
    kept = (voice.astype(np.float64) ** 2).sum() - voice.size * (noise.astype(np.float64) ** 2).mean()
    for share in np.linspace(trial.share, 0.0, SHARES):
        left = (_mixed(voice, reduced, float(share)) ** 2).sum()
        if left >= kept * 10 ** (-trial.max_voice_loss_db / 10):
            return round(float(share), 4)
    return 0.0


def _fall_db(noise: Channel, reduced: npt.NDArray[np.floating], share: float) -> float:
    left = (_mixed(noise, reduced, share) ** 2).sum()
    return float(10 * np.log10((noise.astype(np.float64) ** 2).sum() / max(left, 1e-30)))


def _mixed(sound: Channel, reduced: npt.NDArray[np.floating], share: float) -> npt.NDArray[np.float64]:
    return ((1 - share) * sound + share * reduced).astype(np.float64)
