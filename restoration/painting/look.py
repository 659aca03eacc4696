"""The picture to look at and to paint on: grey, so that any colour is seen to be painted.

Loud is light. All channels are in it, each pixel as the loudest of them. Grey ends short of black and white, so that
these can be painted with too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.painting.page import Page
from restoration.painting.planes import spectra_of

DARKEST, LIGHTEST = 24, 216
LEAST = 1e-10

Levels = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]
"""Shape (rows, columns), the highest frequency on top."""


def look(recording: Recording, page: Page) -> Grey:
    """The picture of a page."""
    picture = np.zeros((page.rows, page.columns), dtype=np.uint8)
    scale = 4.0 / page.window
    pooled = _rows_of(page)
    for first, spectra in spectra_of(recording, page):
        level = np.abs(spectra).max(axis=0) * scale
        level_db = 20.0 * np.log10(pooled(level) + LEAST)
        share = np.clip((level_db - page.floor_db) / (page.ceiling_db - page.floor_db), 0.0, 1.0)
        grey = np.rint(DARKEST + share * (LIGHTEST - DARKEST)).astype(np.uint8)
        picture[:, first : first + grey.shape[0]] = grey.T[::-1]
    return picture


def _rows_of(page: Page) -> Callable[[Levels], Levels]:
    """(columns, bins) -> (columns, rows): on a logarithmic axis the loudest bin of a row, or what lies between."""
    if page.frequency_axis == "linear":
        return lambda level: level
    edges = page.row_edges_hz() / page.bin_hz
    centres = np.sqrt(edges[1:] * edges[:-1])
    firsts = np.clip(np.ceil(edges[:-1]).astype(np.int64), 0, page.bins - 1)
    wide = np.ceil(edges[1:]) - np.ceil(edges[:-1]) >= 1
    below = np.minimum(centres.astype(np.int64), page.bins - 2)
    part = centres - below

    def pooled(level: Levels) -> Levels:
        between = (1.0 - part) * level[:, below] + part * level[:, below + 1]
        return np.where(wide, np.maximum.reduceat(level, firsts, axis=1), between)

    return pooled


def bins_painted(painted: npt.NDArray[np.bool_], page: Page) -> npt.NDArray[np.bool_]:
    """What is painted on the picture (rows, columns), as bins (bins, columns), both from the lowest up.

    On a logarithmic axis what is painted in the lowest row holds all that lies below it.
    """
    if page.frequency_axis == "linear":
        return painted
    places_hz = np.arange(page.bins) * page.bin_hz
    rows = np.searchsorted(page.row_edges_hz(), places_hz, side="right") - 1
    return np.asarray(painted[np.clip(rows, 0, page.rows - 1)])
