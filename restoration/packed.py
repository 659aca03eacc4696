"""Whether a bag is as it was packed, as far as sizes and small files tell: what a log may be grown on.

It reads no sound. That every byte is still the same is for ``restoration audit`` to say, and for any BagIt validator.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from restoration import fixity, package
from restoration.errors import BadBag
from restoration.package import ALGORITHM, LOG, LOG_HEAD
from restoration.record import Event

MANIFEST, TAG_MANIFEST = f"manifest-{ALGORITHM}.txt", f"tagmanifest-{ALGORITHM}.txt"


def told_files(events: Sequence[Event]) -> dict[str, tuple[int, str]]:
    """What a log says of files: path in the bag -> bytes and SHA-256."""
    told = {}
    for event in events:
        if event["event"] == "extraction":
            told[f"data/master/{event['file']}"] = (event["bytes"], event["sha256"])
        if event["event"] == "derivation":
            told[event["file"]] = (event["bytes"], event["sha256"])
    return told


def check_payload(bag: Path, events: Sequence[Event], growing: Collection[str]) -> dict[str, str]:
    """The digests of the payload files that a growth leaves alone, from the manifest.

    A file that the log tells of has the size it had; another, such as the report of an older bag, is read.

    Raises:
        BadBag: a file was added, lost or changed.
    """
    known = package.read_manifest(bag / MANIFEST)
    there = set(package.payload_files(bag))
    odd = sorted((there ^ set(known)) - set(growing))
    if odd:
        what = "is in the bag and not in its manifest" if odd[0] in there else "is in the manifest and not in the bag"
        raise BadBag(f"{bag}: {odd[0]} {what}; the log grows only on a bag that is whole")
    told = told_files(events)
    still = {name: digest for name, digest in known.items() if name not in growing}
    for name, digest in still.items():
        _check_file(bag, name, digest, told)
    return still


def _check_file(bag: Path, name: str, digest: str, told: Mapping[str, tuple[int, str]]) -> None:
    if name not in told:
        _check_digest(bag, name, digest)
        return
    size, sha256 = told[name]
    if digest != sha256:
        raise BadBag(f"{bag}: the manifest says {digest} of {name}, and the log says {sha256}; one of them was changed")
    if (bag / name).stat().st_size != size:
        raise BadBag(f"{bag}: {name} has {(bag / name).stat().st_size} bytes where the log says {size}; it was changed")


def check_closed(bag: Path, events: Sequence[Event], growing: Collection[str]) -> None:
    """Check what only holds while no growth is under way: tag files, size, and the files that grow.

    Raises:
        BadBag: one of them was changed, or the log does not continue the head in bag-info.txt.
    """
    for name, digest in package.read_manifest(bag / TAG_MANIFEST).items():
        _check_digest(bag, name, digest)
    info = package.read_info(bag)
    head = events[-1]["digest"] if events else ""
    if info.get(LOG_HEAD) != head:
        raise BadBag(
            f"{bag}: its log ends with event {len(events)} ({head[:16]}…), and bag-info.txt knows the head "
            f"{info.get(LOG_HEAD, 'none')[:16]}…; the log was changed since the bag was sealed"
        )
    if info.get("Payload-Oxum") != package.oxum(bag):
        raise BadBag(
            f"{bag}: holds {package.oxum(bag)} (bytes.files) where bag-info.txt says {info.get('Payload-Oxum')}"
        )
    known = package.read_manifest(bag / MANIFEST)
    for name in sorted(set(growing) & set(known)):
        _check_digest(bag, name, known[name])


def _check_digest(bag: Path, name: str, expected: str) -> None:
    try:
        found = fixity.digests(bag / name, (ALGORITHM,))[ALGORITHM]
    except OSError as error:
        raise BadBag(f"{bag}: {name} cannot be read ({error.strerror})") from error
    if found != expected:
        raise BadBag(f"{bag}: {name} was changed since the bag was sealed: its SHA-256 is {found}, not {expected}")


def check_log_file(bag: Path) -> Path:
    """The log of a bag, which ends with a whole line.

    Raises:
        BadBag: there is none, or it is torn.
    """
    log = bag / LOG
    if not log.is_file():
        raise BadBag(f"{bag}: is no bag of a restored item: {LOG} is not there")
    if not log.read_bytes().endswith(b"\n"):
        raise BadBag(f"{bag}: the last line of {LOG} is torn, and no growth is under way; it was changed")
    return log
