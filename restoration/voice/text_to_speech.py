"""A text read aloud by some engine: the performance that a voice is then lent to.

``espeak-ng`` is there with the extra ``speak``: a formant synthesiser whose wheel brings its library and over a hundred
languages. ``piper`` (Hansen 2023) sounds better and needs a voice file of the user's. Both are given one clause at a
time; the pauses between are ours (``clauses.PAUSES_S``), so that they are what the punctuation says with any engine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from restoration.errors import RestorationError
from restoration.voice.clauses import Clause, clauses

FloatArray = npt.NDArray[np.float32]
VOICE_RATE = 16000
LEVEL_DBFS = -23.0
"""RMS level of the louder half of each clause, which is what voice models are taught with."""
WORDS_A_MINUTE = 150
SILENT = 0.003
"""Of a clause's peak: what an engine puts quieter than this around it is a pause of its own, and is cut off."""
KEPT_S = 0.02
LONGEST_TEXT = 200_000
ANSWER_S = 600


class Engine(Protocol):
    """What reads a text aloud."""

    @property
    def name(self) -> str: ...

    def read(self, text: str, language: str) -> FloatArray:
        """The text as sound (time,), mono at 16 kHz, float32.

        Raises:
            RestorationError: there is nothing to read, or the engine does not read this language.
        """
        ...


@dataclass(frozen=True)
class EspeakNg:
    """espeak-ng, in a process of its own, which makes the same sound of the same text.

    words_a_minute: how fast it reads, 80 to 450.
    """

    words_a_minute: int = WORDS_A_MINUTE
    name: str = "espeak-ng"

    def __post_init__(self) -> None:
        if not 80 <= self.words_a_minute <= 450:
            raise RestorationError(f"words_a_minute is {self.words_a_minute}; espeak-ng reads 80 to 450")

    def read(self, text: str, language: str) -> FloatArray:
        parts = _clauses(text)
        if find_spec("espeakng_loader") is None:
            raise RestorationError(
                "espeak-ng is not installed: pip install 'heritage-voice[speak]' brings it with its voices"
            )
        head, samples = self._asked(parts, language)
        ends = np.cumsum(head["frames"])
        return _joined(parts, np.split(samples, ends[:-1]), head["sample_rate"])

    def _asked(self, parts: list[Clause], language: str) -> tuple[dict[str, Any], FloatArray]:
        order = {"language": language, "words_a_minute": self.words_a_minute, "clauses": [each.text for each in parts]}
        command = [sys.executable, "-m", "restoration.voice.espeak"]
        try:
            done = subprocess.run(
                command, input=json.dumps(order).encode(), capture_output=True, timeout=ANSWER_S, check=True
            )
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode(errors="replace").strip().splitlines()
            raise RestorationError(f"espeak-ng failed: {told[-1] if told else error}") from error
        except subprocess.TimeoutExpired as error:
            raise RestorationError(f"espeak-ng did not answer within {ANSWER_S} s; read a shorter text") from error
        line, _, samples = done.stdout.partition(b"\n")
        head = json.loads(line)
        if "missing" in head:
            raise RestorationError(
                f"espeak-ng does not read the language '{head['missing']}'; it reads {', '.join(head['known'])}"
            )
        return head, np.frombuffer(samples, dtype=np.int16).astype(np.float32) / np.float32(32768)


