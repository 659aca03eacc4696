"""Performances in files lent a voice: any format in, a marked broadcast wave file out, counted and on record.

Every stage goes from file to file in blocks: half an hour needs 9 MB more memory than a minute
(tests/voice/test_convert_command.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr

from restoration import fixity, ledger
from restoration.audio import Audio, Recording, Writer
from restoration.errors import RestorationError
from restoration.sound_files.bwf import BwfDescription, write_bwf
from restoration.sound_files.decode import decode
from restoration.steps.extend_band import ExtendBand
from restoration.voice.convert import Settings, converted
from restoration.voice.gate import Permit, terms_of
from restoration.voice.marking import check_markable, mark, origin_of, sidecar_of
from restoration.voice.melody import Melody
from restoration.voice.model import VoiceModel
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.usage import Made, count_use, log_of

RATES = (48000, VOICE_RATE)
SUFFIXES = (".wav", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".flac", ".mp3", ".ogg", ".opus")
EVENTS, CONVERTED = "events.jsonl", "performance converted"
CONVERTED_TO_HZ, EXTENDED_TO_HZ = 7500.0, 16000.0
"""The converted voice is taken as whole up to the first; what lies above, up to the second, is made by the extender."""
FULL_SCALE = 0.99
Tell = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Loan:
    """A voice, the folder it lies in, the leave to use it, and how."""

    permit: Permit
    voice: VoiceModel
    folder: Path
    settings: Settings
    rate: int = RATES[0]

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise RestorationError(f"the result has {RATES[0]} or {RATES[1]} samples a second, not {self.rate}")


def sources_of(given: Iterable[Path]) -> list[Path]:
    """The files, and of folders the sound files in them, by name.

    Raises:
        RestorationError: a folder holds no sound file.
    """
    found: list[Path] = []
    for path in given:
        inside = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not inside:
            raise RestorationError(f"{path}: there is no sound file in this folder ({', '.join(SUFFIXES)})")
        found += inside
    return found


def target_of(source: Path, out: Path, voice: VoiceModel) -> Path:
    """Where the conversion of a file belongs.

    Raises:
        RestorationError: a file is there already.
    """
    name = "".join(letter if letter.isalnum() else "-" for letter in voice.card["name"]).strip("-")
    target = out / f"{source.stem} in the voice {name}.wav"
    if target.exists():
        raise RestorationError(f"{target} is there already; move it, or name another folder with --out")
    return target


def convert_file(source: Path, target: Path, loan: Loan, tell: Tell = lambda share: None) -> tuple[float, Melody]:
    """Convert one file; the seconds that were made, and how the melody was changed.

    Raises:
        BadSoundFile: the source is not the sound that it claims to be.
        NoConsent: the permit does not allow it.
    """
    check_markable(target.suffix)
    with TemporaryDirectory(dir=target.parent, prefix=".converting-") as scratch:
        folder = Path(scratch)
        with Writer(folder / "source") as writer:
            decode(source, writer)
        heard = resampled(writer.recording, VOICE_RATE, folder / "heard")
        made, melody = _made(heard, loan, folder / "made", tell)
        if loan.rate != VOICE_RATE:
            made = extended(resampled(made, loan.rate, folder / "wider"), folder / "extended")
        scaled, gain_db = _within_full_scale(made, folder / "scaled")
        texts = {"description": f"Generated: a performance in the voice {loan.voice.card['name']}"}
        finished = folder / target.name
        write_bwf(scaled, finished, description=BwfDescription(texts=texts))
        told = {"rate": loan.rate, "gain_db": round(gain_db, 2), "melody": melody.as_dict()}
        put_on_record(source, finished, target, loan, heard.duration_s, **told)
    return heard.duration_s, melody


def count_and_note(loan: Loan, seconds: float, source_sha256: str, result_sha256: str, **told: object) -> None:
    """Count a use in the usage log, and tell of it in the voice's own log."""
    name = str(loan.voice.card["name"])
    made = Made(voice=name, seconds=seconds, source_sha256=source_sha256, result_sha256=result_sha256)
    count_use(loan.permit, made, log_of(loan.folder))
    digests = {"source_sha256": source_sha256, "result_sha256": result_sha256}
    tell_log(loan.folder, loan.permit, loan.settings, seconds=round(seconds, 3), **digests, **told)


