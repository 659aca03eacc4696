"""A gallery loop: its playlists (extended M3U in UTF-8), the silence between its pieces, and a cue sheet.

Players know no gaps in a playlist, so a gap is a file of silence that stands in it between two pieces.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from restoration import sound_files
from restoration.audio import Audio, Recording, Writer
from restoration.exhibition.export import work_folder
from restoration.exhibition.request import Outcome, Wanted
from restoration.exhibition.told import GAIN_RULE
from restoration.exhibition.writing import SUFFIXES
from restoration.package import write_whole

CUE_COLUMNS = (
    "position",
    "start_s",
    "duration_s",
    "gap_s",
    "identifier",
    "title",
    "speaker",
    "date",
    "from_s",
    "to_s",
    "words",
    "loudness_lufs",
    "true_peak_dbtp",
    "files",
    "sha256",
)
EVEN_LU = 0.5
"""By how much the pieces of a loop may differ in loudness."""


@dataclass(frozen=True)
class Entry:
    """A piece of a loop: what became of it, and the row of its item."""

    outcome: Outcome
    item: dict[str, Any]

    @property
    def title(self) -> str:
        """For a player: speaker and title on one line."""
        parts = (str(self.item.get("speaker") or ""), str(self.item.get("title") or self.outcome.identifier))
        return " ".join(" - ".join(part for part in parts if part).split())

    def files(self, form: str = "") -> list[dict[str, Any]]:
        """Its files of sound, of one format or of all."""
        return [each for each in self.outcome.files if each["role"] == "sound" and form in ("", each["format"])]


def write_loop(entries: Sequence[Entry], wanted: Wanted) -> list[Path]:
    """Write the playlists and the cue sheet of a loop into its folder; the files.

    Raises:
        BadSoundFile: the silence of a gap cannot be written.
    """
    folder, made = wanted.folder, []
    for form in wanted.formats:
        gap = _silence(form, entries, wanted) if wanted.gap_s and len(entries) > 1 else None
        name = f"{wanted.loop}.m3u8" if len(wanted.formats) == 1 else f"{wanted.loop}_{form}.m3u8"
        write_whole(folder / name, m3u(entries, form, wanted, gap))
        made += [folder / name, *([gap] if gap else [])]
    cues = list(cue_rows(entries, wanted.gap_s))
    sheet = {
        "format": "heritage-voice cue sheet 1",
        "loop": wanted.loop,
        "preset": wanted.preset.about(),
        "gain_rule": GAIN_RULE if wanted.preset.loudness else "none: the samples are untouched",
        "loudness_spread_lu": spread_lu(entries),
        "duration_s": round(sum(each["duration_s"] + each["gap_s"] for each in cues), 6),
        "cues": cues,
    }
    write_whole(folder / f"{wanted.loop}.json", json.dumps(sheet, indent=2, ensure_ascii=False) + "\n")
    write_whole(folder / f"{wanted.loop}.csv", _csv(cues))
    return [*made, folder / f"{wanted.loop}.json", folder / f"{wanted.loop}.csv"]


def m3u(entries: Sequence[Entry], form: str, wanted: Wanted, gap: Path | None) -> str:
    """The playlist of one format: durations in seconds, names relative to its folder."""
    lines = ["#EXTM3U", f"#PLAYLIST:{' '.join(wanted.loop.split())}"]
    for entry in entries:
        for file in entry.files(form):
            lines += [f"#EXTINF:{file['frames'] / file['sample_rate']:.3f},{entry.title}", str(file["name"])]
        if gap is not None:
            lines += [f"#EXTINF:{wanted.gap_s:.3f},", gap.name]
    return "\n".join(lines) + "\n"


def cue_rows(entries: Sequence[Entry], gap_s: float) -> Iterator[dict[str, Any]]:
    """A row for each piece: when it begins in the loop, how long it is and what follows; a gap stands after each."""
    start_s = 0.0
    gap_s = gap_s if len(entries) > 1 else 0.0
    for position, entry in enumerate(entries, start=1):
        outcome, item = entry.outcome, entry.item
        excerpt = outcome.excerpt or {}
        yield {
            "position": position,
            "start_s": round(start_s, 6),
            "duration_s": round(outcome.duration_s, 6),
            "gap_s": gap_s,
            "identifier": outcome.identifier,
            "title": item.get("title", ""),
            "speaker": item.get("speaker", ""),
            "date": item.get("recorded_date", ""),
            "from_s": excerpt.get("start_s"),
            "to_s": excerpt.get("stop_s"),
            "words": excerpt.get("text", ""),
            "loudness_lufs": _rounded(outcome.loudness.get("loudness_lufs")),
            "true_peak_dbtp": _rounded(outcome.loudness.get("true_peak_dbtp")),
            "files": {each["format"]: each["name"] for each in entry.files()},
            "sha256": {each["format"]: each["sha256"] for each in entry.files()},
        }
        start_s += outcome.duration_s + gap_s


def _rounded(level: float | None) -> float | None:
    return None if level is None else round(level, 2)


def spread_lu(entries: Sequence[Entry]) -> float | None:
    """By how much the loudness of the pieces differs; None where one has none."""
    found = [entry.outcome.loudness.get("loudness_lufs") for entry in entries]
    told = [value for value in found if value is not None]
    return round(max(told) - min(told), 3) if told and len(told) == len(found) else None


def _csv(cues: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, CUE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for cue in cues:
        joined = {name: " | ".join(cue[name].values()) for name in ("files", "sha256")}
        writer.writerow({**cue, **joined})
    return text.getvalue()


def _silence(form: str, entries: Sequence[Entry], wanted: Wanted) -> Path:
    """A file of silence in the form of the pieces: rate and channels of the first."""
    first = entries[0].files(form)[0]
    sound = wanted.preset.sound
    channels = 2 if sound is not None and sound.channels == 2 else 1
    place = wanted.folder / f"{wanted.loop}_gap{SUFFIXES[form]}"
    frames = round(wanted.gap_s * first["sample_rate"])
    with work_folder(wanted.folder) as folder:
        with Writer(folder / "gap.f32") as writer:
            writer.write(Audio(np.zeros((channels, frames), np.float32), first["sample_rate"]))
        silence, made = writer.recording, folder / place.name
        _write_silence(silence, made, form)
        made.replace(place)
    return place


def _write_silence(silence: Recording, place: Path, form: str) -> None:
    tags = {"title": "Silence"}
    if form == "bwf":
        texts = {"description": "Silence between the pieces of a loop", "originator": "heritage-voice"}
        sound_files.write_bwf(silence, place, description=sound_files.BwfDescription(texts=texts))
    elif form == "flac":
        sound_files.write_flac(silence, place, tags=tags)
    elif form == "opus":
        sound_files.write_opus(silence, place, tags=tags)
    else:
        sound_files.write_mp3(silence, place, tags=tags)
