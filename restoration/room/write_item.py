"""The folder of one item's page: what it knows, its sounds in pieces, its pictures in tiles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from restoration import fixity
from restoration.errors import BadBag
from restoration.record import Event
from restoration.room.heard import NAMES, access_copy, derivation
from restoration.room.item import events_of, item_page_facts, item_script
from restoration.room.pieces import pieces
from restoration.room.tiles import write_tiles

ITEM, SOUND, TILES = "item.js", "sound", "tiles"

Heard = Callable[[str, float], None]


def unheard(what: str, share: float) -> None:
    """For work that nobody watches."""


def write_sounds(bag: Path, events: Sequence[Event], folder: Path, heard: Heard = unheard) -> None:
    """Cut the three access copies into pieces.

    Raises:
        BadBag: a copy is not the file that the log tells of.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for done, name in enumerate(NAMES):
        event = access_copy(events, name)
        heard("cutting the sounds", done / len(NAMES))
        if fixity.digests(bag / event["file"])["sha256"] != event["sha256"]:
            raise BadBag(f"{bag}: {event['file']} is not the file that event {event['sequence']} tells of")
        for piece in pieces(bag / event["file"]):
            (folder / f"{name}-{piece.number:04}.js").write_text(piece.script(name), encoding="ascii")
