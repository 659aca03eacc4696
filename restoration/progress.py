"""How far an item is, in a small file that anybody may read while the work goes on: the screen, ``restoration status``,
another machine. It is no record: the event log is.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SHORTEST_PAUSE_S = 0.25


@dataclass(frozen=True)
class State:
    """``stage`` in words, ``done`` as a share 0..1 of the whole item, ``since`` as seconds since the epoch."""

    stage: str
    done: float
    since: float


class Progress:
    """Writes a ``State`` to ``path``, at most four times a second.

    ``plan`` gives each stage its weight: about how long it takes beside the others.
    """

    def __init__(self, path: Path, plan: list[tuple[str, float]]) -> None:
        self._path, self._plan = path, plan
        self._started, self._written = time.time(), 0.0

    def reached(self, stage: str, share: float = 0.0) -> None:
        """The item is in ``stage``, of which ``share`` (0..1) is done."""
        now = time.monotonic()
        if 0.0 < share < 1.0 and now - self._written < SHORTEST_PAUSE_S:
            return
        self._written = now
        state = State(stage, self._done(stage, share), self._started)
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps(asdict(state)), encoding="utf-8")
        partial.replace(self._path)

    def _done(self, stage: str, share: float) -> float:
        whole = sum(weight for _, weight in self._plan)
        before = 0.0
        for name, weight in self._plan:
            if name == stage:
                return (before + share * weight) / whole
            before += weight
        return 0.0


def read_state(path: Path) -> State | None:
    """The state in ``path``; None when nothing is going on there."""
    try:
        return State(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def stages(steps: Sequence[str]) -> list[tuple[str, float]]:
    """The stages of an item and about how long each takes beside the others, for the progress bar alone."""
    return [
        ("checking the master before", 0.5),
        ("reading the master", 0.5),
        ("measuring before", 3.0),
        *((name.replace("_", " "), 4.0) for name in steps),
        ("measuring after", 3.0),
        ("segmenting speech", 3.0),
        ("writing the copies", 6.0),
        ("checking the master after", 0.5),
        ("writing the report", 1.0),
        ("packing", 0.5),
    ]
