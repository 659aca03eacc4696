"""How far from its right speed, and how evenly, a carrier ran: what its hum and its voice tell of it.

Stretches of about a minute are asked one by one, for the rate of wow wanders with the load of a motor. The voice is
asked over up to twenty of them together, and is believed only where the hum knows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from restoration.audio import Recording
from restoration.measures.hum import HumSearch, find_hum
from restoration.measures.mains import SECTION_S, Section, sections
from restoration.measures.speed_clue import SURE, Clue, Line, find_lines, fitted, spectrum, telling
from restoration.measures.speed_hum import coarse_hum_hz, hum_clue, hum_views, joined, mean_hz
from restoration.measures.speed_voice import Pitch, section_pitch, voice_clue

IN_STRETCH = 2
IN_PIECE = 20
NOMINAL_HZ = (50.0, 60.0)
MAINS_WANDER_PERCENT = 0.5
"""The mains themselves are kept within 0.4 %: less says nothing of the tape."""
AGREEING_PERCENT = 0.25
"""By how much two ways to tell the frequency of the hum may differ."""
LEAST_PARTIALS = 2
VOICE_LOWEST_HZ, VOICE_HIGHEST_HZ = 2.0, 9.5
VOICE_SURE = 25.0
"""Prosody is no even noise: chance reaches more than where hum is asked."""
DECIDES = 4.0
"""Hum that would have shown the line that a voice claims so many times as deep as its own noise decides alone."""
LEAST_DEPTH = 0.0003
MOST_DEPTH = 0.03


@dataclass(frozen=True)
class Stretch:
    """From ``start_s`` to ``end_s``: the wow there, and of it the lines that only the voice knows of."""

    start_s: float
    end_s: float
    lines: tuple[Line, ...]
    by_voice: tuple[Line, ...] = ()

    @property
    def depth(self) -> float:
        """Root of the summed squares of the peak depths, 0.01 for 1 %."""
        return math.sqrt(sum(abs(line.depth) ** 2 for line in (*self.lines, *self.by_voice)))


@dataclass(frozen=True)
class Speed:
    """``hum_hz`` (None: no hum that can be followed), the ``comb_db`` of it, and the wow of each stretch."""

    hum_hz: float | None
    comb_db: float
    stretches: tuple[Stretch, ...]

    @property
    def depth(self) -> float:
        """Mean over the stretches."""
        return float(np.sqrt(np.mean([stretch.depth**2 for stretch in self.stretches]))) if self.stretches else 0.0


@dataclass
class _Piece:
    """Stretches of which the voice is asked together."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    hums: list[Clue | None] = field(default_factory=list)
    pitches: list[Pitch] = field(default_factory=list)


def find_speed(
    recording: Recording, mains_hz: tuple[float, float], known: Sequence[Stretch] = (), voice: bool = True
) -> Speed:
    """Wow of the recording, and the frequency of its hum, looked for between the two of ``mains_hz``.

    With ``known`` stretches no lines are looked for: those are measured again, at their own rates.
    """
    coarse = coarse_hum_hz(recording, *mains_hz)
    stretches: list[Stretch] = []
    found_hz: list[float] = []
    for piece in _pieces(recording, coarse[0] if coarse else None, found_hz, voice):
        stretches += _asked(piece, known[len(stretches) : len(stretches) + len(piece.spans)] if known else None)
    hum_hz = float(np.median(found_hz)) if found_hz else None
    return Speed(hum_hz, coarse[1] if coarse else 0.0, tuple(stretches))


def confidence(power: float, by: str) -> float:
    """How sure a line is, 0 to 1: chance would reach its power at one of a thousand rates with the rest."""
    heavier = SURE / VOICE_SURE if by == "voice" else 1.0
    return max(0.0, 1.0 - 1000.0 * math.exp(-power * heavier))


