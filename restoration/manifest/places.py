"""Where the files of a manifest lie. Only names and sizes are looked at; no file is opened."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

ROOT_VARIABLE = "RESTORATION_ROOT"

SOUND_SUFFIXES = frozenset(
    [
        ".wav",
        ".wave",
        ".bwf",
        ".rf64",
        ".bw64",
        ".w64",
        ".aif",
        ".aiff",
        ".aifc",
        ".flac",
        ".mp3",
        ".ogg",
        ".oga",
        ".opus",
    ]
)
_NOT_READ = frozenset(
    [
        ".m4a",
        ".aac",
        ".wma",
        ".ra",
        ".rm",
        ".mov",
        ".mp4",
        ".mkv",
        ".avi",
        ".mpg",
        ".pdf",
        ".jpg",
        ".jpeg",
        ".png",
        ".tif",
        ".tiff",
        ".txt",
        ".csv",
        ".xls",
        ".xlsx",
        ".doc",
        ".docx",
        ".xml",
        ".json",
        ".md5",
        ".sha256",
        ".zip",
        ".tar",
        ".gz",
        ".iso",
        ".cue",
        ".db",
    ]
)
_HINT = "if the files lie in another folder, name it with --root"


def root_of(manifest: Path, root: Path | None) -> Path:
    """The folder that files are relative to: ``root``, or RESTORATION_ROOT, or the folder of the manifest."""
    given = root or (Path(os.environ[ROOT_VARIABLE]) if os.environ.get(ROOT_VARIABLE) else manifest.parent)
    return given.resolve()


def normal_file(text: str) -> str:
    """The path with slashes, without ``./``: ``side_a\\\\00471.wav`` is ``side_a/00471.wav``."""
    return str(PurePosixPath(text.replace("\\", "/")))


def file_fault(text: str) -> str | None:
    """What is wrong with a path by itself, wherever it may lie."""
    if re.match(r"[a-z][a-z0-9+.-]+://", text, re.IGNORECASE):
        return "is an address; copy the file and give its path, relative to the root folder"
    normal = text.replace("\\", "/")
    if normal.startswith("/") or re.match(r"[a-zA-Z]:", normal):
        return "is an absolute path; give the path relative to the root folder (--root)"
    depth = 0
    for part in PurePosixPath(normal).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return "leaves the root folder; every file lies below it (--root can name a folder further up)"
    suffix = PurePosixPath(normal).suffix.lower()
    if suffix in _NOT_READ:
        return f"{suffix} is not read here; WAV, BWF, RF64, BW64, W64, AIFF, FLAC, MP3, Ogg Vorbis and Ogg Opus are"
    return None


def file_doubt(text: str) -> str | None:
    """What is unusual about a path."""
    suffix = PurePosixPath(normal_file(text)).suffix.lower()
    if suffix not in SOUND_SUFFIXES:
        return "does not end as a sound file does (.wav, .flac …); only reading it will tell what it is"
    return None


class Places:
    """The files below ``root``. Folders are listed once, however many paths are wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listings: dict[Path, dict[str, str]] = {}
        self._guesses_left = 20

    def locate(self, file: str) -> Path:
        """Where a file lies, symbolic links followed. A name is found whichever way its accents are written.

        Raises:
            LookupError: in a sentence, why there is no such file for us.
        """
        try:
            for spelling in _spellings(normal_file(file)):
                place = self.root / spelling
                if os.path.lexists(place):
                    return _within(self.root, place)
            missing = self.root / normal_file(file)
            raise LookupError(f"there is no {missing}{self._nearest(missing)}; {_HINT}")
        except (OSError, ValueError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise LookupError(f"cannot be looked up ({reason})") from error

    def _nearest(self, missing: Path) -> str:
        names = self._names(missing.parent)
        near = [names[missing.name.lower()]] if missing.name.lower() in names else []
        if not near and self._guesses_left:
            self._guesses_left -= 1
            near = [names[name] for name in get_close_matches(missing.name.lower(), names, 1, 0.85)]
        return f", but there is “{near[0]}” in that folder" if near else ""

    def _names(self, folder: Path) -> dict[str, str]:
        if folder not in self._listings:
            try:
                self._listings[folder] = {entry.name.lower(): entry.name for entry in os.scandir(folder)}
            except OSError:
                self._listings[folder] = {}
        return self._listings[folder]


def _spellings(file: str) -> Iterator[str]:
    yield from dict.fromkeys((file, unicodedata.normalize("NFC", file), unicodedata.normalize("NFD", file)))


def _within(root: Path, place: Path) -> Path:
    resolved = place.resolve()
    if not resolved.is_relative_to(root):
        raise LookupError(f"is a link that leaves the root folder (to {resolved}); put the file itself there")
    try:
        found = resolved.stat()
    except FileNotFoundError as error:
        raise LookupError(f"is a link to {resolved}, which is not there") from error
    if stat.S_ISDIR(found.st_mode):
        raise LookupError("is a folder; give one file in it")
    if not stat.S_ISREG(found.st_mode):
        raise LookupError("is not an ordinary file")
    if not found.st_size:
        raise LookupError("is a file of 0 bytes; the copy most likely failed")
    return resolved
