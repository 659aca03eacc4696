"""Reduce the noise of the carrier: what a small network takes for noise, held to what the pauses show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Writer, map_blocks
from restoration.measures.quiet_stretches import Section, loud_stretches, pause_pieces, piece_power, sections_of
from restoration.measures.voice_kept import mean_dbfs, worst_octave
from restoration.nets.pieces import crossfade_pieces
from restoration.nets.spectral_gate import GateFrames, Smoothing
from restoration.repair.noise_reduction import NETWORKS, Method, Reduction, SectionReducers
from restoration.repair.noise_share import Trial, borne_shares
from restoration.speech.detect import speech_regions
from restoration.step import Findings, Generates, Verdict
from restoration.weights import locate

BLOCK_S = 10.0
"""The gate and the estimator work on pieces of this length whatever the blocks of the recording are."""
NETWORK_S = 20.0
"""The same for networks: what they hear twice, a fade on both sides of a piece, is to be little of it."""
NETWORK_FADE_S, STREAM_FADE_S = 1.0, 2.0
"""Networks that hear a stream need a second or two to know the noise, and must forget all of it."""
MODELS = {"network": ("denoiser", "upper-band"), "deepfilternet3": ("deepfilternet3", "upper-band")}


@dataclass(frozen=True, kw_only=True)
class ReduceNoise:
    """Noise is turned down by a fixed amount and never shut off, so that the tape's own air stays behind the pauses.

    ``network`` is our own denoiser below 8 kHz; above it a second small network says how far each band is turned down,
    up to twice as far in dB, for hiss above a voice covers nothing. ``gate`` is the stationary spectral gate of
    noisereduce; ``log_spectral_amplitude`` is the estimator of Ephraim and Malah (1985), the gentlest. The gate and the
    estimator learn the noise of each section of the tape from the quietest stretches in which the speech detector hears
    nobody; how much of the louder voice would go with the noise is measured there, whatever the method, and bounded.
    ``deepfilternet3`` (an optional extra, below 24 kHz, about 0.2 s a second) and ``onnx``, a network of the user's
    own, are used where a recipe names them, and never another method in their place; above their band is the network
    of the upper band, and the estimator between theirs and that.

    Attributes:
        method: network, gate, log_spectral_amplitude, deepfilternet3 or onnx.
        model: for the method onnx: name of its card in cards.toml in the folder that RESTORATION_MODELS names.
        strength: share of the treated sound, 0 (as recorded) to 1.
        reduction_db: how far noise is turned down at strength 1, 0 to 60 dB (above a network's band up to twice that).
        smoothing_hz: width over which the gate is smoothed along frequency, 200 to 2000 Hz.
        smoothing_ms: time over which the gate is smoothed, 10 to 200 ms.
        section_minutes: how long the noise is taken as steady, 0.5 to 60 minutes.
        profile_s: how much noise is learnt from in each section, 1 to 60 s.
        max_voice_loss_db: a section whose louder voice would lose more than this, 0.1 to 60 dB, is treated by less.
        max_octave_loss_db: the same for an octave in which the voice is clear, 0.5 to 60 dB; a result that lost over
            1 dB more is left out.
        enough_snr_db: a recording at least this far above its noise is left alone.
        quiet_floor_dbfs: a recording whose noise lies below this is left alone.
    """

    version: ClassVar[str] = "7"
    generates: ClassVar[Generates] = "nothing"

    method: Method = "network"
    model: str = ""
    strength: float = 1.0
    reduction_db: float = 24.0
    smoothing_hz: float = 500.0
    smoothing_ms: float = 50.0
    section_minutes: float = 5.0
    profile_s: float = 15.0
    max_voice_loss_db: float = 1.5
    max_octave_loss_db: float = 4.0
    enough_snr_db: float = 45.0
    quiet_floor_dbfs: float = -80.0

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise ValueError(f"method is {self.method!r}; it can be {', '.join(get_args(Method))}")
        if (self.method == "onnx") != bool(self.model):
            raise ValueError(f"model is {self.model!r}; the method onnx, and no other, needs the name of its card")
        ranges = {
            "strength": (0, 1),
            "reduction_db": (0, 60),
            "smoothing_hz": (200, 2000),
            "smoothing_ms": (10, 200),
            "section_minutes": (0.5, 60),
            "profile_s": (1, 60),
            "max_voice_loss_db": (0.1, 60),
            "max_octave_loss_db": (0.5, 60),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")

    def measure(self, recording: Recording) -> Findings:
        """Find the stretches where the noise is alone, and how far below the voice it lies.

        Raises:
            MissingWeights: the network of the method is not on this machine, or is another one.
        """
        for model in self.models:
            locate(model)
        power = piece_power(recording)
        speech = speech_regions(recording) if power.any() else []
        # Where no voice is found the whole tape would pass for noise; then no piece counts as a pause.
        pauses = pause_pieces(power.size, speech) if speech else np.zeros(power.size, dtype=bool)
        sections = sections_of(power, pauses, section_s=60 * self.section_minutes, wanted_s=self.profile_s)
        if not sections:
            return {"needed": False, "reason": "The recording is silent or too short to hold noise alone."}
        noise_dbfs = max(section.noise_dbfs for section in sections)
        voice_dbfs = _voice_dbfs(power, pauses, noise_dbfs)
        reduction = self._reduction(_level_dbfs(power, pauses))
        voices = [loud_stretches(power, pauses, section) for section in sections]
        trial = Trial(self.share, self.max_voice_loss_db, self.max_octave_loss_db)
        shares, fall_db = borne_shares(recording, sections, voices, reduction, trial)
        figures = {
            "noise_dbfs": noise_dbfs,
            "voice_dbfs": round(voice_dbfs, 2),
            "snr_db": round(voice_dbfs - noise_dbfs, 2),
            "level_dbfs": reduction.level_dbfs,
            "reduction_in_pauses_db": round(fall_db, 1),
            "profile_from": "pauses" if sections[0].in_pauses else "quietest pieces",
            "sections": [
                _as_finding(section, share, voice)
                for section, share, voice in zip(sections, shares, voices, strict=True)
            ],
        }
        return self._decision(figures) | figures

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Treat each channel, section by section, by the profiles and shares named in the findings."""
        reduction = self._reduction(findings.get("level_dbfs", -26.0))
        reducers = SectionReducers(recording, findings["sections"], reduction, self.share)
        rate = recording.sample_rate
        if self.method in NETWORKS:
            fade_s = NETWORK_FADE_S if self.method == "network" else STREAM_FADE_S
            piece, fade = round(NETWORK_S * rate), round(fade_s * rate)
            crossfade_pieces(recording, reducers.treat, result, piece_frames=piece, fade_frames=fade)
            return
        piece = round(BLOCK_S * rate)
        frames = GateFrames.at(rate)
        reach = 2 * frames.window + round(self.smoothing_ms / 1000 * rate)
        map_blocks(recording.with_blocks(piece), reducers.treat, result, context=reach, align=frames.hop)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether the pauses are quieter, and every octave of the clear voice still there."""
        sections = findings["sections"]
        fell_db = mean_dbfs(before, sections, "profile") - mean_dbfs(after, sections, "profile")
        lost_db, octave_hz = worst_octave(before, after, sections)
        helps = fell_db >= 1.0 and lost_db <= self.max_octave_loss_db + 1.0
        said = (
            f"In the pauses {fell_db:.1f} dB went; of the clear voice at most {lost_db:.1f} dB, around {octave_hz:g} Hz"
        )
        figures = {"fell_in_pauses_db": round(fell_db, 2), "voice_lost_db": round(lost_db, 2), "octave_hz": octave_hz}
        return {"helps": helps, "reason": f"{said}." if helps else f"{said}: that is no help.", **figures}

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the model cards."""
        return MODELS.get(self.method, (self.model, "upper-band") if self.model else ())

    def _reduction(self, level_dbfs: float) -> Reduction:
        return Reduction(self.method, self.smoothing, level_dbfs, self.reduction_db, self.model)

    @property
    def share(self) -> float:
        """How much of what lies below the threshold is taken away, 0 to 1."""
        return self.strength * (1 - 10 ** (-self.reduction_db / 20))

    @property
    def smoothing(self) -> Smoothing:
        """How far the gate is smoothed."""
        return Smoothing(self.smoothing_hz, self.smoothing_ms)

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


def _voice_dbfs(power: npt.NDArray[np.float64], pauses: npt.NDArray[np.bool_], noise_dbfs: float) -> float:
    """Level of what is not a pause, less the noise's own power under it; the louder half if no pause is known."""
    noise = 10 ** (noise_dbfs / 10)
    voiced = power[~pauses & (power > 0)]
    if pauses.size and not pauses.any():
        voiced = voiced[voiced >= np.median(voiced)]
    if not voiced.size:
        return noise_dbfs
    return float(10 * np.log10(max(voiced.mean() - noise, noise / 100)))


def _level_dbfs(power: npt.NDArray[np.float64], pauses: npt.NDArray[np.bool_]) -> float:
    """Level of what is not a pause, noise and all: what the network is told to expect."""
    heard = power[~pauses & (power > 0)] if (~pauses & (power > 0)).any() else power[power > 0]
    return round(float(10 * np.log10(heard.mean())), 2) if heard.size else -26.0


def _as_finding(section: Section, share: float, voice: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {
        "share": share,
        "start_s": section.start_s,
        "end_s": section.end_s,
        "noise_dbfs": section.noise_dbfs,
        "profile": [list(stretch) for stretch in section.stretches],
        "voice": [list(stretch) for stretch in voice],
    }
