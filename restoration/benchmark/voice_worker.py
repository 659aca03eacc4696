"""A voice at work, in a process of its own: ``python -m restoration.benchmark.voice_worker VOICE``.

It is asked with the paths of a source and a result, and answers with what the conversion cost. The first one is done
once before it counts, so that importing and loading are no part of any figure.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import numpy as np

from restoration.benchmark.service import serve
from restoration.benchmark.systems import Part
from restoration.benchmark.voice_systems import Convert, open_system, version_of
from restoration.benchmark.worker import Work


class Lending:
    """A voice as a system of the benchmark."""

    part: ClassVar[Part] = "recipe"

    def __init__(self, name: str) -> None:
        self._name = name
        self._convert: Convert | None = None

    @property
    def name(self) -> str:
        return self._name

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return version_of(self.name)

    def prepare(self) -> None:
        self._convert = open_system(self.name)

    def run(self, source: Path, result: Path) -> None:
        """Convert a sound that ``numpy.save`` wrote, (time,) float32 at 16 kHz, to another such file."""
        # Where it could not be opened before, the reason is to be told again: it belongs in the row.
        convert = self._convert or open_system(self.name)
        converted = np.asarray(convert(np.load(source)), dtype=np.float32)
        if converted.ndim != 1 or not np.isfinite(converted).all():
            raise ValueError(f"a converted sound is mono and made of numbers, not {converted.shape}")
        np.save(result, converted)


if __name__ == "__main__":
    serve(Work(Lending(sys.argv[1])))
