"""A map as files that any program opens: grey PNG pages of half an hour, and a JSON that says what they mean.

A page holds three planes, one above the other, each with the highest band at the top: the generated share, the share
that was removed, and the confidence. A pixel is a cell, 0 to 255 stand for 0 to 1. The axes are in the JSON and, so
that a page can be read alone, in the page's text chunks (PNG 1.2, tEXt).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from restoration.audio import Recording, Writer
from restoration.errors import BadBag
from restoration.sound_map.compare import ITEM_PLANES, as_audio, planes_of
from restoration.sound_map.grid import COLUMNS_PER_S, WINDOW_S, Grid

PAGE_COLUMNS = 30 * 60 * COLUMNS_PER_S
AXES = "Map-Axes"
"""The text chunk that holds the axes of a page as JSON."""
MOST = 255


@dataclass(frozen=True, eq=False)
class SoundMap:
    """A map as it was read: ``generated``, ``removed`` and ``confidence`` (bands, columns), 0 to 1, lowest band first.

    A column is ``seconds_per_column`` long; the first begins at ``start_s`` of the restored sound. ``about`` is what
    the file says of itself.
    """

    generated: npt.NDArray[np.float32]
    removed: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    centres_hz: tuple[float, ...]
    seconds_per_column: float
    start_s: float
    about: dict[str, Any]


def pages_of(map_: Recording) -> int:
    """How many pages a map takes."""
    return -(-map_.frames // PAGE_COLUMNS)


def axes_of(restored: Recording) -> dict[str, Any]:
    """What the cells of a map are: the same for every page."""
    grid = Grid(restored.sample_rate)
    return {
        "seconds_per_column": 1.0 / COLUMNS_PER_S,
        "window_s": WINDOW_S,
        "band_centres_hz": [round(centre, 2) for centre in grid.centres_hz],
        "band_edges_hz": [round(edge, 2) for edge in grid.edges_hz],
        "rows": "highest band first; above the generated share, below it the removed one, at the bottom confidence",
        "value": "pixel / 255",
        "channels": "energies of all channels together",
        "generated": "share of a cell's energy that was added and had not been recorded",
        "removed": "share of a cell's energy in the master, at the same level and on the same axis, that is not left",
        "confidence": (
            "where a network reduced noise: the mean share of the programme in the energy of such cells on held-out "
            "aged speech; where sound was generated: 1 - generated share; several steps: the product; elsewhere 1"
        ),
    }


def write_page(map_: Recording, page: int, axes: dict[str, Any], place: Path) -> None:
    """Write a page, counted from 0; it appears under its name only when whole."""
    first = page * PAGE_COLUMNS
    planes = planes_of(map_, ITEM_PLANES, first, first + PAGE_COLUMNS)
    pixels = np.rint(MOST * np.clip(planes[:, ::-1], 0.0, 1.0)).astype(np.uint8).reshape(-1, planes.shape[2])
    texts = PngInfo()
    texts.add_text("Title", "Map of origin and confidence of a restored sound")
    texts.add_text(AXES, json.dumps({**axes, "start_s": first / COLUMNS_PER_S}))
    partial = place.with_name(place.name + ".part")
    Image.fromarray(pixels).save(partial, "PNG", pnginfo=texts, compress_level=6)
    partial.replace(place)


def index_text(about: dict[str, Any], files: list[str]) -> str:
    """The JSON beside the pages: what they mean, and their names in order."""
    # Sorted: what was read from a log again, after a run was killed, has its keys in another order.
    return json.dumps({**about, "pages": files}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def read_page(place: Path) -> SoundMap:
    """A page by itself.

    Raises:
        BadBag: the file is no page of a map.
    """
    try:
        with Image.open(place) as picture:
            said = json.loads(picture.info[AXES])
            pixels = np.asarray(picture)
        planes = pixels.reshape(ITEM_PLANES, len(said["band_centres_hz"]), -1)[:, ::-1].astype(np.float32) / MOST
    except (OSError, KeyError, ValueError) as error:
        raise BadBag(f"{place}: is no page of a map ({error})") from error
    return SoundMap(
        generated=planes[0],
        removed=planes[1],
        confidence=planes[2],
        centres_hz=tuple(said["band_centres_hz"]),
        seconds_per_column=said["seconds_per_column"],
        start_s=said["start_s"],
        about=said,
    )


def read_pages(index: Path) -> Iterator[SoundMap]:
    """The pages of a map in order, by its JSON; memory holds one at a time.

    Raises:
        BadBag: the JSON is none of a map, or a page is missing or no page.
    """
    for name in _said(index)["pages"]:
        yield read_page(index.parent / name)


def read_map(index: Path) -> SoundMap:
    """The whole map, by its JSON.

    Raises:
        BadBag: as ``read_pages``.
    """
    pages = list(read_pages(index))
    if not pages:
        raise BadBag(f"{index}: names no pages")
    return replace(
        pages[0],
        generated=np.concatenate([page.generated for page in pages], axis=1),
        removed=np.concatenate([page.removed for page in pages], axis=1),
        confidence=np.concatenate([page.confidence for page in pages], axis=1),
        about=_said(index),
    )


def as_recording(index: Path, place: Path) -> Recording:
    """The pages as a recording at ``place``, as the treatment keeps a map.

    Raises:
        BadBag: as ``read_pages``.
    """
    with Writer(place) as writer:
        for page in read_pages(index):
            writer.write(as_audio(np.stack([page.generated, page.removed, page.confidence])))
    return writer.recording


def _said(index: Path) -> dict[str, Any]:
    try:
        said = json.loads(index.read_text(encoding="utf-8"))
        _ = said["pages"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadBag(f"{index}: is no index of a map ({error})") from error
    return dict(said)
