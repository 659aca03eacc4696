"""What a benchmark of voices compares: voices, and two controls that are no voice.

``source`` lends nothing at all: its cosine to the target is a stranger's. ``faster`` plays the source an eighth faster:
the cheapest disguise moves a voice away from its speaker, and to nobody in particular.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
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
WEIGHTS, CARD = "voice.safetensors", "card.json"


def identity(sound: FloatArray) -> FloatArray:
    """The source as it is."""
    return sound


def faster(sound: FloatArray) -> FloatArray:
    """The source played an eighth faster: 2 semitones higher, formants and all, and shorter."""
    return np.asarray(soxr.resample(sound, FASTER, 1.0, quality="VHQ"), dtype=np.float32)


CONTROLS: dict[str, Convert] = {"source": identity, "faster": faster}


def open_system(name: str) -> Convert:
    """What converts: a control by its name, or the voice in a folder.

    Raises:
        RestorationError: the folder holds no voice.
        NoConsent: nobody allowed this voice to be lent.
    """
    return CONTROLS[name] if name in CONTROLS else open_voice(Path(name))


def open_voice(folder: Path) -> Convert:
    """The converter of a voice, with the settings that a user gets who says nothing.

    Raises:
        RestorationError: the folder holds no voice, or this installation has no converter.
        NoConsent: nobody allowed this voice to be lent.
    """
    check_voice(folder)
    try:
        consent, converting, gate, model = (
            import_module(f"restoration.voice.{name}") for name in ("consent", "convert", "gate", "model")
        )
    except ModuleNotFoundError as error:
        raise RestorationError(f"this installation cannot convert voices: {error}") from error
    voice = model.load_voice(folder)
    consents = [consent.Consent.from_dict(told) for told in voice.card["consents"]]
    use = gate.Use(purpose="convert", by="restoration benchmark voice", public=False, on=gate.today())
    permit, settings = gate.permit(consents, use, None), converting.Settings()
    return lambda sound: np.asarray(converting.convert(permit, voice, sound, settings), dtype=np.float32)


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
    check_voice(Path(name))
    return fixity.digests(Path(name) / WEIGHTS)["sha256"]
