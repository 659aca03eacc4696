"""Correct a carrier that ran too fast, too slowly or unevenly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from restoration.audio import Audio, Recording, Writer
from restoration.measures.speed import (
    MAINS_WANDER_PERCENT,
    Speed,
    Stretch,
    confidence,
    find_speed,
    nominal_hz,
    sure_hum_hz,
)
from restoration.measures.speed_clue import Line
from restoration.measures.speed_tone import Tone
from restoration.repair.warp import Sway, Warp, sound_at, source_span
from restoration.step import Findings, Generates, Verdict

LOWEST_MAINS_HZ, HIGHEST_MAINS_HZ = 45.0, 65.0
LEAST_WOW_PERCENT = 0.05
"""Peak. Nobody hears less on a voice."""
MOST_WOW_PERCENT = 3.0
"""Peak. More has never been measured on a carrier that was worth a transfer: it is a mistake of the measure."""
RIGHT_PERCENT = 0.15
LESS = 0.5
"""Share of the wow that may be left, at most, for the correction to be kept."""


@dataclass(frozen=True, kw_only=True)
class CorrectSpeed:
    """Resamples along the time axis that hum, a steady tone, or a strictly periodic sway of the voice betrays.

    Hum that was recorded with the voice shares the fate of the tape: where its frequency is no mains frequency the
    speed was wrong, and where its phase sways it swayed. So does any other steady tone, a whine or the leak of the
    bias, but its right frequency is not known: it tells of wow alone. A voice betrays only fast wow that keeps time
    for minutes.
    What is not known to be wrong is left. Hum of the machine that plays is steady, and leaves everything as it is; a
    recording made on a generator that ran at another frequency cannot be told from a wrong speed.

    Attributes:
        correct_constant: whether a constant error is corrected; the duration changes with it.
        correct_wow: whether wow (0.4 to 10 Hz) is corrected.
        nominal_mains_hz: the mains where the recording was made, 50 or 60 Hz. None: the one that is near enough.
        max_error_percent: constant errors beyond this are not believed, 0.6 to 10 %.
        min_confidence: how sure a line of wow must be to be corrected, 0.99 to 0.999999.
        ask_voice: whether the voice is asked where there is no hum.
    """

    correct_constant: bool = True
    correct_wow: bool = True
    nominal_mains_hz: float | None = None
    max_error_percent: float = 6.0
    min_confidence: float = 0.9999
    ask_voice: bool = True

    version: ClassVar[str] = "3"
    generates: ClassVar[Generates] = "nothing"
    moves_time: ClassVar[bool] = True
    """The residual is taken on the new time axis: what the carrier ran off its speed is no sound that was removed."""

    def __post_init__(self) -> None:
        if self.nominal_mains_hz not in (None, 50.0, 60.0):
            raise ValueError(f"nominal_mains_hz is 50 or 60, not {self.nominal_mains_hz}")
        if not 0.6 <= self.max_error_percent <= 10.0:
            raise ValueError(f"max_error_percent is from 0.6 to 10, not {self.max_error_percent}")
        if not 0.99 <= self.min_confidence <= 0.999999:
            raise ValueError(f"min_confidence is from 0.99 to 0.999999, not {self.min_confidence}")

    def measure(self, recording: Recording) -> Findings:
        """``ratio`` (speed of the transfer over the right one), ``wow_percent`` (peak; of several rates the root of the
        summed squares) and the ``stretches`` it was found in, ``duration_s`` of the result, and ``evidence``.

        A stretch has ``start_s``, ``end_s`` and ``lines``: of each ``hz``, ``percent`` (peak), ``phase`` (radians, of
        the cosine of the speed at 0 s), ``by`` (hum, tone or voice) and ``confidence``.
        """
        speed = find_speed(recording, self._mains_hz(), voice=self.correct_wow and self.ask_voice)
        ratio, told = self._constant(recording, speed)
        stretches = (
            [_described(stretch, self.min_confidence) for stretch in speed.stretches] if self.correct_wow else []
        )
        wow_percent = _wow_percent(stretches)
        believed = wow_percent >= LEAST_WOW_PERCENT and all(_percent(one) <= MOST_WOW_PERCENT for one in stretches)
        return {
            "needed": believed or ratio != 1.0,
            "reason": f"{told}; {_wow_told(wow_percent, believed, stretches)}{_voice_told(speed)}.",
            "ratio": ratio,
            "hum_hz": speed.hum_hz,
            "wow_percent": round(wow_percent, 4),
            "stretches": stretches if believed else [],
            "duration_s": recording.duration_s * ratio,
            "evidence": _evidence(speed),
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Read the transfer where the right sound is; the result has ``round(frames * ratio)`` frames."""
        warp = warp_of(findings)
        total = max(1, round(recording.frames * warp.ratio))
        for first in range(0, total, recording.block_frames):
            count = min(recording.block_frames, total - first)
            places = np.clip(warp.transfer_frames(first, count, recording.sample_rate), 0.0, recording.frames - 1.0)
            begin, end = source_span(places, recording.frames)
            samples = recording.read(begin, end).samples
            result.write(Audio(sound_at(samples, places - begin), recording.sample_rate))

    def source_time_s(self, findings: Findings, time_s: float) -> float:
        """Where in the transfer lies what is heard at a time of the result."""
        return float(warp_of(findings).transfer_time_s(np.array([time_s]))[0])

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """The same evidence from the result: ``wow_percent`` at the rates corrected, and ``hum_hz``."""
        known = [_stretch(one, float(findings["ratio"])) for one in findings["stretches"]]
        asked = any(line["by"] == "voice" for one in findings["stretches"] for line in one["lines"])
        ratio = float(findings["ratio"])
        tones = [Tone(one["hz"] / ratio, one["excess_db"]) for one in findings["evidence"] if one["by"] == "tone"]
        speed = find_speed(after, self._mains_hz(), known, asked, tones)
        left_percent = 100.0 * speed.depth if known else 0.0
        had_percent = float(findings["wow_percent"]) if known else 0.0
        steadier = not known or left_percent < LESS * had_percent
        right = findings["ratio"] == 1.0 or self._runs_right(after, speed)
        reason = f"The wow falls from {had_percent:.2f} to {left_percent:.2f} %" if known else "No wow was corrected"
        if findings["ratio"] != 1.0:
            reason += f", and the hum is {'' if right else 'not '}where the mains are"
        return {
            "helps": steadier and right,
            "reason": reason + ".",
            "wow_percent_before": round(had_percent, 4),
            "wow_percent_after": round(left_percent, 4),
            "hum_hz": speed.hum_hz,
        }

    def _mains_hz(self) -> tuple[float, float]:
        if self.nominal_mains_hz is None:
            return LOWEST_MAINS_HZ, HIGHEST_MAINS_HZ
        reach = self.max_error_percent / 100
        return (
            max(LOWEST_MAINS_HZ, self.nominal_mains_hz * (1 - reach)),
            min(HIGHEST_MAINS_HZ, self.nominal_mains_hz * (1 + reach)),
        )

    def _constant(self, recording: Recording, speed: Speed) -> tuple[float, str]:
        """The ratio to correct, 1 where none is, and why."""
        if speed.hum_hz is None:
            return 1.0, "No hum tells the speed"
        nominal = nominal_hz(speed.hum_hz, self.nominal_mains_hz, self.max_error_percent)
        if nominal is None:
            return 1.0, f"Hum of {speed.hum_hz:.2f} Hz is near no mains frequency"
        error_percent = 100.0 * (speed.hum_hz / nominal - 1.0)
        if abs(error_percent) < MAINS_WANDER_PERCENT:
            return 1.0, f"Hum of {speed.hum_hz:.2f} Hz is the mains themselves, as far as can be told"
        hum_hz = sure_hum_hz(recording, speed.hum_hz)
        if hum_hz is None:
            return 1.0, f"Hum of about {speed.hum_hz:.2f} Hz is no mains frequency, but its partials do not agree on it"
        ratio = hum_hz / nominal
        told = f"Hum of {hum_hz:.2f} Hz instead of {nominal:.0f} Hz: the speed is {100 * (ratio - 1):+.2f} % off"
        return (ratio, told) if self.correct_constant else (1.0, f"{told}, which is not to be corrected")

    def _runs_right(self, after: Recording, speed: Speed) -> bool:
        hum_hz = sure_hum_hz(after, speed.hum_hz) if speed.hum_hz is not None else None
        nominal = nominal_hz(hum_hz, self.nominal_mains_hz, self.max_error_percent) if hum_hz is not None else None
        return hum_hz is not None and nominal is not None and abs(hum_hz / nominal - 1.0) < RIGHT_PERCENT / 100


