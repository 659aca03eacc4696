"""How long the steps of a live voice are, and how much is kept for computing them: told from how long they take.

Nothing here looks at a clock: times come in, and what has to change goes out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

CHUNKS_MS = (80.0, 96.0, 128.0, 192.0, 256.0)
WIDEN_AT = 0.7
"""Share of a step's length that computing it may take, 19 times out of 20."""
RESERVE_AT, RESERVE_OVER, LEAST_RESERVE_MS = 0.8, 1.5, 60.0
"""The reserve grows when computing takes that share of it, to that many times what computing takes."""
REMEMBERED_S = 4.0


@dataclass(frozen=True)
class Change:
    """What is different from now on: a ``sentence``, and the pause in ms that it costs once."""

    sentence: str
    pause_ms: float


@dataclass
class Pace:
    """The length of a step, and the reserve for computing it, both in ms; ``lately`` is how long steps took, in s."""

    chunk_ms: float
    reserve_ms: float = LEAST_RESERVE_MS
    lately: deque[float] = field(default_factory=lambda: deque(maxlen=100))

    def rehearse(self, took_s: Iterable[float]) -> list[str]:
        """Fit the pace to a machine whose steps take so long, before anything is heard; what was changed."""
        self.lately.extend(took_s)
        told = []
        while self._too_slow and (wider := _wider(self.chunk_ms)):
            told.append(f"this machine needs {self.lately_ms:.0f} ms for a step: {wider:.0f} ms long from now")
            self.chunk_ms = wider
        self.reserve_ms = max(LEAST_RESERVE_MS, RESERVE_OVER * self.lately_ms)
        return told

    def took(self, seconds: float) -> Change | None:
        """Note how long a step took; longer steps, or a larger reserve, before there is too little time."""
        self.lately.append(seconds)
        while len(self.lately) > REMEMBERED_S * 1000 / self.chunk_ms:
            self.lately.popleft()
        wider = _wider(self.chunk_ms)
        if self._too_slow and wider:
            share, pause_ms = 100 * self.lately_ms / self.chunk_ms, wider - self.chunk_ms
            self.chunk_ms = wider
            return Change(f"computing takes {share:.0f} % of a step: {wider:.0f} ms long from now", pause_ms)
        if self.lately_ms <= RESERVE_AT * self.reserve_ms:
            return None
        kept_ms, pause_ms = RESERVE_OVER * self.lately_ms, RESERVE_OVER * self.lately_ms - self.reserve_ms
        self.reserve_ms = kept_ms
        return Change(f"computing takes {self.lately_ms:.0f} ms: {kept_ms:.0f} ms are kept for it from now", pause_ms)

    @property
    def lately_ms(self) -> float:
        """What a step took, 19 times out of 20; of a few steps, the longest."""
        return 1000 * float(np.quantile(self.lately, 0.95, method="higher")) if self.lately else 0.0

    @property
    def _too_slow(self) -> bool:
        return self.lately_ms > WIDEN_AT * self.chunk_ms


def _wider(chunk_ms: float) -> float | None:
    return next((each for each in CHUNKS_MS if each > chunk_ms), None)
