"""What somebody with write access to a bag can do, from a flipped bit to a record forged through and through."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from restoration import fixity, growth, package
from restoration.package import LOG
from restoration.record import Event, canonical, digest_of, following
from restoration.seals import SEAL, Signer, identifier_of, seal_fields

REPORT = "data/record/treatment-report.html"


def copy_of(bag: Path, place: Path) -> Path:
    """A copy to tamper with. Sounds are links: ``put`` parts them."""
    linked = {".wav", ".opus"}

    def copy(source: str, target: str) -> None:
        (os.link if Path(source).suffix in linked else shutil.copyfile)(source, target)

    shutil.copytree(bag, place, copy_function=copy)
    return place


def put(bag: Path, name: str, content: bytes | str) -> None:
    """Write a file anew; what is linked to it elsewhere stays."""
    place = bag / name
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content.encode() if isinstance(content, str) else content)


def flip(bag: Path, name: str, at: float = 0.5) -> None:
    """Flip one bit, so far into the file."""
    content = bytearray((bag / name).read_bytes())
    content[int(at * (len(content) - 1))] ^= 1
    put(bag, name, bytes(content))


def replace(bag: Path, name: str, old: str, new: str) -> None:
    """Replace a text that must be there."""
    content = (bag / name).read_bytes()
    assert old.encode() in content, f"{old} is not in {name}"
    put(bag, name, content.replace(old.encode(), new.encode()))


def log(bag: Path) -> list[Event]:
    """The events as they stand, unchecked."""
    return [json.loads(line) for line in (bag / LOG).read_text(encoding="utf-8").splitlines()]


def of_kind(events: Sequence[Event], kind: str, **fields: Any) -> Event:
    """The first event of a kind with those fields."""
    return next(
        event
        for event in events
        if event["event"] == kind and all(event.get(name) == value for name, value in fields.items())
    )


def put_log(bag: Path, events: Sequence[Event]) -> None:
    """Write events as they are, whatever their digests."""
    put(bag, LOG, "".join(canonical(event) + "\n" for event in events))


def chained(events: Sequence[Event]) -> list[Event]:
    """The same events with sequence, digests and links made to fit."""
    made: list[Event] = []
    for event in events:
        said = {name: value for name, value in event.items() if name not in ("sequence", "event", "previous", "digest")}
        made.append(following(made, event["event"], **said))
    return made


def packed_again(bag: Path) -> None:
    """Make manifests, tag manifest and bag-info fit what lies there: any BagIt validator accepts the bag."""
    events = log(bag)
    info = dict(line.split(": ", 1) for line in (bag / "bag-info.txt").read_text(encoding="utf-8").splitlines())
    kept = {name: text for name, text in info.items() if name not in package.OWN_INFO}
    item = next((event.get("item", {}) for event in events if event["event"] == "ingestion"), {})
    kept["External-Description"] = item.get("title", "")
    kept["External-Identifier"] = item.get("identifier", "")
    kept["Treatment-Key"] = next((e["treatment_key"] for e in events if "treatment_key" in e), "")
    kept["Event-Log-Head"] = str(events[-1].get("digest", "")) if events else ""
    for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        (bag / name).unlink(missing_ok=True)
    package.seal(bag, {}, kept)


def tagged_again(bag: Path) -> None:
    """Make the tag manifest alone fit what lies there."""
    tags = sorted(path for path in bag.iterdir() if path.is_file() and not path.name.startswith("tagmanifest-"))
    lines = "".join(f"{fixity.digests(path)['sha256']}  {path.name}\n" for path in tags)
    put(bag, "tagmanifest-sha256.txt", lines)


def told_of(bag: Path, events: Sequence[Event]) -> None:
    """Make the derivations say of their files what is there now."""
    for event in events:
        if event["event"] == "derivation" and (bag / event["file"]).exists():
            event["sha256"] = fixity.digests(bag / event["file"])["sha256"]
            event["bytes"] = (bag / event["file"]).stat().st_size


def forge(bag: Path, events: Sequence[Event], signer: Signer | None = None) -> None:
    """Forge all that hangs on the log: chain, key of the treatment, report, exports, bag; seals, with a key.

    Without a key, the seals are taken off.
    """
    made: list[Event] = []
    report = (bag / REPORT).read_text(encoding="utf-8") if (bag / REPORT).exists() else ""
    ingestion = next((event for event in events if event["event"] == "ingestion"), {})
    names: dict[str, str] = {}
    for event in events:
        own = ("sequence", "event", "previous", "digest")
        said = renamed({name: value for name, value in event.items() if name not in own}, names)
        if event["event"] == SEAL:
            if signer is None:
                names[event["digest"]] = made[-1]["digest"]
                continue
            said = seal_fields(identifier_of(made), made, signer)
        if event["event"] == "packing" and "recipe" in ingestion:
            said["treatment_key"] = digest_of([ingestion["item"], ingestion["recipe"]["digest"]])
        if event.get("role") == "treatment report":
            put(bag, REPORT, report)
            said |= {"sha256": fixity.digests(bag / REPORT)["sha256"], "bytes": (bag / REPORT).stat().st_size}
            names[event["sha256"]] = said["sha256"]
        made.append(following(made, event["event"], **said))
        names[event["digest"]] = made[-1]["digest"]
        report = report.replace(event["digest"], made[-1]["digest"])
    put_log(bag, made)
    (bag / growth.PUBLIC_KEY_FILE).unlink(missing_ok=True)
    growth.write_exports(bag, made)
    packed_again(bag)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same value with digests replaced by others, wherever they stand."""
    if isinstance(value, dict):
        return {key: renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value
