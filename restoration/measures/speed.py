"""How far from its right speed, and how evenly, a carrier ran: what its hum, its steady tones and its voice tell of it.

Stretches of about a minute are asked one by one, for the rate of wow wanders with the load of a motor. The voice is
asked over up to twenty of them together. A tone is believed only where neither hum nor another tone is steady: that
one swaying tone is the carrier's is then sure enough. A voice is believed only where the hum knows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from restoration.audio import Recording
from restoration.measures.hum import HumSearch, find_hum
from restoration.measures.mains import SECTION_S, Section, low_copy, sections
from restoration.measures.speed_clue import SURE, Clue, Line, find_lines, fitted, keeps_time, rates, spectrum, telling
from restoration.measures.speed_hum import HumViews, coarse_hum_hz, hum_clue, hum_views, joined, mean_hz
from restoration.measures.speed_tone import Tone, find_tones, tone_clue, tone_views
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
VOICE_SURE = 20.0
"""Prosody is no even noise: chance reaches more than where hum is asked."""
MOST_BY_VOICE = 4
"""A song that a machine plays keeps time as well, but at all the multiples of its beat."""
ASKED_HZ = 6.0
"""A capstan's: of this rate it is said what depth a voice would have told."""
DECIDES = 4.0
"""Hum that would have shown the line that a voice or a tone claims so many times as deep as its own noise decides."""
TONE_SURE = 25.0
"""A tone need not be the carrier's: it must be surer than hum."""
LEAST_DEPTH = 0.0003
MOST_DEPTH = 0.03


@dataclass(frozen=True)
class Stretch:
    """From ``start_s`` to ``end_s``: the wow there, told ``by`` hum or tone, and the lines only the voice knows of."""

    start_s: float
    end_s: float
    lines: tuple[Line, ...]
    by_voice: tuple[Line, ...] = ()
    by: str = "hum"

    @property
    def depth(self) -> float:
        """Root of the summed squares of the peak depths, 0.01 for 1 %."""
        return math.sqrt(sum(abs(line.depth) ** 2 for line in (*self.lines, *self.by_voice)))


@dataclass(frozen=True)
class Speed:
    """``hum_hz`` (None: no hum that can be followed), the ``comb_db`` of it, the wow of each stretch, the steady
    ``tones`` that were asked, and the least depth (peak, 0.01 for 1 %) of wow of 6 Hz that the voice would have told in
    most of the recording: None where it was not asked or there is none."""

    hum_hz: float | None
    comb_db: float
    stretches: tuple[Stretch, ...]
    tones: tuple[Tone, ...] = ()
    voice_depth: float | None = None

    @property
    def depth(self) -> float:
        """Mean over the stretches."""
        return float(np.sqrt(np.mean([stretch.depth**2 for stretch in self.stretches]))) if self.stretches else 0.0


@dataclass
class _Piece:
    """Stretches of which the voice is asked together."""

    spans: list[tuple[float, float]] = field(default_factory=list)
    hums: list[Clue | None] = field(default_factory=list)
    tones: list[list[Clue]] = field(default_factory=list)
    pitches: list[Pitch] = field(default_factory=list)


@dataclass(frozen=True)
class _Asked:
    """What is asked: the ``recording``, its ``low`` copy, the hum and the tones in it, and whether the voice."""

    recording: Recording
    low: Recording
    hum_hz: float | None
    tones: Sequence[Tone]
    voice: bool


def find_speed(
    recording: Recording,
    mains_hz: tuple[float, float],
    known: Sequence[Stretch] = (),
    voice: bool = True,
    tones: Sequence[Tone] | None = None,
) -> Speed:
    """Wow of the recording, and the frequency of its hum, looked for between the two of ``mains_hz``.

    With ``known`` stretches no lines are looked for: those are measured again, at their own rates. ``tones`` are asked
    instead of those that would be found.
    """
    with low_copy(recording) as low:
        coarse = coarse_hum_hz(low, *mains_hz)
        tones = find_tones(recording, coarse[0] if coarse else None) if tones is None else tones
        asked = _Asked(recording, low, coarse[0] if coarse else None, tones, voice)
        stretches: list[Stretch] = []
        found_hz: list[float] = []
        depths: list[float] = []
        for piece in _pieces(asked, found_hz):
            # A result may be shorter or longer by a stretch than the source that its stretches are known from.
            wanted = range(len(stretches), len(stretches) + len(piece.spans))
            again = [known[min(number, len(known) - 1)] for number in wanted] if known else None
            told = voice_clue(piece.pitches) if piece.pitches else None
            depths += _told_from(told)
            stretches += _answers(piece, told, again)
    hum_hz = float(np.median(found_hz)) if found_hz else None
    told_from = float(np.median(depths)) if depths else None
    return Speed(hum_hz, coarse[1] if coarse else 0.0, tuple(stretches), tuple(tones), told_from)


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


