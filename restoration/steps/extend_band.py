"""Make the treble that the carrier never held, above the recorded band and only there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.errors import MissingWeights
from restoration.measures.bandwidth import bandwidth_hz
from restoration.nets.band_replication import replicated
from restoration.nets.missing_band import (
    Band,
    Levels,
    recorded_levels_db,
    speaking_at,
    taken_above_edge,
    transform,
)
from restoration.nets.pieces import crossfade_pieces
from restoration.speech.detect import speech_regions
from restoration.step import Findings, Generates
from restoration.weights import locate

Method = Literal["auto", "voicefixer", "replication"]

BLOCK_S = 10.0
LEAST_EDGE_HZ = 1500.0
"""From less than this no voice can be carried on."""
ROOM = 0.9
"""A band that reaches this share of the target is taken as complete."""
NETWORK_PIECE_S = 8.0
NETWORK_FADE_S = 0.5
EXCERPTS = 6
EXCERPT_S = 5.0
SILENCE_DB = -150.0


@dataclass(frozen=True, kw_only=True)
class ExtendBand:
    """A generated band above the recorded one; the recorded band stays as it is, and pauses stay as they are.

    Attributes:
        target_bandwidth_hz: where the made band ends, 4000 to 12000 Hz; half the sample rate ends it earlier.
        method: "replication" carries the recorded band on; "voicefixer" takes the band from VoiceFixer, whose weights
            must be on this machine; "auto" uses VoiceFixer if its weights are there.
        recorded_bandwidth_hz: where the recorded band ends, in Hz; None: measured on the tape.
    """

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "band"
    models: ClassVar[tuple[str, ...]] = ("voicefixer-analysis", "voicefixer-vocoder")

    target_bandwidth_hz: float = 8000.0
    method: Method = "auto"
    recorded_bandwidth_hz: float | None = None

    def __post_init__(self) -> None:
        if not 4000 <= self.target_bandwidth_hz <= 12000:
            raise ValueError(f"target_bandwidth_hz is {self.target_bandwidth_hz}; it can be 4000 to 12000 Hz")
        if self.method not in ("auto", "voicefixer", "replication"):
            raise ValueError(f"method is '{self.method}'; it can be auto, voicefixer or replication")
        if self.recorded_bandwidth_hz is not None and self.recorded_bandwidth_hz < LEAST_EDGE_HZ:
            raise ValueError(f"recorded_bandwidth_hz is {self.recorded_bandwidth_hz}; it can be 1500 Hz or more")

    def measure(self, recording: Recording) -> Findings:
        """Find where the recorded band ends, how loud its upper part is in pauses, and what would be made.

        Raises:
            MissingWeights: method is "voicefixer" and its weights are absent or are other files.
        """
        method, why = self._method()
        edge_hz = self.recorded_bandwidth_hz or bandwidth_hz(recording)
        target_hz = min(self.target_bandwidth_hz, 0.49 * recording.sample_rate)
        left = _why_left_alone(edge_hz, target_hz, recording.sample_rate)
        if left or edge_hz is None:
            return {"needed": False, "reason": left, "recorded_bandwidth_hz": edge_hz}
        band = Band(recording.sample_rate, round(float(edge_hz), 1), target_hz)
        regions = [[round(start, 3), round(end, 3)] for start, end in speech_regions(recording)]
        if not regions:
            return {"needed": False, "reason": "Nobody was heard speaking.", "recorded_bandwidth_hz": band.edge_hz}
        voice = Voice(band, levels_of(recording, band), regions)
        described = f"The voice ends at {band.edge_hz:.0f} Hz; what is above, to {band.target_hz:.0f} Hz, is generated"
        return {
            "needed": True,
            "reason": f"{described} by {method} ({why}).",
            "recorded_bandwidth_hz": band.edge_hz,
            "generated_band_hz": [band.edge_hz, band.target_hz],
            "generated_relative_db": generated_relative_db(recording, voice) if method == "replication" else None,
            "method": method,
            "method_reason": why,
            "levels": [asdict(each) for each in voice.levels],
            "speech": regions,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Add the made band to what was recorded.

        Raises:
            MissingWeights: the findings say "voicefixer" and its weights are not on this machine.
        """
        band = Band(recording.sample_rate, *findings["generated_band_hz"])
        voice = Voice(band, [Levels(**each) for each in findings["levels"]], findings["speech"])
        if findings["method"] == "voicefixer":
            piece, fade = (round(length * recording.sample_rate) for length in (NETWORK_PIECE_S, NETWORK_FADE_S))
            crossfade_pieces(recording, by_network(voice), result, piece_frames=piece, fade_frames=fade)
            return
        blocks = recording.with_blocks(max(1, round(BLOCK_S * recording.sample_rate)))
        map_blocks(blocks, by_replication(voice), result, context=band.reach, align=band.hop)

    def _method(self) -> tuple[Literal["voicefixer", "replication"], str]:
        """The method for this machine and why it is chosen."""
        if self.method == "replication":
            return "replication", "as the recipe asks"
        try:
            for name in self.models:
                locate(name)
        except MissingWeights:
            if self.method == "voicefixer":
                raise
            return "replication", "the embedded method, because VoiceFixer's weights are not on this machine"
        return "voicefixer", "its weights are on this machine" if self.method == "auto" else "as the recipe asks"


