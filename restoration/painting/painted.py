"""What was painted on a picture: where it differs from the picture that was exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.painting.look import Grey
from restoration.painting.page import BadPicture, Page

PAINTED_BY, CHANGED_BY = 40, 8
CHANGED_SHARE = 0.02
HALF = 128

Painted = npt.NDArray[np.bool_]
"""Shape (rows, columns), the highest frequency on top."""


def painted_on(picture: Path, exported: Grey, page: Page) -> Painted:
    """Where a picture was painted, or cut away.

    Raises:
        BadPicture: it has another size, it was changed as a whole, or nothing is painted.
    """
    pixels = _pixels(picture, page)
    away = np.abs(pixels[..., :3].astype(np.int16) - exported[..., None].astype(np.int16)).max(axis=2)
    painted = (away > PAINTED_BY) | (pixels[..., 3] < HALF)
    rest = away[~painted]
    if rest.size and float((rest > CHANGED_BY).mean()) > CHANGED_SHARE:
        raise BadPicture(
            f"{picture}: was changed as a whole (brightness, a colour profile, JPEG on the way?), so that what was "
            "painted cannot be told; paint on the exported PNG, or give a mask of its own: --mask FILE"
        )
    return _some(painted, picture)


def painted_in(mask: Path, page: Page) -> Painted:
    """Where a picture of its own is light: the mask.

    Raises:
        BadPicture: it has another size than the exported picture, or nothing is light.
    """
    pixels = _pixels(mask, page)
    light = (pixels[..., :3].max(axis=2) >= HALF) & (pixels[..., 3] >= HALF)
    return _some(light, mask)


def _some(painted: Painted, place: Path) -> Painted:
    if not painted.any():
        raise BadPicture(f"{place}: nothing is painted on it; paint with any colour over what is to be repaired")
    return painted


def _pixels(picture: Path, page: Page) -> npt.NDArray[np.uint8]:
    from PIL import Image

    try:
        with Image.open(picture, formats=("PNG",)) as image:
            size = (page.columns, page.rows)
            if image.size != size:
                raise BadPicture(
                    f"{picture}: is {image.width} × {image.height} pixels where {size[0]} × {size[1]} were exported; "
                    "scaled, cropped or turned, its pixels no longer say when and how high: paint at that size"
                )
            return np.asarray(image.convert("RGBA"))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadPicture(f"{picture}: is no PNG ({error}); save it as PNG, which loses nothing") from error
