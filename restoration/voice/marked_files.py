"""The mark inside a sound file: XMP where the container has a place for it, and the fields that people look at.

WAV: chunks ``_PMX`` (XMP), ``bext`` and ``LIST``/INFO. MP3: ID3 frames PRIV (XMP), COMM and TXXX. FLAC and Ogg Opus:
the comments DIGITALSOURCETYPE, COMMENT and ORIGIN. The sound is carried over byte for byte.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restoration.errors import BadSoundFile
from restoration.sound_files import xmp
from restoration.sound_files.identify import container_of
from restoration.sound_files.wave_texts import XMP_CHUNK, WaveTexts, write_texts
from restoration.wave_chunks import (
    Bext,
    WaveFile,
    append_coding_history,
    coding_history_row,
    dialect_for,
    fitted,
    mode_of,
    read_wave,
    row_text,
)

CONTAINERS = ("WAV", "FLAC", "MP3", "Ogg Opus")
_ID3_OWNER = "XMP"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The texts of a mark; ``origin`` is JSON of ASCII letters, ``made_at`` ISO 8601."""

    title: str
    notice: str
    source_type: str
    software: str
    made_at: str
    origin: str

    @property
    def packet(self) -> bytes:
        return xmp.packet(self.source_type, self.software, self.notice, self.origin)

    @property
    def comment(self) -> str:
        """The notice, with the term of the IPTC for programs that read comments only."""
        return f"{self.notice} [{self.source_type}]".strip()


def container_to_mark(path: Path) -> str:
    """The container of a file that can be marked.

    Raises:
        BadSoundFile: it cannot carry a mark.
    """
    container = container_of(path)
    if container not in CONTAINERS:
        raise BadSoundFile(path, f"is {container}, which no mark is written into; {', '.join(CONTAINERS)} carry one")
    return container


def write_mark(path: Path, mark: Mark) -> None:
    """Put the mark into a file, in place of one that it has; the file is replaced when the new one is whole.

    Raises:
        BadSoundFile: it cannot carry a mark, or is damaged.
    """
    write: dict[str, Callable[[Path, Mark], None]] = {"WAV": _mark_wave, "MP3": _mark_mp3}
    write.get(container_to_mark(path), _mark_comments)(path, mark)


def read_mark(path: Path) -> str | None:
    """The JSON of the origin that a file carries; None where it carries none.

    Raises:
        BadSoundFile: the file cannot be read.
    """
    container = container_of(path)
    if container == "WAV":
        wave = read_wave(path)
        chunk = wave.first(XMP_CHUNK)
        return xmp.origin_in(wave.read(chunk)) if chunk else None
    if container not in CONTAINERS:
        return None
    with _said_plainly(path):
        if container == "MP3":
            private = [frame.data for frame in _id3(path).getall("PRIV") if frame.owner == _ID3_OWNER]
            return xmp.origin_in(private[0]) if private else None
        found = (_comments(path, container).tags or {}).get("ORIGIN")
    return found[0] if found else None


def _mark_wave(path: Path, mark: Mark) -> None:
    wave = read_wave(path)
    info = {"ICMT": mark.comment, "ISFT": mark.software}
    anew = WaveTexts(Bext(_even(_bext(wave, mark))), info, {XMP_CHUNK: _even(mark.packet, b" ")})
    write_texts(wave, anew)


def _even(body: bytes, pad: bytes = b"\0") -> bytes:
    return body + pad * (len(body) % 2)


def _bext(wave: WaveFile, mark: Mark) -> bytes:
    texts = {
        "description": f"GENERATED VOICE. {mark.notice}".strip(),
        "originator": mark.software,
        "origination_date": mark.made_at[:10],
        "origination_time": mark.made_at[11:19],
    }
    old = wave.bext
    bext = Bext.make(fitted(texts), old.time_reference if old else 0)
    # The rows of others stay as they are, byte for byte, in whatever letters they were written.
    bext = Bext(bext.body + (old.body[len(bext.body) :] if old else b""))
    bext = bext.with_loudness(old.loudness) if old and old.loudness else bext
    term = mark.source_type.rpartition("/")[2]
    form = wave.format
    bits = form.bits if form.is_plain_pcm else None
    text = row_text(mark.software, mark.title, term)
    mode = mode_of(form.channels)
    dialect = dialect_for(bext.coding_history, form.sample_rate, mode)
    row = coding_history_row("PCM", form.sample_rate, bits, mode, text, dialect)
    return bext.body if row in bext.coding_history.splitlines() else append_coding_history(bext, row).body


@contextmanager
def _in_a_copy(path: Path) -> Iterator[Path]:
    """A copy beside ``path`` that becomes it when all went well."""
    partial = path.with_name(path.name + ".part")
    try:
        shutil.copyfile(path, partial)
        with _said_plainly(path):
            yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    from mutagen import MutagenError

    try:
        yield
    except MutagenError as error:
        raise BadSoundFile(path, f"has tags that cannot be read or written ({error})") from error


def _id3(path: Path) -> Any:
    from mutagen.id3 import ID3, ID3NoHeaderError

    try:
        return ID3(path)
    except ID3NoHeaderError:
        return ID3()


def _mark_mp3(path: Path, mark: Mark) -> None:
    from mutagen.id3 import COMM, PRIV, TXXX

    with _in_a_copy(path) as partial:
        frames = _id3(partial)
        others = [frame for frame in frames.getall("PRIV") if frame.owner != _ID3_OWNER]
        frames.setall("PRIV", [*others, PRIV(owner=_ID3_OWNER, data=mark.packet)])
        frames.setall("COMM", [COMM(encoding=3, lang="und", desc="", text=mark.comment)])
        frames.delall("TXXX:DigitalSourceType")
        frames.add(TXXX(encoding=3, desc="DigitalSourceType", text=mark.source_type))
        frames.save(partial)


def _comments(path: Path, container: str) -> Any:
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus

    return FLAC(path) if container == "FLAC" else OggOpus(path)


def _mark_comments(path: Path, mark: Mark) -> None:
    with _in_a_copy(path) as partial:
        file = _comments(partial, container_of(partial))
        if file.tags is None:
            file.add_tags()
        file.tags["DIGITALSOURCETYPE"] = mark.source_type
        file.tags["COMMENT"] = mark.comment
        file.tags["SOFTWARE"] = mark.software
        file.tags["ORIGIN"] = mark.origin
        file.save()
