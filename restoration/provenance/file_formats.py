"""What a file of the bag is: its format for people and for PRONOM, its media type, its figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from restoration.provenance.history import Thing
from restoration.provenance.media_types import UNKNOWN, media_type

CONTAINERS = {
    "WAV": "audio/vnd.wave",
    "BWF": "audio/vnd.wave",
    "RF64": "audio/vnd.wave",
    "BW64": "audio/vnd.wave",
    "AIFF": "audio/x-aiff",
    "AIFF-C": "audio/x-aiff",
    "FLAC": "audio/flac",
    "MP3": "audio/mpeg",
    "Ogg Vorbis": "audio/ogg",
    "Ogg Opus": "audio/ogg",
    "Ogg FLAC": "audio/ogg",
}
"""Container, as the log names it -> media type; of others the end of the name tells it."""

NAMES = {
    ".csv": "CSV",
    ".txt": "Audacity labels",
    ".textgrid": "Praat TextGrid",
    ".eaf": "ELAN annotation format",
    ".vtt": "WebVTT",
    ".rttm": "RTTM",
    ".png": "PNG",
    ".json": "JSON",
    ".html": "HTML",
    ".xml": "XML",
}


@dataclass(frozen=True)
class Format:
    """``name`` is the log's where it has one; ``puid`` is empty where the log is not certain; None is not known."""

    name: str
    puid: str
    media_type: str
    notes: tuple[str, ...] = ()
    codec: str = ""
    sample_rate: int | None = None
    bits: int | None = None
    channels: int | None = None
    duration_s: float | None = None

    @property
    def is_sound(self) -> bool:
        return self.sample_rate is not None


def format_of(thing: Thing) -> Format:
    """The format of a thing, from what the log says of it and, for texts and pictures, from the end of its name."""
    if thing.kind == "sound":
        return Format("PCM, 32-bit float, little-endian, interleaved", "", UNKNOWN, ("not kept as a file",))
    if thing.kind == "model":
        return Format("weights of a model", "", UNKNOWN, ("not part of the package",))
    if thing.kind == "recipe":
        return Format("recipe, digested as canonical JSON", "", UNKNOWN, ("not part of the package",))
    said = thing.facts.get("format")
    if isinstance(said, dict):
        return _of_sound(said, media_type(thing.identifier))
    name = NAMES.get(PurePosixPath(thing.identifier).suffix.lower(), "")
    return Format(str(said or name), "", media_type(thing.identifier))


def _of_sound(said: dict[str, Any], by_name: str) -> Format:
    container = str(said.get("container", ""))
    rate, frames = said.get("sample_rate"), said.get("frames")
    figures = [f"{words}: {said[name]}" for name, words in _NOTES.items() if said.get(name)]
    return Format(
        name=container,
        puid=str(said.get("puid") or ""),
        media_type=CONTAINERS.get(container, by_name),
        notes=tuple(figures),
        codec=str(said.get("codec") or _CODECS.get(container, "")),
        sample_rate=rate,
        bits=said.get("bits"),
        channels=said.get("channels"),
        duration_s=frames / rate if rate and frames else None,
    )


_NOTES = {
    "codec": "codec",
    "channels": "channels",
    "sample_rate": "sampling frequency in Hz",
    "bits": "bits a sample",
    "frames": "frames",
}
_CODECS = {"BWF": "PCM", "Ogg Opus": "Opus", "FLAC": "FLAC"}
"""Of the files that are written here, whose codec goes without saying in the log."""
