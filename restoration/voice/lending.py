"""Speech and covers with a lent voice, from files to a file: what the commands do once they know what is wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from restoration import fixity
from restoration.audio import Audio, Recording, Writer
from restoration.voice.convert import Settings, converted, fitting
from restoration.voice.convert_files import tell_log
from restoration.voice.cover import CoverSettings, mix_recordings
from restoration.voice.gate import Permit, Use, check, part, permit, today
from restoration.voice.made import Leaving, as_performance, check_place, heard, leave, widened
from restoration.voice.melody import Melody
from restoration.voice.model import VoiceModel, load_voice
from restoration.voice.notices import notice
from restoration.voice.samples import VOICE_RATE
from restoration.voice.text_to_speech import Engine

NOTICES = ("written", "spoken", "none")
AFTER_NOTICE_S = 0.7


@dataclass(frozen=True, kw_only=True)
class Lending:
    """Who lends which voice, and where the sound goes.

    voice: folder of the voice model.
    out: the file that is made: .wav, .flac, .mp3 or .opus.
    by: who does it, for the usage log.
    public: whether it will be heard by others than those who made it.
    notice: text of the mark's notice; None for the usual one in English, blank for none.
    settings: of the conversion.
    tell: is told what the voice cannot follow of them.
    """

    voice: Path
    out: Path
    by: str
    public: bool = False
    notice: str | None = None
    settings: Settings = field(default_factory=Settings)
    tell: Callable[[str], None] = lambda line: None


def speak_to(lending: Lending, text: str, language: str, engine: Engine, spoken_notice: bool = False) -> dict[str, Any]:
    """Read a text in the voice; what was made, JSON-able.

    The spoken notice, where it is asked for, is read before the text by the engine's own voice, not by the lent one.

    Raises:
        NoConsent: the voice may not be used so.
        RestorationError: the text cannot be read, or the file not be made.
    """
    voice, allowed = _allowed(lending, "speak")
    before = _notice_sound(engine, language) if spoken_notice else np.zeros(0, dtype=np.float32)
    performance = engine.read(text, language)
    with TemporaryDirectory(dir=lending.out.parent) as name:
        folder = Path(name)
        source = Recording.from_audio(folder / "performance.f32", Audio(performance[None], VOICE_RATE))
        lent, how = _lent(allowed, voice, source, lending, folder, before)
        made = widened(lent, folder)
        digests = [hashlib.sha256(text.encode()).hexdigest()]
        digest = leave(allowed, made, lending.out, _about(lending, voice, digests))
    _note(lending, allowed, how, digests, digest, seconds=round(made.duration_s, 3), engine=engine.name)
    told = {"file": str(lending.out), "sha256": digest, "seconds": made.duration_s, "engine": engine.name}
    return {**told, "melody": how.melody.as_dict()}


def cover_to(lending: Lending, vocal: Path, backing: Path, settings: CoverSettings) -> dict[str, Any]:
    """Lend the voice to a vocal and put it over its backing; the record of the mix, JSON-able.

    Raises:
        NoConsent: the voice may not be used so.
        RestorationError: a file cannot be read, mixed or made.
    """
    voice, allowed = _allowed(lending, "cover")
    with TemporaryDirectory(dir=lending.out.parent) as name:
        folder = Path(name)
        band = heard(backing, folder)
        performance = as_performance(vocal, folder)
        lent, how = _lent(allowed, voice, performance, lending, folder)
        sung = widened(lent, folder, band.sample_rate)
        mixed = mix_recordings(sung, band, folder / "cover.f32", settings)
        digests = [fixity.digests(path)["sha256"] for path in (vocal, backing)]
        digest = leave(allowed, mixed.recording, lending.out, _about(lending, voice, digests))
    seconds = mixed.recording.duration_s
    _note(lending, allowed, how, digests, digest, seconds=round(seconds, 3), mix=mixed.record)
    told = {"file": str(lending.out), "sha256": digest, "seconds": seconds, "melody": how.melody.as_dict()}
    return {**told, **mixed.record}


def _allowed(lending: Lending, purpose: str) -> tuple[VoiceModel, Permit]:
    check_place(lending.out)
    voice = load_voice(lending.voice)
    use = Use(purpose=purpose, by=lending.by, public=lending.public, on=today())
    allowed = permit(voice.consents, use)
    check(allowed, purpose, voice.consents, public=lending.public)
    return voice, allowed


@dataclass(frozen=True)
class _How:
    """The settings as far as the voice could follow them, and how the melody was changed."""

    settings: Settings
    melody: Melody


def _note(lending: Lending, allowed: Permit, how: _How, sources: list[str], made: str, **told: object) -> None:
    """Tell the voice's own log what was made; what is of several sources names the one that the voice was lent to."""
    digests = {"source_sha256": sources[0], "result_sha256": made}
    melody = how.melody.as_dict()
    tell_log(lending.voice, allowed, how.settings, **digests, file=lending.out.name, melody=melody, **told)


def _about(lending: Lending, voice: VoiceModel, sources: list[str]) -> Leaving:
    return Leaving(voice=voice, folder=lending.voice, sources=sources, notice=lending.notice)


def _notice_sound(engine: Engine, language: str) -> np.ndarray:
    silence = np.zeros(round(AFTER_NOTICE_S * VOICE_RATE), dtype=np.float32)
    return np.concatenate([engine.read(notice(language, "spoken"), language), silence])


def _lent(
    allowed: Permit,
    voice: VoiceModel,
    performance: Recording,
    lending: Lending,
    folder: Path,
    before: np.ndarray | None = None,
) -> tuple[Recording, _How]:
    """The performance in the voice, bit by bit, after what stands before it; and how it was lent."""
    settings, changed = fitting(voice, lending.settings, lending.tell), [Melody()]

    def read(start: int, stop: int) -> np.ndarray:
        return performance.read(start, stop).samples[0]

    with Writer(folder / "lent.f32") as file:
        if before is not None and before.size:
            file.write(Audio(before[None], VOICE_RATE))
        for cell in converted(part(allowed, "convert"), voice, read, performance.frames, settings, changed.append):
            file.write(Audio(np.ascontiguousarray(cell[None]), VOICE_RATE))
    return file.recording, _How(settings, changed[-1])
