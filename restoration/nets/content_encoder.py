"""Content encoders: what is said, frame by frame, with as little as can be of who says it.

The embedded one is the encoder of Moonshine tiny (Jeffries et al. 2024, English) from the wheel ``moonshine-voice``, as
far as its fourth layer of six: the last ones are made for words, and there neighbouring sounds run together. Our own
(``content_student``) learnt from it, on more languages. An encoder that learnt from another says so on its card
(``stands_for``): both give their frames in one space, and what was taught with the one can be used with the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from restoration.nets.content_student import OWN, own_encoder
from restoration.nets.moonshine import Moonshine
from restoration.weights import card, cards, locate

FloatArray = npt.NDArray[np.float32]
SAMPLE_RATE = 16000
NETWORK, LAYERS_HEARD = "moonshine-tiny-en", 4
EMBEDDED = f"{NETWORK}-layer-{LAYERS_HEARD}"
WINDOW_S, CONTEXT_S = 12.0, 2.0
"""A long sound is heard in windows; of each, all but the context at its inner ends is kept."""


class ContentEncoder(Protocol):
    """What a voice model hears the words with; a base is tied to one by its digest.

    Attributes:
        name: of its card.
        sha256: of its weights.
        hop_frames: samples at 16 kHz from a frame to the next.
        centre_frames: the sample at which the first frame's middle lies.
        size: numbers a frame.
    """

    name: str
    sha256: str
    hop_frames: int
    centre_frames: float
    size: int

    def encode(self, sound: FloatArray) -> FloatArray:
        """Frames (frames, size) of a sound (time,) at 16 kHz of any length."""
        ...


def content_encoder(name: str = EMBEDDED) -> ContentEncoder:
    """The encoder of a name: the embedded one, our own, or one that a card of the user's describes
    (content_adapters.py).

    Raises:
        MissingWeights: there is none of that name on this machine.
    """
    if name == EMBEDDED:
        return _moonshine()
    return own_encoder() if name == OWN else _of_the_user(name)


def described(encoder: ContentEncoder) -> dict[str, Any]:
    """Name and digest of an encoder, and of the one that it stands for if it does, for the card of a voice."""
    stands_for = {} if encoder.name == EMBEDDED else dict(card(encoder.name).stands_for)
    known = {"name": encoder.name, "sha256": encoder.sha256}
    return {**known, "stands_for": stands_for} if stands_for else known


def space_of(encoder: Mapping[str, Any]) -> tuple[str, str]:
    """Name and digest of the encoder in whose frames a described one tells what it hears: its own, or what it stands
    for."""
    whose = encoder.get("stands_for") or encoder
    return whose["name"], whose["sha256"]


def in_the_space_of(encoder: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the encoders in whose place one may be used: itself, then those that stand for it, in the order of their
    cards."""
    learnt = (each.name for each in cards() if each.stands_for and space_of(each.stands_for) == space_of(encoder))
    return (encoder["name"], *learnt)


@cache
def _of_the_user(name: str) -> ContentEncoder:
    from restoration.nets.content_adapters import OnnxContentEncoder

    return OnnxContentEncoder(name)


@cache
def _moonshine() -> MoonshineEncoder:
    return MoonshineEncoder()


class MoonshineEncoder:
    """Four layers of the encoder of Moonshine tiny; 24 ms a frame, 288 numbers, whole-sentence attention."""

    name = EMBEDDED
    hop_frames = 384
    centre_frames = 447.5
    size = 288
    _least_frames = 895

    def __init__(self) -> None:
        self.sha256 = card(NETWORK).sha256
        self._network = moonshine()

    def encode(self, sound: FloatArray) -> FloatArray:
        """Frames (size // 384 - 1, about, 288); a sound shorter than 56 ms is lengthened by silence."""
        frames = max(1, 1 + (sound.size - self._least_frames) // self.hop_frames)
        result = np.zeros((frames, self.size), dtype=np.float32)
        for start, keep_from, keep_to in _windows(frames, self.hop_frames):
            begin = start * self.hop_frames
            end = min(sound.size, begin + round(WINDOW_S * SAMPLE_RATE))
            heard = self._run(sound[begin:end])
            result[keep_from:keep_to] = heard[keep_from - start : keep_to - start]
        return result

    def _run(self, sound: FloatArray) -> FloatArray:
        heard = np.pad(sound, (0, max(0, self._least_frames - sound.size)))[None].astype(np.float32)
        with torch.inference_mode():
            frames = self._network.layers_of(torch.from_numpy(heard), LAYERS_HEARD)[-1]
        return np.asarray(frames[0].numpy())


@cache
def moonshine() -> Moonshine:
    """The network of the embedded encoder, loaded once, with all its layers; nothing of it is ever trained."""
    # Weights that are loaded within somebody's inference mode could never serve a loss.
    with torch.inference_mode(mode=False):
        return Moonshine(locate(NETWORK)).eval().requires_grad_(False)


def _windows(frames: int, hop_frames: int) -> Iterator[tuple[int, int, int]]:
    """Windows over so many frames: the first frame of each, and which frames are kept of it."""
    whole = int(WINDOW_S * SAMPLE_RATE) // hop_frames - 2
    context = int(CONTEXT_S * SAMPLE_RATE) // hop_frames
    start, kept = 0, 0
    while kept < frames:
        stop = frames if start + whole >= frames else start + whole - context
        yield start, kept, stop
        kept, start = stop, stop - context
