"""The pictures of an item as tiles: spectrograms and waveforms of the three sounds, and the mask over them.

All are on the axis of the restored sound, on one frequency axis and one scale of decibels, at the levels at which the
sounds are heard: a difference that is seen is one that is heard. Column c of a level is the time from
``c / px_per_s`` on; tile t begins with column ``t * tile_px``; row 0 is the highest frequency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.errors import BadBag
from restoration.provenance.condition_words import measures_of
from restoration.provenance.generated import generated_band, generates, treated_steps
from restoration.provenance.pictures import HIGHEST_SHOWN_HZ, LOWEST_TOP_HZ, PictureScale
from restoration.record import Event
from restoration.room.heard import AFTER, BEFORE, NAMES, HeardSounds, heard_gains_db
from restoration.room.tile_columns import Axes, columns_of
from restoration.room.tile_drawing import SEEN, LevelDrawing, MaskDrawing, WaveDrawing
from restoration.room.tile_pyramid import PATTERN, Levels, Pyramid, Values
from restoration.sound_map.pages import SoundMap, read_pages

ROWS, WAVE_ROWS = 256, 96
FLOOR_DB, CEILING_DB = PictureScale().floor_db, PictureScale().ceiling_db
MASK = "mask"
LOSSY: dict[str, Any] = {"quality": 60, "method": 2}
WITHOUT_LOSS: dict[str, Any] = {"lossless": True, "quality": 30, "method": 1}
COLUMNS_AT_ONCE = 4096

Heard = Callable[[str, float], None]


def wave_of(name: str) -> str:
    """The name of the picture of a sound's waveform."""
    return f"waveform_{name}"


def tile_facts(events: Sequence[Event], sample_rate: int, duration_s: float, mapped: bool) -> dict[str, Any]:
    """What a page knows of the tiles."""
    pictures: dict[str, Any] = {name: {"rows": ROWS} for name in NAMES}
    pictures |= {wave_of(name): {"rows": WAVE_ROWS} for name in NAMES}
    return {
        "pictures": pictures | ({MASK: {"rows": ROWS}} if mapped else {}),
        "levels": Levels.of(duration_s).facts(),
        "rows": ROWS,
        "max_hz": max_hz_of(events, sample_rate),
        "floor_db": FLOOR_DB,
        "ceiling_db": CEILING_DB,
        "pattern": PATTERN,
    }


def max_hz_of(events: Sequence[Event], sample_rate: int) -> float:
    """The upper end of the frequency axis: room for what was recorded and for what was generated."""
    widest = [float(measures_of(events, when).get("bandwidth_hz") or 0.0) for when in (BEFORE, AFTER)]
    widest += [float(high or 0.0) for _, high in _bands(events)]
    top = max(LOWEST_TOP_HZ, 1.5 * max(widest)) if max(widest) else HIGHEST_SHOWN_HZ
    return min(sample_rate / 2, HIGHEST_SHOWN_HZ, top)


def full_scale_of(events: Sequence[Event]) -> float:
    """The sample value at the edge of a waveform, as heard."""
    gains = heard_gains_db(events)
    peaks = [
        10.0 ** ((float(peak) + gains[name]) / 20.0)
        for name in (BEFORE, AFTER)
        if (peak := measures_of(events, name).get("peak_dbfs")) is not None
    ]
    return min(1.0, max(0.05, *peaks)) if peaks else 1.0


def write_tiles(bag: Path, events: Sequence[Event], folder: Path, heard: Heard) -> None:
    """Draw all tiles into ``folder``; memory does not grow with the length of the sound.

    Raises:
        BadBag: a file of the bag is missing or is not what it should be.
    """
    with HeardSounds.open(bag, events) as sounds:
        draw_sounds(sounds, events, folder, heard)
        levels = Levels.of(sounds.duration_s)
        axes = Axes(levels.px_per_s[0], ROWS, max_hz_of(events, sounds.sample_rate))
    for index in sorted((bag / "data" / "map").glob("*.json")):
        draw_mask(events, index, folder / MASK, levels, axes)


def draw_sounds(sounds: HeardSounds, events: Sequence[Event], folder: Path, heard: Heard) -> None:
    """Spectrograms and waveforms of the three sounds."""
    levels = Levels.of(sounds.duration_s)
    axes = Axes(levels.px_per_s[0], ROWS, max_hz_of(events, sounds.sample_rate))
    pictures = _pictures(events, folder, levels, axes.max_hz)
    done = 0
    for columns in columns_of(sounds, axes):
        for name, one in columns.items():
            pictures[name].write(one.power[None])
            pictures[wave_of(name)].write(one.envelope[None])
        done += columns[AFTER].envelope.shape[1]
        heard("drawing", done / levels.columns[0])
    for picture in pictures.values():
        picture.finish()


