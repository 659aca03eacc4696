"""How much of a noise reduction a section of a tape bears: tried on its own noise and on its own louder voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.quiet_stretches import Section, Span, noise_alone
from restoration.measures.voice_kept import octave_lost
from restoration.repair.noise_reduction import Reduction

TRIED_NOISE_S, TRIED_VOICE_S = 3.0, 6.0
"""So much of each is enough to tell."""
SHARES = 41
"""Steps in which a section's share is brought down until the voice bears it."""

Channel = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Trial:
    """What is wanted: the share of the treated sound, and the most, in dB, that the louder voice may lose by it, as a
    whole and in an octave in which it is clear."""

    share: float
    max_voice_loss_db: float
    max_octave_loss_db: float


@dataclass(frozen=True, eq=False)
class Heard:
    """A section's noise alone, its louder voice, and that voice treated; each (time,)."""

    noise: Channel
    voice: Channel
    reduced: npt.NDArray[np.floating]
    sample_rate: int

    def borne(self, trial: Trial) -> float:
        """As much of the wanted share as the louder voice bears."""
        for share in np.linspace(trial.share, 0.0, SHARES):
            left = _mixed(self.voice, self.reduced, float(share))
            if (
                self._lost_db(left) <= trial.max_voice_loss_db
                and self._octave_lost_db(left) <= trial.max_octave_loss_db
            ):
                return round(float(share), 4)
        return 0.0

    def _lost_db(self, left: npt.NDArray[np.float64]) -> float:
        # The noise under the voice is no loss.
        voice, noise = (each.astype(np.float64) ** 2 for each in (self.voice, self.noise))
        kept = max(float(voice.sum() - voice.size * noise.mean()), 1e-30)
        return float(10 * np.log10(kept / max(float((left**2).sum()), 1e-30)))

    def _octave_lost_db(self, left: npt.NDArray[np.float64]) -> float:
        return octave_lost(self.noise[None], self.voice[None], left[None], self.sample_rate)[0]


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
        noise, voice = _first(noise, TRIED_NOISE_S, recording), _first(voice, TRIED_VOICE_S, recording)
        heard = Heard(noise, voice, reduce(voice), recording.sample_rate) if voice.any() else None
        shares.append(heard.borne(trial) if heard else trial.share)
        if index == loudest:
            fall_db = _fall_db(noise, reduce(noise), shares[index])
    return shares, fall_db


def _first(sound: Channel, seconds: float, recording: Recording) -> Channel:
    return sound[: round(seconds * recording.sample_rate)]


def _fall_db(noise: Channel, reduced: npt.NDArray[np.floating], share: float) -> float:
    left = (_mixed(noise, reduced, share) ** 2).sum()
    return float(10 * np.log10((noise.astype(np.float64) ** 2).sum() / max(left, 1e-30)))


def _mixed(sound: Channel, reduced: npt.NDArray[np.floating], share: float) -> npt.NDArray[np.float64]:
    return ((1 - share) * sound + share * reduced).astype(np.float64)
