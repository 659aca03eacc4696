"""What a treatment did to an excerpt, in figures that need no clean reference.

Gains that the log knows are taken out first: a sound is not better for being louder. Noise and voice are weighted as
loudness is measured (ITU-R BS.1770), so that rumble that nobody hears earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.choosing import voice
from restoration.measures.condition import condition
from restoration.measures.loudness import k_weighting
from restoration.measures.octave_levels import octave_levels_db
from restoration.measures.quiet_stretches import (
    loud_stretches,
    noise_alone,
    pause_pieces,
    piece_power,
    sections_of,
)
from restoration.speech.detect import speech_regions

CLEAR_OCTAVE_DB = 10.0
"""An octave in which the voice stands this far above the pauses must come through."""
LOWEST_POWER = 1e-16

Octaves = Mapping[float, float]
"""A figure in dB for each octave, by its centre in Hz."""
Span = tuple[float, float]


@dataclass(frozen=True)
class Levels:
    """Powers of the noise (in pauses) and of the voice (where it is loud, without the noise under it), weighted.

    ``octaves`` are levels of the voice in dB, ``clear`` those octaves in which it stands out of the noise.
    """

    noise: float
    voice: float
    octaves: Octaves
    clear: tuple[float, ...]

    @property
    def snr_db(self) -> float:
        return _decibels(self.voice) - _decibels(self.noise)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one treatment did to one excerpt. None where a figure cannot be told.

    Attributes:
        noise_fell_db: by how much the pauses became quieter.
        snr_before_db: voice over pauses, before.
        snr_after_db: the same, after.
        voice_lost_db: what the voice lost in the clear octave where it lost most.
        voice_lost_at_hz: the centre of that octave.
        typical_loss_db: what the voice lost on average where it alone is heard.
        eaten_share: share (0..1) of the places where the voice alone is heard that lost more than 6 dB.
        follows_voice: how closely what was removed follows the voice in time, -1 to 1.
        gain_db: what was applied to the sound as a whole, which the figures above are without.
        before: the condition before, see ``measures.condition``.
        after: the condition after.
        distill_mos: the mean opinion, 1 to 5, that a network predicts; None where it is not installed.
    """

    noise_fell_db: float
    snr_before_db: float
    snr_after_db: float
    voice_lost_db: float
    voice_lost_at_hz: float | None
    typical_loss_db: float | None
    eaten_share: float | None
    follows_voice: float | None
    gain_db: float
    before: dict[str, Any]
    after: dict[str, Any]
    distill_mos: float | None = None


@dataclass(frozen=True)
class Original:
    """An excerpt as it is, and where its noise and its voice are heard."""

    recording: Recording
    pauses: tuple[Span, ...]
    loud: tuple[Span, ...]

    @classmethod
    def of(cls, recording: Recording) -> Original:
        """Listen for the pauses and for the louder half of the voice."""
        power = piece_power(recording)
        quiet = pause_pieces(power.size, speech_regions(recording))
        found = sections_of(power, quiet, section_s=max(recording.duration_s, 1.0), wanted_s=recording.duration_s)
        if not found:
            return cls(recording, (), ())
        return cls(recording, found[0].stretches, loud_stretches(power, quiet, found[0], recording.duration_s))

    @cached_property
    def levels(self) -> Levels:
        return _levels(self.recording, self, 0.0)

    @cached_property
    def cells(self) -> voice.Float64:
        return voice.cells(self.recording.read().samples, self.recording.sample_rate)

    @cached_property
    def clear(self) -> voice.Mask:
        inside = voice.frames_within(self.pauses, self.cells.shape[1], self.recording.sample_rate)
        return voice.clear_cells(self.cells, inside)

    @cached_property
    def condition(self) -> dict[str, Any]:
        return condition(self.recording)


