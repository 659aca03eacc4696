"""The map of an item: those of its steps together, on the time axis of the restored sound, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Writer
from restoration.sound_map.compare import ITEM_PLANES, NOTHING, STEP_PLANES, Planes, as_audio, planes_of
from restoration.sound_map.grid import COLUMNS_PER_S, Energies, Grid, energies_of

DOUBTFUL = 0.5
"""Confidence below which a cell is told to be doubtful."""
MOST = 0.5
"""Share from which on most of a cell is told to be removed."""

Regions = Sequence[tuple[float, float]]
"""Pairs of seconds in which somebody speaks."""


@dataclass(frozen=True)
class Ends:
    """Both ends of a treatment on one time axis, and the gain in dB that it applied to the whole."""

    master: Recording
    restored: Recording
    gain_db: float


def combine(maps: Sequence[tuple[Recording, float]], ends: Ends, written: Writer) -> None:
    """Write the map of a restored sound: the shares generated and removed, and confidence.

    Shares of several steps that generate are 1 - product of (1 - share), confidences multiply. What was removed is told
    from both ends of the treatment: the share of a cell's energy in the master that is not in the restored sound.

    Args:
        maps: of the steps, each with the duration in seconds of the sound it is about. Where a later step moved time
            the durations differ, and columns are found in proportion: wow displaces a moment by less than a column.
        ends: the sounds that the map is for.
        written: where it goes.
    """
    grid = Grid(ends.restored.sample_rate)
    pace = [(map_, duration_s / ends.restored.duration_s) for map_, duration_s in maps]
    for first, count in grid.spans(ends.restored):
        recorded, sure = np.ones((2, grid.bands, count), dtype=np.float32)
        for map_, ratio in pace:
            planes = _at(map_, (np.arange(first, first + count, dtype=np.float64) + 0.5) * ratio)
            bands = min(grid.bands, planes.shape[1])
            recorded[:bands] *= 1.0 - planes[0, :bands]
            sure[:bands] *= planes[1, :bands]
        removed = _removed(ends, grid, (first, count), recorded)
        written.write(as_audio(np.stack([1.0 - recorded, removed, sure])))


def _removed(ends: Ends, grid: Grid, span: tuple[int, int], recorded: Energies) -> Energies:
    """Shares of the master's energy in the columns (first, count), given what share of the result was recorded."""
    was, left = (grid.energies(grid.spectra(grid.windows(one, *span))) for one in (ends.master, ends.restored))
    kept = left * recorded * np.float32(10 ** (-ends.gain_db / 10))
    share = np.clip(1.0 - kept / np.maximum(was, NOTHING), 0.0, 1.0)
    return np.asarray(np.where(was > NOTHING, share, 0.0), dtype=np.float32)


def _at(map_: Recording, columns: npt.NDArray[np.float64]) -> Planes:
    """The planes of a map at ascending places in columns."""
    chosen = np.clip(columns.astype(np.int64), 0, map_.frames - 1)
    first = int(chosen[0])
    return planes_of(map_, STEP_PLANES, first, int(chosen[-1]) + 1)[:, :, chosen - first]


@dataclass(frozen=True, kw_only=True)
class MapFigures:
    """What a map comes to, over its ``extent``: "speech" or, where nobody was heard speaking, "everything".

    Attributes:
        extent: which cells are counted.
        generated_energy_share: of the energy of those cells, how much was generated.
        removed_cell_share: from how many of them most of the master's energy was removed.
        doubtful_cell_share: how many of them have a confidence below one half.
        doubtful_energy_share: how much of the energy lies in those.
    """

    extent: str
    generated_energy_share: float
    removed_cell_share: float
    doubtful_cell_share: float
    doubtful_energy_share: float


def map_figures(map_: Recording, restored: Recording, speech: Regions) -> MapFigures:
    """Over the columns in which somebody speaks; cells without any sound are not counted."""
    total = generated = doubtful = 0.0
    cells = doubtful_cells = emptied_cells = 0
    for energies, planes in _cells(map_, restored, speech):
        heard = energies > NOTHING
        below = heard & (planes[2] < DOUBTFUL)
        total += float(energies.sum())
        generated += float((energies * planes[0]).sum())
        doubtful += float(energies[below].sum())
        cells += int(heard.sum())
        doubtful_cells += int(below.sum())
        emptied_cells += int((heard & (planes[1] > MOST)).sum())
    return MapFigures(
        extent="speech" if speech else "everything",
        generated_energy_share=round(generated / total, 6) if total else 0.0,
        removed_cell_share=round(emptied_cells / cells, 6) if cells else 0.0,
        doubtful_cell_share=round(doubtful_cells / cells, 6) if cells else 0.0,
        doubtful_energy_share=round(doubtful / total, 6) if total else 0.0,
    )


def _cells(map_: Recording, restored: Recording, speech: Regions) -> Iterator[tuple[npt.NDArray[np.float64], Planes]]:
    """Energies and planes of the columns that count, a part at a time."""
    for first, energies in energies_of(restored):
        chosen = _inside(first, energies.shape[1], speech) if speech else np.arange(energies.shape[1])
        if chosen.size:
            planes = planes_of(map_, ITEM_PLANES, first, first + energies.shape[1])
            yield energies[:, chosen].astype(np.float64), planes[:, :, chosen]


def _inside(first: int, count: int, speech: Regions) -> npt.NDArray[np.int64]:
    times_s = (np.arange(first, first + count) + 0.5) / COLUMNS_PER_S
    starts, stops = np.array(speech).T
    before = np.searchsorted(starts, times_s, side="right") - 1
    return np.flatnonzero((before >= 0) & (times_s < stops[np.maximum(before, 0)]))
