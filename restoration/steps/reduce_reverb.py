"""Reduce the reverberation of a room: what of the voice comes back late, and can be foretold from what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Recording, Samples, Writer
from restoration.measures.octave_levels import octave_levels_db
from restoration.measures.quiet_stretches import (
    PIECE_S,
    Section,
    loud_stretches,
    noise_alone,
    pause_pieces,
    piece_power,
)
from restoration.measures.reverberation import Decays
from restoration.nets.pieces import crossfade_pieces
from restoration.repair.reverberation import late_reverberation
from restoration.speech.detect import speech_regions
from restoration.speech.listen import CHUNK_S, LISTENING_RATE, listening_chunks
from restoration.step import Findings, Generates, Verdict

PIECE_LENGTH_S, FADE_S = 20.0, 2.0
LEAST_SPEECH_SHARE = 0.2
"""Chunks in which less is spoken may be music, whose decays are no room's."""
MANY_CUT_OFF = 0.25
LEAST_FALL = 0.1
"""The room must be heard at least this share shorter than before."""


@dataclass(frozen=True, kw_only=True)
class ReduceReverb:
    """The late reverberation below 8 kHz is foretold from up to ``reach_s`` of the past, and taken off.

    Weighted prediction error (Nakatani et al. 2010), each channel for itself, in pieces of about 20 s: a filter, not a
    gate, so that pauses keep their noise and nothing is invented. What lies above 8 kHz stays, and so do the early
    reflections. It costs about 0.1 s for each second and channel, whatever the sample rate, and is therefore in no
    recipe that ships: name it in your own, before reduce_noise, where an interview was recorded in a bare room or hall.

    Attributes:
        strength: share of the late reverberation that is taken off, 0 (as recorded) to 1.
        reach_s: how much of the past is listened to, 0.2 to 1.2 s; the cost grows with it.
        least_t60_s: a room whose sound falls by 60 dB in less time than this, 0.2 to 5 s, is left alone.
        max_tilt_db: the result is left out if an octave of the voice lost more than this, 0.5 to 60 dB, above the
            others' median.
    """

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    strength: float = 1.0
    reach_s: float = 0.96
    least_t60_s: float = 0.5
    max_tilt_db: float = 4.0

    def __post_init__(self) -> None:
        ranges = {"strength": (0, 1), "reach_s": (0.2, 1.2), "least_t60_s": (0.2, 5), "max_tilt_db": (0.5, 60)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")

    def measure(self, recording: Recording) -> Findings:
        """Tell the room by the fastest decays of the voice."""
        speech = [(round(start, 3), round(end, 3)) for start, end in speech_regions(recording)]
        if not speech:
            return {"needed": False, "reason": "Nobody was heard speaking."}
        decays = _decays(recording, speech)
        t60_s = decays.t60_s
        figures = {
            "t60_s": None if t60_s is None else round(t60_s, 3),
            "decays": decays.count,
            "decays_cut_off": round(decays.cut_off, 3),
            "speech": [list(region) for region in speech],
            "voice": [list(stretch) for stretch in _loud_voice(recording, speech)],
        }
        return self._decision(t60_s, decays) | figures

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Take the late reverberation off each channel, piece by piece."""
        rate = recording.sample_rate

        def dried(samples: Samples, first: int) -> Samples:
            late = [late_reverberation(channel, rate, self.reach_s) for channel in samples]
            return samples - np.float32(self.strength) * np.stack(late)

        # Pieces of one length: a short one at the end would hold too little to learn a filter from.
        pieces = max(1, round(recording.duration_s / PIECE_LENGTH_S))
        piece, fade = -(-recording.frames // pieces), round(FADE_S * rate)
        crossfade_pieces(recording, dried, result, piece_frames=piece, fade_frames=fade)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether the voice now decays faster, and no octave of it lost more than the others."""
        was_s = findings["t60_s"]
        left_s = _decays(after, findings["speech"]).t60_s
        tilt_db, octave_hz = _tilt(before, after, findings["voice"])
        figures = {"t60_before_s": was_s, "t60_after_s": left_s, "tilt_db": round(tilt_db, 2), "octave_hz": octave_hz}
        if was_s is None or left_s is None:
            return {"helps": False, "reason": "There are too few decays to tell whether it is less.", **figures}
        figures["t60_after_s"] = round(left_s, 3)
        helps = left_s <= (1 - LEAST_FALL) * was_s and tilt_db <= self.max_tilt_db
        said = (
            f"The voice fell by 60 dB in {was_s:.2f} s and now does in {left_s:.2f} s; around {octave_hz:g} Hz it lost "
            f"{tilt_db:.1f} dB more than elsewhere"
        )
        return {"helps": helps, "reason": f"{said}." if helps else f"{said}: that is no help.", **figures}

    def _decision(self, t60_s: float | None, decays: Decays) -> dict[str, Any]:
        if t60_s is None:
            return {"needed": False, "reason": f"{decays.count} decays of the voice are too few to tell the room."}
        heard = f"The fastest decays of the voice are those of a room that falls by 60 dB in {t60_s:.2f} s"
        if t60_s >= self.least_t60_s and self.strength > 0:
            return {"needed": True, "reason": f"{heard}; what comes late is taken off."}
        if t60_s >= self.least_t60_s:
            return {"needed": False, "reason": f"{heard}; the recipe asks for no reduction."}
        if decays.cut_off >= MANY_CUT_OFF:
            return {
                "needed": False,
                "reason": f"{decays.cut_off:.0%} of the voice's decays end in noise: no room is told.",
            }
        return {"needed": False, "reason": f"{heard} or faster; below {self.least_t60_s:g} s it is left alone."}


def _decays(recording: Recording, speech: list[Any]) -> Decays:
    """The decays in those chunks of the recording in which somebody speaks."""
    decays, start_s = Decays(LISTENING_RATE), 0.0
    for chunk in listening_chunks(recording):
        end_s = start_s + chunk.size / LISTENING_RATE
        spoken_s = sum(max(0.0, min(end_s, last) - max(start_s, first)) for first, last in speech)
        if spoken_s >= LEAST_SPEECH_SHARE * CHUNK_S:
            decays.hear(chunk)
        start_s = end_s
    return decays


def _loud_voice(recording: Recording, speech: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Up to 10 s of the louder half of the voice."""
    power = piece_power(recording)
    whole = Section(0.0, power.size * PIECE_S, (), 0.0, in_pauses=False)
    return loud_stretches(power, pause_pieces(power.size, speech), whole)


def _tilt(before: Recording, after: Recording, voice: list[Any]) -> tuple[float, float]:
    """How much more than the median octave one octave of the voice lost, in dB, and its centre in Hz."""
    was, left = (octave_levels_db(noise_alone(each, voice), each.sample_rate) for each in (before, after))
    lost = {centre_hz: was[centre_hz] - left[centre_hz] for centre_hz in was}
    if not lost:
        return 0.0, 1000.0
    worst_hz = max(lost, key=lambda centre_hz: lost[centre_hz])
    return max(0.0, lost[worst_hz] - float(np.median(list(lost.values())))), worst_hz
