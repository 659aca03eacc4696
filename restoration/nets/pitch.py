"""Pitch and voicing of one voice, by a method named in a table.

All methods hear mono sound at 16 kHz and answer on one grid: a frame every 128 samples (8 ms), frame n centred at
sample 128 n, 1 + size // 128 frames. ``swift-f0`` is a network (Nieradzik 2025, arXiv:2508.18440) from the wheel
swift-f0; ``autocorrelation`` is our own (restoration/nets/autocorrelation.py), with no network; ``harvest`` (Morise
2017) is there where the package pyworld is installed. Long sound is heard in pieces with context on both sides: the
memory beside the sound itself is that of a piece and of the frames.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.errors import RestorationError
from restoration.nets.onnx_session import open_session

FloatArray = npt.NDArray[np.float32]
Track = tuple[FloatArray, FloatArray]
"""F0 in Hz and confidence, each (frames,)."""

SAMPLE_RATE = 16000
HOP_FRAMES = 128
VOICED = 0.5
"""A frame is voiced from this confidence on, whatever the method."""

NETWORK_HOP = 2 * HOP_FRAMES
NETWORK_HZ = (46.875, 2093.75)
CONTEXT = 11
"""Frames of the network on both sides that its answer can depend on: 2815 samples of them."""
PIECE = 1875
"""Frames of the network that are heard at once: 30 s."""

LEAP = 0.25
"""Octaves in 16 ms. Two neighbours further apart are no glide: the frame between them follows the surer one."""

WANTED_DBFS = -20.0
GAIN_DB = (-20.0, 40.0)
"""The network's confidence sinks with the level; faint sound is raised, but not the noise of a silence without end."""
BLOCK = 2**16
STRETCH = 320

HARVEST_CONTEXT = 2 * SAMPLE_RATE
HARVEST_PIECE = 60 * SAMPLE_RATE


@dataclass(frozen=True, eq=False)
class Pitch:
    """The course of a voice.

    Attributes:
        f0_hz: (frames,) float32, 0 where unvoiced, which is where the confidence is under 0.5.
        confidence: (frames,) float32, 0 to 1, as the method gave it.
    """

    f0_hz: FloatArray
    confidence: FloatArray


def pitch(sound: npt.ArrayLike, method: str = "swift-f0", lowest_hz: float = 50.0, highest_hz: float = 1000.0) -> Pitch:
    """The pitch of ``sound`` (time,), mono at 16 kHz, between two frequencies.

    Raises:
        RestorationError: there is no such method, its package is not installed, the range makes no sense, or the
            sound is not one channel of numbers.
        MissingWeights: the network's file is absent or another one.
    """
    heard = np.asarray(sound, dtype=np.float32)
    if heard.ndim != 1:
        raise RestorationError(f"pitch is heard in one channel (time,), not in an array of the shape {heard.shape}")
    if not np.isfinite(heard).all():
        raise RestorationError("the sound holds samples that are not numbers; there is no pitch in it")
    if not NETWORK_HZ[0] <= lowest_hz < highest_hz / 1.05 <= NETWORK_HZ[1] / 1.05:
        raise RestorationError(
            f"a voice between {lowest_hz:g} and {highest_hz:g} Hz cannot be searched for: the range is within "
            f"{NETWORK_HZ[0]:g} to {NETWORK_HZ[1]:g} Hz, the lower end first"
        )
    found = _TABLE.get(method)
    if found is None:
        raise RestorationError(f"there is no F0 method '{method}'; there are {', '.join(METHODS)}")
    f0_hz, confidence = found(heard, lowest_hz, highest_hz)
    confidence = np.clip(confidence, 0, 1).astype(np.float32)
    return Pitch(np.where(confidence >= VOICED, f0_hz, 0).astype(np.float32), confidence)


def count_frames(size: int) -> int:
    """How many frames a sound of ``size`` samples has."""
    return 1 + size // HOP_FRAMES


def swift_f0(sound: FloatArray, lowest_hz: float, highest_hz: float, piece: int = PIECE) -> Track:
    """The network's answer, brought from 16 to 8 ms; ``piece`` says how many of its frames are heard at once."""
    frames = count_frames(sound.size)
    coarse = frames // 2 + 1
    gain = _gain(sound)
    parts = []
    for start in range(0, coarse, piece):
        first, stop = max(0, start - CONTEXT), min(start + piece, coarse)
        window = sound[first * NETWORK_HOP : (stop + CONTEXT) * NETWORK_HOP] * gain
        missing = (min(stop + CONTEXT, coarse) - first) * NETWORK_HOP - window.size
        heard = _ask(np.pad(window, (0, max(0, missing))), lowest_hz, highest_hz)
        parts.append(heard[:, start - first : stop - first])
    f0_hz, confidence = np.concatenate(parts, axis=1)
    return _halved(f0_hz, confidence, frames)


