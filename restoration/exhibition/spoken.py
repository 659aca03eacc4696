"""Where words are spoken: in the transcript that the segments hold, or else as a fixed recogniser hears them.

The recogniser gives no time for a word, so what is found are the segments that hold the words, from pause to pause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from restoration.audio import Recording
from restoration.errors import RestorationError
from restoration.nets.recogniser import SAMPLE_RATE, distance, recognised, words

MOST_WRONG = 0.25
"""The share of words that may differ: a recogniser mishears old recordings."""
LONGEST_S = 30.0
"""The recogniser was taught on pieces up to about this length."""
CONTRACTIONS = {"n't": "not", "'re": "are", "'ll": "will", "'ve": "have", "'m": "am"}


class NotSpoken(RestorationError):
    """Words that were not found, or in several places."""


@dataclass(frozen=True)
class Found:
    """The numbers of the segments, from 1, that hold the words; ``text`` as it was read or heard there."""

    segments: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class _Match:
    start: int
    stop: int
    wrong: int


def plain_words(text: str) -> list[str]:
    """The words of a text without case and punctuation, contractions written out: “we're” is “we are”."""
    return [part for word in words(text.replace("’", "'")) for part in _written_out(word)]


def _written_out(word: str) -> list[str]:
    for ending, written in CONTRACTIONS.items():
        if word.endswith(ending) and word != ending:
            return [word.removesuffix(ending), written]
    return [word]


def find_words(phrase: str, segments: Sequence[dict[str, Any]], sound: Recording, language: str) -> Found:
    """The only place where a phrase is spoken; up to a quarter of its words may be heard differently.

    Raises:
        NotSpoken: it is nowhere, in several places, or nobody can tell, for there is no transcript and no recogniser of
            the language.
    """
    wanted = plain_words(phrase)
    if not wanted:
        raise NotSpoken(f"“{phrase}” has no words to look for")
    texts = transcripts(segments, sound, language)
    spoken = [(word, number) for number, text in enumerate(texts, 1) for word in plain_words(text)]
    heard = [word for word, _ in spoken]
    matches = _best(_matches(wanted, heard))
    places = [_place(match, spoken, texts) for match in matches]
    if not places:
        raise NotSpoken(f"“{phrase}” was not found{_nearest(wanted, heard)}")
    if len(places) > 1:
        where = "; ".join(f"segments {_span(each.segments)}: “{each.text}”" for each in places[:6])
        raise NotSpoken(f"“{phrase}” is spoken in {len(places)} places ({where}); give more words, or --segment")
    return places[0]


def transcripts(segments: Sequence[dict[str, Any]], sound: Recording, language: str) -> list[str]:
    """The words of each segment: those that it holds; where none holds any, what the recogniser hears.

    Raises:
        NotSpoken: there is no recogniser of the language.
    """
    if any(str(each.get("text") or "").strip() for each in segments):
        return [str(each.get("text") or "") for each in segments]
    if language.lower().split("-")[0] not in ("en", "eng"):
        raise NotSpoken(
            f"the segments hold no transcript, and words in “{language or 'a language that is not said'}” are "
            "recognised by nothing here: only English is; choose by --segment or --time"
        )
    try:
        return [_heard(sound, each) for each in segments]
    except ModuleNotFoundError as error:
        raise NotSpoken(f"the segments hold no transcript, and {error}; choose by --segment or --time") from error


def _heard(sound: Recording, segment: dict[str, Any]) -> str:
    import soxr

    start, stop = (round(segment[name] * sound.sample_rate) for name in ("start_s", "end_s"))
    stop = min(stop, start + round(LONGEST_S * sound.sample_rate))
    mono = sound.read(start, stop).samples.mean(axis=0, dtype=np.float32)
    return recognised(soxr.resample(mono, sound.sample_rate, SAMPLE_RATE))


def _matches(wanted: list[str], heard: list[str]) -> Iterator[_Match]:
    """Every stretch of as many words that is near enough."""
    allowed = int(MOST_WRONG * len(wanted))
    for start in range(len(heard) - len(wanted) + 1):
        piece = heard[start : start + len(wanted)]
        wrong = 0 if piece == wanted else distance(wanted, piece) if allowed else 1
        if wrong <= allowed:
            yield _Match(start, start + len(wanted), wrong)


def _best(matches: Iterator[_Match]) -> list[_Match]:
    """The nearest of all, without those that overlap a nearer one."""
    kept: list[_Match] = []
    for match in sorted(matches, key=lambda each: (each.wrong, each.start)):
        if kept and match.wrong > kept[0].wrong:
            break
        if all(match.stop <= other.start or match.start >= other.stop for other in kept):
            kept.append(match)
    return kept


def _place(match: _Match, spoken: Sequence[tuple[str, int]], texts: Sequence[str]) -> Found:
    first, last = spoken[match.start][1], spoken[match.stop - 1][1]
    return Found(tuple(range(first, last + 1)), " ".join(texts[number - 1] for number in range(first, last + 1)))


def _nearest(wanted: list[str], heard: list[str]) -> str:
    size = len(wanted)
    stretches: list[list[str]] = [heard[at : at + size] for at in range(max(1, len(heard) - size + 1))] if heard else []
    if not stretches:
        return ": no words are spoken"
    near = min((distance(wanted, piece), piece) for piece in stretches)
    return f"; the nearest is “{' '.join(near[1])}”"


def _span(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
