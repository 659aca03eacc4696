"""What was painted, as regions: every patch whose pixels touch is one, in its box."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.ndimage import find_objects, label

from restoration.painting.look import bins_painted
from restoration.painting.page import BadPicture, Page
from restoration.repair.region import LONGEST_S, Region, encode_mask

MOST_PATCHES = 200
SHARED_S = 0.25
"""Where a patch is too long for one region, its parts share so much: each gives up its edges in time."""

Painted = npt.NDArray[np.bool_]


def regions_of(painted: Painted, page: Page) -> list[Region]:
    """The regions (in seconds of the sound) of what is painted on a page: (rows, columns), the highest row on top.

    Raises:
        BadPicture: there are more patches than a hand paints.
    """
    bins = bins_painted(painted[::-1], page)
    patches, count = label(bins, structure=np.ones((3, 3), dtype=int))
    if count > MOST_PATCHES:
        raise BadPicture(f"{count} separate patches are painted, where a page takes {MOST_PATCHES}: was it paint?")
    found = []
    for number, box in enumerate(find_objects(patches), start=1):
        rows, columns = box
        mask = patches[box] == number
        for first, stop in _parts(columns.stop - columns.start, page):
            if mask[:, first:stop].any():
                found.append(_region(mask[:, first:stop], rows.start, columns.start + first, page))
    return sorted(found, key=lambda region: (region.start_s, region.low_hz))


def _parts(columns: int, page: Page) -> Iterator[tuple[int, int]]:
    most = int(LONGEST_S * page.sample_rate / page.hop) - 1
    shared = int(SHARED_S * page.sample_rate / page.hop) + 1
    first = 0
    while columns - first > most:
        yield first, first + most
        first += most - shared
    yield first, columns


def _region(mask: Painted, low: int, first: int, page: Page) -> Region:
    """A patch whose lowest bin is ``low`` and whose first column is ``first``; pixels reach half way to the next."""
    start = max(0.0, page.start + (first - 0.5) * page.hop)
    stop = page.start + (first + mask.shape[1] - 0.5) * page.hop
    low_hz = (low - 0.5) * page.bin_hz
    high_hz = (low + mask.shape[0] - 0.5) * page.bin_hz
    return Region(
        start_s=start / page.sample_rate,
        stop_s=stop / page.sample_rate,
        low_hz=max(0.0, low_hz),
        high_hz=high_hz,
        mask="" if mask.all() else encode_mask(mask),
    )
