"""The ways of taking noise from one channel, and their use along a tape whose noise changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples
from restoration.measures.quiet_stretches import noise_alone
from restoration.nets.band_below import above, taken_below
from restoration.nets.spectral_gate import Smoothing, gate_of, gated
from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude

if TYPE_CHECKING:
    from restoration.nets.deepfilternet import DeepFilterNet
    from restoration.nets.onnx_denoiser import OnnxDenoiser

Method = Literal["network", "gate", "log_spectral_amplitude", "deepfilternet3", "onnx"]
NETWORKS: tuple[Method, ...] = ("network", "deepfilternet3", "onnx")
"""The methods that know a band of their own, and leave what lies above it to the estimator."""
DEEPFILTERNET_DBFS = -26.0

Channel = npt.NDArray[np.float32]
Reducer = Callable[[Channel], npt.NDArray[np.floating]]
"""One channel (time,) to the same with as much noise taken away as the method can."""
Removal = Callable[[Channel], Channel]
"""One channel (time,) to what a network takes away from the band it hears."""

UPPER_BAND_RATE = 16_000
"""The network of the upper band begins at half of this."""

SILENT_S = 0.01
FADE_S = 1.0
"""Two sections' profiles are cross-faded this far on both sides of their border."""


@dataclass(frozen=True)
class Reduction:
    """A method, how its gate is smoothed, the RMS level (dBFS) of what is given to a network, how far noise is wanted
    down, and the card's name."""

    method: Method
    smoothing: Smoothing
    level_dbfs: float
    reduction_db: float
    model: str = ""

    def learnt_from(self, noise: Channel, sample_rate: int) -> Reducer:
        """The method, having heard the noise (time,) alone.

        Raises:
            MissingWeights: the method's network is not on this machine, or is not what its card says.
        """
        if self.method == "log_spectral_amplitude":
            return LogSpectralAmplitude(noise, sample_rate)

        if self.method == "gate":
            gate = gate_of(noise, sample_rate, self.smoothing)
            return lambda channel: gated(gate, channel)
        removal, own_rate = self._removal(noise, sample_rate)
        if own_rate < UPPER_BAND_RATE:
            removal = _and_between(removal, noise, sample_rate, own_rate)
        return self._below_and_above(removal, noise, sample_rate, max(own_rate, UPPER_BAND_RATE))

    def _removal(self, noise: Channel, sample_rate: int) -> tuple[Removal, int]:
        """What the network takes from its band, and the rate it works at."""
        # Imported here: torch and onnxruntime are slow to load, and the other methods do without them.
        if self.method == "network":
            from restoration.nets.denoise import gain_for, load_denoiser, low_band_noise, noise_power_of
            from restoration.nets.denoiser import SAMPLE_RATE

            network, gain = load_denoiser(), gain_for(self.level_dbfs)
            power = noise_power_of(noise, sample_rate, gain)
            return lambda channel: low_band_noise(network, channel, sample_rate, gain, power), SAMPLE_RATE
        if self.method == "deepfilternet3":
            from restoration.nets.deepfilternet import DeepFilterNet

            return self._taken_by(DeepFilterNet(), DEEPFILTERNET_DBFS, sample_rate)
        from restoration.nets.onnx_denoiser import OnnxDenoiser

        denoiser = OnnxDenoiser(self.model)
        return self._taken_by(denoiser, denoiser.contract.level_dbfs, sample_rate)

    def _taken_by(
        self, denoiser: DeepFilterNet | OnnxDenoiser, wanted_dbfs: float, sample_rate: int
    ) -> tuple[Removal, int]:
        gain, own_rate = float(10 ** ((wanted_dbfs - self.level_dbfs) / 20)), denoiser.sample_rate
        return lambda channel: taken_below(channel, sample_rate, own_rate, gain, denoiser.clean), own_rate

    def _below_and_above(self, removal: Removal, noise: Channel, sample_rate: int, own_rate: int) -> Reducer:
        """The network in its band; what lies above is cleaned by the network of the upper band."""
        if sample_rate <= own_rate:
            return lambda channel: still_silent(channel - removal(channel), channel, sample_rate)
        from restoration.repair.upper_band import UpperBand

        upper = UpperBand(noise, sample_rate, own_rate, self.level_dbfs)
        # Who mixes leaves what reduction_db leaves of what was removed; hiss above the voice is to fall twice as far.
        further = 1 + 10 ** (-self.reduction_db / 20)

        def reduce(channel: Channel) -> npt.NDArray[np.floating]:
            clean = (channel - removal(channel)).astype(np.float64)
            clean -= further * (above(channel, sample_rate, own_rate) - upper(channel, clean))
            return still_silent(clean, channel, sample_rate)

        return reduce


