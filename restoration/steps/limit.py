"""Keep the true peak under a ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restoration.audio import Recording, Writer
from restoration.mastering import limited
from restoration.measures.true_peak import PeakMeter, true_peak_dbtp
from restoration.step import Findings, Generates

TRIALS = 6
MARGIN_DB = 0.01


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limiter that looks 5 ms ahead; the sound under the ceiling keeps its level, and none is shifted in time.

    The limiter holds the samples under a ceiling, between which the wave may still rise. So it is tried, and its
    ceiling is lowered by what the true peak (ITU-R BS.1770-4) is found to exceed, until the true peak obeys.

    ceiling_dbtp: what the true peak may reach, -30 to 0 dBTP.
    release_ms: time in which the gain returns after a peak, 1 to 2000 ms.
    """

    ceiling_dbtp: float = -1.0
    release_ms: float = 100.0

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if not -30.0 <= self.ceiling_dbtp <= 0.0:
            raise ValueError(f"ceiling_dbtp is from -30 to 0, not {self.ceiling_dbtp}")
        if not 1.0 <= self.release_ms <= 2000.0:
            raise ValueError(f"release_ms is from 1 to 2000, not {self.release_ms}")

    def measure(self, recording: Recording) -> Findings:
        """``true_peak_dbtp`` before and ``limited_true_peak_dbtp`` after, and the ``ceiling_db`` that it takes."""
        peak = true_peak_dbtp(recording)
        findings: Findings = {"true_peak_dbtp": peak, "gain_db": 0.0}
        if peak is None or peak <= self.ceiling_dbtp:
            shown = "there is no sound" if peak is None else f"the true peak is {peak:.1f} dBTP"
            reason = f"Nothing exceeds the ceiling of {self.ceiling_dbtp:.1f} dBTP: {shown}."
            return findings | {"needed": False, "reason": reason}
        ceiling_db, limited_peak = self._ceiling_for(recording)
        reason = (
            f"The true peak is {peak:.1f} dBTP and may reach {self.ceiling_dbtp:.1f} dBTP:"
            f" peaks are lowered by up to {peak - limited_peak:.1f} dB, the rest keeps its level."
        )
        return findings | {
            "needed": True,
            "reason": reason,
            "ceiling_db": ceiling_db,
            "limited_true_peak_dbtp": limited_peak,
        }

    def _ceiling_for(self, recording: Recording) -> tuple[float, float]:
        """The ceiling for samples at which the true peak obeys, and that true peak."""
        ceiling_db = self.ceiling_dbtp
        for _ in range(TRIALS):
            meter = PeakMeter(recording.sample_rate, recording.channels)
            for audio in limited(recording, ceiling_db, self.release_ms):
                meter.feed(audio.samples.astype("float64"))
            reached = meter.measures()["true_peak_dbtp"] or 0.0
            if reached <= self.ceiling_dbtp:
                break
            ceiling_db -= reached - self.ceiling_dbtp + MARGIN_DB
        return ceiling_db, reached

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Limit at the ceiling found."""
        for audio in limited(recording, findings["ceiling_db"], self.release_ms):
            result.write(audio)