def tell_log(voice: Path, permit: Permit, settings: Settings, **told: object) -> None:
    """Tell the log of the voice in a folder what was made with it, by whom, what for and how."""
    use = terms_of(permit).use
    who = {"by": use.by, "purpose": use.purpose, "public": use.public}
    ledger.append(voice / EVENTS, CONVERTED, **who, **told, settings=vars(settings))


def put_on_record(source: Path, finished: Path, target: Path, loan: Loan, seconds: float, **told: object) -> None:
    """Mark a finished file and count it; only then does it stand where it belongs.

    ``finished`` has the name of ``target``, and lies in another folder.
    """
    from_sha256 = fixity.digests(source)["sha256"]
    digest = mark(finished, origin_of(loan.permit, loan.voice.card["name"], [from_sha256]))
    count_and_note(loan, seconds, from_sha256, digest, file=target.name, **told)
    sidecar_of(finished).replace(sidecar_of(target))
    finished.replace(target)


def resampled(recording: Recording, rate: int, path: Path) -> Recording:
    """A recording in one channel, the mean of its own, at another rate."""
    if recording.sample_rate == rate and recording.channels == 1:
        return recording
    stream = soxr.ResampleStream(recording.sample_rate, rate, 1, dtype="float32", quality="VHQ")
    with Writer(path) as writer:
        for block in recording.blocks():
            mono = np.ascontiguousarray(block.samples.mean(axis=0, dtype=np.float64), dtype=np.float32)
            _write(writer, stream.resample_chunk(mono), rate)
        _write(writer, stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True), rate)
    return writer.recording


def extended(recording: Recording, path: Path) -> Recording:
    """The recording with the band above 7.5 kHz that 16,000 samples a second could not hold; itself if nobody speaks
    in it."""
    step = ExtendBand(
        target_bandwidth_hz=EXTENDED_TO_HZ, enough_bandwidth_hz=EXTENDED_TO_HZ, recorded_bandwidth_hz=CONVERTED_TO_HZ
    )
    findings = step.measure(recording)
    if not findings["needed"]:
        return recording
    with Writer(path) as writer:
        step.treat(recording, findings, writer)
    return writer.recording


def _made(heard: Recording, loan: Loan, path: Path, tell: Tell) -> tuple[Recording, Melody]:
    def read(start: int, stop: int) -> FloatArray:
        tell(min(1.0, stop / heard.frames) * 0.5 + (0.5 if done else 0.0))
        return np.asarray(heard.read(start, stop).samples[0])

    done, changed = 0, [Melody()]
    with Writer(path) as writer:
        for piece in converted(loan.permit, loan.voice, read, heard.frames, loan.settings, changed.append):
            _write(writer, piece, VOICE_RATE)
            done += piece.size
    return writer.recording, changed[-1]


def _within_full_scale(recording: Recording, path: Path) -> tuple[Recording, float]:
    """The recording, fainter where it would not fit below full scale, and by how many dB."""
    peak = max((float(np.abs(block.samples).max(initial=0.0)) for block in recording.blocks()), default=0.0)
    if peak <= FULL_SCALE:
        return recording, 0.0
    gain = FULL_SCALE / peak
    with Writer(path) as writer:
        for block in recording.blocks():
            _write(writer, block.samples[0] * np.float32(gain), recording.sample_rate)
    return writer.recording, 20 * float(np.log10(gain))


def _write(writer: Writer, sound: FloatArray, rate: int) -> None:
    if sound.size:
        writer.write(Audio(np.ascontiguousarray(sound, dtype=np.float32)[None], rate))
