"""A whole exhibition: every piece in its order, one loudness for a loop, the playlists and the contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

from restoration import growth, sound_files
from restoration.audio import Writer
from restoration.exhibition import told
from restoration.exhibition.contact_sheet import contact_sheet
from restoration.exhibition.exhibit import Exhibit
from restoration.exhibition.export import WORK, export_piece, reachable, work_folder
from restoration.exhibition.playlist import EVEN_LU, Entry, spread_lu, write_loop
from restoration.exhibition.request import Outcome, Piece, Wanted
from restoration.exhibition.source import Source

Ended = Callable[[Outcome], None]
Heard = Callable[[Piece, str], None]


@dataclass(frozen=True)
class Exhibition:
    """What came of an export: an outcome for each piece in its order, and the files that are about all of them."""

    outcomes: tuple[Outcome, ...]
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is there."""
        return all(each.there for each in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "pieces": [vars(each) for each in self.outcomes],
            "files": [str(each) for each in self.files],
            "notes": list(self.notes),
        }


def export(pieces: Sequence[Piece], wanted: Wanted, heard: Heard, ended: Ended) -> Exhibition:
    """Export pieces one after the other.

    Args:
        pieces: in the order of the loop.
        wanted: how and where to.
        heard: told what is being done to a piece.
        ended: told what became of each.
    """
    with alone(wanted):
        target_lufs = common_target(pieces, wanted, heard)
        outcomes = []
        for piece in pieces:
            outcomes.append(export_piece(piece, wanted, target_lufs, partial(heard, piece)))
            ended(outcomes[-1])
        return close(pieces, outcomes, wanted, target_lufs)


@contextmanager
def alone(wanted: Wanted) -> Iterator[None]:
    """Hold the folder of an export, so that two do not write into it at once; what a killed one left there goes."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with growth.held(wanted.folder):
        for left in wanted.folder.glob(f"{WORK}*"):
            rmtree(left, ignore_errors=True)
        yield


def common_target(pieces: Sequence[Piece], wanted: Wanted, heard: Heard = lambda _piece, _stage: None) -> float | None:
    """The loudness of a loop: the preset's, or the loudest that all of its pieces can be brought to.

    None where there is no loop, or none of its pieces has to be quieter than the preset by more than a loop may differ.
    """
    if not wanted.loop or wanted.preset.loudness is None:
        return None
    found = []
    for piece in pieces:
        heard(piece, "measuring for the loop")
        found.append(reachable(piece, wanted))
    told_of = [value for value in found if value is not None]
    preset_lufs = wanted.preset.loudness.target_lufs
    if not told_of or min(told_of) >= preset_lufs - EVEN_LU:
        return None
    return round(min(told_of) - 0.05, 1)


def close(
    pieces: Sequence[Piece], outcomes: Sequence[Outcome], wanted: Wanted, target_lufs: float | None
) -> Exhibition:
    """What is about all pieces together: playlists and cue sheet of a loop, and the contact sheet."""
    entries = [
        Entry(outcome, Source.of(piece.bag).item)
        for piece, outcome in zip(pieces, outcomes, strict=True)
        if outcome.there
    ]
    notes: list[str] = []
    files: list[Path] = []
    if wanted.loop and entries:
        files += write_loop(entries, wanted)
        notes += _about_loop(entries, wanted, target_lufs)
    missing = len(outcomes) - len(entries)
    if wanted.loop and missing:
        notes.append(f"the loop lacks {missing} of {len(outcomes)} pieces, which could not be exported")
    files += _contact_sheet(outcomes, wanted)
    return Exhibition(tuple(outcomes), tuple(files), tuple(notes))


def _about_loop(entries: Sequence[Entry], wanted: Wanted, target_lufs: float | None) -> list[str]:
    notes = []
    if target_lufs is not None and wanted.preset.loudness is not None:
        notes.append(
            f"the loop is at {target_lufs:.1f} LUFS and not at the preset's {wanted.preset.loudness.target_lufs:.1f}: "
            "one of its pieces can be made no louder under the ceiling, and all are to be equally loud"
        )
    spread = spread_lu(entries)
    if spread is not None:
        notes.append(f"the pieces of the loop differ by {spread:.2f} LU in loudness")
    if spread is None or spread > EVEN_LU:
        notes.append(f"WARNING: the loudness of the loop is not even to {EVEN_LU} LU")
    return notes


def _contact_sheet(outcomes: Sequence[Outcome], wanted: Wanted) -> list[Path]:
    if not any(each.there for each in outcomes):
        return []
    with work_folder(wanted.folder) as folder:
        exhibits = [_exhibit(each, wanted, folder) for each in outcomes if each.there]
        return contact_sheet(exhibits, wanted.folder, wanted.language)


def _exhibit(outcome: Outcome, wanted: Wanted, folder: Path) -> Exhibit:
    """An exhibit as it left: its first file, read back."""
    source = Source.of(Path(outcome.bag))
    event = source.events[outcome.event - 1]
    first = next(each for each in event["files"] if each["role"] == "sound")
    place = wanted.folder / str(first["name"])
    with Writer(folder / f"{first['name']}.f32") as writer:
        sound_files.decode(place, writer)
    return Exhibit(
        bag=source.bag,
        events=source.treatment,
        item=source.item,
        recording=writer.recording,
        preset=wanted.preset,
        excerpt=told.excerpt_of(event),
        loudness=dict(event["loudness"]),
        file=place,
        format=str(first["format"]),
        sha256=str(first["sha256"]),
        duration_s=outcome.duration_s,
    )