def _pieces(asked: _Asked, found_hz: list[float]) -> Iterator[_Piece]:
    piece = _Piece()
    for stretch in _stretches(asked.low):
        starts_s, views = [], list[HumViews]()
        for section in stretch:
            starts_s.append(section.own_s)
            if asked.hum_hz is not None:
                views.append(hum_views(section, asked.hum_hz))
            if asked.voice:
                piece.pitches.append(section_pitch(section, asked.low.duration_s))
        piece.spans.append((starts_s[0], min(asked.low.duration_s, starts_s[-1] + SECTION_S)))
        piece.hums.append(_hum_told(views, found_hz) if views else None)
        piece.tones.append([_tone_told(asked.recording, tone, starts_s) for tone in asked.tones])
        if len(piece.spans) == IN_PIECE:
            yield piece
            piece = _Piece()
    if piece.spans:
        yield piece


def _hum_told(views: Sequence[HumViews], found_hz: list[float]) -> Clue:
    seen = joined(views)
    clue = hum_clue(seen)
    found_hz.append(mean_hz(seen, find_lines([clue])))
    return clue


def _tone_told(recording: Recording, tone: Tone, starts_s: Sequence[float]) -> Clue:
    return tone_clue(joined([tone_views(recording, tone.hz, start_s) for start_s in starts_s]))


def _stretches(low: Recording) -> Iterator[list[Section]]:
    """Sections in twos; one that is left over joins those before it."""
    count = math.ceil(low.frames / low.sample_rate / SECTION_S)
    group: list[Section] = []
    for number, section in enumerate(sections(low)):
        group.append(section)
        if len(group) >= IN_STRETCH and count - number - 1 != 1:
            yield group
            group = []
    if group:
        yield group


def _told_from(voice: Clue | None) -> list[float]:
    """The depth from which on the voice tells of wow of 6 Hz; none where there is no voice."""
    if voice is None or not telling([voice]):
        return []
    hz = rates([voice])
    return [2.0 * math.sqrt(VOICE_SURE / float(np.interp(ASKED_HZ, hz, spectrum(voice, hz).information)))]


def _answers(piece: _Piece, voice: Clue | None, known: Sequence[Stretch] | None) -> list[Stretch]:
    again: Sequence[Stretch | None] = known or [None] * len(piece.spans)
    by_voice = _voice_lines(piece, voice, known) if voice is not None else ()
    stretches = []
    for span, hum, tones, before in zip(piece.spans, piece.hums, piece.tones, again, strict=True):
        if before is not None:
            clues = telling(tones if before.by == "tone" else [hum] if hum else [])
            lines = fitted(clues, before.lines) if clues else [Line(line.hz, 1.0 + 0j, 0.0) for line in before.lines]
            stretches.append(Stretch(*span, tuple(lines), by_voice, before.by))
            continue
        lines = _deep_enough(find_lines([hum])) if hum is not None else []
        by = "hum"
        if not lines and tones:
            lines, by = _tone_lines(tones, hum), "tone"
        stretches.append(Stretch(*span, tuple(lines), by_voice, by))
    return stretches


def _deep_enough(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if abs(line.depth) >= LEAST_DEPTH]


def _tone_lines(tones: Sequence[Clue], hum: Clue | None) -> list[Line]:
    """What the tones that sway agree on; nothing where another, or the hum, would have shown it and does not."""
    alone = [_deep_enough(find_lines([tone], TONE_SURE)) for tone in tones]
    if any(abs(line.depth) > MOST_DEPTH for lines in alone for line in lines):
        return []
    steady = [tone for tone, lines in zip(tones, alone, strict=True) if not lines]
    swaying = [tone for tone, lines in zip(tones, alone, strict=True) if lines]
    if not swaying:
        return []
    lines = _deep_enough(find_lines(swaying, TONE_SURE))
    return [line for line in lines if not _decided(line, [hum, *steady])]


def _voice_lines(piece: _Piece, voice: Clue, known: Sequence[Stretch] | None) -> tuple[Line, ...]:
    if known:
        return tuple(fitted([voice], known[0].by_voice)) if known[0].by_voice else ()
    found = find_lines([voice], VOICE_SURE)
    if len(found) > MOST_BY_VOICE:
        return ()
    lines = [
        line
        for line in found
        if VOICE_LOWEST_HZ <= line.hz <= VOICE_HIGHEST_HZ and LEAST_DEPTH <= abs(line.depth) <= MOST_DEPTH
        if keeps_time(voice, found, line)
    ]
    told = [*piece.hums, *(tone for tones in piece.tones for tone in tones)]
    return tuple(line for line in lines if not _decided(line, told))


def _decided(line: Line, clues: Sequence[Clue | None]) -> bool:
    """Whether any hum or tone knows the rate so well that what else claims a line need not be asked."""
    for hum in telling([clue for clue in clues if clue is not None]):
        hz = np.linspace(line.hz - 0.5, line.hz + 0.5, 241)
        information = float(spectrum(hum, hz).information[120])
        if abs(line.depth) > DECIDES * 2.0 / math.sqrt(information):
            return True
    return False
