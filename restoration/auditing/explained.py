"""Every file of the payload is told of by an event, and every file that an event tells of is there as it says."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, REPORT, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.provenance.exports import EXPORTS
from restoration.seals import PUBLIC_KEY_FILE

CHECK = "files"


def files_have_events(bag: Bag) -> Iterator[Fault]:
    """No file lies in the payload that nobody put there by an event."""
    explained = {LOG, *EXPORTS, f"data/master/{bag.first('extraction').get('file')}"}
    explained |= {event["file"] for event in bag.of_kind("derivation")}
    if bag.of_kind("seal"):
        explained.add(PUBLIC_KEY_FILE)
    for name in sorted(set(bag.files) - explained):
        if name == REPORT:
            sentence = f"no event of the log has the digest of {name}: only the bag's manifest vouches for it"
            yield Fault(check=CHECK, file=name, sentence=sentence, severity="warning")
        elif name.startswith("data/"):
            yield Fault(check=CHECK, file=name, sentence=f"{name} lies in the bag, and no event explains it")


def events_have_files(bag: Bag) -> Iterator[Fault]:
    """What was derived is there, of the size that the log says and listed with its digest."""
    for event in bag.of_kind("derivation"):
        name, number = event["file"], event["sequence"]
        if name not in bag.files:
            sentence = f"{name} is missing, and event {number} tells how it was made"
            yield Fault(check=CHECK, file=name, event=number, sentence=sentence, expected=event["sha256"])
            continue
        if bag.files[name] != event["bytes"]:
            sentence = f"{name} has {bag.files[name]} bytes, where event {number} says {event['bytes']}"
            yield Fault(check=CHECK, file=name, event=number, sentence=sentence, expected=str(event["bytes"]),
                        found=str(bag.files[name]))  # fmt: skip
        listed = bag.payload_digests.get(name, "")
        if listed != event["sha256"]:
            sentence = (
                f"{name} has the digest {in_short(listed)} in manifest-sha256.txt, where event {number} says "
                f"{in_short(event['sha256'])}"
            )
            yield Fault(check=CHECK, file=name, event=number, sentence=sentence, expected=event["sha256"], found=listed)


def packing(bag: Bag) -> Iterator[Fault]:
    """The packing names the files that had been made, no more and no fewer."""
    for event in bag.of_kind("packing"):
        before = bag.events[: bag.events.index(event)]
        made = {one["file"] for one in before if one["event"] == "derivation"}
        made.add(f"data/master/{bag.first('extraction').get('file')}")
        for name in sorted(made ^ set(map(str, event["files"]))):
            number, verb = event["sequence"], "does not name" if name in made else "names"
            why = "which an event before it made" if name in made else "which no event before it made"
            yield Fault(check=CHECK, file=name, event=number, sentence=f"event {number} (packing) {verb} {name}, {why}")
