"""Three ways of taking noise from one channel, and their use along a tape whose noise changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples
from restoration.measures.quiet_stretches import noise_alone
from restoration.nets.spectral_gate import Smoothing, gate_of, gated
from restoration.repair.log_spectral_amplitude import LogSpectralAmplitude

Method = Literal["network", "gate", "log_spectral_amplitude"]
Channel = npt.NDArray[np.float32]
Reducer = Callable[[Channel], npt.NDArray[np.floating]]
"""One channel (time,) to the same with as much noise taken away as the method can."""

FADE_S = 1.0
"""Two sections' profiles are cross-faded this far on both sides of their border."""


@dataclass(frozen=True)
class Reduction:
    """A method, how its gate is smoothed, and the RMS level that the network is to expect."""

    method: Method
    smoothing: Smoothing
    level_dbfs: float

    def learnt_from(self, noise: Channel, sample_rate: int) -> Reducer:
        """The method, having heard the noise (time,) alone."""
        if self.method == "log_spectral_amplitude":
            return LogSpectralAmplitude(noise, sample_rate)
        gate = gate_of(noise, sample_rate, self.smoothing)
        if self.method == "gate":
            return lambda channel: gated(gate, channel)
        return self._network(noise, sample_rate, lambda channel: gated(gate, channel))

    def _network(self, noise: Channel, sample_rate: int, gate: Reducer) -> Reducer:
        """The network below 8 kHz, the gate above."""
        # Imported here: torch is slow to load, and the other methods do without it.
        from restoration.nets.denoise import above_low_band, gain_for, load_denoiser, low_band_noise, noise_power_of
        from restoration.nets.denoiser import SAMPLE_RATE

        network, gain = load_denoiser(), gain_for(self.level_dbfs)
        noise_power = noise_power_of(noise, sample_rate, gain)

        def reduce(channel: Channel) -> Channel:
            clean = channel - low_band_noise(network, channel, sample_rate, gain, noise_power)
            if sample_rate > SAMPLE_RATE:
                clean += above_low_band((gate(channel) - channel).astype(np.float32), sample_rate)
            clean[channel == 0] = 0
            return clean

        return reduce


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
