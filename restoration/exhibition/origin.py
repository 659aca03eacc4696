"""Where what tells of a sound's origin is asked: its tags, its cover, its signature, its labels.

``writing`` calls these in this order for every file: ``tags`` and ``cover`` before it is written, ``sign`` when the
file is whole but for its signature, and, once for all files of an item, ``label_files``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from restoration.exhibition.exhibit import Exhibit

PACKAGE = "restoration.exhibition"


def tags(exhibit: Exhibit, language: str) -> dict[str, str]:
    """Names and texts for Vorbis comments and ID3; ``exhibit.sha256`` is blank still."""
    asked = _asked("tagging", "tags")
    if asked is not None:
        return dict(asked(exhibit, language))
    title = str(exhibit.item.get("title") or exhibit.identifier)
    return {"title": title, "identifier": exhibit.identifier, "comment": f"Exhibition copy: {exhibit.preset.name}."}


def describe(exhibit: Exhibit, place: Path, language: str) -> None:
    """Give a file that is written what ``tags`` have no place for in it: the chunks of a broadcast wave file."""
    asked = _asked("tagging", "describe")
    if asked is not None:
        asked(exhibit, place, language)


def cover(exhibit: Exhibit) -> bytes:
    """A picture, PNG or JPEG, for the file; empty for none."""
    asked = _asked("cover", "cover")
    return bytes(asked(exhibit)) if asked is not None else b""


def sign(exhibit: Exhibit, place: Path) -> Mapping[str, Any]:
    """Sign the file at ``place``, which may change it or add one beside it; what the log says of it, {} for nothing.

    ``file`` in what is returned names a file that was added beside it; a file that already has the final name of the
    exhibit is not there yet.
    """
    asked = _asked("content_credentials", "sign")
    return dict(asked(exhibit, place)) if asked is not None else {}


def label_files(exhibit: Exhibit, folder: Path) -> list[Path]:
    """Write the label, in all languages, into ``folder``; the files."""
    asked = _asked("label_files", "label_files")
    return [Path(each) for each in asked(exhibit, folder)] if asked is not None else []


def has_contact_sheet() -> bool:
    """Whether a sheet can be made: the sounds need not be read for one that cannot."""
    return _asked("contact_sheet", "contact_sheet") is not None


def contact_sheet(exhibits: list[Exhibit], folder: Path, language: str) -> list[Path]:
    """Write the sheet of all that leaves together into ``folder``, in a language; the files."""
    asked = _asked("contact_sheet", "contact_sheet")
    return [Path(each) for each in asked(exhibits, folder, language)] if asked is not None else []


def _asked(module: str, name: str) -> Any:
    if find_spec(f"{PACKAGE}.{module}") is None:
        return None
    return getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