@dataclass(frozen=True)
class Voice:
    """What is known of a recording's voice: its band, its levels by channel, and when somebody speaks."""

    band: Band
    levels: Sequence[Levels]
    regions: Sequence[Sequence[float]]


def levels_of(recording: Recording, band: Band) -> list[Levels]:
    """Levels of each channel in pauses and in speech; a silent channel has a gate that never opens."""
    channels: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(recording.channels)]
    blocks = recording.with_blocks(max(1, round(BLOCK_S * recording.sample_rate)))
    for block in blocks.blocks(align=band.hop):
        for found, channel in zip(channels, block.samples, strict=True):
            # Every fourth transform is enough to tell levels from, and keeps ten hours small.
            low, upper, _ = recorded_levels_db(transform(channel, band)[:, ::4], band)
            found.append(np.stack([upper, np.maximum(low, upper)]).astype(np.float32))
    return [_levels(np.concatenate(found, axis=1)) for found in channels]


def generated_relative_db(recording: Recording, voice: Voice) -> float | None:
    """Level of what is made relative to what was recorded, on excerpts of speech; None if nothing is made there."""
    length, hop = round(EXCERPT_S * recording.sample_rate), voice.band.hop
    chosen = np.linspace(0, len(voice.regions) - 1, EXCERPTS).round().astype(int)
    made_power = recorded_power = 0.0
    for region in np.unique(chosen):
        start = round(voice.regions[region][0] * recording.sample_rate) // hop * hop
        samples = recording.read(start, start + length).samples
        made_power += float((_made(samples, start, voice) ** 2).sum())
        recorded_power += float((samples.astype(np.float64) ** 2).sum())
    if made_power == 0 or recorded_power == 0:
        return None
    return round(float(10 * np.log10(made_power / recorded_power)), 2)


def by_replication(voice: Voice) -> Callable[[Samples, int], Samples]:
    """For ``map_blocks``: the recorded sound and, above it, its own carried on."""

    def extend(samples: Samples, first: int) -> Samples:
        return np.asarray(samples + _made(samples, first, voice), dtype=np.float32)

    return extend


def by_network(voice: Voice) -> Callable[[Samples, int], Samples]:
    """For ``crossfade_pieces``: the recorded sound and, above it, what VoiceFixer makes of it."""
    from restoration.nets.voicefixer_model import VoiceFixerModel

    model = VoiceFixerModel()

    def extend(samples: Samples, first: int) -> Samples:
        speaking = speaking_at(voice.regions, voice.band, first, samples.shape[1])
        if not speaking.any():
            return samples
        made = []
        for channel, levels in zip(samples, voice.levels, strict=True):
            remade = model.restore(channel, voice.band.sample_rate)
            made.append(taken_above_edge(remade, channel, voice.band, levels, speaking))
        return np.asarray(samples + np.stack(made), dtype=np.float32)

    return extend


def _made(samples: Samples, first: int, voice: Voice) -> npt.NDArray[np.float64]:
    speaking = speaking_at(voice.regions, voice.band, first, samples.shape[1])
    pairs = zip(samples, voice.levels, strict=True)
    return np.stack([replicated(channel, voice.band, levels, speaking) for channel, levels in pairs])


def _levels(found: npt.NDArray[np.float32]) -> Levels:
    upper, loud = found[:, found[1] > SILENCE_DB]
    if not upper.size:
        return Levels(0.0, 0.0)
    pause_db, voice_db = np.quantile(upper, 0.1), np.quantile(loud, 0.9)
    return Levels(round(float(pause_db), 2), round(float(voice_db), 2))


def _why_left_alone(edge_hz: float | None, target_hz: float, sample_rate: int) -> str:
    if edge_hz is None:
        return "The recording is silent or too short to have a band."
    if edge_hz < LEAST_EDGE_HZ:
        return f"The voice ends at {edge_hz:.0f} Hz; that is too little to carry a voice on from."
    if edge_hz >= ROOM * target_hz:
        room = "" if target_hz < 0.49 * sample_rate else f", and {sample_rate} Hz leaves no more room"
        return f"The voice reaches {edge_hz:.0f} Hz of the {target_hz:.0f} Hz wanted{room}."
    return ""
