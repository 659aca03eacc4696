"""The map of one step: its source and its result compared, cell by cell.

A generating step: what it added, that is the energy of the difference over that of the result, was not recorded. A step
that lets a network decide what is noise: what it left is the voice as surely as the calibration says. Where a step
changed nothing, nothing was generated and confidence is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.audio import Audio, Recording, Writer
from restoration.sound_map import confidence
from restoration.sound_map.grid import COLUMNS_PER_S, Energies, Grid, Spectra, voice_power

NOTHING = 1e-14
"""-140 dBFS: less is rounding."""

Planes = npt.NDArray[np.float32]
"""Shape (planes, bands, columns): of each cell the generated share, 0 to 1, and last of all confidence, 0 to 1.

The map of a step has those two; in that of an item the share that was removed stands between them.
"""
STEP_PLANES, ITEM_PLANES = 2, 3


@dataclass(frozen=True)
class Doing:
    """What a step did that its map needs to know.

    Attributes:
        generates: whether it generates sound.
        spans_s: where it did, as pairs of seconds; None: wherever it changed anything.
        mixed: (start in s, share of the network's result from there on), the first at 0.
    """

    generates: bool
    spans_s: Sequence[tuple[float, float]] | None = None
    mixed: Sequence[tuple[float, float]] = ((0.0, 1.0),)

    @classmethod
    def by(cls, generates: bool, findings: dict[str, Any], sample_rate: int) -> Doing:
        """Read from the findings of a step: ``sections`` with ``start_s`` and ``share``; ``holes`` that were filled."""
        sections = findings.get("sections") or []
        mixed = [(float(one["start_s"]), float(one["share"])) for one in sections if "share" in one]
        holes = findings.get("holes")
        filled = [hole for hole in holes or [] if hole["mended"] == "fill"]
        spans = [(hole["start"] / sample_rate, hole["stop"] / sample_rate) for hole in filled]
        return cls(generates, None if holes is None else spans, mixed or ((0.0, 1.0),))

    def mixed_at(self, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The network's share at each time."""
        starts, shares = np.array(self.mixed).T
        return np.asarray(shares[np.maximum(np.searchsorted(starts, times_s, side="right") - 1, 0)])

    def generated_at(self, times_s: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Whether anything was generated in the column around each time."""
        if self.spans_s is None:
            return np.full(times_s.size, self.generates)
        half = 1.0 / COLUMNS_PER_S
        inside = [(times_s > start - half) & (times_s < stop + half) for start, stop in self.spans_s]
        return np.logical_or.reduce(inside) if inside else np.zeros(times_s.size, dtype=bool)


def comparable(source: Recording, result: Recording) -> bool:
    """Whether two recordings have one time axis and one format, so that their cells are about the same moments."""
    formats = [(one.frames, one.sample_rate, one.channels) for one in (source, result)]
    return formats[0] == formats[1]


def compare(source: Recording, result: Recording, doing: Doing, written: Writer) -> None:
    """Write the map of a step, as a recording of its planes.

    Memory does not grow with the length. Raises:
        ValueError: the two do not have one time axis and one format.
    """
    if not comparable(source, result):
        raise ValueError("a step that changes the time axis or the format cannot be mapped")
    grid = Grid(source.sample_rate)
    planes_by = _planes_by(source, grid, doing)
    for first, count in grid.spans(source):
        planes = np.stack([np.zeros((grid.bands, count)), np.ones((grid.bands, count))]).astype(np.float32)
        before, after = (grid.windows(one, first, count) for one in (source, result))
        changed = np.flatnonzero((before != after).any(axis=(0, 2)))
        if changed.size:
            spectra = [grid.spectra(windows[:, changed]) for windows in (before, after)]
            planes[:, :, changed] = planes_by(spectra[0], spectra[1], (first + changed + 0.5) / COLUMNS_PER_S)
        written.write(as_audio(planes))


def as_audio(planes: Planes) -> Audio:
    """Planes as the sound of a recording that keeps a map: a channel for each band of each plane."""
    return Audio(np.ascontiguousarray(planes.reshape(-1, planes.shape[2])), COLUMNS_PER_S)


def planes_of(map_: Recording, planes: int, first: int, stop: int) -> Planes:
    """So many planes of a map from column ``first`` to ``stop``."""
    return map_.read(first, stop).samples.reshape(planes, map_.channels // planes, -1)


ByColumns = Callable[[Spectra, Spectra, npt.NDArray[np.float64]], Planes]


def _planes_by(source: Recording, grid: Grid, doing: Doing) -> ByColumns:
    """(spectra of source and result, times in s) -> planes of those columns."""
    if doing.generates:
        return lambda before, after, times_s: _generated(grid, before, after, doing.generated_at(times_s))
    calibration, voice = confidence.load(), voice_power(source) + NOTHING
    known = int(np.searchsorted(grid.edges_hz, calibration.about["sample_rate"] / 2, side="right")) - 1

    def planes(before: Spectra, after: Spectra, times_s: npt.NDArray[np.float64]) -> Planes:
        heard, left = grid.energies(before) + NOTHING, grid.energies(after) + NOTHING
        level_db, kept_db = 10 * np.log10(heard / voice), 10 * np.log10(left / heard)
        sure = calibration.of(doing.mixed_at(times_s), level_db, kept_db)
        # Above the band that was calibrated nothing is surer than at its upper end.
        sure[known:] = np.minimum(sure[known:], sure[known - 1])
        return np.stack([np.zeros_like(sure), sure]).astype(np.float32)

    return planes


def _generated(grid: Grid, before: Spectra, after: Spectra, here: npt.NDArray[np.bool_]) -> Planes:
    share = shares_added(grid.energies(after - before), grid.energies(after)) * here
    return np.stack([share, 1.0 - share])


def shares_added(added: Energies, result: Energies) -> Energies:
    """Energy of the difference over that of the result, at most 1; 0 where there is nothing."""
    return np.asarray(np.where(result > NOTHING, np.minimum(1.0, added / (result + NOTHING)), 0.0), dtype=np.float32)
