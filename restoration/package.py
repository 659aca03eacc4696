"""The package of one item: a BagIt bag (RFC 8493), built beside its place and moved there whole.

The bag is written here and not by the library ``bagit``, whose ``make_bag`` changes the working directory of the whole
process; the library reads it back in the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from restoration import __version__, fixity
from restoration.errors import BadBag

ALGORITHM = "sha256"
TREATMENT_KEY = "Treatment-Key"
LOG_HEAD = "Event-Log-Head"
LOG = "data/record/events.jsonl"
OWN_INFO = ("Bag-Software-Agent", "Bagging-Date", "Payload-Oxum")
"""The fields of bag-info.txt that ``seal`` writes by itself."""
JOURNAL = "growth.jsonl"
"""Beside the tag files while a log grows: what is being added. It is there only while, or after a growth broke off."""


def place_master(master: Path, bag: Path) -> Path:
    """The master inside the bag, byte-identical: a hard link where the file system allows, else a copy."""
    place = bag / "data" / "master" / master.name
    if place.exists():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(master, place)
    except OSError:
        # Another file system, or one that has no links. The copy appears under its name only when whole.
        partial = place.with_name(place.name + ".part")
        shutil.copyfile(master, partial)
        partial.replace(place)
    return place


def seal(bag: Path, known: Mapping[str, str], info: Mapping[str, str]) -> None:
    """Write the tag files that make ``bag`` a bag.

    Args:
        bag: the folder; everything under ``bag/data`` is payload.
        known: SHA-256 of payload files (relative to the bag) that were digested when they were written, and need not
            be read again.
        info: what goes into bag-info.txt beside the date and the size.
    """
    payload = payload_files(bag)
    lines = {name: known.get(name) or fixity.digests(bag / name, (ALGORITHM,))[ALGORITHM] for name in payload}
    write_whole(bag / "bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    write_whole(bag / f"manifest-{ALGORITHM}.txt", _manifest(lines))
    fields = {
        "Bag-Software-Agent": f"heritage-voice {__version__}",
        "Bagging-Date": date.today().isoformat(),
        "Payload-Oxum": oxum(bag),
        **info,
    }
    write_whole(bag / "bag-info.txt", "".join(f"{name}: {_one_line(value)}\n" for name, value in fields.items()))
    tags = ("bagit.txt", "bag-info.txt", f"manifest-{ALGORITHM}.txt")
    tag_lines = {name: fixity.digests(bag / name, (ALGORITHM,))[ALGORITHM] for name in tags}
    write_whole(bag / f"tagmanifest-{ALGORITHM}.txt", _manifest(tag_lines))


def payload_files(bag: Path) -> list[str]:
    """The payload, as paths relative to the bag, in order."""
    return sorted(path.relative_to(bag).as_posix() for path in (bag / "data").rglob("*") if path.is_file())


def oxum(bag: Path) -> str:
    """Bytes and number of the payload files: the quick test of a bag."""
    sizes = [(bag / name).stat().st_size for name in payload_files(bag)]
    return f"{sum(sizes)}.{len(sizes)}"


def read_info(bag: Path) -> dict[str, str]:
    """The fields of bag-info.txt.

    Raises:
        BadBag: there is none, or it is not made of ``Name: value`` lines.
    """
    path = bag / "bag-info.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadBag(f"{bag}: is no bag: bag-info.txt cannot be read ({error.strerror})") from error
    pairs = [line.partition(": ") for line in lines if line.strip()]
    if any(not middle for _, middle, _ in pairs):
        raise BadBag(f"{path}: has a line that is not “Name: value”")
    return {name: value for name, _, value in pairs}


def read_manifest(path: Path) -> dict[str, str]:
    """The lines of a manifest or tag manifest: path relative to the bag -> digest.

    Raises:
        BadBag: it cannot be read, or has a line that is not “DIGEST  PATH”.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise BadBag(f"{path}: cannot be read ({error})") from error
    pairs = [line.split(maxsplit=1) for line in lines if line]
    if any(len(pair) != 2 for pair in pairs):
        raise BadBag(f"{path}: has a line that is not “DIGEST  PATH”")
    return {name.replace("%0A", "\n").replace("%0D", "\r"): digest for digest, name in pairs}


def is_sealed(bag: Path, treatment_key: str) -> bool:
    """Whether ``bag`` holds this treatment, whole as far as names and sizes tell.

    Raises:
        BadBag: it holds another treatment, or its payload has changed size or number.
    """
    if not bag.exists():
        return False
    if (bag / JOURNAL).exists():
        raise BadBag(f"{bag}: was broken off while its log grew; `restoration reseal {bag}` finishes that")
    info = read_info(bag)
    if info.get(TREATMENT_KEY) != treatment_key:
        raise BadBag(
            f"{bag}: already holds another treatment of this item (another recipe, manifest row or version); "
            "choose another --out, or --again to set the older bag aside"
        )
    if info.get("Payload-Oxum") != oxum(bag):
        raise BadBag(
            f"{bag}: holds {oxum(bag)} (bytes.files) where it was sealed with {info.get('Payload-Oxum')}; "
            "files were added, lost or changed since"
        )
    return True


def set_aside(bag: Path, folder: Path) -> Path:
    """Move a bag out of the way, under a name that is free; nothing is deleted."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while (place := folder / f"{bag.name}-{number}").exists():
        number += 1
    bag.rename(place)
    return place


def _manifest(lines: Mapping[str, str]) -> str:
    # Line breaks are percent-encoded (RFC 8493, 2.1.3). The percent sign itself is not, although the RFC asks for it:
    # the Library of Congress' validator does not decode it.
    encoded = {name.replace("\n", "%0A").replace("\r", "%0D"): digest for name, digest in lines.items()}
    return "".join(f"{digest}  {name}\n" for name, digest in encoded.items())


def _one_line(value: str) -> str:
    return " ".join(value.split())


def write_whole(path: Path, text: str) -> None:
    """Write a file that is never half there: a crash leaves what stood under its name before."""
    partial = path.with_name(path.name + ".part")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """See the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
