"""Loudness and true peak of what leaves: measured, brought there, measured again, corrected until both are kept.

The ceiling is kept before the loudness is: where peaks would have to be lowered by more than the chain allows, the
sound stays quieter, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.errors import RestorationError
from restoration.exhibition.preset import Preset
from restoration.exhibition.shaping import forget
from restoration.mastering import limited
from restoration.measures.loudness import LoudnessMeter
from restoration.measures.metering import listen
from restoration.measures.true_peak import PeakMeter

TRIALS = 12
MARGIN_DB = 0.01
"""Kept below the ceiling, for the rounding of the file that is written."""
SHARE_OF_TOLERANCE = 0.5
"""The rest of the tolerance is left to the file's rounding or codec."""

Measures = dict[str, float | None]


@dataclass(frozen=True)
class Aim:
    """What is aimed at: loudness in LUFS, ceiling of the true peak in dBTP, and the tolerance in LU."""

    target_lufs: float
    ceiling_dbtp: float
    tolerance_lu: float

    @classmethod
    def of(cls, preset: Preset, target_lufs: float | None = None) -> Aim:
        """What a preset aims at; another loudness where a loop agreed on one."""
        if preset.loudness is None:
            raise ValueError(f"preset {preset.name} aims at no loudness")
        wanted = preset.loudness
        target = wanted.target_lufs if target_lufs is None else target_lufs
        return cls(target, wanted.max_true_peak_dbtp, wanted.tolerance_lu)

    def lowered(self, by_db: float) -> Aim:
        """The same loudness under a lower ceiling."""
        return replace(self, ceiling_dbtp=self.ceiling_dbtp - by_db)

    def met(self, measured: Measures) -> bool:
        """Whether a sound has the loudness, within the tolerance."""
        found = measured["loudness_lufs"]
        return found is not None and abs(found - self.target_lufs) <= self.tolerance_lu

    def kept(self, measured: Measures) -> bool:
        """Whether its true peak is under the ceiling."""
        peak = measured["true_peak_dbtp"]
        return peak is None or peak <= self.ceiling_dbtp


@dataclass(frozen=True)
class Levelled:
    """A sound at its level: ``measured`` of it; ``parameters`` for the log; ``held_back`` by the ceiling."""

    recording: Recording
    measured: Measures
    gain_db: float
    parameters: dict[str, Any]
    held_back: str = ""


def measured(recording: Recording) -> Measures:
    """Loudness (integrated, range, maxima) and true peak of a sound, in one pass."""
    meter = LoudnessMeter(recording.sample_rate, recording.channels)
    peak = PeakMeter(recording.sample_rate, recording.channels)
    listen(recording, meter, peak)
    return {**meter.measures(), "true_peak_dbtp": peak.measures()["true_peak_dbtp"]}


def level(sound: Recording, before: Measures, preset: Preset, aim: Aim, place: Path) -> Levelled:
    """A shaped sound brought to its aim by one gain and, where peaks stand above the ceiling, the chain's limiter.

    Args:
        sound: from ``shaping.shape``.
        before: what ``measured`` says of it.
        preset: whose chain limits.
        aim: what is wanted of the result.
        place: where the result is written.

    Raises:
        RestorationError: the sound is silent, or shorter than 0.4 s.
    """
    loudness, peak = _both(before)
    most_db = _most_gain_db(peak, aim, preset)
    gain_db = min(aim.target_lufs - loudness, most_db)
    ceiling_db = aim.ceiling_dbtp - MARGIN_DB
    for _ in range(TRIALS):
        release_ms = _release_ms(preset) if peak + gain_db > aim.ceiling_dbtp - MARGIN_DB else 0.0
        made = _made(sound, gain_db, (ceiling_db, release_ms), place)
        found = measured(made)
        over_db = (found["true_peak_dbtp"] or -200.0) - (aim.ceiling_dbtp - MARGIN_DB)
        error_lu = aim.target_lufs - (found["loudness_lufs"] or aim.target_lufs)
        wanted_db = min(gain_db + error_lu, most_db)
        near = abs(wanted_db - gain_db) <= SHARE_OF_TOLERANCE * aim.tolerance_lu
        if over_db <= 1e-6 and near:
            return _told(made, found, gain_db, aim, (peak, release_ms))
        gain_db = gain_db if near else wanted_db
        ceiling_db -= over_db + MARGIN_DB if over_db > 1e-6 else 0.0
    return _without_limiter(sound, (loudness, peak), aim, place)


def _without_limiter(sound: Recording, before: tuple[float, float], aim: Aim, place: Path) -> Levelled:
    """What always holds: a gain that keeps the peaks where they are under the ceiling."""
    loudness, peak = before
    gain_db = min(aim.target_lufs - loudness, aim.ceiling_dbtp - MARGIN_DB - peak)
    made = _made(sound, gain_db, (0.0, 0.0), place)
    return _told(made, measured(made), gain_db, aim, (peak, 0.0))


def _told(made: Recording, found: Measures, gain_db: float, aim: Aim, limiting: tuple[float, float]) -> Levelled:
    peak, release_ms = limiting
    parameters: dict[str, Any] = {"target_lufs": aim.target_lufs, "ceiling_dbtp": aim.ceiling_dbtp}
    if release_ms:
        lowered_db = round(peak + gain_db - (found["true_peak_dbtp"] or 0.0), 2)
        parameters["limiter"] = {"release_ms": release_ms, "peaks_lowered_by_db": lowered_db}
    said = ""
    if not aim.met(found):
        said = (
            f"the loudness is {found['loudness_lufs']:.1f} LUFS where {aim.target_lufs:.1f} were wanted: more would "
            f"lift the true peak over {aim.ceiling_dbtp:.1f} dBTP, or take more limiting than the preset allows"
        )
    return Levelled(made, found, round(gain_db, 4), parameters, said)


def _most_gain_db(peak: float, aim: Aim, preset: Preset) -> float:
    limiting = preset.chain.max_limiting_db if preset.chain else 0.0
    return aim.ceiling_dbtp - MARGIN_DB + limiting - peak


def _release_ms(preset: Preset) -> float:
    return preset.chain.limiter_release_ms if preset.chain else 100.0


def _both(before: Measures) -> tuple[float, float]:
    loudness, peak = before["loudness_lufs"], before["true_peak_dbtp"]
    if loudness is None or peak is None:
        raise RestorationError("has no loudness: it is silent, or shorter than 0.4 s; choose a longer stretch")
    return loudness, peak


def _made(sound: Recording, gain_db: float, limiter: tuple[float, float], place: Path) -> Recording:
    """The sound with a gain, and through a limiter where its release is not nought."""
    ceiling_db, release_ms = limiter
    gained = place.with_suffix(".gained.f32") if release_ms else place
    gain = np.float32(10.0 ** (gain_db / 20.0))

    def louder(samples: Samples, _start: int) -> Samples:
        return samples * gain

    with Writer(gained) as writer:
        map_blocks(sound, louder, writer)
    if not release_ms:
        return writer.recording
    with Writer(place) as held:
        for audio in limited(writer.recording, ceiling_db, release_ms):
            held.write(audio)
    forget(writer.recording)
    return held.recording
