"""How long an audit takes: a collection's structure, and the fixity of one bag beside ``sha256sum``. Prints a table.

python -m tests.audit_bench BAG [--items 1000] [--folder FOLDER]

The collection is made of one real bag: so many folders, whose files are hard links to its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from restoration.auditing.audit import Audit, Wish
from restoration.auditing.bag import Bag
from restoration.auditing.collection import audit_bags
from restoration.auditing.fixity_of_files import checked_bytes, every_digest
from restoration.screen import table

TURNS = 7
"""Times that all are measured, one after the other; the medians are compared."""
OPENSSL: list[str | Path] = ["openssl", "dgst", "-sha256"]
"""It uses the processor's instructions for SHA-256, which not every sha256sum does."""


def main(
    bag: Annotated[Path, typer.Argument(help="A bag of an item of about 4 minutes.")],
    items: Annotated[int, typer.Option(help="How many items the collection has.")] = 1000,
    folder: Annotated[Path | None, typer.Option(help="Where it is made: a place on the disk of the bag.")] = None,
) -> None:
    """Measure and print."""
    rows = [*fixity_rows(bag)]
    with tempfile.TemporaryDirectory(dir=folder or bag.parent, prefix="audit-bench-") as place:
        rows += structure_rows(bag, Path(place), items)
    table("Audit", ("what", "figure"), rows)


def fixity_rows(bag: Path) -> list[tuple[str, str]]:
    """Seconds for every digest of a bag by the audit, and by other programs over the same bytes, in turn."""
    files = [bag / name for manifest in Bag(bag).manifests for name in manifest.digests]
    ours, theirs, alone, openssl = [], [], [], []
    for _ in range(TURNS):
        theirs.append(taken(lambda: subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)))
        openssl.append(taken(lambda: subprocess.run(OPENSSL + files, check=True, stdout=subprocess.DEVNULL)))
        alone.append(taken(lambda: list(every_digest(Bag(bag), threads=1))))
        ours.append(taken(lambda: list(every_digest(Bag(bag), threads=os.cpu_count() or 1))))
    total = checked_bytes(Bag(bag))

    def shares(own: list[float]) -> str:
        by_theirs, by_openssl = median(own) / median(theirs), median(own) / median(openssl)
        return f", {by_theirs:.2f} of sha256sum, {by_openssl:.2f} of openssl"

    return [
        ("bytes read", f"{total / 1e6:.1f} MB"),
        ("record beside the payload", record_share(bag)),
        ("sha256sum", f"{median(theirs):.3f} s, {total / 1e6 / median(theirs):.0f} MB/s"),
        ("openssl dgst -sha256", f"{median(openssl):.3f} s, {total / 1e6 / median(openssl):.0f} MB/s"),
        ("every_digest, one thread", f"{median(alone):.3f} s{shares(alone)}"),
        (
            "every_digest, a thread a processor",
            f"{median(ours):.3f} s{shares(ours)}",
        ),
    ]


def record_share(bag: Path) -> str:
    """How much of a payload is its record: log, report, exports."""
    sizes = {path: path.stat().st_size for path in (bag / "data").rglob("*") if path.is_file()}
    record = {path: size for path, size in sizes.items() if path.parent.name == "record" or path.suffix == ".json"}
    maps = sum(size for path, size in record.items() if path.parent.name == "map")
    report = sum(size for path, size in record.items() if path.suffix == ".html")
    whole, told = sum(sizes.values()), sum(record.values()) - maps
    return f"{100 * told / whole:.2f} %, of which {100 * report / whole:.2f} % the report"


def structure_rows(bag: Path, place: Path, items: int) -> list[tuple[str, str]]:
    """Seconds for the structure of a collection, by one process and by one a processor."""
    bags = [place / f"item-{number:05}" for number in range(items)]
    for copy in bags:
        shutil.copytree(bag, copy, copy_function=os.link)
    found: list[Audit] = []
    began = cpu_s()
    seconds = taken(lambda: found.extend(audit_bags(bags, Wish(reach="structure"))))
    faults = sum(len(one.of("fault")) for one in found)
    return [
        (f"structure of {items} items", f"{seconds:.1f} s with {os.cpu_count()} processes; {faults} faults"),
        ("processor time", f"{cpu_s() - began:.1f} s, {1000 * (cpu_s() - began) / items:.0f} ms an item"),
        ("load of the machine", f"{os.getloadavg()[0]:.1f}"),
    ]


def cpu_s() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def taken(work: Callable[[], object]) -> float:
    """Wall seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    typer.run(main)