def _ask(window: FloatArray, lowest_hz: float, highest_hz: float) -> npt.NDArray[np.float64]:
    """F0 and confidence (2, frames) of a stretch, a frame every 256 samples."""
    limits = {"fmin": np.asarray(lowest_hz, dtype=np.float32), "fmax": np.asarray(highest_hz, dtype=np.float32)}
    f0_hz, confidence = _network().run(["pitch", "confidence"], {"audio": window[None].astype(np.float32), **limits})
    return np.stack([f0_hz[0], confidence[0]])


@cache
def _network() -> Any:
    from restoration.weights import locate

    return open_session(locate("swift-f0"))


def _gain(sound: FloatArray) -> np.float32:
    """What brings the louder parts of the whole sound to one level."""
    powers = [np.zeros(1)]
    for start in range(0, sound.size, BLOCK - BLOCK % STRETCH):
        block = sound[start : start + BLOCK - BLOCK % STRETCH]
        whole = block[: block.size // STRETCH * STRETCH].astype(np.float64).reshape(-1, STRETCH)
        powers.append(np.square(whole).mean(axis=1))
    loud = float(np.quantile(np.concatenate(powers), 0.95))
    gain_db = np.clip(WANTED_DBFS - 10 * np.log10(loud), *GAIN_DB) if loud > 0 else 0.0
    return np.float32(10 ** (gain_db / 20))


def _halved(f0_hz: npt.NDArray[np.float64], confidence: npt.NDArray[np.float64], frames: int) -> Track:
    """Twice as many frames: between two voiced ones the mean of their logarithms, else unvoiced."""
    octaves = np.log2(np.maximum(f0_hz, 1.0))
    before, after = octaves[:-1], octaves[1:]
    surer = np.where(confidence[:-1] >= confidence[1:], before, after)
    between = np.where(np.abs(after - before) > LEAP, surer, (before + after) / 2)
    fine = np.zeros((2, 2 * octaves.size - 1))
    fine[0, ::2], fine[1, ::2] = octaves, confidence
    # The less sure of both: so a frame at the border of a voiced run is not voiced by the strength of one neighbour.
    fine[0, 1::2], fine[1, 1::2] = between, np.minimum(confidence[:-1], confidence[1:])
    fine = fine[:, :frames]
    return np.exp2(fine[0]).astype(np.float32), fine[1].astype(np.float32)


def harvest(sound: FloatArray, lowest_hz: float, highest_hz: float) -> Track:
    """Harvest of the package pyworld; its confidence is 1 or 0."""
    try:
        import pyworld
    except ModuleNotFoundError as error:
        raise RestorationError(
            "the F0 method 'harvest' needs the package pyworld, which is not installed: pip install pyworld; "
            "'swift-f0' and 'autocorrelation' are always there"
        ) from error
    parts = []
    for start in range(0, sound.size + 1, HARVEST_PIECE):
        first, stop = max(0, start - HARVEST_CONTEXT), start + HARVEST_PIECE
        heard = sound[first : stop + HARVEST_CONTEXT].astype(np.float64)
        # Harvest does not take less than a few periods.
        heard = np.pad(heard, (0, max(0, SAMPLE_RATE // 4 - heard.size)))
        f0_hz, _ = pyworld.harvest(heard, SAMPLE_RATE, lowest_hz, highest_hz, 1000 * HOP_FRAMES / SAMPLE_RATE)
        parts.append(f0_hz[(start - first) // HOP_FRAMES :][: HARVEST_PIECE // HOP_FRAMES])
    f0_hz = np.concatenate(parts)[: count_frames(sound.size)]
    return f0_hz.astype(np.float32), (f0_hz > 0).astype(np.float32)


def _autocorrelation(sound: FloatArray, lowest_hz: float, highest_hz: float) -> Track:
    from restoration.nets.autocorrelation import autocorrelation

    return autocorrelation(sound, lowest_hz, highest_hz)


_TABLE: dict[str, Callable[[FloatArray, float, float], Track]] = {
    "swift-f0": swift_f0,
    "autocorrelation": _autocorrelation,
    "harvest": harvest,
}
METHODS: tuple[str, ...] = tuple(_TABLE)
