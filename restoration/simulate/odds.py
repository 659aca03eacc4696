"""Drawing the parameters of a carrier at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

Drawn = TypeVar("Drawn")


def uniform(draw: np.random.Generator, low: float, high: float) -> float:
    return float(draw.uniform(low, high))


def log_uniform(draw: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(draw.uniform(np.log(low), np.log(high))))


def maybe(draw: np.random.Generator, chance: float, make: Callable[[np.random.Generator], Drawn]) -> tuple[Drawn, ...]:
    """What ``make`` draws, with the probability ``chance``, else nothing."""
    return (make(draw),) if draw.random() < chance else ()
