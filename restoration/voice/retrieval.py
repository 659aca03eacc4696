"""Retrieval: the content of a performance drawn towards what the voice itself said in its own material.

Each frame is mixed with the mean of its nearest frames of the material, the nearer weighing more, by one over the
squared distance, as users of RVC know it (``--index-rate``). The search is exact: by the package faiss where the extra
``retrieval`` is installed, else by numpy; both find the same frames, whose distances are then taken anew here, so that
the blend is the same to rounding, except between frames that are equally near.

It helps somewhat behind the embedded encoder: its fourth layer puts frames of one sound beside each other, and the
decoder takes out of them what tells the voice. So the search is done, and the share taken, in what is left by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from restoration.errors import RestorationError
from restoration.nets.content_encoder import ContentEncoder
from restoration.voice.model import VoiceModel

FloatArray = npt.NDArray[np.float32]
Search = Literal["faiss", "numpy"]

BLOCK = 1024
NEAREST = 8
INDEX_RATE = 0.3
"""The share that is taken where nobody says how much: the voice comes nearer to the speaker, and no word is lost."""
LEAST_SQUARED = 1e-6
"""Of the mean square of a frame: a frame that is in the material would else weigh infinitely much."""


def check_rate(rate: float) -> None:
    """Raise unless the rate is within 0 to 1.

    Raises:
        RestorationError: it is not.
    """
    if not 0.0 <= rate <= 1.0:
        raise RestorationError(f"the index rate is from 0 to 1, not {rate:g}")


def rate_of(voice: VoiceModel, asked: float | None) -> float:
    """The share that is taken: the one asked for; else the usual one, and none where the voice holds no frames."""
    if asked is not None:
        return asked
    return INDEX_RATE if voice.frames is not None else 0.0


class Drawn:
    """A content encoder whose frames are drawn towards a voice's own material.

    Raises:
        RestorationError: the voice holds no frames of its material.
    """

    def __init__(self, encoder: ContentEncoder, voice: VoiceModel, rate: float) -> None:
        if voice.frames is None:
            raise RestorationError(
                f"the voice “{voice.card['name']}” holds no frames of its material (blended voices hold none), so "
                "nothing can be taken from it; leave the index rate at 0"
            )
        self.name, self.sha256, self.size = encoder.name, encoder.sha256, encoder.size
        self.hop_frames, self.centre_frames = encoder.hop_frames, encoder.centre_frames
        self._encoder, self._rate, self._decoder = encoder, rate, voice.decoder()
        self._index = Index.of(self._voiceless(voice.frames), encoder.name)

    def encode(self, sound: FloatArray) -> FloatArray:
        """Frames (frames, size) of a sound (time,), as the encoder gives them but for the share taken."""
        return self.draw(self._encoder.encode(sound))

    def draw(self, content: FloatArray) -> FloatArray:
        """Frames (frames, size) of content with the share taken."""
        drawn = self._index.blend(self._voiceless(content), self._rate)
        decoder = self._decoder
        return np.asarray(drawn * decoder.content_spread.numpy() + decoder.content_mean.numpy(), dtype=np.float32)

    def _voiceless(self, frames: FloatArray) -> FloatArray:
        with torch.inference_mode():
            return np.asarray(self._decoder.voiceless(torch.from_numpy(frames.astype(np.float32))).numpy())


@dataclass(frozen=True, eq=False)
class Index:
    """The frames of a voice's material, to be searched.

    Attributes:
        features: (frames, size) float32.
        encoder: name of the encoder that made them.
        search: "faiss" or "numpy".
    """

    features: FloatArray
    encoder: str
    search: Search

    @classmethod
    def of(cls, features: FloatArray, encoder: str, search: Search | None = None) -> Index:
        """The index of these features; ``search`` is faiss if it is installed, unless said.

        Raises:
            RestorationError: there are no features, or they are not numbers (frames, size).
        """
        kept = np.ascontiguousarray(features, dtype=np.float32)
        if kept.ndim != 2 or not kept.size or not np.isfinite(kept).all():
            raise RestorationError(
                f"an index is made of features (frames, size) that are numbers; these have the shape {kept.shape}"
            )
        there = find_spec("faiss") is not None
        if search == "faiss" and not there:
            raise RestorationError("the package faiss is not installed: pip install 'heritage-voice[retrieval]'")
        return cls(kept, encoder, search or ("faiss" if there else "numpy"))

    def blend(self, features: FloatArray, rate: float, k: int = NEAREST) -> FloatArray:
        """``features`` (frames, size) with a share ``rate`` of the mean of their ``k`` nearest in the material.

        Raises:
            RestorationError: the rate is not within 0 to 1, or the features are another encoder's.
        """
        check_rate(rate)
        if not rate or not len(features):
            return features
        if features.ndim != 2 or features.shape[1] != self.features.shape[1]:
            raise RestorationError(
                f"the features have the shape {features.shape}, the index holds {self.features.shape[1]} numbers a "
                "frame: they are not of one encoder"
            )
        if k < 1:
            raise RestorationError(f"at least 1 frame is looked for, not {k}")
        near = self._nearest(np.ascontiguousarray(features, dtype=np.float32), min(k, len(self.features)))
        blocks = range(0, len(features), BLOCK)
        means = [self._mean(features[start : start + BLOCK], near[start : start + BLOCK]) for start in blocks]
        return np.asarray((1 - rate) * features + rate * np.concatenate(means), dtype=np.float32)

    @cached_property
    def _mean_square(self) -> float:
        return float(np.square(self.features, dtype=np.float64).mean())

    @cached_property
    def _flat(self) -> Any:
        import faiss

        flat = faiss.IndexFlatL2(self.features.shape[1])
        flat.add(self.features)
        return flat

    @cached_property
    def _squares(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Squared lengths (frames,) of the material's frames, and these (size, frames)."""
        material = self.features.T.astype(np.float64)
        return np.square(material).sum(axis=0), material

    def _mean(self, features: FloatArray, near: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        found = self.features[near].astype(np.float64)
        squared = np.square(found - features[:, None].astype(np.float64)).sum(axis=2)
        least = LEAST_SQUARED * self._mean_square * self.features.shape[1]
        weights = 1.0 / np.square(np.maximum(squared, least + 1e-12))
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("fk,fks->fs", weights, found))

    def _nearest(self, features: FloatArray, k: int) -> npt.NDArray[np.int64]:
        """Numbers (frames, k) of the nearest frames, in their order in the material."""
        if self.search == "faiss":
            return np.sort(self._flat.search(features, k)[1], axis=1)
        own, material = self._squares
        found = []
        for start in range(0, len(features), BLOCK):
            block = features[start : start + BLOCK].astype(np.float64)
            # The squares of the block's own frames are the same for every candidate.
            apart = own[None] - 2.0 * block @ material
            found.append(np.sort(np.argpartition(apart, k - 1, axis=1)[:, :k], axis=1))
        return np.concatenate(found)
