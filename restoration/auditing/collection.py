"""Many bags: found in folders, audited several at a time, each by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from restoration import ledger
from restoration.auditing.audit import Audit, Wish, audit
from restoration.errors import BadBag

Heard = Callable[[Audit], None]
"""Called with every audit as it ends."""
FEW = 4
"""So many bags are audited in this process: others would take longer to start."""
AT_ONCE = 8
"""Bags that a process takes at a time."""


def find_bags(places: Sequence[Path]) -> list[Path]:
    """The bags among some places: a place that is a bag, or those in a folder, however deep; each once, in order.

    Raises:
        BadBag: a place that is no folder, or holds no bag.
    """
    found: dict[Path, None] = {}
    for place in places:
        bags = list(_bags_in(place)) if place.is_dir() else []
        if not bags:
            raise BadBag(f"{place}: is no bag, and no folder with bags in it")
        found.update(dict.fromkeys(bags))
    return list(found)


def _bags_in(place: Path) -> Iterator[Path]:
    """What has lost its declaration is a bag still; folders whose names begin with a dot hold unfinished work."""
    if any((place / name).exists() for name in ("bagit.txt", "manifest-sha256.txt", "data")):
        yield place
        return
    for folder in sorted(place.iterdir()):
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith("."):
            yield from _bags_in(folder)


def audit_bags(bags: Sequence[Path], wish: Wish, workers: int = 0, heard: Heard | None = None) -> list[Audit]:
    """Audit bags, ``workers`` at a time (0: one for each processor); the audits in the order of the bags.

    A few bags are audited one after the other, with so many files at a time instead.
    """
    workers = workers or os.cpu_count() or 1
    if len(bags) <= FEW or workers == 1:
        alone = replace(wish, threads=workers)
        return [_told(audit(bag, alone), heard) for bag in bags]
    found: dict[int, list[Audit]] = {}
    # Processes that begin afresh: a fork of one that has threads, such as a progress bar's, may hang.
    with ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn")) as others:
        shelves = {others.submit(_shelf, bags[at : at + AT_ONCE], wish): at for at in range(0, len(bags), AT_ONCE)}
        for ended in as_completed(shelves):
            found[shelves[ended]] = [_told(one, heard) for one in ended.result()]
    return [one for at in sorted(found) for one in found[at]]


def _shelf(bags: Sequence[Path], wish: Wish) -> list[Audit]:
    return [audit(bag, wish) for bag in bags]


def _told(one: Audit, heard: Heard | None) -> Audit:
    if heard is not None:
        heard(one)
    return one


def absent(audits: Sequence[Audit], register: Path | None) -> list[str]:
    """Identifiers that the register of heads knows and none of the audited bags has."""
    if register is None:
        return []
    place = register / "heads.jsonl" if register.is_dir() else register
    there = {one.identifier for one in audits}
    return sorted({str(event["identifier"]) for event in ledger.events_of(place)} - there)
