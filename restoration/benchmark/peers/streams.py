"""Peers that are ONNX files in the folder that RESTORATION_PEERS names: small networks that hear a stream at 16 kHz."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from restoration import fixity
from restoration.benchmark.peers.sound import Mono, in_blocks, through
from restoration.benchmark.systems import Part

SAMPLE_RATE = 16000
FOLDER = "RESTORATION_PEERS"


def missing_files(*names: str) -> str | None:
    """Why the files of a peer cannot be used; None when they are there."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return f"{FOLDER} names no folder with {' and '.join(names)}"
    absent = [name for name in names if not (Path(folder) / name).is_file()]
    return f"{', '.join(absent)} not in {folder}" if absent else None


def file_version(*names: str) -> str:
    """The beginnings of the files' digests."""
    folder = Path(os.environ[FOLDER])
    return " ".join(fixity.digests(folder / name)["sha256"][:12] for name in names)


def session(name: str) -> Any:
    """The network in a file, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = Path(os.environ[FOLDER]) / name
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _zero_states(network: Any) -> dict[str, Any]:
    """A silent past for every input of a network but the first."""
    return {each.name: np.zeros(each.shape, dtype=np.float32) for each in network.get_inputs()[1:]}


@dataclass(frozen=True)
class Dtln:
    """DTLN (Westhausen and Meyer 2020): a mask on the spectrum, then one on learned features; 512 frames, every 128."""

    part: ClassVar[Part] = "peer"
    files: ClassVar[tuple[str, str]] = ("dtln_1.onnx", "dtln_2.onnx")
    name: str = "dtln"

    def missing(self) -> str | None:
        return missing_files(*self.files)

    def version(self) -> str:
        return file_version(*self.files)

    def prepare(self) -> None:
        self._networks  # noqa: B018

    @cached_property
    def _networks(self) -> tuple[Any, Any]:
        return session(self.files[0]), session(self.files[1])

    def run(self, source: Path, result: Path) -> None:
        through(source, result, SAMPLE_RATE, self._treated)

    def _treated(self, sound: Mono) -> Mono:
        size, hop = 512, 128
        mask, features = self._networks
        past, own_past = _zero_states(mask), _zero_states(features)
        blocks = in_blocks(sound, hop)
        heard, written = np.zeros(size, dtype=np.float32), np.zeros(blocks.size + size, dtype=np.float32)
        for number, block in enumerate(blocks):
            heard = np.concatenate((heard[hop:], block))
            spectrum = np.fft.rfft(heard)
            magnitude = np.abs(spectrum).astype(np.float32)[None, None]
            gains, state = mask.run(None, {mask.get_inputs()[0].name: magnitude, **past})
            past = dict.fromkeys(past, state)
            rough = np.fft.irfft(spectrum * gains[0, 0]).astype(np.float32)[None, None]
            fine, state = features.run(None, {features.get_inputs()[0].name: rough, **own_past})
            own_past = dict.fromkeys(own_past, state)
            written[number * hop : number * hop + size] += fine[0, 0]
        # The first window ends with the first block: what was written lies three hops late.
        return written[size - hop :]


@dataclass(frozen=True)
class Gtcrn:
    """GTCRN (Rong et al. 2024): a complex mask from 48 thousand parameters; root-Hann windows of 512, every 256."""

    part: ClassVar[Part] = "peer"
    files: ClassVar[tuple[str]] = ("gtcrn_stream.onnx",)
    name: str = "gtcrn"

    def missing(self) -> str | None:
        return missing_files(*self.files)

    def version(self) -> str:
        return file_version(*self.files)

    def prepare(self) -> None:
        self._network  # noqa: B018

    @cached_property
    def _network(self) -> Any:
        return session(self.files[0])

    def run(self, source: Path, result: Path) -> None:
        through(source, result, SAMPLE_RATE, self._treated)

    def _treated(self, sound: Mono) -> Mono:
        size, hop = 512, 256
        shape = np.sin(np.pi * np.arange(size) / size)
        padded = in_blocks(np.pad(sound, (hop, hop)), hop).reshape(-1)
        windows = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
        spectra = np.fft.rfft(windows * shape, axis=1)
        written = np.zeros(padded.size, dtype=np.float64)
        past = _zero_states(self._network)
        for number, spectrum in enumerate(spectra):
            mix = np.stack((spectrum.real, spectrum.imag), axis=-1).astype(np.float32)[None, :, None]
            enhanced, *states = self._network.run(None, {"mix": mix, **past})
            past = dict(zip(past, states, strict=True))
            clean = np.fft.irfft(enhanced[0, :, 0, 0] + 1j * enhanced[0, :, 0, 1]) * shape
            written[number * hop : number * hop + size] += clean
        return written[hop : hop + sound.size].astype(np.float32)
