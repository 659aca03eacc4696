"""A first manifest of a folder: what the files themselves can tell, the rest left to the person who knows the tapes."""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from restoration import fixity
from restoration.errors import BadManifest, BadSoundFile, Problem
from restoration.manifest.columns import COLUMNS
from restoration.manifest.dates import date_fault
from restoration.manifest.identifiers import LONGEST, folder_key, identifier_fault
from restoration.manifest.places import SOUND_SUFFIXES, normal_file
from restoration.manifest.table import clean

if TYPE_CHECKING:
    from restoration.sound_files import SoundFormat

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNSAFE = re.compile(r"[\x00-\x1f<>:\"|?*/\\]+")


def draft_manifest(folder: Path, out_csv: Path) -> list[Problem]:
    """Write a manifest of the sound files below ``folder``; what could not be read, and hints, are returned.

    Identifiers come from the names of the files; digest, duration, format and what a bext chunk tells are filled in.
    Paths are relative to the folder of ``out_csv`` where the files lie below it, and to ``folder`` otherwise.

    Raises:
        BadManifest: ``out_csv`` is there already (it is never overwritten), ``folder`` is no folder, or has no sound.
        OSError: a file or folder cannot be read or written.
    """
    if os.path.lexists(out_csv):
        raise BadManifest(
            out_csv, [Problem(0, "", "", "is there already and is not overwritten; choose another --out")]
        )
    if not folder.is_dir():
        raise BadManifest(out_csv, [Problem(0, "", str(folder), "is not a folder that could be read")])
    root = out_csv.parent if folder.resolve().is_relative_to(out_csv.parent.resolve()) else folder
    rows, problems = _rows(folder, root.resolve())
    if not rows:
        problems.insert(0, Problem(0, "", str(folder), "there is no sound file in this folder that can be read"))
        raise BadManifest(out_csv, problems)
    if root is folder:
        message = f"the paths are relative to this folder: check and run the manifest with --root {folder}"
        problems.append(Problem(0, "file", str(folder), message, "warning"))
    _write(rows, out_csv)
    return problems


def _rows(folder: Path, root: Path) -> tuple[list[dict[str, str]], list[Problem]]:
    from restoration.sound_files import identify

    rows: list[dict[str, str]] = []
    problems: list[Problem] = []
    taken: set[str] = set()
    for path in _sound_files(folder):
        name = (folder.resolve() / path.relative_to(folder)).relative_to(root).as_posix()
        try:
            _check_name(path, name)
            sound = identify(path)
            digest = fixity.digests(path)["sha256"]
        except (BadSoundFile, OSError) as error:
            reason = error.reason if isinstance(error, BadSoundFile) else error.strerror
            problems.append(
                Problem(0, "file", ascii(name)[1:-1], f"{reason}; it is left out of the manifest", "warning")
            )
            continue
        row = {"identifier": _identifier(path.stem, taken), "file": _harmless(name), "sha256": digest, **_told(sound)}
        problems += [Problem(len(rows) + 2, "file", name, warning, "warning") for warning in sound.warnings]
        rows.append(row)
    return rows, problems


def _check_name(path: Path, name: str) -> None:
    """Raise if a cell could not hold the name of this file as it is.

    Raises:
        BadSoundFile: letters that are no text, a backslash, or spaces that a reader of CSV would take away.
    """
    composed = unicodedata.normalize("NFC", name)
    if not composed.isprintable() or composed != clean(normal_file(name)):
        raise BadSoundFile(path, "has a name that a table cannot hold (odd spaces, a backslash or no UTF-8); rename it")


def _sound_files(folder: Path) -> Iterator[Path]:
    """Sound files below ``folder``, sorted; hidden ones, and links to elsewhere, are passed over."""
    real = folder.resolve()
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix.lower() not in SOUND_SUFFIXES:
            continue
        if path.is_file() and path.resolve().is_relative_to(real):
            yield path


def _identifier(stem: str, taken: set[str]) -> str:
    """The stem of a file as an identifier that no other row has, on any file system."""
    base = _UNSAFE.sub("_", clean(stem)).strip(" .-=+@")[: LONGEST - 8].rstrip(" .")
    if not base or identifier_fault(base):
        base = f"item-{base or 'unnamed'}"
    name, number = base, 1
    while folder_key(name) in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(folder_key(name))
    return name


def _told(sound: SoundFormat) -> dict[str, str]:
    """What a file tells about itself, by the names of our columns."""
    bext = sound.bext or {}
    date = str(bext.get("origination_date", "")).replace(":", "-").replace("_", "-")
    return {
        "format": sound.container,
        "duration": _clock(sound.duration_s) if sound.frames else "",
        "title": _harmless(str(bext.get("description", ""))),
        "digitizing_entity": _harmless(str(bext.get("originator", ""))),
        "digitized_date": "" if date_fault(date) else date,
    }


def _harmless(text: str) -> str:
    """Text that a stranger wrote into a file, so that no spreadsheet runs it as a formula; reading strips the space."""
    one_line = " ".join(clean(_CONTROL.sub(" ", text)).split())
    return f" {one_line}" if one_line[:1] in ("=", "+", "-", "@") else one_line


def _clock(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{ms // 1000:02d}.{ms % 1000:03d}"


def _write(rows: list[dict[str, str]], out_csv: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    # Exclusive creation: a manifest that appeared in the meantime is somebody's work.
    with out_csv.open("x", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
