"""What leaves with a lent voice: brought to 48 kHz, written, marked, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restoration import sound_files
from restoration.audio import Audio, Recording, Writer
from restoration.errors import RestorationError
from restoration.steps.extend_band import ExtendBand
from restoration.steps.resample import Resample
from restoration.voice.gate import Permit
from restoration.voice.marking import check_markable, mark, origin_of, sidecar_of
from restoration.voice.model import VoiceModel
from restoration.voice.samples import VOICE_RATE
from restoration.voice.usage import Made, count_use, log_of

WIDE_RATE = 48000
EDGE_HZ = 7600.0
"""Where a voice model's own band ends; above it the resampling filter begins."""


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Which voice it was, where it lies, what it was made from (SHA-256), and the notice, None for the usual one."""

    voice: VoiceModel
    folder: Path
    sources: Sequence[str]
    notice: str | None = None


def check_place(out: Path) -> None:
    """Raise where a sound could not be written and marked, before anything is made.

    Raises:
        RestorationError: the ending of the name is not that of a format that carries the mark, the folder is not
            there, or a signature is asked for that cannot be given.
    """
    check_markable(out.suffix)
    if not out.parent.is_dir():
        raise RestorationError(f"{out}: there is no folder {out.parent}; make it, or name another place")


def leave(permit: Permit, made: Recording, out: Path, about: Leaving) -> str:
    """Write a made sound to ``out`` (WAV, FLAC, MP3 or Opus), mark it, and count the use; the file's SHA-256.

    A sound that could not be counted does not stay.

    Raises:
        NoConsent: the permit is none that the gate gave.
        RestorationError: the place, the mark or the log cannot be written.
    """
    check_place(out)
    name = str(about.voice.card["name"])
    origin = origin_of(permit, name, about.sources, about.notice)
    try:
        _write(made, out, name)
        digest = mark(out, origin)
        used = Made(
            voice=name, seconds=made.frames / made.sample_rate, source_sha256=about.sources[0], result_sha256=digest
        )
        count_use(permit, used, log_of(about.folder))
    except BaseException:
        for file in (out, sidecar_of(out)):
            file.unlink(missing_ok=True)
        raise
    return digest


def _write(made: Recording, out: Path, title: str) -> None:
    ending = out.suffix.lower()
    if ending == ".wav":
        sound_files.write_bwf(made, out, description=sound_files.BwfDescription())
    elif ending == ".flac":
        sound_files.write_flac(made, out, tags={"title": title})
    elif ending == ".mp3":
        sound_files.write_mp3(made, out, tags={"title": title})
    else:
        sound_files.write_opus(made, out, tags={"title": title}, bit_rate_kbps=96.0)


def widened(narrow: Recording, folder: Path, rate: int = WIDE_RATE) -> Recording:
    """A made voice at 16 kHz brought to ``rate``; its band above 8 kHz is the extender's, where that turns out well."""
    resampled = _by(Resample(sample_rate=rate), narrow, folder / "resampled.f32")
    if rate <= narrow.sample_rate:
        return resampled
    extend = ExtendBand(recorded_bandwidth_hz=EDGE_HZ, enough_bandwidth_hz=2 * EDGE_HZ)
    findings = extend.measure(resampled)
    if not findings["needed"]:
        return resampled
    with Writer(folder / "wider.f32") as file:
        extend.treat(resampled, findings, file)
    return file.recording if extend.judge(resampled, file.recording, findings)["helps"] else resampled


def as_performance(path: Path, folder: Path) -> Recording:
    """The sound of a file as a voice is lent to it: one channel at 16 kHz.

    Raises:
        BadSoundFile: it cannot be read.
    """
    whole = heard(path, folder)
    with Writer(folder / "one-channel.f32") as file:
        for block in whole.blocks():
            file.write(Audio(block.samples.mean(axis=0, keepdims=True), whole.sample_rate))
    return _by(Resample(sample_rate=VOICE_RATE), file.recording, folder / "performance.f32")


def _by(step: Resample, recording: Recording, place: Path) -> Recording:
    findings = step.measure(recording)
    if not findings["needed"]:
        return recording
    with Writer(place) as file:
        step.treat(recording, findings, file)
    return file.recording


def heard(path: Path, folder: Path) -> Recording:
    """The sound of a file, in its own rate and channels.

    Raises:
        BadSoundFile: it cannot be read.
    """
    with Writer(folder / f"{path.stem}-heard.f32") as file:
        sound_files.decode(path, file)
    return file.recording
