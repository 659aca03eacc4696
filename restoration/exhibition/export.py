"""One piece on its way out: whether it may leave, its sound mastered, its files written, and the event in its log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from restoration import fixity, growth
from restoration.audio import Recording, Writer
from restoration.errors import RestorationError
from restoration.exhibition import told
from restoration.exhibition.excerpts import frames_of, resolve
from restoration.exhibition.exhibit import Exhibit
from restoration.exhibition.label_files import label_files
from restoration.exhibition.levelling import Aim, Levelled, Measures, level, measured
from restoration.exhibition.permission import Leave, NotAllowed, leave_to_exhibit
from restoration.exhibition.preset import LOSSLESS
from restoration.exhibition.request import Outcome, Piece, Wanted
from restoration.exhibition.shaping import cut, shape
from restoration.exhibition.source import EXPORT, SentBack, Source
from restoration.exhibition.told import Shape
from restoration.exhibition.writing import SUFFIXES, Draft, finish, write_draft
from restoration.record import Event

WORK = ".exporting-"
TURNS = 5
"""Times that a lossy file is made anew under a lower ceiling, where its codec lifted the true peak."""
MARGIN_DB = 0.02
Heard = Callable[[str], None]
"""Called with what is being done."""


def export_piece(
    piece: Piece, wanted: Wanted, target_lufs: float | None = None, heard: Heard = lambda _: None
) -> Outcome:
    """Export a piece, unless it is there already; what it could not be given is the outcome, not an error.

    Args:
        piece: what leaves.
        wanted: how and where to.
        target_lufs: the loudness that a loop agreed on; None for the preset's.
        heard: told what is being done.
    """
    began = time.monotonic()
    name = piece.bag.name
    try:
        source = Source.of(piece.bag)
        name = source.identifier
        return replace(_export(piece, source, wanted, (target_lufs, heard)), seconds=time.monotonic() - began)
    except (NotAllowed, SentBack) as error:
        return Outcome(name, piece.words, "refused", str(error), bag=str(piece.bag))
    except RestorationError as error:
        return Outcome(name, piece.words, "failed", str(error), bag=str(piece.bag))


def _export(piece: Piece, source: Source, wanted: Wanted, how: tuple[float | None, Heard]) -> Outcome:
    leave = permitted(source, wanted)
    target_lufs, heard = how
    if target_lufs is None and wanted.preset.loudness is not None:
        target_lufs = wanted.preset.loudness.target_lufs
    before = told.told_before(source, piece.request_digest(wanted, source.sound_sha256), target_lufs)
    if before is not None and not wanted.again and told.is_there(before, wanted.folder):
        return told.outcome_of(before, source, piece, "already there", f"event {before['sequence']} tells of it")
    with work_folder(wanted.folder) as folder:
        heard("shaping")
        shaped = shape_piece(piece, source, wanted, folder)
        making = _Making(source, wanted, shaped, folder, heard)
        files = making.files(target_lufs)
        fields = told.fields(source, piece, wanted, (shaped, leave), making.levelled, files)
        making.move(files)
    event = _keep(source, before, fields)
    found = making.levelled[0].measured if making.levelled else shaped.before
    held_back = [each.held_back for each in making.levelled]
    detail = "; ".join(told.sentences(shaped.excerpt, held_back, found, wanted))
    return told.outcome_of(event, source, piece, "exported", detail)


def permitted(source: Source, wanted: Wanted) -> Leave:
    """Leave to export an item.

    Raises:
        NotAllowed: its rights forbid the use.
        SentBack: its treatment was sent back.
    """
    leave = leave_to_exhibit(source.events, wanted.preset.audience, wanted.permission)
    source.check_approved(wanted.even_though)
    return leave


def _keep(source: Source, before: Event | None, fields: dict[str, Any]) -> Event:
    """The event of an export; what was made again, and is what the log tells of already, is told once."""
    if before is not None:
        known = {(each["name"], each["sha256"]) for each in before["files"]}
        if known == {(each["name"], each["sha256"]) for each in fields["files"]}:
            return before
    return growth.grow(source.bag, EXPORT, **fields)


def shape_piece(piece: Piece, source: Source, wanted: Wanted, folder: Path) -> Shape:
    """The sound of a piece through everything that stands before its gain.

    Raises:
        RestorationError: the production master is not whole, or the excerpt is not there.
    """
    sound = source.sound(folder / "master.f32")
    excerpt = None
    if piece.ask is not None:
        exact = wanted.preset.loudness is None
        excerpt = resolve(piece.ask, source.segments, sound, str(source.item.get("language", "")), exact)
        with Writer(folder / "excerpt.f32") as writer:
            cut(sound, *frames_of(excerpt, sound), writer)
        sound = writer.recording
    shaped = shape(sound, wanted.preset, folder)
    return Shape(shaped.recording, measured(shaped.recording), excerpt, shaped.parameters)


def reachable(piece: Piece, wanted: Wanted) -> float | None:
    """The loudness that a piece can be brought to, at most the preset's; None where it may not leave or fails."""
    try:
        source = Source.of(piece.bag)
        permitted(source, wanted)
        wanted.folder.mkdir(parents=True, exist_ok=True)
        with work_folder(wanted.folder) as folder:
            shaped = shape_piece(piece, source, wanted, folder)
            aim = Aim.of(wanted.preset)
            # By trying it: how much loudness a limiter takes cannot be told from the peaks.
            made = level(shaped.sound, shaped.before, wanted.preset, aim, folder / "tried.f32")
            return min(aim.target_lufs, made.measured["loudness_lufs"] or aim.target_lufs)
    except RestorationError:
        return None  # The export of the piece says why.


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A folder for what is being made, beside where it will be; it is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=WORK, dir=folder))
    try:
        yield made
    finally:
        rmtree(made, ignore_errors=True)


