"""An exhibit: one sound that leaves, in one format, with all that may be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from restoration.audio import Recording
from restoration.exhibition.preset import Preset
from restoration.record import Event

ChosenBy = Literal["segment", "time", "text"]


@dataclass(frozen=True)
class Excerpt:
    """A stretch of the restored sound, in seconds of it.

    Attributes:
        by: how it was asked for.
        asked: in the words of who asked: ``3-5``, ``12.5-14``, a phrase.
        start_s, stop_s: what was cut, at a quiet place near what was asked.
        asked_start_s, asked_stop_s: what was asked, before it was moved to a quiet place.
        segments: numbers of the segments of speech that lie in it, from 1.
        text: the words found, where it was asked for by words; else blank.
    """

    by: ChosenBy
    asked: str
    start_s: float
    stop_s: float
    asked_start_s: float
    asked_stop_s: float
    segments: tuple[int, ...] = ()
    text: str = ""

    @property
    def duration_s(self) -> float:
        return self.stop_s - self.start_s

    @property
    def name(self) -> str:
        """For file names: where it begins and ends, as ``0012.500-0014.000``."""
        return f"{self.start_s:08.3f}-{self.stop_s:08.3f}"


@dataclass(frozen=True)
class Exhibit:
    """One file of an export.

    Attributes:
        bag: of the item.
        events: of its log before the export, from the ingestion on.
        item: the row of the manifest.
        recording: the mastered sound that is written: excerpt, chain, gain and fades are in it.
        preset: what it was mastered by.
        excerpt: None for the whole item.
        loudness: of ``recording``: ``loudness_lufs``, ``loudness_range_lu``, ``max_momentary_lufs``,
            ``max_short_term_lufs``, ``true_peak_dbtp``; None where it is too short or silent.
        file: where it lies, or will lie. While it is written it has this name in a working folder.
        format: one of ``preset.FORMATS``.
        sha256: of the file as it leaves; blank in what ``tags``, ``cover`` and ``sign`` are given, for they change it.
        duration_s: of ``recording``.
    """

    bag: Path
    events: tuple[Event, ...]
    item: dict[str, Any]
    recording: Recording
    preset: Preset
    excerpt: Excerpt | None
    loudness: dict[str, Any]
    file: Path
    format: str
    sha256: str
    duration_s: float

    @property
    def identifier(self) -> str:
        return str(self.item["identifier"])