def _and_between(removal: Removal, noise: Channel, sample_rate: int, own_rate: int) -> Removal:
    """For a network that hears less than our own: the estimator takes what lies between the two."""
    estimator = LogSpectralAmplitude(noise, sample_rate)

    def taken(channel: Channel) -> Channel:
        left = (channel - estimator(channel)).astype(np.float32)
        return removal(channel) + above(left, sample_rate, own_rate) - above(left, sample_rate, UPPER_BAND_RATE)

    return taken


def still_silent(clean: npt.NDArray[np.floating], channel: Channel, sample_rate: int) -> npt.NDArray[np.floating]:
    """``clean`` (time,), made zero where ``channel`` is digital silence: zeros for ``SILENT_S``, or up to an end.

    Single zeros are not silence: coarse converters give many, and each would be a hole in the sound.
    """
    zero = np.concatenate([[False], channel == 0, [False]])
    starts, stops = np.flatnonzero(np.diff(zero.astype(np.int8))).reshape(-1, 2).T
    for start, stop in zip(starts, stops, strict=True):
        if stop - start >= SILENT_S * sample_rate or start == 0 or stop == channel.size:
            clean[start:stop] = 0
    return clean


class SectionReducers:
    """The reducers of a recording's sections and channels; learnt when first needed, two sections kept."""

    def __init__(
        self, recording: Recording, sections: Sequence[dict[str, Any]], reduction: Reduction, share: float
    ) -> None:
        self._recording, self._sections, self._reduction, self._share = recording, sections, reduction, share
        self._learnt: OrderedDict[int, list[Reducer]] = OrderedDict()

    def treat(self, samples: Samples, first: int) -> Samples:
        """Reduce the noise in ``samples`` (channels, time), whose first frame is number ``first`` of the recording."""
        time_s = (first + np.arange(samples.shape[1])) / self._recording.sample_rate
        treated = np.zeros(samples.shape)
        for index in range(len(self._sections)):
            weight = self._weight(index, time_s)
            if weight.any():
                treated += weight * self._reduced(index, samples)
        return treated.astype(np.float32)

    def _weight(self, index: int, time_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """1 inside the section, falling to 0 over its borders; all sections' weights add up to 1."""
        section = self._sections[index]
        weight = np.ones(time_s.size)
        if index > 0:
            weight *= np.clip((time_s - section["start_s"]) / (2 * FADE_S) + 0.5, 0, 1)
        if index < len(self._sections) - 1:
            weight *= np.clip((section["end_s"] - time_s) / (2 * FADE_S) + 0.5, 0, 1)
        return weight

    def _reduced(self, index: int, samples: Samples) -> npt.NDArray[np.float64]:
        section = self._sections[index]
        if index not in self._learnt:
            noise = noise_alone(self._recording, section["profile"])
            self._learnt[index] = [
                self._reduction.learnt_from(channel, self._recording.sample_rate) for channel in noise
            ]
        self._learnt.move_to_end(index)
        while len(self._learnt) > 2:
            self._learnt.popitem(last=False)
        share = section.get("share", self._share)
        pairs = zip(self._learnt[index], samples, strict=True)
        return np.stack([(1 - share) * channel + share * reduce(channel) for reduce, channel in pairs])
