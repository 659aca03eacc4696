"""Sound as peers want it: mono, at a rate of their own, and long enough that their delay loses nothing."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

Mono = npt.NDArray[np.float32]
"""Sound of the shape (time,), full scale is 1.0."""

QUIET_CLIP_S = 0.5
TAIL_S = 0.050


def through(source: Path, result: Path, sample_rate: int, function: Callable[[Mono], Mono]) -> None:
    """Write ``function`` of the sound in ``source``, which sees it at ``sample_rate`` and 50 ms longer than it is.

    The result has the rate of the source; a peer that works at less has lost what lies above, and is heard so.
    """
    samples, own_rate = soundfile.read(source, dtype="float32", always_2d=True)
    mono = np.pad(samples.mean(axis=1), (0, round(TAIL_S * own_rate)))
    heard = mono if own_rate == sample_rate else soxr.resample(mono, own_rate, sample_rate)
    treated = function(np.ascontiguousarray(heard, dtype=np.float32))
    back = treated if own_rate == sample_rate else soxr.resample(treated, sample_rate, own_rate)
    soundfile.write(result, back, own_rate, subtype="FLOAT")


def quiet_clip(sound: Mono, sample_rate: int) -> tuple[int, int]:
    """First frame and end of the quietest half second, where a listener would take the profile of the noise."""
    size = min(sound.size, round(QUIET_CLIP_S * sample_rate))
    energy = np.concatenate(([0.0], np.cumsum(sound.astype(np.float64) ** 2)))
    start = int(np.argmin(energy[size:] - energy[: sound.size - size + 1]))
    return start, start + size


def in_blocks(sound: Mono, size: int) -> npt.NDArray[np.float32]:
    """The sound as (blocks, size), with zeros after its end."""
    return np.pad(sound, (0, -sound.size % size)).reshape(-1, size)


def missing_package(name: str) -> str | None:
    """Why a package cannot be used; None when it is installed."""
    if importlib.util.find_spec(name.replace("-", "_")) is None:
        return f"the package {name} is not installed"
    return None


def package_version(name: str) -> str:
    """The version of an installed package."""
    return metadata.version(name)
