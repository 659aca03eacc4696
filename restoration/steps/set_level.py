"""Set the loudness of the whole recording with one constant gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.loudness import LoudnessMeter
from restoration.measures.metering import listen
from restoration.measures.true_peak import PeakMeter
from restoration.step import Findings, Generates


@dataclass(frozen=True, kw_only=True)
class SetLevel:
    """One gain for the whole recording, so that nothing within it changes its level against the rest.

    Loudness is integrated and gated (ITU-R BS.1770-4). Where the wanted loudness would push the true peak too high, the
    gain is as much as the peak allows. A recording that is silent, or shorter than 400 ms, is left alone.

    target_lufs: the loudness wanted, -50 to -5 LUFS; -23 is EBU R 128.
    max_true_peak_dbtp: what the true peak may reach, -20 to 0 dBTP.
    tolerance_lu: a gain no larger than this, in LU, is not applied, 0 to 3.
    """

    target_lufs: float = -23.0
    max_true_peak_dbtp: float = -1.0
    tolerance_lu: float = 0.2

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if not -50.0 <= self.target_lufs <= -5.0:
            raise ValueError(f"target_lufs is from -50 to -5, not {self.target_lufs}")
        if not -20.0 <= self.max_true_peak_dbtp <= 0.0:
            raise ValueError(f"max_true_peak_dbtp is from -20 to 0, not {self.max_true_peak_dbtp}")
        if not 0.0 <= self.tolerance_lu <= 3.0:
            raise ValueError(f"tolerance_lu is from 0 to 3, not {self.tolerance_lu}")

    def measure(self, recording: Recording) -> Findings:
        """``loudness_lufs``, ``true_peak_dbtp``, the ``gain_db`` they allow, and whether the peak decided it."""
        loudness = LoudnessMeter(recording.sample_rate, recording.channels)
        peak = PeakMeter(recording.sample_rate, recording.channels)
        listen(recording, loudness, peak)
        loudness_lufs, true_peak_dbtp = loudness.integrated_lufs, peak.measures()["true_peak_dbtp"]
        findings: Findings = {"loudness_lufs": loudness_lufs, "true_peak_dbtp": true_peak_dbtp}
        if loudness_lufs is None or true_peak_dbtp is None:
            reason = "The recording has no loudness: it is silent, or shorter than 0.4 s."
            return findings | {"needed": False, "reason": reason, "gain_db": 0.0, "held_back_by_peak": False}
        return findings | self._decision(loudness_lufs, true_peak_dbtp)

    def _decision(self, loudness_lufs: float, true_peak_dbtp: float) -> Findings:
        wanted_db = self.target_lufs - loudness_lufs
        allowed_db = self.max_true_peak_dbtp - true_peak_dbtp
        gain_db = min(wanted_db, allowed_db)
        held_back = allowed_db < wanted_db
        needed = abs(gain_db) > self.tolerance_lu
        reason = f"The loudness is {loudness_lufs:.1f} LUFS and {self.target_lufs:.1f} LUFS are wanted"
        if held_back:
            reason += (
                f"; that takes {wanted_db:+.1f} dB, but the true peak of {true_peak_dbtp:.1f} dBTP"
                f" may reach {self.max_true_peak_dbtp:.1f} dBTP only"
            )
        reason += f": the gain is {gain_db:+.1f} dB." if needed else f": {gain_db:+.2f} dB are not worth a change."
        applied_db = gain_db if needed else 0.0
        return {"needed": needed, "reason": reason, "gain_db": applied_db, "held_back_by_peak": held_back}

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Multiply every sample by the gain found."""
        gain = np.float32(10.0 ** (findings["gain_db"] / 20.0))

        def amplified(samples: Samples, _start: int) -> Samples:
            return samples * gain

        map_blocks(recording, amplified, result)
