"""The folder of one item's page: what it knows, its sounds in pieces, its pictures in tiles, its steps to hear.

Each part is made beside its place and moved there when whole. ``made-from.json`` says what each was made from: as long
as that stands a part is kept, so that a decision in the log costs a new ``item.js`` and nothing more. ``item.js`` comes
last, and goes first where a part is made anew: a folder that has one is whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from restoration import fixity
from restoration.errors import BadBag
from restoration.record import Event, digest_of
from restoration.room.heard import NAMES, access_copy, derivation, heard_gains_db
from restoration.room.item import events_of, item_page_facts, item_script
from restoration.room.pieces import PIECE_FRAMES, PREROLL_FRAMES, pieces
from restoration.room.step_excerpts import STEPS, write_excerpts
from restoration.room.tiles import write_tiles

ITEM, SOUND, TILES, MADE_FROM = "item.js", "sound", "tiles", "made-from.json"
VERSIONS = {SOUND: 1, TILES: 2, STEPS: 1}
"""Raised when a part comes out otherwise from the same bag."""

Heard = Callable[[str, float], None]
"""Called with what is being done, and the share (0..1) of it that is done."""
Make = Callable[[Path], None]


def unheard(what: str, share: float) -> None:
    """For work that nobody watches."""


def write_item(
    bag: Path,
    folder: Path,
    *,
    excerpts: bool = False,
    progress: Heard = unheard,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Bring the folder of an item up to its bag, which is only read; what stands is kept.

    Args:
        bag: of a treated item.
        folder: of the page; made if it is not there. Other files in it are left alone.
        excerpts: whether each step's own before and after are made, which treats the master again.
        progress: hears what is being done.
        more: further facts for ``item.js``, such as ``texts``.

    Returns:
        The facts that ``item.js`` holds.

    Raises:
        BadBag: it is no bag of a treated item, or a file is missing or not the one that the log tells of.
        BrokenRecord: the chain of its log does not hold.
        FixityMismatch: (excerpts) the master in the bag is not the one the log tells of.
    """
    events = events_of(bag)
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Make] = {
        SOUND: lambda place: write_sounds(bag, events, place, progress),
        TILES: lambda place: _write_tiles(bag, events, place, progress),
    }
    if excerpts:
        parts[STEPS] = lambda place: write_excerpts(bag, place, progress)
    made = _made_from(folder)
    sources = _sources(events)
    for part, make in parts.items():
        if made.get(part) != sources[part] or not (folder / part).is_dir():
            (folder / ITEM).unlink(missing_ok=True)
            _swap_in(folder / part, make)
            made[part] = sources[part]
            _write(folder / MADE_FROM, json.dumps(made, indent=1, sort_keys=True) + "\n")
    if made.get(STEPS) != sources[STEPS]:
        # Excerpts of another treatment are none of this one.
        shutil.rmtree(folder / STEPS, ignore_errors=True)
    facts = {**item_page_facts(bag, folder), **(more or {})}
    script = item_script(facts)
    if not (folder / ITEM).is_file() or (folder / ITEM).read_text(encoding="utf-8") != script:
        _write(folder / ITEM, script)
    return facts


def is_of_treatment(folder: Path, events: Sequence[Event]) -> bool:
    """Whether the folder of an item holds the sounds of the treatment that a log tells of, and not of an older one.

    Raises:
        BadBag: the log tells of no sounds to be heard.
    """
    return (folder / ITEM).is_file() and _made_from(folder).get(SOUND) == _sources(events)[SOUND]


def write_sounds(bag: Path, events: Sequence[Event], folder: Path, heard: Heard = unheard) -> None:
    """Cut the three access copies into pieces.

    Raises:
        BadBag: a copy is not the file that the log tells of.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for done, name in enumerate(NAMES):
        event = access_copy(events, name)
        heard("cutting the sounds", done / len(NAMES))
        _check(bag, event)
        for piece in pieces(bag / event["file"]):
            (folder / f"{name}-{piece.number:04}.js").write_text(piece.script(name), encoding="ascii")


def _write_tiles(bag: Path, events: Sequence[Event], folder: Path, heard: Heard) -> None:
    for event in _pictured(events):
        _check(bag, event)
    write_tiles(bag, events, folder, heard)


def _pictured(events: Sequence[Event]) -> list[Event]:
    """The files that the tiles are drawn from, as the log tells of them."""
    maps = {event["file"]: event for event in events if event["event"] == "derivation" and event.get("role") == "map"}
    return [derivation(events, "_restored.wav"), derivation(events, "_residual.wav"), *maps.values()]


def _check(bag: Path, event: Event) -> None:
    place = bag / event["file"]
    if not place.is_file():
        raise BadBag(f"{bag}: {event['file']} is not there")
    if fixity.digests(place)["sha256"] != event["sha256"]:
        raise BadBag(f"{bag}: {event['file']} is not the file that event {event['sequence']} tells of")


def _sources(events: Sequence[Event]) -> dict[str, str]:
    """Of each part, a digest of all that it is made from."""
    copies = [access_copy(events, name)["sha256"] for name in NAMES]
    steps = [[event[key] for key in ("sequence", "source", "result")] for event in events if event["event"] == "step"]
    pictured = [event["sha256"] for event in _pictured(events)]
    return {
        SOUND: digest_of([VERSIONS[SOUND], PIECE_FRAMES, PREROLL_FRAMES, copies]),
        TILES: digest_of([VERSIONS[TILES], pictured, heard_gains_db(events)]),
        STEPS: digest_of([VERSIONS[STEPS], steps]),
    }


def _made_from(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / MADE_FROM).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BadBag(f"{folder / MADE_FROM}: is not what the room wrote ({error}); remove the folder") from error


def _swap_in(place: Path, make: Make) -> None:
    """Make a folder beside its place, and move it there when it is whole."""
    partial, old = (place.with_name(place.name + ending) for ending in (".part", ".old"))
    for left_behind in (partial, old):
        shutil.rmtree(left_behind, ignore_errors=True)
    make(partial)
    if place.exists():
        place.replace(old)
    partial.replace(place)
    shutil.rmtree(old, ignore_errors=True)


def _write(place: Path, text: str) -> None:
    partial = place.with_name(place.name + ".part")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(place)