def warp_of(findings: Findings) -> Warp:
    """The time axis that the findings describe; the last stretch holds on."""
    sways = []
    for place, stretch in enumerate(findings["stretches"]):
        last = place == len(findings["stretches"]) - 1
        for line in stretch["lines"]:
            depth = line["percent"] / 100 * complex(math.cos(line["phase"]), math.sin(line["phase"]))
            sways.append(Sway(stretch["start_s"], math.inf if last else stretch["end_s"], line["hz"], depth))
    return Warp(float(findings["ratio"]), tuple(sways))


def _described(stretch: Stretch, min_confidence: float) -> dict[str, Any]:
    both = [(line, stretch.by) for line in stretch.lines] + [(line, "voice") for line in stretch.by_voice]
    lines = [
        {
            "hz": round(line.hz, 5),
            "percent": round(100 * abs(line.depth), 5),
            "phase": round(math.atan2(line.depth.imag, line.depth.real), 5),
            "by": by,
            "confidence": round(confidence(line.power, by), 7),
        }
        for line, by in both
        if confidence(line.power, by) >= min_confidence
    ]
    return {"start_s": round(stretch.start_s, 3), "end_s": round(stretch.end_s, 3), "lines": lines}


def _stretch(described: dict[str, Any], ratio: float) -> Stretch:
    """The stretch with its lines where they are in the result."""
    lines = {"hum": list[Line](), "tone": list[Line](), "voice": list[Line]()}
    for line in described["lines"]:
        lines[line["by"]].append(Line(line["hz"] / ratio, 0j, 0.0))
    by = "tone" if lines["tone"] else "hum"
    return Stretch(described["start_s"], described["end_s"], tuple(lines[by]), tuple(lines["voice"]), by)


