"""What the command line does with one file or one bag, outside a batch."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restoration import derive, sound_files
from restoration.audio import Recording, Writer
from restoration.errors import BadBag
from restoration.provenance.treatment_report import treatment_report
from restoration.record import Event, read


@contextmanager
def extracted(path: Path) -> Iterator[Recording]:
    """The sound of a file as a recording, which goes with the block.

    Raises:
        BadSoundFile: the file does not hold the sound its header promises.
    """
    with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
        writer = Writer(Path(folder) / "extract.f32")
        with writer:
            sound_files.decode(path, writer)
        yield writer.recording


def measure(path: Path) -> dict[str, Any]:
    """The condition of a sound file, see ``measures.condition``."""
    from restoration.measures.condition import condition

    with extracted(path) as recording:
        return condition(recording)


def in_words(measures: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Measures as rows for people: what each is called, its value with the unit, and what it means."""
    from restoration.provenance.condition_words import measure_rows

    return [(row.name, row.before, row.meaning) for row in measure_rows(measures, {})]


def segment_file(path: Path, folder: Path, cut: bool) -> dict[str, Any]:
    """Find who speaks when in a sound file; write the label files, and the segments themselves if ``cut``."""
    from restoration.speech.cut import cut_segments
    from restoration.speech.segments import segment
    from restoration.speech.writers import Subject, write_labels

    with extracted(path) as recording:
        segmentation = segment(recording)
        write_labels(segmentation, folder, Subject(identifier=path.stem, sound_file=path.name))
        if cut:
            cut_segments(recording, segmentation, folder, identifier=path.stem)
    return segmentation.to_dict()


def report_again(bag: Path, place: Path) -> None:
    """Write the treatment report of a bag anew: from its event log, and pictures of the sounds in it.

    It tells what the log told when the report was made, and nothing of what came after.

    Raises:
        BadBag: the bag lacks its log, its master or its production master.
        BrokenRecord: the log was changed after it was written.
    """
    log = bag / "data" / "record" / "events.jsonl"
    if not log.is_file():
        raise BadBag(f"{bag}: is no bag of a restored item: data/record/events.jsonl is not there")
    events = derive.events_before_report(list(read(log)))
    master, restored = _only(bag, "extraction", events), _only(bag, "derivation", events, role="production master")
    with extracted(master) as before, extracted(restored) as after:
        pictures = derive.pictures_again(bag, events, before, after)
    identifier = restored.stem.removesuffix("_restored")
    access = os.path.relpath((bag / "data" / "access").resolve(), place.resolve().parent)
    sounds = {label: f"{access}/{Path(path).name}" for label, path in derive.players(identifier).items()}
    place.write_text(treatment_report(events, pictures, sounds), encoding="utf-8")


def _only(bag: Path, kind: str, events: list[Event], **same: object) -> Path:
    """The file of the bag that the first event of that kind is about."""
    for event in events:
        if event["event"] == kind and all(event.get(name) == value for name, value in same.items()):
            path = bag / ("data/master/" if kind == "extraction" else "") / event["file"]
            if path.is_file():
                return path
            raise BadBag(f"{bag}: {path.relative_to(bag)} is not there")
    raise BadBag(f"{bag}: its log has no event “{kind}”; the treatment was not finished")
