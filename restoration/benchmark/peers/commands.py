"""Peers that are commands: sox and ffmpeg."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import soundfile

from restoration.benchmark.peers.sound import quiet_clip
from restoration.benchmark.systems import Part


def missing_command(name: str) -> str | None:
    """Why a command cannot be used; None when it is there."""
    return None if shutil.which(name) else f"the command {name} is not on the PATH"


def command_version(*command: str) -> str:
    """The first line of what a command says of its version."""
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.splitlines()[0].strip() if told else ""


def do(*command: str | Path) -> None:
    """Run a command.

    Raises:
        RuntimeError: it failed; with the last line it said.
    """
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(f"{command[0]}: {said[-1]}")


def ffmpeg(source: Path, result: Path, filters: str) -> None:
    """Run ``source`` through filters of ffmpeg, on one thread."""
    quiet = ("-nostdin", "-loglevel", "error", "-y", "-threads", "1", "-filter_threads", "1")
    do("ffmpeg", *quiet, "-i", source, "-af", filters, "-c:a", "pcm_f32le", result)


@dataclass(frozen=True)
class FfmpegFilter:
    """Filters of ffmpeg, as one writes them on its command line."""

    part: ClassVar[Part] = "peer"
    name: str
    filters: str

    def missing(self) -> str | None:
        return missing_command("ffmpeg")

    def version(self) -> str:
        return f"{self.filters}, {command_version('ffmpeg', '-version')}"

    def prepare(self) -> None:
        pass

    def run(self, source: Path, result: Path) -> None:
        ffmpeg(source, result, self.filters)


@dataclass(frozen=True)
class SoxNoiseReduction:
    """The noise reduction of sox, with the quietest half second as the profile."""

    part: ClassVar[Part] = "peer"
    name: str = "sox-noisered"
    amount: float = 0.21

    def missing(self) -> str | None:
        return missing_command("sox")

    def version(self) -> str:
        return f"amount {self.amount:g}, {command_version('sox', '--version')}"

    def prepare(self) -> None:
        pass

    def run(self, source: Path, result: Path) -> None:
        samples, sample_rate = soundfile.read(source, dtype="float32", always_2d=True)
        start, stop = quiet_clip(samples.mean(axis=1), sample_rate)
        with tempfile.TemporaryDirectory(dir=result.parent, prefix=".sox-") as folder:
            profile = Path(folder) / "noise.profile"
            do("sox", source, "-n", "trim", f"{start}s", f"{stop - start}s", "noiseprof", profile)
            do("sox", source, "-e", "floating-point", "-b", "32", result, "noisered", profile, str(self.amount))
