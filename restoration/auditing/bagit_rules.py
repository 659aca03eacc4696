"""Whether a bag is one (RFC 8493): its declaration, its manifests, nothing missing, nothing beside."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from restoration.auditing.bag import Bag, Line, Manifest
from restoration.auditing.fault import Fault

DECLARATIONS = tuple(f"BagIt-Version: {version}\nTag-File-Character-Encoding: UTF-8" for version in ("1.0", "0.97"))
CHECK = "bag"
ONCE = ("Payload-Oxum", "Bagging-Date", "External-Identifier", "Treatment-Key", "Event-Log-Head")


def declaration(bag: Bag) -> Iterator[Fault]:
    """bagit.txt says the version and the encoding, and the manifests that a bag needs are there."""
    said = bag.bytes("bagit.txt")
    if said.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n") not in DECLARATIONS:
        yield Fault(
            check=CHECK,
            file="bagit.txt",
            sentence="bagit.txt does not declare a bag: it should say version and encoding in two lines",
            expected=DECLARATIONS[0],
            found=said[:80].decode("utf-8", "replace"),
        )
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt"):
        if name not in bag.files:
            yield Fault(check=CHECK, file=name, sentence=f"{name} is missing", expected="a file")
    if "fetch.txt" in bag.files:
        yield Fault(
            check=CHECK,
            file="fetch.txt",
            sentence="fetch.txt says that files of this bag lie elsewhere; all must be here",
        )


def manifests(bag: Bag) -> Iterator[Fault]:
    """Every line of every manifest is one, and names a file inside the bag once."""
    for manifest in bag.manifests:
        if manifest.algorithm not in hashlib.algorithms_available:
            yield _about(manifest, f"{manifest.file} is made with {manifest.algorithm}, which nobody here can compute")
        for line in manifest.lines:
            if problem := _problem(manifest, line):
                yield _about(manifest, f"{manifest.file}, line {line.number}: {problem}", found=line.text[:200])
        for name, count in Counter(line.name for line in manifest.lines).items():
            if name is not None and count > 1:
                yield _about(manifest, f"{manifest.file} lists {name} {count} times", expected="1", found=str(count))


def _problem(manifest: Manifest, line: Line) -> str:
    if line.name is None:
        return "is not a digest and a name"
    if _escapes(line.name):
        return f"the path {line.name} leads out of the bag"
    if not manifest.of_tags and not line.name.startswith("data/"):
        return f"{line.name} is no payload: that lies under data/"
    if manifest.of_tags and line.name.startswith("data/"):
        return f"{line.name} is payload, and no tag file"
    return ""


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or name.startswith("~") or "\\" in name or ":" in path.parts[0]


def _about(manifest: Manifest, sentence: str, expected: str = "", found: str = "") -> Fault:
    return Fault(check=CHECK, file=manifest.file, sentence=sentence, expected=expected, found=found)


def complete(bag: Bag) -> Iterator[Fault]:
    """What a manifest lists is there, and what is there is listed: payload and tag files, whatever their folder."""
    for manifest in bag.manifests:
        for name in manifest.digests:
            if name not in bag.files and not _escapes(name):
                yield Fault(check=CHECK, file=name, sentence=f"{name} is missing, and {manifest.file} lists it")
        for name in bag.files:
            if _belongs(manifest, name) and name not in manifest.digests:
                yield Fault(
                    check=CHECK, file=name, sentence=f"{name} lies in the bag, and {manifest.file} does not list it"
                )
    for name, what in bag.oddities.items():
        yield Fault(check=CHECK, file=name, sentence=f"{name} is {what}", expected="plain files alone", found=what)


def _belongs(manifest: Manifest, name: str) -> bool:
    """Whether a file should be listed in a manifest; a tag manifest does not list itself nor its like."""
    if manifest.of_tags:
        return not name.startswith("data/") and not name.startswith("tagmanifest-")
    return name.startswith("data/")


def information(bag: Bag) -> Iterator[Fault]:
    """bag-info.txt: readable, nothing twice, the payload's size as it is, and what the log says of itself."""
    for name, count in Counter(name for name, _ in bag.info).items():
        if not name or (name in ONCE and count > 1):
            what = f"says {name} {count} times" if name else "has a line that is not “Name: value”"
            yield Fault(check=CHECK, file="bag-info.txt", sentence=f"bag-info.txt {what}")
    item = bag.first("ingestion").get("item") or {}
    payload = {name: size for name, size in bag.files.items() if name.startswith("data/")}
    expected = {
        "Payload-Oxum": f"{sum(payload.values())}.{len(payload)}",
        "Event-Log-Head": str(bag.events[-1].get("digest", "")) if bag.events else "",
        "Treatment-Key": str(bag.first("packing").get("treatment_key", "")),
        "External-Identifier": str(item.get("identifier", "")),
        "External-Description": " ".join(str(item.get("title", "")).split()),
    }
    said = dict(bag.info)
    for name, value in expected.items():
        if "bag-info.txt" in bag.files and said.get(name, "").strip() != value:
            sentence = f"bag-info.txt says {name} is “{said.get(name, '')}”, where the bag itself gives “{value}”"
            yield Fault(check=CHECK, file="bag-info.txt", sentence=sentence, expected=value, found=said.get(name, ""))