class _Making:
    """The files of one piece in their working folder, and the sounds that they were made of."""

    def __init__(self, source: Source, wanted: Wanted, shaped: Shape, folder: Path, heard: Heard) -> None:
        self.source, self.wanted, self.shaped, self.folder, self.heard = source, wanted, shaped, folder, heard
        self.levelled: list[Levelled] = []
        parts = [source.identifier, wanted.preset.name] + ([shaped.excerpt.name] if shaped.excerpt else [])
        self.stem = "_".join(parts)

    def files(self, target_lufs: float | None) -> list[dict[str, Any]]:
        """Write every file; the facts of each, the labels behind the sounds."""
        aim = Aim.of(self.wanted.preset, target_lufs) if self.wanted.preset.loudness else None
        mastered = self._level(aim, "mastered") if aim else None
        self.levelled = [mastered] if mastered else []
        sound = mastered.recording if mastered else self.shaped.sound
        facts: list[dict[str, Any]] = []
        for form in self.wanted.formats:
            self.heard(f"writing {form}")
            exhibit, draft = self._drafted(form, sound, aim)
            exhibit, about, beside = finish(exhibit, draft)
            if len(self.levelled) > 1 and self.levelled[-1].recording is exhibit.recording:
                about["levelled"] = {"gain_db": self.levelled[-1].gain_db, **self.levelled[-1].parameters}
            facts += [about, *(self._fact(each, "credentials") for each in beside)]
        labels = label_files(exhibit, self.folder)
        return facts + [self._fact(each, "label") for each in labels]

    def _drafted(self, form: str, sound: Recording, aim: Aim | None) -> tuple[Exhibit, Draft]:
        """A file that keeps the ceiling also when it is decoded: a codec may lift the peaks."""
        exhibit = self._exhibit(form, sound, self.levelled[0].measured if self.levelled else self.shaped.before)
        draft = self._draft(exhibit)
        lower_db = 0.0
        for turn in range(TURNS):
            if aim is None or form in LOSSLESS or aim.kept(draft.heard):
                return exhibit, draft
            lower_db += (draft.heard["true_peak_dbtp"] or 0.0) - aim.ceiling_dbtp + MARGIN_DB
            made = self._level(aim.lowered(lower_db), f"{form}-{turn}")
            self.levelled.append(made)
            exhibit = self._exhibit(form, made.recording, made.measured)
            draft = self._draft(exhibit)
        if aim is not None and not aim.kept(draft.heard):
            raise RestorationError(
                f"{self.source.identifier}: {form} lifts the true peak over {aim.ceiling_dbtp:g} dBTP however far the "
                "sound is limited; choose a higher bit rate in the preset, or another format"
            )
        return exhibit, draft

    def _level(self, aim: Aim, name: str) -> Levelled:
        return level(self.shaped.sound, self.shaped.before, self.wanted.preset, aim, self.folder / f"{name}.f32")

    def _draft(self, exhibit: Exhibit) -> Draft:
        return write_draft(exhibit, self.folder / exhibit.file.name, self.wanted.language, self.source.master)

    def _exhibit(self, form: str, sound: Recording, found: Measures) -> Exhibit:
        return Exhibit(
            bag=self.source.bag,
            events=self.source.treatment,
            item=self.source.item,
            recording=sound,
            preset=self.wanted.preset,
            excerpt=self.shaped.excerpt,
            loudness=dict(found),
            file=self.wanted.folder / f"{self.stem}{SUFFIXES[form]}",
            format=form,
            sha256="",
            duration_s=sound.duration_s,
        )

    def _fact(self, place: Path, role: str) -> dict[str, Any]:
        sha256 = fixity.digests(place)["sha256"]
        return {"name": place.name, "role": role, "sha256": sha256, "bytes": place.stat().st_size}

    def move(self, files: list[dict[str, Any]]) -> None:
        """Give the files their names; no file of somebody else's is overwritten.

        Raises:
            RestorationError: there is a file of such a name that the log does not tell of.
        """
        known = told.known_names(self.source)
        for each in files:
            place = self.wanted.folder / str(each["name"])
            if place.exists() and each["name"] not in known and not told.same_file(place, each):
                raise RestorationError(
                    f"{place}: is there already, and the log of {self.source.bag} does not tell of it; move it away"
                )
        for each in files:
            (self.folder / str(each["name"])).replace(self.wanted.folder / str(each["name"]))
