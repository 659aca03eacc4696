"""What all writers share: the sound they take, in cells, and what they say about the file they made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from restoration.audio import Block, Samples
from restoration.sound_files.dither import CELL_FRAMES


class Sound(Protocol):
    """What can be written: a ``Recording``, or anything that gives its blocks in the same way."""

    @property
    def sample_rate(self) -> int: ...

    @property
    def channels(self) -> int: ...

    @property
    def frames(self) -> int: ...

    def blocks(self, context: int = 0, align: int = 1) -> Iterator[Block]: ...


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that was made.

    ``clipped_samples`` did not fit below full scale; ``dithered_frames`` had to be rounded; ``data_md5`` digests the
    sound alone (BWF); ``left_out`` says of each chunk of the master that was not carried over why.
    """

    path: Path
    container: str
    bytes: int
    sha256: str
    frames: int
    sample_rate: int
    clipped_samples: int = 0
    dithered_frames: int = 0
    data_md5: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Every field but the path, as JSON can hold it."""
        return {name: value for name, value in asdict(self).items() if name != "path"}


class Cell(NamedTuple):
    """``samples`` (channels, time) of one cell, ``number`` cells from the start."""

    number: int
    samples: Samples


def cells(sound: Sound) -> Iterator[Cell]:
    """The whole sound in cells of ``CELL_FRAMES`` on a fixed grid, whatever the size of its blocks."""
    for block in sound.blocks(align=CELL_FRAMES):
        for offset in range(0, block.frames, CELL_FRAMES):
            first = block.lead + offset
            stop = min(first + CELL_FRAMES, block.lead + block.frames)
            yield Cell((block.start + offset) // CELL_FRAMES, block.samples[:, first:stop])
