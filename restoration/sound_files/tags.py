"""Title, identifier and comment in FLAC, Opus and MP3 files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restoration.errors import BadSoundFile


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    from mutagen import MutagenError

    try:
        yield
    except MutagenError as error:
        raise BadSoundFile(path, f"cannot be given its tags ({error})") from error


def tag_vorbis(path: Path, container: str, tags: Mapping[str, str]) -> None:
    """Write Vorbis comments to a FLAC or Opus file; names are upper-cased as is the custom."""
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus

    with _said_plainly(path):
        file: Any = FLAC(path) if container == "FLAC" else OggOpus(path)
        if file.tags is None:
            file.add_tags()
        for name, text in tags.items():
            file.tags[name.upper()] = text
        file.save()


def tag_id3(path: Path, tags: Mapping[str, str]) -> None:
    """Write ID3v2.4 tags to an MP3 file: title and comment in their own frames, the rest as user-defined texts."""
    from mutagen.id3 import COMM, ID3, TIT2, TXXX

    frames = ID3()
    for name, text in tags.items():
        if name == "title":
            frames.add(TIT2(encoding=3, text=text))
        elif name == "comment":
            frames.add(COMM(encoding=3, lang="und", desc="", text=text))
        else:
            frames.add(TXXX(encoding=3, desc=name, text=text))
    with _said_plainly(path):
        frames.save(path)
