"""Age a clean recording as a carrier ages, with everything that was drawn written down.

The order is that of the chain it stands for: the programme is recorded (gain, band), the carrier is played (wow,
flutter), and the carrier, the machine and the converter add what they add (hiss, rumble, hum, clicks, a direct-current
offset). What then lies beyond full scale is clipped, as a converter would.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from restoration.audio import Audio
from restoration.simulate import noise
from restoration.simulate.band import keep_band
from restoration.simulate.clicks import clicks
from restoration.simulate.tape import TapeAgeing
from restoration.simulate.wow import Sway, Times, heard_at_s, play_with

FAULTS = ("speed", "hiss", "hum", "rumble", "clicks")


@dataclass(frozen=True, kw_only=True)
class Aged:
    """An aged recording.

    ``audio`` is its sound, ``facts`` (JSON-able) every parameter and everything drawn, ``sways`` its speed errors.
    """

    audio: Audio
    facts: dict[str, Any]
    sways: tuple[Sway, ...]

    def clean_time_s(self, times_s: Times) -> Times:
        """The times in the clean recording of what is heard at ``times_s`` in the aged one."""
        return heard_at_s(self.sways, times_s)


def age(audio: Audio, ageing: TapeAgeing) -> Aged:
    """``audio`` as it would sound today; as many frames, channels and Hz. The same seed gives the same sound.

    Holds a few copies of the recording in memory: it is meant for readings of minutes.
    """
    draws = _generators(ageing.seed)
    sways = _sways(ageing, draws["speed"])
    programme = _programme(audio, ageing, sways)
    added, facts = _faults(programme, audio.sample_rate, ageing, draws)
    aged = programme + added + ageing.dc_offset
    facts["clipped_samples"] = int(np.count_nonzero(np.abs(aged) > 1.0))
    samples = np.clip(aged, -1.0, 1.0).astype(np.float32)
    facts = asdict(ageing) | {"sways": [asdict(sway) for sway in sways]} | facts
    return Aged(audio=Audio(samples, audio.sample_rate), facts=facts, sways=sways)


def _generators(seed: int) -> dict[str, np.random.Generator]:
    seeds = np.random.SeedSequence(seed).spawn(len(FAULTS))
    return {fault: np.random.default_rng(own) for fault, own in zip(FAULTS, seeds, strict=True)}


def _sways(ageing: TapeAgeing, draw: np.random.Generator) -> tuple[Sway, ...]:
    wow_phase, flutter_phase = (float(phase) for phase in draw.uniform(0, 2 * np.pi, 2))
    wow = Sway(percent=ageing.wow_percent, hz=ageing.wow_hz, phase=wow_phase)
    flutter = Sway(percent=ageing.flutter_percent, hz=ageing.flutter_hz, phase=flutter_phase)
    return tuple(sway for sway in (wow, flutter) if sway.percent)


def _programme(audio: Audio, ageing: TapeAgeing, sways: tuple[Sway, ...]) -> noise.Float64:
    recorded = audio.samples.astype(np.float64) * 10 ** (ageing.gain_db / 20)
    recorded = keep_band(recorded, audio.sample_rate, ageing.low_cut_hz, ageing.bandwidth_hz)
    played = play_with(sways, Audio(recorded.astype(np.float32), audio.sample_rate))
    return played.samples.astype(np.float64)


def _faults(
    programme: noise.Float64, sample_rate: int, ageing: TapeAgeing, draws: dict[str, np.random.Generator]
) -> tuple[noise.Float64, dict[str, Any]]:
    """What is added to the programme, and what was drawn for it."""
    shape = (programme.shape[0], programme.shape[1])
    added = np.zeros(shape)
    facts: dict[str, Any] = {}
    level = noise.rms(programme)
    if ageing.hiss_snr_db is not None and level:
        facts["hiss_dbfs"] = 20 * float(np.log10(level)) - ageing.hiss_snr_db
        added += noise.hiss(shape, sample_rate, facts["hiss_dbfs"], ageing.hiss_tilt_db_per_octave, draws["hiss"])
    if ageing.rumble_dbfs is not None:
        added += noise.rumble(shape, sample_rate, ageing.rumble_dbfs, ageing.rumble_hz, draws["rumble"])
    if ageing.hum_dbfs is not None:
        partials, facts["hum_phases"] = noise.hum(
            shape[1], sample_rate, ageing.hum_dbfs, ageing.hum_hz, ageing.hum_harmonics, draws["hum"]
        )
        added += partials
    if ageing.clicks_per_s:
        crackle, facts["click_frames"] = clicks(
            shape[1], sample_rate, ageing.clicks_per_s, ageing.click_dbfs, ageing.click_spread_db, draws["clicks"]
        )
        added += crackle
    return added, facts