def compare(original: Original, treated: Recording, gain_db: float) -> Figures:
    """The figures of a treatment of ``original``, to which ``gain_db`` was applied as a whole."""
    before, after = original.levels, _levels(treated, original, gain_db)
    lost_db, lost_at_hz = _worst_octave(before, after)
    scale = 10 ** (-gain_db / 10)
    cells = voice.cells(_as_long(treated, original.recording), original.recording.sample_rate) * scale
    clear = original.clear
    return Figures(
        noise_fell_db=_rounded(_decibels(before.noise) - _decibels(after.noise)),
        snr_before_db=_rounded(before.snr_db),
        snr_after_db=_rounded(after.snr_db),
        voice_lost_db=_rounded(lost_db),
        voice_lost_at_hz=lost_at_hz,
        typical_loss_db=_or_none(voice.typical_loss_db(original.cells, cells, clear)),
        eaten_share=_or_none(voice.eaten_share(original.cells, cells, clear), 4),
        follows_voice=_or_none(voice.follows_voice(original.cells, cells, clear)),
        gain_db=round(gain_db, 3),
        before=original.condition,
        after=condition(treated),
    )


def untouched(original: Original) -> Figures:
    """The figures of leaving an excerpt as it is: nothing changed."""
    snr_db = _rounded(original.levels.snr_db)
    return Figures(
        noise_fell_db=0.0,
        snr_before_db=snr_db,
        snr_after_db=snr_db,
        voice_lost_db=0.0,
        voice_lost_at_hz=None,
        typical_loss_db=0.0,
        eaten_share=0.0,
        follows_voice=None,
        gain_db=0.0,
        before=original.condition,
        after=original.condition,
    )


def _levels(recording: Recording, original: Original, gain_db: float) -> Levels:
    """Where a treatment changed the speed, the places of the original are moved along."""
    pace = recording.duration_s / max(original.recording.duration_s, 1e-9)
    noise, loud = (
        noise_alone(recording, [(start * pace, end * pace) for start, end in spans])
        for spans in (original.pauses, original.loud)
    )
    rate, scale = recording.sample_rate, 10 ** (-gain_db / 10)
    under = _weighted_power(noise, rate) * scale
    above = max(_weighted_power(loud, rate) * scale - under, 1e-3 * under, LOWEST_POWER)
    quiet_db, loud_db = octave_levels_db(noise, rate), octave_levels_db(loud, rate)
    alone = {hz: _without(loud_db[hz], quiet_db[hz]) - gain_db for hz in loud_db}
    clear = tuple(hz for hz in loud_db if loud_db[hz] - quiet_db[hz] >= CLEAR_OCTAVE_DB)
    return Levels(max(under, LOWEST_POWER), above, alone, clear)


def _weighted_power(samples: npt.NDArray[np.floating], sample_rate: int) -> float:
    from scipy.signal import sosfilt

    if not samples.size:
        return 0.0
    return float(np.mean(sosfilt(k_weighting(sample_rate), samples.astype(np.float64), axis=1) ** 2))


def _without(loud_db: float, quiet_db: float) -> float:
    """The level of the voice without the noise under it; as good as nothing where it does not stand out."""
    power, under = 10 ** (loud_db / 10), 10 ** (quiet_db / 10)
    return _decibels(max(power - under, 1e-3 * under))


def _worst_octave(before: Levels, after: Levels) -> tuple[float, float | None]:
    """What the voice lost in the octave, of those that were clear, where it lost most; less than nothing is none."""
    losses = {hz: before.octaves[hz] - after.octaves[hz] for hz in before.clear if hz in after.octaves}
    if not losses:
        return 0.0, None
    worst = max(losses, key=lambda hz: losses[hz])
    return (losses[worst], worst) if losses[worst] > 0 else (0.0, None)


def _as_long(treated: Recording, original: Recording) -> npt.NDArray[np.floating]:
    """The treated samples with the rate and the frames of the original: a change of speed is undone."""
    samples = treated.read().samples
    if abs(treated.frames - original.frames) > original.sample_rate // 100:
        import soxr

        ratio = original.frames / treated.frames
        samples = np.asarray(soxr.resample(samples.T, treated.frames, round(treated.frames * ratio))).T
    missing = max(0, original.frames - samples.shape[1])
    return np.pad(samples[:, : original.frames], ((0, 0), (0, missing)))


def _decibels(power: float) -> float:
    return 10 * float(np.log10(max(power, LOWEST_POWER)))


def _rounded(value: float) -> float:
    return round(value, 2) + 0.0


def _or_none(value: float | None, places: int = 2) -> float | None:
    return None if value is None else round(value, places) + 0.0
