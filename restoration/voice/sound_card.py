"""Microphone to loudspeaker, through ``sounddevice``, which is an extra."""

from __future__ import annotations

import time
from typing import Any

from restoration.errors import RestorationError
from restoration.voice.live import BLOCK, Engine
from restoration.voice.samples import VOICE_RATE, FloatArray


def by_the_card(
    engine: Engine, *, microphone: int | str | None, loudspeaker: int | str | None, seconds: float | None
) -> None:
    """Microphone to loudspeaker until ``seconds`` are over or the user stops it.

    Raises:
        RestorationError: there is no sound card, or it cannot be opened at 16 kHz.
    """
    card = _sounddevice()
    failed: list[BaseException] = []

    def call(heard: FloatArray, played: FloatArray, _frames: int, _time: object, _status: object) -> None:
        try:
            played[:, 0] = engine.call(heard[:, 0].copy())
        except RestorationError as error:
            failed.append(error)
            raise card.CallbackAbort from error

    try:
        opened = card.Stream(
            samplerate=VOICE_RATE, blocksize=BLOCK, channels=1, dtype="float32", callback=call, latency="low",
            device=(microphone, loudspeaker),
        )  # fmt: skip
    except (card.PortAudioError, ValueError) as error:
        raise RestorationError(
            f"the sound card cannot be opened at 16 kHz ({error}); --list-devices shows what there is"
        ) from error
    engine.start()
    with opened:
        begun = time.monotonic()
        while opened.active and (seconds is None or time.monotonic() - begun < seconds):
            time.sleep(0.1)
    if failed:
        raise failed[0]


def devices() -> str:
    """The sound devices of this machine, one a line."""
    found = str(_sounddevice().query_devices())
    return found or "there are no sound devices"


def _sounddevice() -> Any:
    try:
        import sounddevice  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise RestorationError(
            "live sound needs the package sounddevice, which is not installed: pip install 'heritage-voice[live]'"
        ) from error
    except OSError as error:
        raise RestorationError(
            f"live sound needs the library PortAudio ({error}); on Debian and Ubuntu: apt install libportaudio2"
        ) from error
    return sounddevice
