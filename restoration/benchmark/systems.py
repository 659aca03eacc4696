"""Systems: whatever takes a sound file and makes another: nothing at all, our recipes, and the peers.

Each runs in a process of its own (``worker``), on one thread. This module imports next to nothing, so that the memory
of a system is its own.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

PROGRAMME = "programme.wav"
"""The file beside an aged clip that holds what an ideal remover of noise would leave."""

Part = Literal["reference", "recipe", "peer"]


class System(Protocol):
    """The shape of every system. ``prepare`` loads what it needs, and is not counted as its work."""

    part: ClassVar[Part]

    @property
    def name(self) -> str: ...

    def missing(self) -> str | None:
        """Why it cannot run here; None when it can."""
        ...

    def version(self) -> str:
        """What decides its sound."""
        ...

    def prepare(self) -> None: ...

    def run(self, source: Path, result: Path) -> None:
        """Treat the WAV file ``source`` (48 kHz, mono, float) and write ``result``, of any rate."""
        ...


@dataclass(frozen=True)
class Nothing:
    """The aged clip as it is."""

    part: ClassVar[Part] = "reference"
    name: str = "none"

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return "1"

    def prepare(self) -> None:
        pass

    def run(self, source: Path, result: Path) -> None:
        shutil.copyfile(source, result)


@dataclass(frozen=True)
class IdealNoiseRemover:
    """What a perfect remover of noise and damage would leave: the programme, with its band, its room and its wow."""

    part: ClassVar[Part] = "reference"
    name: str = "ideal"

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        return "1"

    def prepare(self) -> None:
        pass

    def run(self, source: Path, result: Path) -> None:
        shutil.copyfile(source.with_name(PROGRAMME), result)
