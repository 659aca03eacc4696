"""What is a pure function of the log, made again and compared byte by byte: exports, segments, the map's index.

And what the treatment report prints of the log: the digest of every event that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from restoration import __version__
from restoration.audio import Recording
from restoration.auditing.bag import REPORT, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.provenance.exports import EXPORTS, exported
from restoration.provenance.history import SOFTWARE
from restoration.sound_map.pages import axes_of, index_text
from restoration.speech.segments import Segmentation
from restoration.speech.writers import FORMATS, Subject

DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
PICTURE = re.compile(rb"base64,[A-Za-z0-9+/=]+")


def exports(bag: Bag) -> Iterator[Fault]:
    """Each export lies in the bag as the log gives it; a bag that has none is older than they are.

    Another version of this software may say the same otherwise: then a difference is a warning. Who would pass off an
    edited export so has to change the version in the log, and that breaks its chain or its seal.
    """
    missing = [name for name in EXPORTS if name not in bag.files]
    if EXPORTS and len(missing) == len(EXPORTS):
        sentence = "the bag holds none of the exports: it was made before there were any"
        yield Fault(check="exports", file="data/record", sentence=sentence, severity="warning")
        return
    made = exported(bag.events)
    for name, text in made.items():
        if name in missing:
            yield Fault(check="exports", file=name, sentence=f"the export {name} is missing; the log gives it")
        elif bag.bytes(name) != text.encode():
            yield _differs(bag, name, _first_difference(bag.bytes(name), text.encode()))


def _differs(bag: Bag, name: str, line: int) -> Fault:
    wrote = bag.first("ingestion").get("software", {}).get(SOFTWARE, "")
    sentence = f"{name} is not what the log gives: they part in line {line}"
    if wrote == __version__:
        return Fault(check="exports", file=name, sentence=sentence, expected="the export made again")
    sentence += (
        f". The log was begun by {SOFTWARE} {wrote} and this is {__version__}: whether the version differs or the file "
        "cannot be told here; when the log next grows, its exports are written anew"
    )
    return Fault(check="exports", file=name, sentence=sentence, expected="the export made again", severity="warning")


def segments(bag: Bag) -> Iterator[Fault]:
    """The label files say what the segmentation's event says."""
    found = bag.first("segmentation")
    identifier = str(bag.first("ingestion")["item"]["identifier"])
    segmentation = Segmentation.from_dict(found)
    subject = Subject(identifier=identifier, sound_file=f"../restored/{identifier}_restored.wav")
    for form in FORMATS:
        name = f"data/speech/{identifier}{form.SUFFIX}"
        expected = form.text(segmentation, subject).encode()
        if name in bag.files and bag.bytes(name) != expected:
            line = _first_difference(bag.bytes(name), expected)
            sentence = f"{name} is not what event {found['sequence']} (segmentation) gives: they part in line {line}"
            yield Fault(check="segments", file=name, event=found["sequence"], sentence=sentence)


def map_index(bag: Bag) -> Iterator[Fault]:
    """The JSON of the map says what the map's event says, of the pages that were derived."""
    event = bag.first("map")
    named = sorted(one["file"] for one in bag.of_kind("derivation") if one["role"] == "map")
    index = next((name for name in named if name.endswith(".json")), None)
    if not event or index is None or index not in bag.files:
        return
    master = bag.first("derivation", role="production master")["format"]
    restored = Recording(Path(), master["sample_rate"], 1, master["frames"], event["source"])
    about = {"restored": event["source"], "duration_s": restored.duration_s, **axes_of(restored)}
    pages = [Path(name).name for name in named if name != index]
    expected = index_text({**about, **{name: event[name] for name in ("steps", "figures")}}, pages).encode()
    if bag.bytes(index) != expected:
        line = _first_difference(bag.bytes(index), expected)
        sentence = f"{index} is not what event {event['sequence']} (map) gives: they part in line {line}"
        yield Fault(check="map", file=index, event=event["sequence"], sentence=sentence)


def report_lists(bag: Bag) -> Iterator[Fault]:
    """The report prints the digest of every event up to the last check of the master; they are those of the log."""
    if REPORT not in bag.files:
        yield Fault(check="report", file=REPORT, sentence=f"{REPORT} is missing")
        return
    printed = {found.decode() for found in DIGEST.findall(PICTURE.sub(b"", bag.bytes(REPORT)))}
    last = bag.first("derivation", role="treatment report") or bag.first("fixity check", when="after", outcome="match")
    told = bag.events[: bag.events.index(last) if last else 0]
    lacking = [event for event in told if event["digest"] not in printed]
    if lacking:
        number, digest = lacking[0]["sequence"], lacking[0]["digest"]
        others = f", nor those of {len(lacking) - 1} others" if len(lacking) > 1 else ""
        what = f"event {number} ({lacking[0]['event']}), {in_short(digest)}{others}"
        sentence = f"{REPORT} does not have the digest of {what}: it was written from another log"
        yield Fault(check="report", file=REPORT, event=number, sentence=sentence, expected=digest)


def report_head(bag: Bag) -> Iterator[Fault]:
    """The report's event says up to which event of the log it was written."""
    for event in bag.of_kind("derivation"):
        if event["role"] == "treatment report":
            upto, head = event["parameters"]["upto"], event["parameters"]["head"]
            at = bag.events[upto - 1]["digest"] if 0 < upto < event["sequence"] else "none"
            if head != at:
                number = event["sequence"]
                sentence = f"event {number} (treatment report) was written at {in_short(head)}, and event {upto} is "
                yield Fault(check="report", file=REPORT, event=number, sentence=sentence + in_short(at), expected=at,
                            found=head)  # fmt: skip


def _first_difference(found: bytes, expected: bytes) -> int:
    lines = list(zip(found.split(b"\n"), expected.split(b"\n"), strict=False))
    return next((number for number, (one, other) in enumerate(lines, 1) if one != other), len(lines))
