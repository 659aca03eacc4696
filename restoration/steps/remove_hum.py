"""Remove mains hum and its harmonics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.dc import digital_silence, silence_frames
from restoration.measures.hum import HumSearch, description, find_hum
from restoration.measures.hum_left import heard
from restoration.measures.mains import PACES, Pace, Partials, Track
from restoration.measures.metering import Float64
from restoration.repair.hum import measured_wave
from restoration.step import Findings, Generates, Verdict

STEADY_HZ = 0.01
PARTIALS_UNHEARD = 10
"""Partials that are removed where somebody gives a frequency at which the measure found none."""
LEAST_FALL_DB = 1.0
"""By how much the hum must be lower where the sound is quiet, at least."""
MOST_CHANGE_DB = 0.5
"""By how much what lies between the partials may change, at most: it is voice, not hum."""


@dataclass(frozen=True, kw_only=True)
class RemoveHum:
    """Subtracts the hum as it was measured: no filter, so that a voice that shares its frequencies keeps them.

    The frequency is followed along the tape. Each partial is a sinusoid at a multiple of it whose amplitude and
    phase change slowly; they are estimated from the pauses and the quiet moments, over 12 s, or over 2 to 4 s where the
    hum wavers or sways with the tape.

    Attributes:
        mains_hz: the frequency is looked for within 5 % of it, 45 to 65 Hz. None: anywhere from 45 to 65 Hz.
        max_harmonics: partials that may be removed, the fundamental included, 1 to 90; none above 4200 Hz is.
        min_excess_db: how far a partial stands above the noise in the 9 Hz around it to be removed, -10 to 30 dB;
            those above the 24th at least 3 dB.
    """

    mains_hz: float | None = None
    max_harmonics: int = 80
    min_excess_db: float = -3.0

    version: ClassVar[str] = "4"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if self.mains_hz is not None and not 45.0 <= self.mains_hz <= 65.0:
            raise ValueError(f"mains_hz is from 45 to 65, not {self.mains_hz}")
        if not 1 <= self.max_harmonics <= 90:
            raise ValueError(f"max_harmonics is from 1 to 90, not {self.max_harmonics}")
        if not -10.0 <= self.min_excess_db <= 30.0:
            raise ValueError(f"min_excess_db is from -10 to 30, not {self.min_excess_db}")

    def measure(self, recording: Recording) -> Findings:
        """``hum_hz``, ``hum_dbfs``, ``drift_hz`` and ``harmonics``, as the measure of hum gives them.

        ``track_hz`` is the frequency every ``track_s`` (one value where it does not drift), ``orders`` are the partials
        to remove, ``pace`` tells how fast they change.
        """
        search = HumSearch(self.mains_hz, self.max_harmonics, self.min_excess_db)
        found = find_hum(recording, search)
        shown = description(found, search)
        findings: Findings = {"needed": shown["hum_hz"] is not None, "reason": _reason(shown), **shown}
        if found is None or not findings["needed"]:
            return findings
        steady = bool(np.ptp(found.track.hz) < STEADY_HZ)
        hz = found.track.hz.mean(keepdims=True) if steady else found.track.hz
        return findings | {
            "track_hz": [round(float(value), 5) for value in hz],
            "orders": [int(order) for order in found.kept(search)],
            "pace": found.pace,
            "track_s": PACES[found.pace].track_s,
        }

    def findings_with(self, recording: Recording, findings: Findings, decided: Mapping[str, Any]) -> Findings:
        """With another ``hum_hz``: that frequency all along, and the partials that were found, or the first ten."""
        if not isinstance(decided.get("hum_hz"), int | float):
            return findings
        hum_hz = float(decided["hum_hz"])
        if not 45.0 <= hum_hz <= 65.0:
            raise ValueError(f"hum_hz is from 45 to 65, not {hum_hz}")
        most = min(self.max_harmonics, PARTIALS_UNHEARD, int(0.5 * recording.sample_rate // hum_hz))
        pace = findings.get("pace", "steady")
        return {
            **findings,
            "needed": True,
            "track_hz": [hum_hz],
            "orders": findings.get("orders") or list(range(1, most + 1)),
            "pace": pace,
            "track_s": PACES[pace].track_s,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Estimate the amplitudes along the recorded track, and subtract; digital silence stays as it is."""
        rate = recording.sample_rate
        hum = measured_wave(recording, _track(findings), Partials(np.asarray(findings["orders"])), _pace(findings))

        def without_hum(samples: Samples, first: int) -> Samples:
            wave = hum.wave(first, samples.shape[1], rate)
            # Silence is rare, and looking for runs of it is dear.
            if np.count_nonzero(samples) < samples.size:
                wave[digital_silence(samples, rate)] = 0.0
            return (samples - wave).astype(np.float32)

        map_blocks(recording, without_hum, result, context=silence_frames(rate))

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """``fall_db`` of the hum where the sound is quiet, all partials together, ``rise_db`` of the partial that rose
        most, and ``change_db``, by how much the power of the sound half-way between the partials changed.
        """
        track = _track(findings)
        had, left = (heard(recording, track, findings["orders"]) for recording in (before, after))
        fall_db = _sum_db(had.partial_dbfs) - _sum_db(left.partial_dbfs)
        rise_db = float(np.max(left.partial_dbfs - had.partial_dbfs))
        change_db = abs(_sum_db(left.between_dbfs) - _sum_db(had.between_dbfs))
        lower, kept = fall_db >= LEAST_FALL_DB, change_db <= MOST_CHANGE_DB
        return {
            "helps": lower and kept,
            "reason": f"Where the sound is quiet the hum is {fall_db:.1f} dB lower, and what lies between its partials"
            f" {'is as it was' if kept else f'changed by {change_db:.1f} dB'}.",
            "fall_db": round(fall_db, 2),
            "rise_db": round(rise_db, 2),
            "change_db": round(change_db, 3),
        }


def _track(findings: Findings) -> Track:
    return Track(np.asarray(findings["track_hz"]), findings["track_s"])


def _pace(findings: Findings) -> Pace:
    return PACES[str(findings["pace"])]


def _sum_db(levels_db: Float64) -> float:
    return 10 * float(np.log10(np.sum(10 ** (levels_db / 10))))


def _reason(shown: dict[str, Any]) -> str:
    if shown["hum_hz"] is None:
        return "No mains hum stands out of the quiet parts of the recording."
    strongest = max(shown["harmonics"], key=lambda harmonic: harmonic["excess_db"])
    count = len(shown["harmonics"])
    return (
        f"Hum of {shown['hum_hz']:.2f} Hz (drifting by {shown['drift_hz']:.2f} Hz) at {shown['hum_dbfs']:.1f} dBFS:"
        f" {count} partial{'s' if count != 1 else ''}, of which that at {strongest['hz']:.0f} Hz stands"
        f" {strongest['excess_db']:.1f} dB above the noise around it."
    )