def _percent(stretch: dict[str, Any]) -> float:
    return math.sqrt(sum(line["percent"] ** 2 for line in stretch["lines"]))


def _wow_percent(stretches: Sequence[dict[str, Any]]) -> float:
    return math.sqrt(sum(_percent(one) ** 2 for one in stretches) / len(stretches)) if stretches else 0.0


def _wow_told(wow_percent: float, believed: bool, stretches: Sequence[dict[str, Any]]) -> str:
    if wow_percent < LEAST_WOW_PERCENT:
        return "nothing keeps time as wow does"
    if not believed:
        return f"a sway of {wow_percent:.2f} % is more than wow can be, and is left"
    plainest = max((line for one in stretches for line in one["lines"]), key=lambda line: float(line["percent"]))
    return f"wow of {wow_percent:.2f} % (peak), most of it at {plainest['hz']:.2f} Hz, told by the {plainest['by']}"


def _voice_told(speed: Speed) -> str:
    """Where only a voice could tell: from what depth on it would have."""
    if speed.voice_depth is None or speed.hum_hz is not None or speed.tones or speed.depth:
        return ""
    return f" (a voice alone tells wow of 6 Hz from {100 * speed.voice_depth:.2f} % on, and slower wow worse)"


def _evidence(speed: Speed) -> list[dict[str, Any]]:
    told = [{"by": "hum", "hz": speed.hum_hz, "comb_db": round(speed.comb_db, 1)}] if speed.hum_hz is not None else []
    told += [{"by": "tone", "hz": round(tone.hz, 1), "excess_db": round(tone.excess_db, 1)} for tone in speed.tones]
    voiced = [line for stretch in speed.stretches[:1] for line in stretch.by_voice]
    return told + [{"by": "voice", "hz": round(line.hz, 4), "power": round(line.power, 1)} for line in voiced]