@dataclass(frozen=True)
class Piper:
    """Piper with a voice of the user's: ``NAME.onnx`` and, beside it, ``NAME.onnx.json``.

    Its random variation is switched off, so that the same text gives the same sound.
    """

    voice_file: Path | None = None
    name: str = "piper"

    def read(self, text: str, language: str) -> FloatArray:
        parts = _clauses(text)
        voice = self._voice
        self._check_language(language)
        from piper import SynthesisConfig

        even = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
        spoken, sample_rate = [], VOICE_RATE
        for part in parts:
            chunks = list(voice.synthesize(part.text, syn_config=even))
            sample_rate = chunks[0].sample_rate if chunks else sample_rate
            spoken.append(np.concatenate([np.zeros(0, np.float32), *(each.audio_float_array for each in chunks)]))
        return _joined(parts, spoken, sample_rate)

    @cached_property
    def _voice(self) -> Any:
        if find_spec("piper") is None:
            raise RestorationError(
                "piper is not installed: pip install piper-tts, and get a voice for it (a file .onnx and its "
                ".onnx.json) from its project; or read with espeak-ng"
            )
        if self.voice_file is None:
            raise RestorationError("piper needs a voice file: NAME.onnx, with NAME.onnx.json beside it")
        for file in (self.voice_file, self._description):
            if not file.is_file():
                raise RestorationError(
                    f"{file}: there is no such file; a voice of piper is NAME.onnx and NAME.onnx.json"
                )
        from piper import PiperVoice

        return PiperVoice.load(self.voice_file)

    @property
    def _description(self) -> Path:
        return Path(f"{self.voice_file}.json")

    def _check_language(self, language: str) -> None:
        try:
            code = json.loads(self._description.read_text(encoding="utf-8"))["language"]["code"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RestorationError(f"{self._description}: does not say which language the voice speaks") from error
        if _primary(code) != _primary(language):
            raise RestorationError(f"the voice {self.voice_file} speaks '{code}'; the text is in '{language}'")


_ENGINES: dict[str, Callable[..., Engine]] = {"espeak-ng": EspeakNg, "piper": Piper}
ENGINES: tuple[str, ...] = tuple(_ENGINES)


def engine(name: str = "espeak-ng", voice_file: Path | None = None) -> Engine:
    """The engine of this name; ``voice_file`` is Piper's.

    Raises:
        RestorationError: there is no such engine, or it takes no voice file.
    """
    if name not in _ENGINES:
        raise RestorationError(f"there is no engine '{name}' that reads aloud; there are {', '.join(ENGINES)}")
    if name == "piper":
        return Piper(voice_file)
    if voice_file is not None:
        raise RestorationError(f"the engine {name} takes no voice file; piper does")
    return _ENGINES[name]()


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


def _clauses(text: str) -> list[Clause]:
    if len(text) > LONGEST_TEXT:
        raise RestorationError(f"the text has {len(text)} letters; at most {LONGEST_TEXT} are read at once")
    found = clauses("".join(each for each in text if each.isprintable() or each in "\n\t\r"))
    if not found:
        raise RestorationError("there is nothing to read: the text holds no letter and no digit")
    return found


def _joined(parts: list[Clause], spoken: list[FloatArray], sample_rate: int) -> FloatArray:
    """The clauses at 16 kHz, each at one level and without the engine's own silence, with their pauses after them.

    Raises:
        RestorationError: the engine made no sound of any of them.
    """
    import soxr

    heard = []
    for part, sound in zip(parts, spoken, strict=True):
        bare = _levelled(_bare(sound, sample_rate))
        if bare.size:
            heard += [soxr.resample(bare, sample_rate, VOICE_RATE), np.zeros(round(part.pause_s * VOICE_RATE))]
    if not heard:
        raise RestorationError(f"the engine could read nothing of the text, which begins '{parts[0].text[:40]}'")
    return np.concatenate(heard).astype(np.float32)


def _bare(sound: FloatArray, sample_rate: int) -> FloatArray:
    loud = np.flatnonzero(np.abs(sound) > SILENT * np.abs(sound).max(initial=0.0))
    if not loud.size:
        return sound[:0]
    around = round(KEPT_S * sample_rate)
    return sound[max(0, loud[0] - around) : loud[-1] + around]


def _levelled(sound: FloatArray) -> FloatArray:
    """The same with the louder half of its 20 ms stretches at ``LEVEL_DBFS``."""
    if not sound.size:
        return sound
    count = max(1, sound.size // 400)
    powers = np.sort([np.square(each, dtype=np.float64).mean() for each in np.array_split(sound, count)])
    loud = float(powers[powers.size // 2 :].mean())
    return (sound * (10 ** (LEVEL_DBFS / 20) / np.sqrt(loud))).astype(np.float32)
