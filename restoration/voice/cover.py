"""A vocal over its backing: levelled against it (ITU-R BS.1770-4), shaped, summed to the sample and limited.

No stage shifts anything in time: a sample of the vocal lies over the sample of the backing that it lay over before,
but for the delay that is asked for. Long recordings go through in blocks, with two files of scratch.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from restoration.audio import BLOCK_FRAMES, Audio, Recording, Samples, Writer
from restoration.errors import RestorationError
from restoration.mastering import VocalShape, pedalboard_version, shaped
from restoration.measures.loudness import LoudnessMeter
from restoration.measures.metering import listen
from restoration.measures.true_peak import true_peak_dbtp
from restoration.steps.limit import Limit

WORKING_LUFS = -20.0
"""Loudness at which the vocal is shaped, so that the compressor's threshold means the same for every vocal."""
SAFE_DB = 0.005


@dataclass(frozen=True, kw_only=True)
class CoverSettings:
    """How a vocal is put over its backing.

    vocal_over_backing_lu: how much louder the vocal is than the backing, -30 to 30 LU, each integrated over what it
        plays.
    loudness_lufs: of the whole, -40 to -6 LUFS; it may become less where the limiter has to work.
    ceiling_dbtp: what the true peak may reach, -20 to -1 dBTP.
    delay_s: by how much the vocal is moved later, -600 to 600 s, to the nearest sample.
    shape: what the vocal goes through; None for nothing.
    """

    vocal_over_backing_lu: float = 2.0
    loudness_lufs: float = -16.0
    ceiling_dbtp: float = -1.0
    delay_s: float = 0.0
    shape: VocalShape | None = field(default_factory=VocalShape)

    def __post_init__(self) -> None:
        ranges = {
            "vocal_over_backing_lu": (-30.0, 30.0),
            "loudness_lufs": (-40.0, -6.0),
            "ceiling_dbtp": (-20.0, -1.0),
            "delay_s": (-600.0, 600.0),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise RestorationError(f"{name} is from {least:g} to {most:g}, not {getattr(self, name):g}")


@dataclass(frozen=True)
class Mixed:
    """The cover: ``recording`` in stereo, and ``record`` (JSON-able) of how it was made: settings, gains, measures."""

    recording: Recording
    record: dict[str, Any]


def mix(
    vocal: Samples, backing: Samples, rate: int, settings: CoverSettings | None = None
) -> tuple[Samples, dict[str, Any]]:
    """A vocal (time,) or (channels, time) over a backing, both at ``rate``: stereo (2, time) and the record of it.

    Raises:
        RestorationError: as ``mix_recordings``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = [
            Recording.from_audio(
                folder / f"{which}.f32", Audio(np.atleast_2d(np.asarray(sound, dtype=np.float32)), rate)
            )
            for which, sound in (("vocal", vocal), ("backing", backing))
        ]
        made = mix_recordings(given[0], given[1], folder / "cover.f32", settings)
        return np.array(made.recording.read().samples), made.record


def mix_recordings(vocal: Recording, backing: Recording, place: Path, settings: CoverSettings | None = None) -> Mixed:
    """The same with recordings, the result written to ``place`` and scratch beside it.

    The result begins with whichever begins first, and ends with whichever ends last.

    Raises:
        RestorationError: two sample rates, more than two channels, or a vocal that is silent or under 0.4 s.
    """
    asked = settings or CoverSettings()
    _check(vocal, backing)
    with tempfile.TemporaryDirectory(dir=place.parent) as name:
        folder = Path(name)
        laid = _Laid(vocal, backing, round(asked.delay_s * backing.sample_rate))
        voice, record = _voice(laid, asked, folder / "voice.f32")
        record |= _balance(laid, voice, asked)
        summed = _summed(laid, voice, record, folder / "sum.f32")
        mastered, mastering = _mastered(summed, asked, folder, place)
    return Mixed(mastered, {"settings": asdict(asked), "pedalboard": pedalboard_version(), **record, **mastering})


@dataclass(frozen=True)
class _Laid:
    """Both on one time axis of ``frames``."""

    vocal: Recording
    backing: Recording
    delay_frames: int

    @property
    def frames(self) -> int:
        return max(self._start(self.vocal) + self.vocal.frames, self._start(self.backing) + self.backing.frames)

    def _start(self, recording: Recording) -> int:
        return max(0, self.delay_frames if recording is self.vocal else -self.delay_frames)

    def read(self, recording: Recording, start: int, stop: int) -> Samples:
        """Stereo (2, stop - start) of one of both on the common axis, silence around it."""
        begin = self._start(recording)
        first, last = np.clip([start - begin, stop - begin], 0, recording.frames)
        held = recording.read(int(first), int(last)).samples if last > first else np.zeros((1, 0), dtype=np.float32)
        both = np.broadcast_to(held, (2, held.shape[1])) if held.shape[0] == 1 else held
        before = int(np.clip(begin - start, 0, stop - start))
        return np.pad(both, ((0, 0), (before, stop - start - before - both.shape[1])))

    def blocks(self) -> Iterator[tuple[int, int]]:
        for start in range(0, self.frames, BLOCK_FRAMES):
            yield start, min(start + BLOCK_FRAMES, self.frames)


def _check(vocal: Recording, backing: Recording) -> None:
    if vocal.sample_rate != backing.sample_rate:
        raise RestorationError(
            f"the vocal is at {vocal.sample_rate} Hz and the backing at {backing.sample_rate} Hz; resample one of them"
        )
    for what, recording in (("vocal", vocal), ("backing", backing)):
        if recording.channels > 2:
            raise RestorationError(f"the {what} has {recording.channels} channels; one or two can be mixed")


def _loudness(recording: Recording) -> float | None:
    meter = LoudnessMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.integrated_lufs


def _as_stereo(recording: Recording) -> float | None:
    """Integrated loudness as it will sound from two loudspeakers."""
    found = _loudness(recording)
    return found if found is None or recording.channels == 2 else found + 10 * float(np.log10(2))


def _voice(laid: _Laid, asked: CoverSettings, place: Path) -> tuple[Recording, dict[str, Any]]:
    """The vocal on the common axis, at its working loudness and shaped."""
    found = _as_stereo(laid.vocal)
    if found is None:
        raise RestorationError("the vocal is silent, or shorter than 0.4 s: there is nothing to mix")
    gain_db = WORKING_LUFS - found
    levelled = place if asked.shape is None else place.with_name("levelled.f32")
    rate = laid.vocal.sample_rate
    with Writer(levelled) as file:
        for start, stop in laid.blocks():
            file.write(Audio(laid.read(laid.vocal, start, stop) * _factor(gain_db), rate))
    record = {"vocal_lufs": found, "vocal_gain_before_shape_db": gain_db}
    if asked.shape is None:
        return file.recording, record
    with Writer(place) as result:
        for audio in shaped(file.recording, asked.shape):
            result.write(audio)
    return result.recording, record


def _balance(laid: _Laid, voice: Recording, asked: CoverSettings) -> dict[str, Any]:
    """The gain of the shaped vocal that puts it so far over the backing."""
    backing, sung = _as_stereo(laid.backing), _loudness(voice)
    if sung is None:
        raise RestorationError("the vocal is silent once it is shaped; lower the high-pass or the threshold")
    gain_db = 0.0 if backing is None else backing + asked.vocal_over_backing_lu - sung
    return {
        "backing_lufs": backing,
        "shaped_vocal_lufs": sung,
        "vocal_gain_db": gain_db,
        "delay_frames": laid.delay_frames,
    }


def _summed(laid: _Laid, voice: Recording, record: dict[str, Any], place: Path) -> Recording:
    gain = _factor(record["vocal_gain_db"])
    with Writer(place) as file:
        for start, stop in laid.blocks():
            sung = voice.read(start, stop).samples * gain
            file.write(Audio(laid.read(laid.backing, start, stop) + sung, voice.sample_rate))
    return file.recording


def _mastered(summed: Recording, asked: CoverSettings, folder: Path, place: Path) -> tuple[Recording, dict[str, Any]]:
    """At the wanted loudness and under the ceiling."""
    found = _loudness(summed)
    gain_db = 0.0 if found is None else asked.loudness_lufs - found
    loud = _amplified(summed, gain_db, folder / "loud.f32")
    limit = Limit(ceiling_dbtp=asked.ceiling_dbtp)
    findings = limit.measure(loud)
    if findings["needed"]:
        with Writer(folder / "limited.f32") as file:
            limit.treat(loud, findings, file)
        loud = file.recording
    # What the limiter could not catch between the samples: a constant gain lowers it without fail.
    over_db = max(0.0, (true_peak_dbtp(loud) or -np.inf) - asked.ceiling_dbtp + SAFE_DB)
    mastered = _amplified(loud, -over_db, place)
    return mastered, {
        "master_gain_db": gain_db - over_db,
        "limiter": {key: findings[key] for key in ("needed", "reason", "ceiling_db") if key in findings},
        "loudness_lufs": _loudness(mastered),
        "true_peak_dbtp": true_peak_dbtp(mastered),
    }


def _amplified(recording: Recording, gain_db: float, place: Path) -> Recording:
    with Writer(place) as file:
        for block in recording.blocks():
            file.write(Audio(block.samples * _factor(gain_db), recording.sample_rate))
    return file.recording


def _factor(gain_db: float) -> np.float32:
    return np.float32(10 ** (gain_db / 20))
