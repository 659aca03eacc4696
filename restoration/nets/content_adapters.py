"""Content encoders that the user has: ContentVec, HuBERT, WavLM or Whisper as an ONNX file, called by its card alone.

Such a file lies in the folder that RESTORATION_MODELS names, and its card in ``cards.toml`` there has a table
``[model.content_encoder]`` with the entries of ``ContentContract``. ``EXAMPLES`` are those of the usual exports. A
model of waveforms is given the sound; Whisper is given its logarithmic mel spectrogram (Radford et al. 2022) of 30 s.
Long sound is heard in pieces with context on both sides; frames in the middle of a piece are what they would be in the
whole only as far as the network does not attend beyond the context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import soxr

from restoration.errors import MissingWeights
from restoration.nets.onnx_session import open_users_session
from restoration.nets.whisper_mel import log_mel
from restoration.weights import card, locate

FloatArray = npt.NDArray[np.float32]
SAMPLE_RATE = 16000
Kind = Literal["waveform", "log-mel"]
Normalisation = Literal["none", "utterance"]
AXES = frozenset({"batch", "layers", "frames", "size"})
WHISPER_S = 30.0

EXAMPLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "ContentVec, as RVC and so-vits-svc export it": {
            "input": "source",
            "result": "embed",
            "result_axes": "batch size frames",
            "size": 768,
            "hop_frames": 320,
            "window_frames": 400,
        },
        "HuBERT or WavLM, as Optimum exports it": {
            "input": "input_values",
            "result": "last_hidden_state",
            "size": 768,
            "hop_frames": 320,
            "window_frames": 400,
            "normalisation": "utterance",
        },
        "Whisper's encoder, as Optimum exports it": {
            "kind": "log-mel",
            "input": "input_features",
            "result": "last_hidden_state",
            "size": 384,
            "hop_frames": 320,
        },
    }
)
"""Tables ``[model.content_encoder]`` to begin with; the names of a file are shown where a card names others."""


@dataclass(frozen=True, kw_only=True)
class ContentContract:
    """The table ``[model.content_encoder]`` of a card.

    Attributes:
        input: name of the input that takes the sound; time is its last axis, the others are 1.
        result: name of the result that holds the frames.
        size: numbers a frame.
        hop_frames: samples at ``sample_rate`` from a frame to the next.
        window_frames: samples at ``sample_rate`` that the first frame is made of, at least a hop: 400 for HuBERT and
            its kin. The sound is lengthened so that frame n lies in the middle of hop n. 0: as long as the hop.
        sample_rate: that the network knows, 8000 to 48000 Hz; the hop must be a whole number of samples at 16 kHz.
        kind: "waveform" or "log-mel" (Whisper).
        result_axes: names of the axes of the result in their order: batch, layers, frames, size; an axis that is not
            there is left out.
        layer: which of the layers, where the result has that axis; -1 is the last.
        normalisation: "utterance" brings the sound to mean 0 and variance 1, as the larger models want; "none".
        mask: name of the input that takes as many ones as there are samples; blank if there is none.
        bands: mel bands of a Whisper: 80, or 128 from large-v3 on.
        piece_s: how much sound is heard at once, 2 to 600 s; Whisper always hears 30.
        context_s: how much of that is context on each side, less than a third of it.
    """

    input: str
    result: str
    size: int
    hop_frames: int
    window_frames: int = 0
    sample_rate: int = SAMPLE_RATE
    kind: Kind = "waveform"
    result_axes: str = "batch frames size"
    layer: int = -1
    normalisation: Normalisation = "none"
    mask: str = ""
    bands: int = 80
    piece_s: float = WHISPER_S
    context_s: float = 2.0

    def __post_init__(self) -> None:
        self._check_choices()
        ranges = {
            "size": (1, 8192),
            "hop_frames": (16, 16384),
            "sample_rate": (8000, 48000),
            "piece_s": (2, 600),
            "window_frames": (0, 65536),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")
        if self.hop_frames * SAMPLE_RATE % self.sample_rate:
            raise ValueError(f"a hop of {self.hop_frames} frames at {self.sample_rate} Hz does not fit 16 kHz")
        if 0 < self.window_frames < self.hop_frames:
            raise ValueError(f"a window of {self.window_frames} frames is shorter than the hop, {self.hop_frames}")
        if not 0 <= self.context_s < self.piece_s / 3:
            raise ValueError(f"context_s is {self.context_s:g}; it can be 0 to less than a third of piece_s")

    def _check_choices(self) -> None:
        for name, known in (("kind", get_args(Kind)), ("normalisation", get_args(Normalisation)), ("bands", (80, 128))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it can be {' or '.join(map(str, known))}")
        axes = self.result_axes.split()
        if not {"frames", "size"} <= set(axes) <= AXES or len(axes) != len(set(axes)):
            raise ValueError(
                f"result_axes is {self.result_axes!r}; frames and size, and batch and layers where present"
            )
        if self.kind == "log-mel" and (self.sample_rate, self.piece_s) != (SAMPLE_RATE, WHISPER_S):
            raise ValueError(f"a model of the kind log-mel hears {WHISPER_S:g} s at {SAMPLE_RATE} Hz")


class OnnxContentEncoder:
    """The network of a card, as a ``ContentEncoder``.

    Attributes:
        name: of the card.
        sha256: of the file.
        hop_frames: samples at 16 kHz from a frame to the next.
        centre_frames: the sample at which the middle of the first frame lies: that of its hop; of a Whisper, 0.
        size: numbers a frame.

    Raises:
        MissingWeights: the file is absent, is another one, or is not what its card says; the sentence says which.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.contract = _contract(name)
        self.sha256 = card(name).sha256
        self.size = self.contract.size
        self.hop_frames = self.contract.hop_frames * SAMPLE_RATE // self.contract.sample_rate
        self.centre_frames = 0.0 if self.contract.kind == "log-mel" else (self.hop_frames - 1) / 2
        self._session = open_users_session(self.name, locate(self.name))
        self._inputs = {each.name: each for each in self._session.get_inputs()}
        self._check_names()
        heard = self.encode(np.zeros(SAMPLE_RATE, dtype=np.float32))
        if not np.isfinite(heard).all():
            raise MissingWeights(f"model '{name}' makes of silence what is no number")

    def encode(self, sound: FloatArray) -> FloatArray:
        """Frames (max(1, time // hop_frames), size) of a sound (time,) at 16 kHz."""
        frames = max(1, sound.size // self.hop_frames)
        heard = self._levelled(np.pad(sound, (0, max(0, self.hop_frames - sound.size))).astype(np.float32))
        piece, context = (
            int(s * SAMPLE_RATE) // self.hop_frames for s in (self.contract.piece_s, self.contract.context_s)
        )
        if frames <= piece:
            return self._frames(heard[: frames * self.hop_frames], frames)
        parts, step = [], piece - 2 * context
        for start in range(0, frames, step):
            first, stop = max(0, start - context), min(start + step, frames)
            last = min(stop + context, frames)
            known = self._frames(heard[first * self.hop_frames : last * self.hop_frames], last - first)
            parts.append(known[start - first : stop - first])
        return np.concatenate(parts)

    def _levelled(self, sound: FloatArray) -> FloatArray:
        if self.contract.normalisation == "none":
            return sound
        # The added variance is that of the models' own preparation: what is nearly silent is not raised to speech.
        spread = np.sqrt(sound.var(dtype=np.float64) + 1e-7)
        return np.asarray((sound - sound.mean(dtype=np.float64)) / spread, dtype=np.float32)

    def _frames(self, sound: FloatArray, frames: int) -> FloatArray:
        """So many frames of a piece that is as long as they are."""
        found = self._in_order(self._run(self._fed(sound)))
        if self.contract.kind == "log-mel":
            found = found[:frames]
        # Exports differ by a frame in what they do at the end.
        if abs(len(found) - frames) > 1 or not len(found):
            raise MissingWeights(
                f"model '{self.name}' made {len(found)} frames of {sound.size} samples at 16 kHz, where its card's hop "
                f"of {self.contract.hop_frames} means {frames}; correct hop_frames, window_frames or result_axes"
            )
        return np.pad(found, ((0, max(0, frames - len(found))), (0, 0)), mode="edge")[:frames]

    def _fed(self, sound: FloatArray) -> FloatArray:
        if self.contract.kind == "log-mel":
            return log_mel(sound, self.contract.bands, WHISPER_S)
        if self.contract.sample_rate != SAMPLE_RATE:
            sound = np.asarray(soxr.resample(sound, SAMPLE_RATE, self.contract.sample_rate), dtype=np.float32)
        beyond = max(0, self.contract.window_frames - self.contract.hop_frames)
        return np.pad(sound, (beyond // 2, beyond - beyond // 2))

    def _run(self, fed: FloatArray) -> npt.NDArray[np.float32]:
        rank = len(self._inputs[self.contract.input].shape)
        feeds: dict[str, Any] = {self.contract.input: fed.reshape((1,) * (rank - fed.ndim) + fed.shape)}
        if self.contract.mask:
            whole = "int" in self._inputs[self.contract.mask].type
            feeds[self.contract.mask] = np.ones((1, fed.shape[-1]), dtype=np.int64 if whole else np.float32)
        try:
            (found,) = self._session.run([self.contract.result], feeds)
        # onnxruntime's exceptions have no common kind of their own; nothing but the network runs here.
        except Exception as error:
            raise MissingWeights(f"model '{self.name}' cannot be called as its card says: {error}") from error
        return np.asarray(found, dtype=np.float32)

    def _in_order(self, found: npt.NDArray[np.float32]) -> FloatArray:
        """The result as (frames, size)."""
        axes = self.contract.result_axes.split()
        if found.ndim != len(axes) or found.shape[axes.index("size")] != self.size:
            raise MissingWeights(
                f"model '{self.name}': its result has the shape {list(found.shape)}; the card says "
                f"'{self.contract.result_axes}' with a size of {self.size}"
            )
        if "layers" in axes:
            found = self._layer(found, axes.index("layers"))
            axes.remove("layers")
        if "batch" in axes:
            found = np.asarray(found.take(0, axis=axes.index("batch")))
            axes.remove("batch")
        return found if axes[0] == "frames" else np.ascontiguousarray(found.T)

    def _layer(self, found: npt.NDArray[np.float32], axis: int) -> npt.NDArray[np.float32]:
        layers = found.shape[axis]
        if not -layers <= self.contract.layer < layers:
            raise MissingWeights(
                f"model '{self.name}' has {layers} layers, counted from 0; the card asks for {self.contract.layer}"
            )
        return np.asarray(found.take(self.contract.layer, axis=axis))

    def _check_names(self) -> None:
        results = {each.name for each in self._session.get_outputs()}
        wanted = (
            ({self.contract.input, self.contract.mask} - {""}, self._inputs.keys()),
            ({self.contract.result}, results),
        )
        for which, (named, found) in zip(("input", "result"), wanted, strict=True):
            absent, there = sorted(named - found), ", ".join(sorted(found))
            if absent:
                raise MissingWeights(
                    f"model '{self.name}': the card names the {which} {absent[0]}; the file has {there}"
                )


def has_content_contract(name: str) -> bool:
    """Whether the card of this name describes a content encoder of the user's.

    Raises:
        MissingWeights: there is no such card.
    """
    return bool(card(name).content_encoder)


def _contract(name: str) -> ContentContract:
    table = dict(card(name).content_encoder)
    if not table:
        raise MissingWeights(
            f"the card of model '{name}' has no table [model.content_encoder]: it is not said how it is called"
        )
    foreign = sorted(set(table) - {each.name for each in fields(ContentContract)})
    if foreign:
        raise MissingWeights(f"the card of model '{name}': there is no '{foreign[0]}' in [model.content_encoder]")
    try:
        return ContentContract(**table)
    except (TypeError, ValueError) as error:
        raise MissingWeights(f"the card of model '{name}': {error}") from error
