"""Reduce the steady noise of the tape, learnt where nobody speaks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.quiet_stretches import (
    Section,
    loud_stretches,
    noise_alone,
    pause_pieces,
    piece_power,
    sections_of,
)
from restoration.nets.spectral_gate import GateFrames, Smoothing, gate_of, gated
from restoration.speech.detect import speech_regions
from restoration.step import Findings, Generates

if TYPE_CHECKING:
    from noisereduce.spectralgate.stationary import SpectralGateStationary

BLOCK_S = 10.0
"""The gate works on blocks of this length whatever the recording's are: its cost a block is not small."""
SHARES = 41
"""Steps in which a section's share is brought down until the voice bears it."""
FADE_S = 1.0
"""Two sections' profiles are cross-faded this far on both sides of their border."""


@dataclass(frozen=True, kw_only=True)
class ReduceNoise:
    """Spectral gating by noisereduce, stationary, each section of the tape with its own noise profile.

    The profile is taken from the quietest stretches in which the speech detector hears nobody. What lies below it is
    turned down by a fixed amount and never shut off, so that the tape's own air stays behind the pauses.

    Attributes:
        strength: share of the treated sound, 0 (as recorded) to 1.
        reduction_db: how far noise is turned down at strength 1, 0 to 60 dB.
        smoothing_hz: width over which the gate is smoothed along frequency, 200 to 2000 Hz.
        smoothing_ms: time over which the gate is smoothed, 10 to 200 ms.
        section_minutes: how long the noise is taken as steady, 0.5 to 60 minutes.
        profile_s: how much noise is learnt from in each section, 1 to 60 s.
        max_voice_loss_db: a section whose louder voice would lose more than this, 0.1 to 60 dB, is gated by less.
        enough_snr_db: a recording at least this far above its noise is left alone.
        quiet_floor_dbfs: a recording whose noise lies below this is left alone.
    """

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    strength: float = 1.0
    reduction_db: float = 24.0
    smoothing_hz: float = 500.0
    smoothing_ms: float = 50.0
    section_minutes: float = 5.0
    profile_s: float = 15.0
    max_voice_loss_db: float = 1.5
    enough_snr_db: float = 45.0
    quiet_floor_dbfs: float = -80.0

    def __post_init__(self) -> None:
        ranges = {
            "strength": (0, 1),
            "reduction_db": (0, 60),
            "smoothing_hz": (200, 2000),
            "smoothing_ms": (10, 200),
            "section_minutes": (0.5, 60),
            "profile_s": (1, 60),
            "max_voice_loss_db": (0.1, 60),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")

    def measure(self, recording: Recording) -> Findings:
        """Find the stretches where the noise is alone, and how far below the voice it lies."""
        power = piece_power(recording)
        speech = speech_regions(recording) if power.any() else []
        # Where no voice is found the whole tape would pass for noise; then no piece counts as a pause.
        pauses = pause_pieces(power.size, speech) if speech else np.zeros(power.size, dtype=bool)
        sections = sections_of(power, pauses, section_s=60 * self.section_minutes, wanted_s=self.profile_s)
        if not sections:
            return {"needed": False, "reason": "The recording is silent or too short to hold noise alone."}
        noise_dbfs = max(section.noise_dbfs for section in sections)
        voice_dbfs = _voice_dbfs(power, pauses, noise_dbfs)
        shares = [self._share_of(recording, section, loud_stretches(power, pauses, section)) for section in sections]
        figures = {
            "noise_dbfs": noise_dbfs,
            "voice_dbfs": round(voice_dbfs, 2),
            "snr_db": round(voice_dbfs - noise_dbfs, 2),
            "reduction_in_pauses_db": round(self._reduction_db(recording, sections, shares), 1),
            "profile_from": "pauses" if sections[0].in_pauses else "quietest pieces",
            "sections": [_as_finding(section, share) for section, share in zip(sections, shares, strict=True)],
        }
        return self._decision(figures) | figures

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Gate each channel by the profiles named in the findings."""
        frames = GateFrames.at(recording.sample_rate)
        gates = SectionGates(recording, findings["sections"], self, frames)
        blocks = recording.with_blocks(max(1, round(BLOCK_S * recording.sample_rate)))
        reach = 2 * frames.window + round(self.smoothing_ms / 1000 * recording.sample_rate)
        map_blocks(blocks, gates.treat, result, context=reach, align=frames.hop)

    @property
    def share(self) -> float:
        """How much of what lies below the threshold is taken away, 0 to 1."""
        return self.strength * (1 - 10 ** (-self.reduction_db / 20))

    @property
    def smoothing(self) -> Smoothing:
        """How far the gate is smoothed."""
        return Smoothing(self.smoothing_hz, self.smoothing_ms)

    def _share_of(self, recording: Recording, section: Section, voiced: Sequence[tuple[float, float]]) -> float:
        """As much of the wanted share as the louder voice of the section bears."""
        noise, voice = (noise_alone(recording, stretches)[0] for stretches in (section.stretches, voiced))
        if not noise.any() or not voice.any():
            return self.share
        gate = gated(gate_of(noise, recording.sample_rate, self.smoothing), voice)
        # The noise under the voice is no loss.
        kept = (voice.astype(np.float64) ** 2).sum() - voice.size * (noise.astype(np.float64) ** 2).mean()
        for share in np.linspace(self.share, 0.0, SHARES):
            left = (((1 - share) * voice + share * gate) ** 2).sum()
            if left >= kept * 10 ** (-self.max_voice_loss_db / 10):
                return round(float(share), 4)
        return 0.0

    def _reduction_db(self, recording: Recording, sections: Sequence[Section], shares: Sequence[float]) -> float:
        """What the gate takes from the loudest section's own profile."""
        loudest = max(range(len(sections)), key=lambda index: sections[index].noise_dbfs)
        noise, share = noise_alone(recording, sections[loudest].stretches)[0], shares[loudest]
        if not noise.any():
            return 0.0
        treated = (1 - share) * noise + share * gated(gate_of(noise, recording.sample_rate, self.smoothing), noise)
        return float(10 * np.log10((noise.astype(np.float64) ** 2).sum() / max((treated**2).sum(), 1e-30)))

    def _decision(self, figures: dict[str, Any]) -> Findings:
        noise_dbfs, snr_db = figures["noise_dbfs"], figures["snr_db"]
        heard = f"The noise is at {noise_dbfs:.1f} dBFS, {snr_db:.1f} dB below the voice"
        if self.share == 0:
            return {"needed": False, "reason": f"{heard}; the recipe asks for no reduction."}
        if snr_db >= self.enough_snr_db:
            return {"needed": False, "reason": f"{heard}; from {self.enough_snr_db:g} dB on it is left alone."}
        if noise_dbfs < self.quiet_floor_dbfs:
            return {"needed": False, "reason": f"{heard}; below {self.quiet_floor_dbfs:g} dBFS it is left alone."}
        learnt = (
            "in pauses" if figures["profile_from"] == "pauses" else "in the quietest pieces, for no pause was found"
        )
        return {
            "needed": True,
            "reason": f"{heard}; learnt {learnt}, turned down by {figures['reduction_in_pauses_db']:.1f} dB"
            f"{self._held_back(figures['sections'])}.",
        }

    def _held_back(self, sections: Sequence[dict[str, Any]]) -> str:
        held = sum(section["share"] < self.share - 1e-3 for section in sections)
        if not held:
            return ""
        where = f"in {held} of {len(sections)} sections " if len(sections) > 1 else ""
        return f"; {where}held back, because more would take from the voice"


class SectionGates:
    """The gates of a recording's sections and channels; learnt when first needed, two sections kept."""

    def __init__(
        self, recording: Recording, sections: Sequence[dict[str, Any]], step: ReduceNoise, frames: GateFrames
    ) -> None:
        self._recording, self._sections, self._step, self._frames = recording, sections, step, frames
        self._learnt: OrderedDict[int, list[SpectralGateStationary]] = OrderedDict()

    def treat(self, samples: Samples, first: int) -> Samples:
        """Gate ``samples`` (channels, time), whose first frame is number ``first`` of the recording."""
        rate = self._recording.sample_rate
        time_s = (first + np.arange(samples.shape[1])) / rate
        treated = np.zeros(samples.shape)
        for index in range(len(self._sections)):
            weight = self._weight(index, time_s)
            if weight.any():
                treated += weight * self._gated(index, samples)
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

    def _gated(self, index: int, samples: Samples) -> npt.NDArray[np.float64]:
        section, rate = self._sections[index], self._recording.sample_rate
        if index not in self._learnt:
            noise = noise_alone(self._recording, section["profile"])
            self._learnt[index] = [gate_of(channel, rate, self._step.smoothing) for channel in noise]
        self._learnt.move_to_end(index)
        while len(self._learnt) > 2:
            self._learnt.popitem(last=False)
        share = section.get("share", self._step.share)
        pairs = zip(self._learnt[index], samples, strict=True)
        return np.stack([(1 - share) * channel + share * gated(gate, channel) for gate, channel in pairs])


def _voice_dbfs(power: npt.NDArray[np.float64], pauses: npt.NDArray[np.bool_], noise_dbfs: float) -> float:
    """Level of what is not a pause, less the noise's own power under it; the louder half if no pause is known."""
    noise = 10 ** (noise_dbfs / 10)
    voiced = power[~pauses & (power > 0)]
    if pauses.size and not pauses.any():
        voiced = voiced[voiced >= np.median(voiced)]
    if not voiced.size:
        return noise_dbfs
    return float(10 * np.log10(max(voiced.mean() - noise, noise / 100)))


def _as_finding(section: Section, share: float) -> dict[str, Any]:
    return {
        "share": share,
        "start_s": section.start_s,
        "end_s": section.end_s,
        "noise_dbfs": section.noise_dbfs,
        "profile": [list(stretch) for stretch in section.stretches],
    }