def sure_hum_hz(recording: Recording, hum_hz: float) -> float | None:
    """The frequency of hum near ``hum_hz`` told another way, from several partials; None where the two differ."""
    found = find_hum(recording, HumSearch(hum_hz, max_harmonics=8, rounds=2))
    if found is None or not found.present or found.kept(HumSearch(min_excess_db=3.0)).size < LEAST_PARTIALS:
        return None
    told_hz = float(np.median(found.track.hz))
    return told_hz if abs(told_hz / hum_hz - 1.0) < AGREEING_PERCENT / 100 else None


def nominal_hz(hum_hz: float, nominal: float | None, most_percent: float) -> float | None:
    """What the hum must have been when it was recorded, if its error is believable; None where that is not clear."""
    choices = NOMINAL_HZ if nominal is None else (nominal,)
    near = [choice for choice in choices if abs(hum_hz / choice - 1.0) <= most_percent / 100]
    return near[0] if len(near) == 1 else None


def _pieces(recording: Recording, coarse_hz: float | None, found_hz: list[float], voice: bool) -> Iterator[_Piece]:
    piece = _Piece()
    for stretch in _stretches(recording):
        kept: list[Section] = []
        views = []
        for section in stretch:
            kept.append(section)
            if coarse_hz is not None:
                views.append(hum_views(section, coarse_hz))
            if voice:
                piece.pitches.append(section_pitch(section, recording.duration_s))
        end_s = min(recording.duration_s, kept[-1].own_s + SECTION_S)
        piece.spans.append((kept[0].own_s, end_s))
        clue = None
        if views:
            seen = joined(views)
            clue = hum_clue(seen)
            found_hz.append(mean_hz(seen, find_lines([clue])))
        piece.hums.append(clue)
        if len(piece.spans) == IN_PIECE:
            yield piece
            piece = _Piece()
    if piece.spans:
        yield piece


def _stretches(recording: Recording) -> Iterator[list[Section]]:
    """Sections in twos; one that is left over joins those before it."""
    count = math.ceil(recording.duration_s / SECTION_S)
    group: list[Section] = []
    for number, section in enumerate(sections(recording)):
        group.append(section)
        if len(group) >= IN_STRETCH and count - number - 1 != 1:
            yield group
            group = []
    if group:
        yield group


def _asked(piece: _Piece, known: Sequence[Stretch] | None) -> list[Stretch]:
    voice = voice_clue(piece.pitches) if piece.pitches else None
    again: Sequence[Stretch | None] = known or [None] * len(piece.spans)
    stretches = []
    by_voice: tuple[Line, ...] = ()
    if voice is not None:
        by_voice = _voice_lines(voice, piece.hums, known)
    for span, hum, before in zip(piece.spans, piece.hums, again, strict=True):
        lines: list[Line] = []
        if hum is not None:
            lines = find_lines([hum]) if before is None else fitted([hum], before.lines)
        kept = tuple(line for line in lines if before is not None or abs(line.depth) >= LEAST_DEPTH)
        stretches.append(Stretch(*span, kept, by_voice))
    return stretches


def _voice_lines(voice: Clue, hums: Sequence[Clue | None], known: Sequence[Stretch] | None) -> tuple[Line, ...]:
    if known:
        return tuple(fitted([voice], known[0].by_voice)) if known[0].by_voice else ()
    lines = [
        line
        for line in find_lines([voice], VOICE_SURE)
        if VOICE_LOWEST_HZ <= line.hz <= VOICE_HIGHEST_HZ and LEAST_DEPTH <= abs(line.depth) <= MOST_DEPTH
    ]
    return tuple(line for line in lines if not _decided(line, hums))


def _decided(line: Line, hums: Sequence[Clue | None]) -> bool:
    """Whether any hum knows the rate so well that the voice need not be asked."""
    for hum in telling([hum for hum in hums if hum is not None]):
        hz = np.linspace(line.hz - 0.5, line.hz + 0.5, 241)
        information = float(spectrum(hum, hz).information[120])
        if abs(line.depth) > DECIDES * 2.0 / math.sqrt(information):
            return True
    return False
