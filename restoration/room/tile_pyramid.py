"""A picture that may be hours long, as tiles: each level half as wide as the one before, the last a single tile.

Columns come in order and are drawn as soon as a tile is full; memory holds one tile of each level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

TILE_PX = 1024
FINEST_PX_PER_S = 100.0
MOST_COLUMNS = 60_000
"""At the finest level. What a page of two hours may weigh decides it."""
PATTERN = "tiles/{picture}/{level}-{tile:05}.webp"

Values = npt.NDArray[np.float32]
"""Shape (planes, rows, columns)."""
Pool = Callable[[Values, Values], Values]
"""Makes one column of two neighbours."""
Draw = Callable[[Values], Image.Image]


@dataclass(frozen=True)
class Levels:
    """The levels of a pyramid: ``px_per_s`` and number of columns of each, the finest first."""

    px_per_s: tuple[float, ...]
    columns: tuple[int, ...]

    @classmethod
    def of(cls, duration_s: float) -> Levels:
        """100 pixels a second, or for long sounds a half, a quarter, ... of it; down to one tile."""
        finest = FINEST_PX_PER_S
        while duration_s * finest > MOST_COLUMNS:
            finest /= 2
        columns = [max(1, int(np.ceil(duration_s * finest - 1e-9)))]
        while columns[-1] > TILE_PX:
            columns.append(-(-columns[-1] // 2))
        return cls(tuple(finest / 2**level for level in range(len(columns))), tuple(columns))

    def facts(self) -> list[dict[str, Any]]:
        """As a page knows them. The last tile of a level is as wide as what is left."""
        return [
            {"px_per_s": px_per_s, "tile_px": TILE_PX, "tiles": -(-columns // TILE_PX), "columns": columns}
            for px_per_s, columns in zip(self.px_per_s, self.columns, strict=True)
        ]


class Pyramid:
    """Writes the tiles of one picture into ``folder``, which it makes."""

    def __init__(self, folder: Path, levels: Levels, pool: Pool, draw: Draw, **webp: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._pool, self._draw, self._webp = folder, pool, draw, webp
        self._held: list[list[Values]] = [[] for _ in levels.columns]
        self._tiles = [0] * len(levels.columns)

    def write(self, values: Values) -> None:
        """Append columns of the finest level."""
        self._add(0, values)

    def finish(self) -> None:
        """Draw what is left in each level."""
        for level in range(len(self._held)):
            if self._held[level]:
                self._emit(level, np.concatenate(self._held[level], axis=-1))

    def _add(self, level: int, values: Values) -> None:
        held = self._held[level]
        held.append(values)
        while (have := sum(part.shape[-1] for part in held)) >= TILE_PX:
            joined = np.concatenate(held, axis=-1)
            held[:] = [joined[..., TILE_PX:]] if have > TILE_PX else []
            self._emit(level, joined[..., :TILE_PX])

    def _emit(self, level: int, values: Values) -> None:
        self._held[level] = self._held[level] if values.shape[-1] == TILE_PX else []
        place = self._folder / f"{level}-{self._tiles[level]:05}.webp"
        self._draw(values).save(place, "WEBP", **self._webp)
        self._tiles[level] += 1
        if level + 1 < len(self._held):
            # An odd column at the end has no neighbour, and is pooled with itself.
            right = values[..., 1::2]
            left = values[..., 0::2]
            if right.shape[-1] < left.shape[-1]:
                right = np.concatenate([right, left[..., -1:]], axis=-1)
            self._add(level + 1, self._pool(left, right))