def _pictures(events: Sequence[Event], folder: Path, levels: Levels, max_hz: float) -> dict[str, Pyramid]:
    plain = LevelDrawing(FLOOR_DB, CEILING_DB)
    tinted = LevelDrawing(FLOOR_DB, CEILING_DB, _tinted_rows(events, max_hz))
    wave = WaveDrawing(WAVE_ROWS, full_scale_of(events))
    pictures = {}
    for name in NAMES:
        drawing = tinted if name == AFTER else plain
        pictures[name] = Pyramid(folder / name, levels, drawing.pool, drawing.draw, **LOSSY)
        pictures[wave_of(name)] = Pyramid(folder / wave_of(name), levels, wave.pool, wave.draw, **WITHOUT_LOSS)
    return pictures


def _bands(events: Sequence[Event]) -> list[tuple[float | None, float | None]]:
    return [band for step in treated_steps(events) if (band := generated_band(step))]


def _tinted_rows(events: Sequence[Event], max_hz: float) -> npt.NDArray[np.bool_] | None:
    bands = _bands(events)
    if not bands:
        return None
    centres = _row_centres_hz(max_hz)
    return np.any([(centres >= (low or 0.0)) & (centres <= (high or max_hz)) for low, high in bands], axis=0)


def _rows_with_generated(events: Sequence[Event], max_hz: float) -> npt.NDArray[np.bool_] | None:
    """The rows of the generated bands; None where a step generated something else than a band, at any frequency."""
    if {generates(step) for step in treated_steps(events)} - {"nothing", "band"}:
        return None
    return _tinted_rows(events, max_hz)


def _row_centres_hz(max_hz: float) -> npt.NDArray[np.float64]:
    return np.asarray((np.arange(ROWS, 0, -1) - 0.5) * (max_hz / ROWS))


def draw_mask(events: Sequence[Event], index: Path, folder: Path, levels: Levels, axes: Axes) -> None:
    """The mask over the picture of the restored sound, from the pages of the map.

    Raises:
        BadBag: the map is not whole.
    """
    pyramid: Pyramid | None = None
    left, bands = levels.columns[0], 0
    for page in read_pages(index):
        if pyramid is None:
            bands = len(page.centres_hz)
            drawing = MaskDrawing(_band_of_rows(page, axes.max_hz), _rows_with_generated(events, axes.max_hz))
            pyramid = Pyramid(folder, levels, drawing.pool, drawing.draw, **WITHOUT_LOSS)
        for values in _mask_columns(page, axes.px_per_s):
            pyramid.write(values[..., :left])
            left -= min(left, values.shape[-1])
    if pyramid is None:
        raise BadBag(f"{index}: names no pages")
    # A map of whole cells may end just before the sound does.
    pyramid.write(np.zeros((3, bands, left), dtype=np.float32))
    pyramid.finish()


def _mask_columns(page: SoundMap, px_per_s: float) -> Iterator[Values]:
    """Generated share, doubt and cells seen, (3, bands, columns), in pixels of the finest level."""
    made = page.generated
    doubt = 1.0 - made - np.minimum(page.confidence, 1.0 - made)
    cells = made.shape[1]
    stop_s = page.start_s + cells * page.seconds_per_column
    first, last = (round(at_s * px_per_s) for at_s in (page.start_s, stop_s))
    for begin in range(first, last, COLUMNS_AT_ONCE):
        edges_s = np.arange(begin, min(last, begin + COLUMNS_AT_ONCE) + 1) / px_per_s - page.start_s
        # A thousandth of a cell, so that an edge that falls on a cell's does not lie just before it.
        edges = np.clip((edges_s / page.seconds_per_column + 1e-3).astype(np.int64), 0, cells)
        lows = np.minimum(edges[:-1], cells - 1)
        stop = max(int(edges[-1]), int(lows[-1]) + 1)
        counts = np.maximum(np.diff(edges), 1)
        means = [np.add.reduceat(plane[:, :stop], lows, axis=1) / counts for plane in (made, doubt)]
        seen = np.maximum.reduceat((made[:, :stop] >= SEEN).astype(np.float32), lows, axis=1)
        yield np.stack([*means, seen]).astype(np.float32)


def _band_of_rows(page: SoundMap, max_hz: float) -> list[int]:
    """The band of each row; the number of bands for a row above the last. What lies below the first belongs to it."""
    edges = np.asarray(page.about["band_edges_hz"])
    band = np.maximum(np.searchsorted(edges, _row_centres_hz(max_hz), side="right") - 1, 0)
    return [int(one) for one in np.minimum(band, len(page.centres_hz))]
