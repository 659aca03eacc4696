"""What a benchmark of voices compares: voices, and two controls that are no voice.

``source`` lends nothing at all: its cosine to the target is a stranger's. ``faster`` plays the source an eighth faster:
the cheapest disguise moves a voice away from its speaker, and to nobody in particular.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from restoration import fixity
from restoration.errors import RestorationError

FloatArray = npt.NDArray[np.float32]
Convert = Callable[[FloatArray], FloatArray]
"""A performance (time,) at 16 kHz, and the same in another voice."""

FASTER = 9 / 8
LIVE = "live:"
WEIGHTS, CARD = "voice.safetensors", "card.json"


def identity(sound: FloatArray) -> FloatArray:
    """The source as it is."""
    return sound


def faster(sound: FloatArray) -> FloatArray:
    """The source played an eighth faster: 2 semitones higher, formants and all, and shorter."""
    return np.asarray(soxr.resample(sound, FASTER, 1.0, quality="VHQ"), dtype=np.float32)


CONTROLS: dict[str, Convert] = {"source": identity, "faster": faster}


def open_system(name: str) -> Convert:
    """What converts: a control by its name, the voice in a folder, or, after ``live:``, the same as a stream.

    Raises:
        RestorationError: the folder holds no voice.
        NoConsent: nobody allowed this voice to be lent.
    """
    if name in CONTROLS:
        return CONTROLS[name]
    return open_voice(folder_of(name), as_stream=name.startswith(LIVE))


def folder_of(name: str) -> Path:
    """The folder of a voice that is compared by that name."""
    return Path(name.removeprefix(LIVE))


def called(name: str) -> str:
    """What the tables call a system."""
    if name in CONTROLS:
        return name
    return folder_of(name).resolve().name + (", live" if name.startswith(LIVE) else "")


def open_voice(folder: Path, as_stream: bool = False) -> Convert:
    """The converter of a voice, with the settings that a user gets who says nothing.

    Raises:
        RestorationError: the folder holds no voice.
        NoConsent: nobody allowed this voice to be lent.
    """
    check_voice(folder)
    from restoration.voice.convert import convert
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.model import load_voice
    from restoration.voice.stream import offline

    voice = load_voice(folder)
    purpose, lend = ("live", offline) if as_stream else ("convert", convert)
    allowed = permit(voice.consents, Use(purpose=purpose, by="restoration benchmark voice", public=False, on=today()))
    return lambda sound: np.asarray(lend(allowed, voice, sound), dtype=np.float32)


def check_voice(folder: Path) -> None:
    """Go on only where a voice lies.

    Raises:
        RestorationError: the folder lacks a file of a voice.
    """
    lacking = [name for name in (WEIGHTS, CARD) if not (folder / name).is_file()]
    if lacking:
        raise RestorationError(f"{folder} is no voice: it holds no {' and no '.join(lacking)}")


def version_of(name: str) -> str:
    """What tells this voice from another one: the digest of its weights."""
    if name in CONTROLS:
        return "control"
    check_voice(folder_of(name))
    return fixity.digests(folder_of(name) / WEIGHTS)["sha256"]
