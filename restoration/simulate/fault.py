"""What a fault of a carrier, a machine or a transmission is: the links of which a chain of ageing is made."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
"""Sound of the shape (channels, time), full scale is 1.0; or an array of times in seconds."""

Kind = Literal["programme", "room", "time", "damage", "added"]
"""What a fault does, and so what an ideal remover of noise does with it.

``programme``: linear and lasting (gain, band limit, response of a head or a horn); ``room``: reverberation; ``time``:
errors of speed, the same in all channels. These three it keeps. ``damage``: what is destroyed (saturation, clipping,
dropouts, quantising); ``added``: noise, hum, clicks. These two it would undo.
"""


class Fault(Protocol):
    """One fault: a frozen keyword-only dataclass whose fields, checked in ``__post_init__``, are its parameters."""

    kind: ClassVar[Kind]

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        """``samples`` with the fault, of the same shape, and whatever was drawn for it (JSON-able).

        Never changes its argument. What is drawn depends on the generator, the shape and the rate, not on the sound.
        """
        ...


Chain = tuple[Fault, ...]
"""Faults in the order in which they happened."""


@runtime_checkable
class Displacing(Protocol):
    """What a fault of the kind ``time`` has besides, so that its time axis can be followed back."""

    def heard_at_s(self, times_s: Float64, drawn: dict[str, Any]) -> Float64:
        """The times, in what came in, of what is heard at ``times_s`` in what went out."""
        ...


def check_range(fault: object, low: float, high: float, *names: str) -> None:
    """Refuse a fault whose fields ``names`` do not lie between ``low`` and ``high``; None is always allowed.

    Raises:
        ValueError: naming the first field that does not.
    """
    for name in names:
        value = getattr(fault, name)
        if value is not None and not low <= value <= high:
            raise ValueError(f"{name} lies between {low:g} and {high:g}, not {value}")


def check_span(fault: object, low: float, high: float, *names: str) -> None:
    """Refuse a fault whose fields ``names`` are not (lower, upper) pairs in order between ``low`` and ``high``.

    Raises:
        ValueError: naming the first field that is not.
    """
    for name in names:
        lower, upper = getattr(fault, name)
        if not low <= lower <= upper <= high:
            raise ValueError(f"{name} is a pair in order between {low:g} and {high:g}, not {(lower, upper)}")
