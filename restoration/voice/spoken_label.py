"""The spoken notice of a label as sound, for a room in which nobody can read the label."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from restoration.audio import Audio, Recording
from restoration.errors import BadSoundFile
from restoration.provenance.digital_source_type import VOCABULARY
from restoration.sound_files import Written, write_flac
from restoration.voice.text_to_speech import VOICE_RATE, EspeakNg

BY_A_RULE = VOCABULARY + "algorithmicMedia"
"""IPTC: made by an algorithm that was taught by no recordings, which is what a formant synthesiser is."""
PAUSE_S = 0.8


def read_out(notice: str, language: str, place: Path) -> Written:
    """Write a notice as FLAC, 16 kHz mono, with a pause behind it; the same words give the same bytes.

    It says in its tags that a machine reads.

    Raises:
        BadSoundFile: the file is not called ``.flac``.
        RestorationError: espeak-ng is not there (extra ``speak``), or does not read the language.
    """
    if place.suffix.lower() != ".flac":
        raise BadSoundFile(place, "a spoken notice is written as FLAC; give a name that ends in .flac")
    engine = EspeakNg()
    spoken = engine.read(notice, language)
    samples = np.concatenate([spoken, np.zeros(round(PAUSE_S * VOICE_RATE), np.float32)])
    tags = {"title": notice, "comment": f"Read out by {engine.name}.", "DigitalSourceType": BY_A_RULE}
    with TemporaryDirectory() as folder:
        recording = Recording.from_audio(Path(folder) / "notice.f32", Audio(samples[None], VOICE_RATE))
        return write_flac(recording, place, tags={**tags, "language": language})
