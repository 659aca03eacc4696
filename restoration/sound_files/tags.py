"""Title, identifier and comment in FLAC, Opus and MP3 files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restoration.errors import BadSoundFile

PLAIN_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


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
    """Write ID3v2.4 tags to an MP3 file: those that have a frame in it, and the rest as user-defined texts.

    ``title``, ``artist``, ``comment``, ``description`` (a comment of that name), ``date`` (only a plain one: year,
    month and day), ``copyright``; ``source`` and ``license`` where they are addresses of the web.
    """
    from mutagen.id3 import ID3

    frames = ID3()
    for name, text in tags.items():
        frames.add(_frame(name, text))
    with _said_plainly(path):
        frames.save(path)


def _frame(name: str, text: str) -> Any:
    from mutagen.id3 import COMM, TCOP, TDRC, TIT2, TPE1, TXXX, WCOP, WOAS

    texts = {"title": TIT2, "artist": TPE1, "copyright": TCOP, "date": TDRC}
    addresses = {"source": WOAS, "license": WCOP}
    if name in ("comment", "description"):
        return COMM(encoding=3, lang="und", desc="" if name == "comment" else name, text=text)
    if name in texts and (name != "date" or PLAIN_DATE.fullmatch(text)):
        return texts[name](encoding=3, text=text)
    if name in addresses and text.startswith(("http://", "https://")) and text.isascii():
        return addresses[name](url=text)
    return TXXX(encoding=3, desc=name, text=text)
