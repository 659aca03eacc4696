"""What a sound goes through before it is levelled: cut, brought to its sample rate and channels, chain, fades.

Each stage is a recording in the folder of the work; the one before is let go of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restoration import mastering
from restoration.audio import BLOCK_FRAMES, Audio, Recording, Samples, Writer, map_blocks
from restoration.exhibition.preset import Chain, Fades, Preset
from restoration.measures.loudness import loudness
from restoration.steps.resample import Resample


@dataclass(frozen=True)
class Shaped:
    """A sound before it is levelled, and what was done to it, for the log."""

    recording: Recording
    parameters: dict[str, Any]


class Bench:
    """A folder in which one sound follows another; only the newest is kept."""

    def __init__(self, folder: Path, first: Recording) -> None:
        self._folder, self._first, self._count = folder, first, 0
        self.sound = first

    def next(self, fill: Callable[[Writer], None]) -> Recording:
        """The sound that ``fill`` writes takes the place of the one before."""
        self._count += 1
        with Writer(self._folder / f"shaped-{self._count}.f32") as writer:
            fill(writer)
        if self.sound.path != self._first.path:
            forget(self.sound)
        self.sound = writer.recording
        return self.sound


def forget(recording: Recording) -> None:
    """Delete a recording of the working folder."""
    recording.path.unlink(missing_ok=True)
    recording.path.with_name(recording.path.name + ".json").unlink(missing_ok=True)


def cut(recording: Recording, start: int, stop: int, writer: Writer) -> None:
    """Write the frames ``start`` to ``stop``."""
    for first in range(start, stop, BLOCK_FRAMES):
        writer.write(recording.read(first, min(stop, first + BLOCK_FRAMES)))


def shape(sound: Recording, preset: Preset, folder: Path) -> Shaped:
    """A whole sound, or what was cut of it, through everything that stands before the gain.

    The compressor's threshold follows the loudness that the sound has where it meets it, so that a quiet tape and a
    loud one are compressed alike.
    """
    if preset.sound is None or preset.chain is None:
        return Shaped(sound, {})
    bench, chain = Bench(folder, sound), preset.chain
    done: dict[str, Any] = {"name": chain.name, "pedalboard": mastering.pedalboard_version()}
    if preset.sound.sample_rate != sound.sample_rate:
        _resample(bench, preset.sound.sample_rate)
        done["resampled"] = {"from_hz": sound.sample_rate, "to_hz": preset.sound.sample_rate, "by": "soxr, VHQ"}
    if preset.sound.channels == 2 and sound.channels == 1:
        bench.next(lambda writer: on_two_channels(bench.sound, writer))
        done["one channel on two"] = True
    if chain.highpass_hz:
        band = mastering.Band(
            kind="highpass", frequency_hz=chain.highpass_hz, slope_db_per_octave=chain.highpass_db_per_octave
        )
        bench.next(lambda writer: mastering.equalise(bench.sound, [band], writer))
        done["highpass"] = {"hz": chain.highpass_hz, "db_per_octave": chain.highpass_db_per_octave}
    if chain.compressor_ratio > 1:
        done["compressor"] = _compress(bench, chain)
    if preset.fades.in_ms or preset.fades.out_ms:
        fades = preset.fades
        bench.next(lambda writer: fade(bench.sound, fades, writer))
        done["fades"] = {"in_ms": fades.in_ms, "out_ms": fades.out_ms, "curve": "equal power"}
    return Shaped(bench.sound, done)


def _resample(bench: Bench, sample_rate: int) -> None:
    step = Resample(sample_rate=sample_rate)
    findings = step.measure(bench.sound)
    bench.next(lambda writer: step.treat(bench.sound, findings, writer))


def on_two_channels(recording: Recording, writer: Writer) -> None:
    """Write one channel on two, equally."""
    for block in recording.blocks():
        writer.write(Audio(np.repeat(block.samples, 2, axis=0), recording.sample_rate))


def _compress(bench: Bench, chain: Chain) -> dict[str, Any]:
    level = loudness(bench.sound)["loudness_lufs"]
    if level is None:
        return {"left out": "the sound has no loudness"}
    threshold_db = round(level + chain.compressor_threshold_lu, 2)
    compressor = mastering.Compressor(
        threshold_db=threshold_db,
        ratio=chain.compressor_ratio,
        attack_ms=chain.compressor_attack_ms,
        release_ms=chain.compressor_release_ms,
    )
    bench.next(lambda writer: mastering.compressed(bench.sound, compressor, writer))
    return {
        "threshold_dbfs": threshold_db,
        "ratio": chain.compressor_ratio,
        "attack_ms": chain.compressor_attack_ms,
        "release_ms": chain.compressor_release_ms,
    }


def fade(recording: Recording, fades: Fades, writer: Writer) -> None:
    """Write the sound with equal-power fades (a quarter of a sine) at its edges; each takes half of it at most."""
    half = recording.frames // 2
    rising, falling = (min(half, round(ms * recording.sample_rate / 1000)) for ms in (fades.in_ms, fades.out_ms))

    def faded(samples: Samples, start: int) -> Samples:
        frames = start + np.arange(samples.shape[1])
        gain = np.ones(samples.shape[1])
        if rising:
            gain = np.minimum(gain, np.sin(0.5 * np.pi * np.clip((frames + 0.5) / rising, 0, 1)))
        if falling:
            left = recording.frames - frames - 0.5
            gain = np.minimum(gain, np.sin(0.5 * np.pi * np.clip(left / falling, 0, 1)))
        return (samples * gain).astype(np.float32)

    map_blocks(recording, faded, writer)
