"""Any ONNX network that takes noise away, run by its card alone.

Two contracts are known. A *spectrum stream* hears one frame of the short-time Fourier transform at a time and carries
its memory in named states that go in with the next frame; a *waveform* network hears samples and gives samples. Both
are called with float32 and one channel. The memory is silent at the beginning of every call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from restoration.errors import MissingWeights
from restoration.nets.onnx_session import open_users_session
from restoration.weights import card, locate

Float32 = npt.NDArray[np.float32]
Kind = Literal["spectrum stream", "waveform"]

LEVEL_DBFS = -26.0


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The table ``[model.denoiser]`` of a card.

    Attributes:
        contract: "spectrum stream" or "waveform".
        sample_rate: that the network knows, 8000 to 192000 Hz.
        input: name of the input that takes the sound. Of a stream, its shape has one axis of ``window / 2 + 1`` bins
            and one of 2 for the real and the imaginary part; of a waveform network, time is the last axis; all others
            are 1.
        result: name of the output that gives the sound, in the same shape.
        delay_frames: how many frames (samples) later than its input the result is, beyond the window's own overlap.
        level_dbfs: RMS level of the voice that the network wants to be given, -60 to 0 dBFS.
        window: length of a stream's root-Hann window in frames; an even number, 16 to 65536.
        hop: of a stream, in frames; half the window or a smaller part of it (a half, a quarter, an eighth ...).
        states: of a stream: name of each input that takes memory, to the name of the output that gives it back.
        shape: of the input, for a stream whose file leaves it open.
        multiple: of a waveform network: its input is padded with zeros to a multiple of this many frames.
    """

    contract: Kind
    sample_rate: int
    input: str
    result: str
    delay_frames: int = 0
    level_dbfs: float = LEVEL_DBFS
    window: int = 512
    hop: int = 256
    states: Mapping[str, str] = field(default_factory=dict)
    shape: tuple[int, ...] = ()
    multiple: int = 1

    def __post_init__(self) -> None:
        if self.contract not in get_args(Kind):
            raise ValueError(f"contract is {self.contract!r}; it can be {' or '.join(get_args(Kind))}")
        ranges = {
            "sample_rate": (8000, 192_000),
            "delay_frames": (0, 192_000),
            "level_dbfs": (-60, 0),
            "window": (16, 65536),
            "multiple": (1, 192_000),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")
        if self.window % 2 or self.hop < 1 or self.window % self.hop or self.window == self.hop:
            raise ValueError(f"a hop of {self.hop} does not fit a window of {self.window} frames")


class OnnxDenoiser:
    """The network of a card, ready to be called.

    Raises:
        MissingWeights: the file is absent, is another one, or is not what its card says; the sentence says which.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.contract = _contract(name)
        self.sample_rate = self.contract.sample_rate
        self._session = open_users_session(self._name, locate(self._name))
        self._shape = self._input_shape()
        try:
            heard = self.clean(np.zeros(2 * self.contract.window, dtype=np.float32))
        # onnxruntime's exceptions have no common kind of their own; nothing but the network runs here.
        except Exception as error:
            raise MissingWeights(f"model '{name}' cannot be called as its card says: {error}") from error
        if not np.isfinite(heard).all():
            raise MissingWeights(f"model '{name}' makes of silence what is no number")

    def clean(self, sound: Float32) -> Float32:
        """Sound (time,) at the network's rate without its noise, of the same length and not delayed."""
        delay = self.contract.delay_frames
        late = np.pad(sound, (0, delay)).astype(np.float32)
        cleaned = self._streamed(late) if self.contract.contract == "spectrum stream" else self._at_once(late)
        return cleaned[delay : delay + sound.size]

    def _streamed(self, sound: Float32) -> Float32:
        size, hop = self.contract.window, self.contract.hop
        window = np.sqrt(np.hanning(size + 1)[:-1])
        before = size - hop
        padded = np.pad(sound, (before, before + -(sound.size + before) % hop))
        spectra = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window)
        written = np.zeros(padded.size)
        for number, frame in enumerate(self._cleaned_frames(spectra)):
            written[number * hop : number * hop + size] += np.fft.irfft(frame, size) * window
        return np.asarray(written[before : before + sound.size] * (2 * hop / size), dtype=np.float32)

    def _cleaned_frames(self, spectra: npt.NDArray[np.complex128]) -> list[npt.NDArray[np.complex128]]:
        """The frames (bins,) of the spectra (frames, bins) as the network gives them back."""
        parts = self._shape.index(2)
        bins = self._shape.index(spectra.shape[1])
        memory = {name: self._silent(name) for name in self.contract.states}
        wanted = [self.contract.result, *self.contract.states.values()]
        cleaned = []
        for spectrum in spectra:
            pair = np.stack([spectrum.real, spectrum.imag]).astype(np.float32)
            fed = (pair if parts < bins else pair.T).reshape(self._shape)
            given, *states = self._session.run(wanted, {self.contract.input: fed, **memory})
            memory = dict(zip(memory, states, strict=True))
            pair = np.moveaxis(given, (parts, bins), (0, 1)).reshape(2, -1)
            cleaned.append(pair[0] + 1j * pair[1])
        return cleaned

    def _at_once(self, sound: Float32) -> Float32:
        fed = np.pad(sound, (0, -sound.size % self.contract.multiple))
        fed = fed.reshape((1,) * (len(self._shape) - 1) + (-1,))
        (given,) = self._session.run([self.contract.result], {self.contract.input: fed})
        if given.size < sound.size:
            raise ValueError(f"{given.size} frames came back of the {fed.size} that were given")
        return np.asarray(given.reshape(-1)[: sound.size], dtype=np.float32)

    def _input_shape(self) -> tuple[int, ...]:
        """Shape of the sound's input; 1 where the file leaves it open."""
        inputs = {each.name: each.shape for each in self._session.get_inputs()}
        outputs = {each.name for each in self._session.get_outputs()}
        wanted = self.contract
        self._check("input", {wanted.input, *wanted.states}, set(inputs))
        self._check("output", {wanted.result, *wanted.states.values()}, outputs)
        shape = wanted.shape or tuple(each if isinstance(each, int) else 1 for each in inputs[wanted.input])
        if wanted.contract == "waveform":
            return tuple(shape)
        bins = wanted.window // 2 + 1
        if sorted(each for each in shape if each != 1) != sorted([2, bins]):
            raise MissingWeights(
                f"model '{self._name}': its input {wanted.input} has the shape {list(shape)}, where one axis of {bins} "
                f"bins and one of 2 parts are expected; the card can state the shape"
            )
        return tuple(shape)

    def _check(self, which: str, named: set[str], found: set[str]) -> None:
        absent = sorted(named - found)
        if absent:
            raise MissingWeights(
                f"model '{self._name}': the card names the {which} {absent[0]}; the file has {', '.join(sorted(found))}"
            )

    def _silent(self, name: str) -> Float32:
        (shape,) = (each.shape for each in self._session.get_inputs() if each.name == name)
        return np.zeros([each if isinstance(each, int) else 1 for each in shape], dtype=np.float32)


def _contract(name: str) -> Contract:
    table = dict(card(name).denoiser)
    if not table:
        raise MissingWeights(
            f"the card of model '{name}' has no table [model.denoiser]: it is not said how it is called"
        )
    known = {each.name for each in fields(Contract)}
    foreign = sorted(set(table) - known)
    if foreign:
        raise MissingWeights(f"the card of model '{name}': there is no '{foreign[0]}' in [model.denoiser]")
    try:
        return Contract(**{**table, "shape": tuple(table.get("shape", ()))})
    except (TypeError, ValueError) as error:
        raise MissingWeights(f"the card of model '{name}': {error}") from error
