"""What is cut out of an item: by the numbers of segments, by time, or by the words that are spoken.

An edge is moved to a quiet place near what was asked, and there to a zero crossing, so that a short fade is not heard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.errors import RestorationError
from restoration.exhibition.exhibit import ChosenBy, Excerpt
from restoration.exhibition.spoken import find_words

REACH_S = 0.06
"""How far an edge may be moved."""
WINDOW_S = 0.005
QUIETER_DB = 3.0
"""By how much another place has to be quieter than the one asked for."""
SHORTEST_S = 0.4
"""What is shorter has no loudness (ITU-R BS.1770-4)."""
TIME = r"(?:(\d{1,3}):)?(?:(\d{1,2}):)?(\d+(?:\.\d+)?)"


class BadExcerpt(RestorationError):
    """An excerpt that is not there, or that could be several places."""


@dataclass(frozen=True)
class Ask:
    """What was asked for: ``by`` segment, time or text, and in which words."""

    by: ChosenBy
    asked: str


def resolve(ask: Ask, segments: Sequence[dict[str, Any]], sound: Recording, language: str, exact: bool) -> Excerpt:
    """The stretch that is asked for.

    Args:
        ask: what is wanted.
        segments: of the log, in the order of time.
        sound: the restored sound.
        language: of the item, for ``text``.
        exact: leave the edges where they were asked.

    Raises:
        BadExcerpt: a number, a time or words that are not there, words that stand in several places, or less than
            0.4 s.
    """
    text = ""
    numbers: tuple[int, ...] = ()
    if ask.by == "time":
        start_s, stop_s = _seconds(ask.asked, sound.duration_s)
    else:
        if ask.by == "segment":
            numbers = _numbers(ask.asked, len(segments))
        else:
            found = find_words(ask.asked, segments, sound, language)
            numbers, text = found.segments, found.text
        start_s = float(segments[numbers[0] - 1]["start_s"])
        stop_s = min(sound.duration_s, float(segments[numbers[-1] - 1]["end_s"]))
    if stop_s - start_s < SHORTEST_S:
        raise BadExcerpt(f"“{ask.asked}” is {stop_s - start_s:.2f} s long; what is shorter than 0.4 s has no loudness")
    first, last = (start_s, stop_s) if exact else (quiet_edge(sound, start_s), quiet_edge(sound, stop_s))
    within = tuple(n for n, each in enumerate(segments, 1) if each["start_s"] < last and each["end_s"] > first)
    return Excerpt(
        by=ask.by,
        asked=ask.asked,
        start_s=first,
        stop_s=last,
        asked_start_s=start_s,
        asked_stop_s=stop_s,
        segments=numbers or within,
        text=text,
    )


def frames_of(excerpt: Excerpt, sound: Recording) -> tuple[int, int]:
    """The first frame of an excerpt and the one after its last."""
    start, stop = (round(seconds * sound.sample_rate) for seconds in (excerpt.start_s, excerpt.stop_s))
    return start, min(stop, sound.frames)


def quiet_edge(sound: Recording, asked_s: float) -> float:
    """A place within 60 ms of ``asked_s`` where a cut is heard least: the quietest 5 ms, there a zero crossing.

    Where nothing near is 3 dB quieter, only the zero crossing is looked for. Seconds, on a frame of the sound.
    """
    rate, asked = sound.sample_rate, round(asked_s * sound.sample_rate)
    if asked <= 0 or asked >= sound.frames:
        return min(max(asked, 0), sound.frames) / rate
    reach, window = round(REACH_S * rate), max(2, round(WINDOW_S * rate))
    first = max(0, asked - reach)
    mono = sound.read(first, asked + reach).samples.mean(axis=0, dtype=np.float64)
    if mono.size <= window:
        return asked / rate
    power = np.convolve(mono * mono, np.full(window, 1.0 / window), mode="valid") + 1e-20
    here = min(max(0, asked - first - window // 2), power.size - 1)
    quietest = int(power.argmin())
    if 10 * np.log10(power[here] / power[quietest]) < QUIETER_DB:
        quietest = here
    return (first + _crossing(mono, quietest, window)) / rate


def _crossing(mono: npt.NDArray[np.float64], start: int, window: int) -> int:
    """The zero crossing nearest to the middle of a window; where there is none, its smallest sample."""
    piece = mono[start : start + window]
    crossings = np.flatnonzero(np.signbit(piece[1:]) != np.signbit(piece[:-1])) + 1
    if crossings.size:
        return start + int(crossings[np.abs(crossings - window / 2).argmin()])
    return start + int(np.abs(piece).argmin())


def _numbers(asked: str, count: int) -> tuple[int, ...]:
    found = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", asked)
    if not found:
        raise BadExcerpt(f"“{asked}” names no segments; write a number, as 3, or the first and the last, as 3-5")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= count:
        there = f"there are 1 to {count}" if count else "the item has none"
        raise BadExcerpt(f"there are no segments {asked}; {there}")
    return tuple(range(first, last + 1))


def _seconds(asked: str, duration_s: float) -> tuple[float, float]:
    found = re.fullmatch(rf"\s*{TIME}\s*-\s*{TIME}\s*", asked)
    if not found:
        raise BadExcerpt(f"“{asked}” is no stretch of time; write seconds, as 12.5-14, or minutes, as 1:02.5-1:10")
    start_s, stop_s = (_time(found.groups()[at : at + 3]) for at in (0, 3))
    if not start_s < stop_s <= duration_s + 0.01:
        raise BadExcerpt(f"“{asked}” is no stretch of the {duration_s:.2f} s of the item")
    return start_s, min(stop_s, duration_s)


def _time(parts: Sequence[str | None]) -> float:
    first, second, seconds = parts
    # With one colon the first group holds the minutes.
    hours, minutes = (first, second) if second is not None else (None, first)
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds or 0)
