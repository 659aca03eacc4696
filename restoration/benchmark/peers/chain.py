"""The chain that a careful user builds from others' tools: notches for the mains, a declicker, DeepFilterNet 3."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import soundfile

from restoration.benchmark.peers.commands import command_version, ffmpeg, missing_command
from restoration.benchmark.peers.libraries import DeepFilterNet3
from restoration.benchmark.peers.sound import Mono, quiet_clip
from restoration.benchmark.systems import Part

MAINS_HZ = (50.0, 60.0)
PARTIALS = 8
NOTCH_HZ = 2.0
STANDING_OUT = 10**1.2


@dataclass(frozen=True)
class RepairThenDeepFilter:
    """Dehum, declick, denoise."""

    part: ClassVar[Part] = "peer"
    name: str = "dehum-declick-deepfilternet3"
    deep_filter: DeepFilterNet3 = field(default_factory=DeepFilterNet3)

    def missing(self) -> str | None:
        return missing_command("ffmpeg") or self.deep_filter.missing()

    def version(self) -> str:
        return f"{command_version('ffmpeg', '-version')}, {self.deep_filter.version()}"

    def prepare(self) -> None:
        self.deep_filter.prepare()

    def run(self, source: Path, result: Path) -> None:
        samples, sample_rate = soundfile.read(source, dtype="float32", always_2d=True)
        partials_hz = humming_hz(samples.mean(axis=1), sample_rate)
        notches = [f"bandreject=f={hz:g}:width_type=h:w={NOTCH_HZ:g}" for hz in partials_hz]
        with tempfile.TemporaryDirectory(dir=result.parent, prefix=".chain-") as folder:
            repaired = Path(folder) / "repaired.wav"
            ffmpeg(source, repaired, ",".join([*notches, "adeclick"]))
            self.deep_filter.run(repaired, result)


def humming_hz(sound: Mono, sample_rate: int) -> list[float]:
    """Partials of 50 or 60 Hz, whichever has more of them, that stand 12 dB out of the quietest half second."""
    start, stop = quiet_clip(sound, sample_rate)
    quiet = sound[start:stop]
    power = np.abs(np.fft.rfft(quiet * np.hanning(quiet.size))) ** 2
    hz = np.fft.rfftfreq(quiet.size, 1 / sample_rate)

    def stands_out(partial_hz: float) -> bool:
        distance_hz = np.abs(hz - partial_hz)
        beside = np.median(power[(distance_hz > 8) & (distance_hz < 22)])
        return bool(power[distance_hz < 3].max() > STANDING_OUT * beside)

    found = [[k * mains_hz for k in range(1, PARTIALS + 1) if stands_out(k * mains_hz)] for mains_hz in MAINS_HZ]
    return max(found, key=len)
