"""Material from what there is: bags of restored items, manifests of clips, folders of clips, plain sound files.

Restored first: of a bag the production master is read, never the preservation master. A plain file is measured, and
where its channel is poor it is refused; nothing of the carrier shall be learnt as the speaker's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from restoration import fixity, sound_files
from restoration.audio import Recording, Writer
from restoration.decisions import unfit
from restoration.errors import BadBag, NoConsent
from restoration.manifest import read_manifest
from restoration.record import Event, read
from restoration.voice.channel import LEAST_SECONDS, channel_score
from restoration.voice.material import BadMaterial, Material, Piece, Source, Unfit
from restoration.voice.phrases import Phrase, phrases_of
from restoration.voice.revocation import REVOCATION
from restoration.voice.samples import VOICE_RATE

EVENTS = Path("data") / "record" / "events.jsonl"
SOUND_SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3", ".w64", ".rf64", ".bwf")
MANIFEST = "manifest.csv"
ENOUGH_S = 20.0
"""A file of at least so much has a channel score of its own; shorter ones of a folder are judged together."""


class _Found(NamedTuple):
    """A sound file that is to be read, and what is known of it."""

    item: str
    file: Path
    fields: dict[str, str]
    bag: Path | None = None


def read_material(places: Sequence[Path], as_it_is: bool = False) -> Material:
    """All phrases of the items at ``places``, cut but not yet chosen.

    Args:
        places: bags, folders of bags, manifests (CSV), folders of clips (with ``manifest.csv`` in them, or without,
            and then without a consent), or sound files; several are one voice.
        as_it_is: take plain files although their channel is poor.

    Raises:
        BadMaterial: there is no sound, one item is there twice, or a plain file must be restored first.
        BadBag: a bag lacks its log or its restored sound.
        FixityMismatch: a file is not the one that its log or its manifest describes.
    """
    found = [each for place in places for each in _found_at(place)]
    if not found:
        raise BadMaterial(f"there is no sound to learn from in {', '.join(map(str, places)) or 'nothing'}")
    names = [each.item for each in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        files = " and ".join(str(each.file) for each in found if each.item == twice)
        raise BadMaterial(f"the item “{twice}” is there more than once ({files}); each file needs a name of its own")
    sources, pieces = [], []
    for each in found:
        source, own = _read(each)
        sources.append(source)
        pieces += own
    judged = _with_channels(sources, as_it_is)
    return Material(tuple(sorted(pieces, key=lambda piece: piece.key)), tuple(judged))


def _found_at(place: Path) -> list[_Found]:
    if (place / EVENTS).is_file():
        return [_of_bag(place)]
    if place.is_dir():
        return _in_folder(place)
    if place.suffix.lower() == ".csv":
        return [_Found(item.identifier, item.path, dict(item.fields)) for item in read_manifest(place).items]
    if not place.is_file():
        raise BadMaterial(f"{place} is not there; give a bag, a manifest, a folder of clips or a sound file")
    return [_Found(place.stem, place, {})]


def _in_folder(folder: Path) -> list[_Found]:
    bags = sorted(log.parents[2] for log in folder.glob(f"*/{EVENTS}"))
    if bags:
        return [_of_bag(bag) for bag in bags]
    if (folder / MANIFEST).is_file():
        return _found_at(folder / MANIFEST)
    if (folder / "bagit.txt").is_file():
        raise BadBag(f"{folder}: is no bag of a restored item: {EVENTS} is not there")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUND_SUFFIXES)
    return [_Found(path.stem, path, {}) for path in files]


def _of_bag(bag: Path) -> _Found:
    events = list(read(bag / EVENTS))
    for event in events:
        # The register may not be at hand where the bag is; what the bag says of itself holds everywhere.
        if event["event"] == REVOCATION:
            raise NoConsent(f"{bag}: consent “{event['reference']}” was revoked by {event['by']} ({event['reason']})")
    derived = _event(bag, events, "derivation", "production master")
    file = bag / derived["file"]
    if not file.is_file():
        raise BadBag(f"{bag}: {derived['file']} is not there")
    fixity.check(file, "sha256", derived["sha256"])
    fields = {name: str(value) for name, value in _event(bag, events, "ingestion").get("item", {}).items()}
    return _Found(fields.get("identifier", bag.name), file, fields, bag)


def _event(bag: Path, events: Sequence[Event], kind: str, role: str | None = None) -> dict[str, Any]:
    for event in reversed(events):
        if event["event"] == kind and (role is None or event.get("role") == role):
            return event
    raise BadBag(f"{bag}: its log has no event “{role or kind}”; run `restoration run` again to finish the treatment")


def _read(found: _Found) -> tuple[Source, list[Piece]]:
    sha256 = fixity.digests(found.file)["sha256"]
    expected = "" if found.bag else found.fields.get("sha256", "")
    if expected:
        fixity.check(found.file, "sha256", expected)
    events = list(read(found.bag / EVENTS)) if found.bag else []
    with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
        writer = Writer(Path(folder) / "extract.f32")
        with writer:
            sound_files.decode(found.file, writer)
        sound = np.concatenate(list(_heard(writer.recording)))
        source = Source(
            item=found.item,
            file=found.file,
            sha256=sha256,
            sound=sound,
            restored=found.bag is not None,
            fields=found.fields,
            unfit=tuple(Unfit(start_s, stop_s, _why(event)) for start_s, stop_s, event in unfit(events)),
            master_sha256=_event(found.bag, events, "extraction")["sha256"] if found.bag else sha256,
        )
        return source, _pieces(source, writer.recording, events)


def _why(event: Event) -> str:
    return f"{event['by']} found it unfit for a voice ({event['reason']})"


def _heard(recording: Recording) -> Iterator[np.ndarray]:
    from restoration.speech.listen import listening_chunks

    yield np.zeros(0, dtype=np.float32)
    yield from listening_chunks(recording)


def _pieces(source: Source, recording: Recording, events: Sequence[Event]) -> list[Piece]:
    from restoration.speech.detect import HOP_S
    from restoration.speech.quality import quality_figures
    from restoration.speech.segments import Segmentation, segment

    said = [event for event in events if event["event"] == "segmentation"]
    segmentation = Segmentation.from_dict(said[-1]) if said else segment(recording)
    segments = [Phrase(each.start_s, each.end_s, each.speaker) for each in segmentation.segments]
    phrases = [each for each in phrases_of(segments, source.sound) if each.stop_s > each.start_s]
    spans = [(each.start_s, each.stop_s) for each in phrases]
    # The probabilities of speech are not asked for: what is a segment is speech already.
    figures = quality_figures(recording, spans, np.zeros(0, dtype=np.float32), HOP_S)
    return [
        Piece(
            item=source.item,
            start_s=phrase.start_s,
            stop_s=phrase.stop_s,
            sound=source.cut(phrase.start_s, phrase.stop_s),
            sha256=source.sha256,
            speaker=phrase.speaker,
            figures=figure,
        )
        for phrase, figure in zip(phrases, figures, strict=True)
    ]


def _with_channels(sources: Sequence[Source], as_it_is: bool) -> list[Source]:
    """The sources with their channel scores; short plain files of one folder have one in common."""
    together: dict[str, list[Source]] = {}
    for source in sources:
        short = source.duration_s < ENOUGH_S and not source.restored
        together.setdefault(str(source.file.parent) if short else f"item {source.item}", []).append(source)
    scored: dict[str, Source] = {}
    for group in together.values():
        scored |= {source.item: source for source in _scored(group, as_it_is)}
    return [scored[source.item] for source in sources]


def _scored(group: Sequence[Source], as_it_is: bool) -> list[Source]:
    sound = np.concatenate([source.sound for source in group])
    if sound.size < LEAST_SECONDS * VOICE_RATE:
        return list(group)
    score = channel_score(sound)
    poor = score.verdict == "refused"
    if poor and not as_it_is and not group[0].restored:
        name = str(group[0].file) if len(group) == 1 else f"{group[0].file.parent} ({len(group)} clips)"
        raise BadMaterial(
            f"{name}: {score.sentence}; restore it first with `restoration run` and give the bag, "
            "or take it with --as-it-is, which the card of the voice then says"
        )
    return [replace(source, channel=score, as_it_is=poor and not source.restored) for source in group]
