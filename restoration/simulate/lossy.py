"""Copies that went through a lossy codec: what many digitised recordings are today, and all that is left of some."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar, Literal

import numpy as np
import soundfile
import soxr

from restoration.simulate.fault import Float64, Kind, check_range

Codec = Literal["mp3", "vorbis"]
FORMATS: dict[Codec, tuple[str, str]] = {"mp3": ("MP3", "MPEG_LAYER_III"), "vorbis": ("OGG", "VORBIS")}
CODED_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Sample rates that both codecs know."""


@dataclass(frozen=True, kw_only=True)
class LossyCopy:
    """Encoded and decoded again, every channel for itself: noise turns into chirps, and quiet partials are lost.

    What lies at another rate than the codec knows is copied at the highest one below it.

    Args:
        codec: "mp3" (LAME, variable bit rate) or "vorbis".
        compression: from 0, the best that the codec does, to 0.98. At 16 kHz MP3 takes 48 kbit/s at 0.3 and 24 at the
            end, Vorbis 67 and 34.
    """

    kind: ClassVar[Kind] = "damage"
    codec: Codec = "mp3"
    compression: float = 0.5

    def __post_init__(self) -> None:
        if self.codec not in FORMATS:
            raise ValueError(f"codec is one of {', '.join(FORMATS)}, not {self.codec!r}")
        check_range(self, 0, 0.98, "compression")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        if not samples.size:
            return samples, {}
        coded_hz = max((rate for rate in CODED_HZ if rate <= sample_rate), default=CODED_HZ[0])
        copies, coded_bytes = [], 0
        for channel in samples:
            copy, taken = self._copied(soxr.resample(channel, sample_rate, coded_hz), coded_hz)
            copies.append(_of_length(soxr.resample(copy, coded_hz, sample_rate), samples.shape[1]))
            coded_bytes += taken
        seconds = samples.shape[1] / sample_rate
        return np.stack(copies), {"coded_hz": coded_hz, "kbit_per_s": round(coded_bytes * 8e-3 / seconds, 1)}

    def _copied(self, samples: Float64, sample_rate: int) -> tuple[Float64, int]:
        container, subtype = FORMATS[self.codec]
        file = BytesIO()
        settings = {"format": container, "subtype": subtype, "compression_level": self.compression}
        with soundfile.SoundFile(file, "w", sample_rate, 1, **settings) as coded:
            coded.write(samples)
        taken = file.tell()
        file.seek(0)
        decoded, _ = soundfile.read(file, dtype="float64")
        return _of_length(decoded, samples.size), taken


def _of_length(samples: Float64, frames: int) -> Float64:
    return np.asarray(np.pad(samples[:frames], (0, max(0, frames - samples.size))), dtype=np.float64)
