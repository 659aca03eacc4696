"""Every file that leaves: production master, residual, access copies, segments, report.

Each is a ``Derivation``: where it goes in the bag, what it is, and how it is written. What was written is an event.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restoration import fixity, sound_files
from restoration.audio import Recording
from restoration.manifest import Item
from restoration.progress import Progress
from restoration.provenance.coding_history import coding_history_row, row_dialect
from restoration.provenance.digital_source_type import CAPTURED, digital_source_type
from restoration.provenance.generated import treated_steps
from restoration.provenance.map_picture import map_pictures
from restoration.provenance.pictures import report_pictures
from restoration.provenance.treatment_report import treatment_report
from restoration.recipe import Recipe
from restoration.record import Event
from restoration.residual import Residual
from restoration.scratch import Scratch
from restoration.sound_map.pages import as_recording, axes_of, index_text, pages_of, write_page
from restoration.speech.segments import Segmentation
from restoration.speech.writers import FORMATS, Subject
from restoration.time_axis import moving_steps, on_restored_axis
from restoration.treatment import Treated, applied_gain_db
from restoration.turn import Workshop

REPORT, REPORT_ROLE = "data/record/treatment-report.html", "treatment report"
ACCESS_SOUNDS = ("restored", "untreated", "removed")
LABEL_OF = {"restored": "after", "untreated": "before", "removed": "removed"}


@dataclass(frozen=True)
class Derivation:
    """A file of the bag: ``file`` is relative to it; ``write`` makes it and returns the facts for its event."""

    file: str
    role: str
    write: Callable[[Path], dict[str, Any]]


@dataclass(frozen=True)
class Sounds:
    """The sounds that derivatives are made of, and the log that tells of them.

    ``extract`` is the master's sound; ``aligned`` the same on the time axis of the restored sound, which is itself
    where no step moved time; ``map_`` says what of the restored sound was recorded, None where nothing needs to.
    """

    item: Item
    recipe: Recipe
    extract: Recording
    aligned: Recording
    treated: Treated
    events: Sequence[Event]
    map_: Recording | None = None

    @property
    def residual(self) -> Residual:
        return Residual.between(self.aligned, self.treated.recording, self.treated.gain_db)

    @property
    def dither_seed(self) -> int:
        """A seed that follows from the sound, so that a replay dithers alike; it is in the log."""
        return int(self.treated.recording.pcm_sha256[:8], 16)

    def measured(self, when: str) -> dict[str, Any]:
        """The measures taken before or after the treatment."""
        taken = [event for event in self.events if event["event"] == "measurement" and event["when"] == when]
        return dict(taken[-1]["measures"])

    def copy_gain_db(self, name: str) -> float:
        """The gain of one of ``ACCESS_SOUNDS``: what was removed is heard as loud as it is in the untreated copy."""
        return access_gain_db(self.recipe, self.measured("after" if name == "restored" else "before"))


def derivations(sounds: Sounds) -> Iterator[Derivation]:
    """All files of one item, in the order they are written."""
    stem = sounds.item.identifier
    yield Derivation(
        f"data/restored/{stem}_restored.wav", "production master", lambda place: _production_master(sounds, place)
    )
    yield Derivation(f"data/restored/{stem}_residual.wav", "residual", lambda place: _residual(sounds, place))
    for name in ACCESS_SOUNDS:
        yield Derivation(access_file(sounds.item, name), "access copy", _access_writer(sounds, name))
    yield from _label_files(sounds)
    yield from _map_files(sounds)


def report(sounds: Sounds) -> Derivation:
    """The treatment report as one HTML page, which finds the access copies beside it in the bag.

    It is a function of the events before its own, and of pictures of the sounds; what comes after it in the log, such
    as a decision of next year, does not change it.
    """
    before = events_before_report(sounds.events)
    restored, extract = sounds.treated.recording, sounds.extract

    def write(place: Path) -> dict[str, Any]:
        pictures = _pictures(before, extract, restored, sounds.residual, sounds.map_)
        partial = place.with_name(place.name + ".part")
        partial.write_text(
            treatment_report(before, pictures, players(sounds.item.identifier)), encoding="utf-8", newline="\n"
        )
        partial.replace(place)
        about = {"master": extract.pcm_sha256, "upto": len(before), "head": before[-1]["digest"]}
        return {**_size(place), "format": "HTML", "source": restored.pcm_sha256, "parameters": about}

    return Derivation(REPORT, REPORT_ROLE, write)


def events_before_report(events: Sequence[Event]) -> list[Event]:
    """What the report of a log was made from: the events before its own; all where it has none."""
    place = next((n for n, event in enumerate(events) if event.get("role") == REPORT_ROLE), len(events))
    return list(events[:place])


def pictures_again(bag: Path, events: Sequence[Event], extract: Recording, restored: Recording) -> dict[str, Any]:
    """The pictures of a report from what lies in its bag: the log, the two sounds that were read from it, and the map.

    Raises:
        BadBag: the map is not whole.
        StepFailed: a step that moved time could not do so again.
    """
    with tempfile.TemporaryDirectory(prefix="restoration-") as name:
        folder = Path(name)
        workshop = Workshop(Scratch(folder / "scratch", 0), Progress(folder / "progress.json", []), (extract, restored))
        aligned = on_restored_axis(events, extract, workshop)
        gain_db = sum(applied_gain_db(event) for event in treated_steps(events))
        index = next((bag / "data" / "map").glob("*.json"), None)
        map_ = as_recording(index, folder / "map") if index else None
        return _pictures(events, extract, restored, Residual.between(aligned, restored, gain_db), map_)


def _pictures(
    events: Sequence[Event], extract: Recording, restored: Recording, residual: Residual, map_: Recording | None
) -> dict[str, Any]:
    pictures: dict[str, Any] = dict(report_pictures(events, extract, restored, residual))
    if map_ is not None:
        pictures |= map_pictures(map_, events, extract, restored)
    return pictures


def players(identifier: str) -> dict[str, str]:
    """The sounds a report plays, relative to it."""
    return {LABEL_OF[name]: f"../access/{identifier}_{name}.opus" for name in ACCESS_SOUNDS}


def _production_master(sounds: Sounds, place: Path) -> dict[str, Any]:
    measures = sounds.measured("after")
    restored = sounds.treated.recording
    description = sound_files.BwfDescription(
        coding_history_rows=[coding_history_row(sounds.events, sample_rate=restored.sample_rate)],
        loudness={
            "loudness_lufs": measures["loudness_lufs"],
            "loudness_range_lu": measures["loudness_range_lu"],
            "max_true_peak_dbtp": measures["true_peak_dbtp"],
            "max_momentary_lufs": measures["max_momentary_lufs"],
            "max_short_term_lufs": measures["max_short_term_lufs"],
        },
        texts=_bext_texts(sounds.item, sounds.item.fields.get("title", "")),
    )
    written = sound_files.write_bwf(
        restored, place, description=description, like=sounds.item.path, dither_seed=sounds.dither_seed
    )
    return _facts(
        written,
        restored.pcm_sha256,
        digital_source_type(sounds.events),
        dither_seed=sounds.dither_seed,
        coding_history_dialect=row_dialect(sounds.events, sample_rate=restored.sample_rate),
    )


def _residual(sounds: Sounds, place: Path) -> dict[str, Any]:
    description = sound_files.BwfDescription(texts=_bext_texts(sounds.item, "What the treatment removed"))
    written = sound_files.write_bwf(sounds.residual, place, description=description, dither_seed=sounds.dither_seed)
    return _facts(
        written,
        sounds.treated.recording.pcm_sha256,
        digital_source_type(sounds.events),
        dither_seed=sounds.dither_seed,
        master=sounds.extract.pcm_sha256,
        **_against(sounds),
        gain_db=-sounds.treated.gain_db,
    )


def _against(sounds: Sounds) -> dict[str, Any]:
    """Where the time axis was changed: the sound that the residual was taken against, and the steps that gave it."""
    moved = moving_steps(sounds.events)
    if not moved:
        return {}
    return {
        "against": sounds.aligned.pcm_sha256,
        "time_moved_by": [
            {"step": turn.name, "position": turn.position, "event": event["digest"]} for turn, event in moved
        ],
        "master_s_per_restored_s": sounds.extract.duration_s / sounds.aligned.duration_s,
    }


def _bext_texts(item: Item, description: str) -> dict[str, str]:
    """Texts for a new bext chunk; the writer cuts them to what its fields hold, the log has them whole."""
    return {"description": description, "originator": "heritage-voice", "originator_reference": item.identifier}


def access_file(item: Item, name: str) -> str:
    """Where one of ``ACCESS_SOUNDS`` lies in the bag."""
    return f"data/access/{item.identifier}_{name}.opus"


def _access_writer(sounds: Sounds, name: str) -> Callable[[Path], dict[str, Any]]:
    def write(place: Path) -> dict[str, Any]:
        recording = {
            "restored": sounds.treated.recording,
            "untreated": sounds.extract,
            "removed": sounds.residual,
        }[name]
        gain_db = sounds.copy_gain_db(name)
        tags = {
            "title": f"{sounds.item.fields.get('title', sounds.item.identifier)} ({name})",
            "identifier": sounds.item.identifier,
            "comment": f"Access copy: {name}. Treatment: {sounds.recipe.name}.",
        }
        written = sound_files.write_opus(recording, place, tags=tags, gain_db=gain_db)
        source = sounds.treated.recording if name == "restored" else sounds.extract
        kind = CAPTURED if name == "untreated" else digital_source_type(sounds.events)
        return _facts(written, source.pcm_sha256, kind, gain_db=gain_db)

    return write


def access_gain_db(recipe: Recipe, measures: dict[str, Any]) -> float:
    """The gain that brings a sound to the recipe's loudness without its true peak going over the recipe's limit."""
    loudness, peak = measures["loudness_lufs"], measures["true_peak_dbtp"]
    if loudness is None or peak is None:
        return 0.0
    wanted = recipe.access.target_lufs - float(loudness)
    # Adding nought turns a negative nought into a plain one.
    return round(min(wanted, recipe.access.max_true_peak_dbtp - float(peak)), 3) + 0.0


def _label_files(sounds: Sounds) -> Iterator[Derivation]:
    found = [event for event in sounds.events if event["event"] == "segmentation"][-1]
    segmentation = Segmentation.from_dict(found)
    subject = Subject(
        identifier=sounds.item.identifier, sound_file=f"../restored/{sounds.item.identifier}_restored.wav"
    )
    for form in FORMATS:
        text = form.text(segmentation, subject)

        def write(place: Path, text: str = text) -> dict[str, Any]:
            partial = place.with_name(place.name + ".part")
            partial.write_text(text, encoding="utf-8", newline="\n")
            partial.replace(place)
            return {**_size(place), "source": found["source"], "parameters": found["parameters"]}

        yield Derivation(f"data/speech/{sounds.item.identifier}{form.SUFFIX}", "segments", write)


def _map_files(sounds: Sounds) -> Iterator[Derivation]:
    """The pages of the map, and the JSON that says what they mean."""
    if sounds.map_ is None:
        return
    restored, map_ = sounds.treated.recording, sounds.map_
    axes = axes_of(restored)
    said = [event for event in sounds.events if event["event"] == "map"][-1]
    stem = f"{sounds.item.identifier}_map"
    names = [f"{stem}-{page + 1:02}.png" for page in range(pages_of(map_))]
    facts = {"source": restored.pcm_sha256, "parameters": {"map": map_.pcm_sha256}}
    for page, name in enumerate(names):

        def write(place: Path, page: int = page) -> dict[str, Any]:
            write_page(map_, page, axes, place)
            return {**_size(place), "format": "PNG, 8 bits, grey", **facts}

        yield Derivation(f"data/map/{name}", "map", write)

    def write_index(place: Path) -> dict[str, Any]:
        known = {name: said[name] for name in ("steps", "figures")}
        about = {"restored": restored.pcm_sha256, "duration_s": restored.duration_s, **axes, **known}
        partial = place.with_name(place.name + ".part")
        partial.write_text(index_text(about, names), encoding="utf-8", newline="\n")
        partial.replace(place)
        return {**_size(place), "format": "JSON", **facts}

    yield Derivation(f"data/map/{stem}.json", "map", write_index)


def _size(place: Path) -> dict[str, Any]:
    return {"sha256": fixity.digests(place)["sha256"], "bytes": place.stat().st_size}


def _facts(written: sound_files.Written, source: str, source_type: str, **parameters: object) -> dict[str, Any]:
    said = written.as_dict()
    return {
        "sha256": said.pop("sha256"),
        "bytes": said.pop("bytes"),
        "format": said,
        "source": source,
        "digital_source_type": source_type,
        "parameters": parameters,
    }
