"""The preservation master: one and the same file in the manifest row, in every fixity event and in the bag."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.errors import BadSoundFile
from restoration.record import Event
from restoration.sound_files import identify
from restoration.standing import standing, treatment_key

CHECK = "master"
OF_THE_HEADER = ("container", "codec", "channels", "sample_rate", "bits", "coding_history", "bext", "chunks")
"""What a header alone says of a sound file; the number of frames may need decoding."""


def digests(bag: Bag) -> Iterator[Fault]:
    """Manifest row, both checks, the extraction and the bag's manifest give the same digests."""
    item = bag.first("ingestion").get("item") or {}
    row = {name: str(item[name]).strip().lower() for name in ("sha256", "md5") if item.get(name)}
    known = bag.first("fixity check", when="before", outcome="match").get("found") or {}
    for event in bag.of_kind("fixity check"):
        agrees = all(event["found"].get(name) == value for name, value in event["expected"].items())
        if agrees != (event["outcome"] == "match"):
            yield _fault(event, f"says {event['outcome']}, which its own digests deny", "", event["outcome"])
        wanted = row if event["when"] == "before" else known
        if event["outcome"] == "match":
            yield from _same(event, "expected", wanted, event["expected"])
            yield from _same(event, "found", {**known, **row}, event["found"])
    extraction = bag.first("extraction")
    yield from _same(extraction, "", {"sha256": known.get("sha256", "")}, extraction)
    name = f"data/master/{extraction.get('file')}"
    listed = {"sha256": bag.payload_digests.get(name, "none")}
    yield from _same(extraction, f"tells of {name}, which", {"sha256": known.get("sha256", "")}, listed)


def _same(event: Event, where: str, wanted: dict[str, str], said: dict[str, str]) -> Iterator[Fault]:
    for algorithm, digest in wanted.items():
        if said.get(algorithm) != digest:
            found = str(said.get(algorithm, "none"))
            about = f"{where} has the {algorithm} {in_short(found)}".strip()
            yield _fault(event, f"{about}, where the record before it has {in_short(digest)}", digest, found)


def header(bag: Bag) -> Iterator[Fault]:
    """What the header of the master says is what the extraction says; its size too."""
    extraction = bag.first("extraction")
    name = f"data/master/{extraction['file']}"
    if name not in bag.files:
        yield Fault(check=CHECK, file=name, event=extraction["sequence"], sentence=f"the master, {name}, is missing")
        return
    said = {"bytes": extraction["bytes"], **extraction["format"]}
    try:
        found = {"bytes": bag.files[name], **identify(bag.path / name).as_dict()}
    except BadSoundFile as error:
        yield _fault(extraction, f"tells of a sound file, and {name} is none any more: {error}", "", "")
        return
    for field in ("bytes", *OF_THE_HEADER):
        if field in said and said[field] != found[field]:
            sentence = f"says of {name} {field} {_brief(said[field])}, and the file has {_brief(found[field])}"
            yield _fault(extraction, sentence, str(said[field]), str(found[field]), name)


def key(bag: Bag) -> Iterator[Fault]:
    """The key of the treatment follows from the manifest row, the recipe's digest, and what people decided before."""
    ingestion, packing = bag.first("ingestion"), bag.first("packing")
    decided = standing(bag.events, carried_only=True)
    expected = treatment_key(ingestion["item"], ingestion["recipe"]["digest"], decided)
    if packing and packing.get("treatment_key") != expected:
        found = str(packing.get("treatment_key"))
        sentence = (
            f"has the treatment key {in_short(found)}; manifest row and recipe of event 1 give {in_short(expected)}"
        )
        yield _fault(packing, sentence, expected, found)


def _brief(value: object) -> str:
    return repr(value) if len(repr(value)) < 80 else "otherwise"


def _fault(event: Event, sentence: str, expected: str, found: str, file: str = LOG) -> Fault:
    number = event.get("sequence")
    return Fault(
        check=CHECK, file=file, event=number, sentence=f"event {number} ({event.get('event')}) {sentence}",
        expected=expected, found=found,
    )  # fmt: skip
