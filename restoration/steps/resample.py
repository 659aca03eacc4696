"""Change the sample rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from restoration.audio import BLOCK_FRAMES, Audio, Recording, Samples, Writer
from restoration.step import Findings, Generates


@dataclass(frozen=True, kw_only=True)
class Resample:
    """Linear-phase resampling by soxr at its very high quality; the result is aligned with its source.

    The result has ``round(frames * ratio)`` frames, halves rounded up, and one at least.

    sample_rate: the sample rate wanted, 4000 to 384000 Hz.
    """

    sample_rate: int = 48_000

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if not 4_000 <= self.sample_rate <= 384_000:
            raise ValueError(f"sample_rate is from 4000 to 384000 Hz, not {self.sample_rate}")

    def measure(self, recording: Recording) -> Findings:
        """``sample_rate`` (Hz) and ``frames`` of the result, and the ``ratio`` of the rates, result to source."""
        needed = recording.sample_rate != self.sample_rate
        reason = f"The sample rate is {recording.sample_rate} Hz"
        reason += f" and {self.sample_rate} Hz are wanted" if needed else ", as wanted"
        if self.sample_rate < recording.sample_rate:
            reason += f"; what lies above {self.sample_rate // 2} Hz is lost"
        return {
            "needed": needed,
            "reason": reason + ".",
            "sample_rate": self.sample_rate,
            "ratio": self.sample_rate / recording.sample_rate,
            "frames": resampled_frames(recording.frames, recording.sample_rate, self.sample_rate),
            "gain_db": 0.0,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Resample to exactly the frames found."""
        missing = int(findings["frames"])
        for samples in resampled(recording, int(findings["sample_rate"])):
            kept = np.ascontiguousarray(samples[:, :missing])
            missing -= kept.shape[1]
            result.write(Audio(kept, int(findings["sample_rate"])))
        result.write(Audio(np.zeros((recording.channels, missing), np.float32), int(findings["sample_rate"])))


def resampled_frames(frames: int, source_rate: int, sample_rate: int) -> int:
    """Frames at ``sample_rate`` that last as long as ``frames`` at ``source_rate``, rounded to the nearest."""
    return max(1, (2 * frames * sample_rate + source_rate) // (2 * source_rate)) if frames else 0


def resampled(recording: Recording, sample_rate: int) -> Iterator[Samples]:
    """The recording at another sample rate in Hz, piece by piece; together a frame more or less than it should be."""
    import soxr

    stream = soxr.ResampleStream(recording.sample_rate, sample_rate, recording.channels, "float32", "VHQ")
    for block in recording.with_blocks(BLOCK_FRAMES).blocks():
        last = block.start + block.frames == recording.frames
        frames = np.ascontiguousarray(block.samples.T)
        yield stream.resample_chunk(frames, last=last).reshape(-1, recording.channels).T
