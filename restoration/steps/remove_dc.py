"""Remove a constant or slowly drifting offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.dc import digital_silence, offset_at, offset_track, silence_frames
from restoration.step import Findings, Generates

LEAST_SECONDS = 1.0
DRIFT_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class RemoveDc:
    """Subtracts the measured offset of each channel: a constant, or a drift followed every 10 s.

    No filter is involved, so nothing of the sound is touched but its distance from zero. Digital silence stays zero.

    Attributes:
        least_dbfs: a smaller offset is left alone, -120 to -20 dB re full scale.
    """

    least_dbfs: float = -70.0

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if not -120.0 <= self.least_dbfs <= -20.0:
            raise ValueError(f"least_dbfs is from -120 to -20, not {self.least_dbfs}")

    def measure(self, recording: Recording) -> Findings:
        """``offset`` of each channel, full scale is 1; its ``track``: one value, or one every 10 s where it drifts."""
        mean, track = offset_track(recording)
        least = 10 ** (self.least_dbfs / 20)
        drift = float(np.ptp(track, axis=1).max(initial=0.0))
        drifts = drift > max(least, DRIFT_SHARE * float(np.abs(mean).max(initial=0.0)))
        largest = float(np.abs(track if drifts else mean).max(initial=0.0))
        needed = recording.duration_s >= LEAST_SECONDS and largest >= least
        kept = track if drifts else mean[:, None]
        return {
            "needed": needed,
            "reason": self._reason(recording, largest, drift if drifts else None),
            "offset": [float(value) for value in mean],
            "drift": drift,
            "track": [[float(value) for value in channel] for channel in kept],
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Subtract the track, but from digital silence."""
        track = np.asarray(findings["track"], dtype=np.float64)
        rate = recording.sample_rate

        def centred(samples: Samples, first: int) -> Samples:
            offset = offset_at(track, rate, first, samples.shape[1])
            offset[digital_silence(samples, rate)] = 0.0
            return (samples - offset).astype(np.float32)

        map_blocks(recording, centred, result, context=silence_frames(rate))

    def _reason(self, recording: Recording, largest: float, drift: float | None) -> str:
        if recording.duration_s < LEAST_SECONDS:
            return f"The recording is shorter than {LEAST_SECONDS:.0f} s: an offset cannot be told from the sound."
        shown = f"{20 * np.log10(largest):.1f} dBFS" if largest > 0 else "nothing"
        moving = f", drifting by {drift:.5f} of full scale" if drift is not None else ""
        compared = "more" if largest >= 10 ** (self.least_dbfs / 20) else "less"
        return (
            f"The offset is {shown}{moving}: {compared} than the {self.least_dbfs:.0f} dBFS from which it is removed."
        )
