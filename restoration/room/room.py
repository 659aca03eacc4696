"""The listening room of a folder of bags: a page for every item, and the page of the batch. The bags are only read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

from restoration.errors import BadBag, RestorationError
from restoration.room.batch_index import INDEX, ROOM, write_index
from restoration.room.item_page import write_item_page
from restoration.room.write_item import write_item

Heard = Callable[[str, str, float], None]
"""Called with an item's identifier, what is being done to it, and the share (0..1) of it that is done."""
SHORTEST_PAUSE_S = 0.2


@dataclass(frozen=True)
class Wish:
    """What is wanted: pages of the bags in ``out``, or of the named ``items`` of them, ``workers`` at a time."""

    out: Path
    items: tuple[str, ...] = ()
    excerpts: bool = False
    workers: int = 1


@dataclass(frozen=True)
class Made:
    """What became of an item: the path of its ``page``, or the ``problem``, a sentence."""

    identifier: str
    page: str
    problem: str
    seconds: float


def unheard(identifier: str, what: str, share: float) -> None:
    """For work that nobody watches."""


def write_room(wish: Wish, heard: Heard = unheard) -> list[Made]:
    """Write the pages; what stands and is up to date is kept, and a broken bag stops no other.

    Raises:
        BadBag: the folder is none of bags, or has no item of that name, or a bag stands where the room would be.
    """
    bags = bags_of(wish)
    made = _one_by_one(bags, wish, heard) if min(wish.workers, len(bags)) < 2 else _together(bags, wish, heard)
    write_index(wish.out, problems={one.identifier: one.problem for one in made if one.problem})
    return made


def bags_of(wish: Wish) -> list[Path]:
    """The bags that pages are wanted of, by name.

    Raises:
        BadBag: as ``write_room``.
    """
    out = wish.out
    if not out.is_dir():
        raise BadBag(f"{out}: is no folder; name the one that `restoration run` put its bags in")
    if (out / "bag-info.txt").exists():
        raise BadBag(f"{out}: is a bag itself; name the folder that it lies in, with --item {out.name}")
    if (out / ROOM / "bag-info.txt").exists():
        raise BadBag(f"{out / ROOM}: is a bag, and the room would be written into it; move that bag elsewhere")
    known = sorted(place for place in out.iterdir() if (place / "bag-info.txt").is_file())
    missing = sorted(set(wish.items) - {bag.name for bag in known})
    if missing:
        there = ", ".join(bag.name for bag in known[:8]) or "none"
        raise BadBag(f"{out}: has no bag of {', '.join(missing)}; there is {there}{' …' if len(known) > 8 else ''}")
    return [bag for bag in known if not wish.items or bag.name in wish.items]


def make_page(bag: Path, folder: Path, excerpts: bool, heard: Heard = unheard) -> Made:
    """Make the page of one item; what is wrong with its bag is a sentence, and leaves no page that would mislead."""
    clock = time.perf_counter()
    problem = ""
    try:
        facts = write_item(bag, folder, excerpts=excerpts, progress=lambda what, share: heard(bag.name, what, share))
        write_item_page(folder, facts["title"] or bag.name, facts["report"])
    except (RestorationError, OSError) as error:
        (folder / INDEX).unlink(missing_ok=True)
        problem = str(error)
    page = "" if problem else str(folder / INDEX)
    return Made(bag.name, page, problem, round(time.perf_counter() - clock, 3))


def _one_by_one(bags: Sequence[Path], wish: Wish, heard: Heard) -> list[Made]:
    return [_told(make_page(bag, wish.out / ROOM / bag.name, wish.excerpts, heard), heard) for bag in bags]


def _together(bags: Sequence[Path], wish: Wish, heard: Heard) -> list[Made]:
    # Started anew and not forked: a fork would copy the threads of the libraries in the middle of their work.
    context = get_context("spawn")
    said: Any = context.Queue()
    workers = min(wish.workers, len(bags))
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_listen, initargs=(said,)) as pool:
        futures = [pool.submit(_make_elsewhere, bag, wish.out / ROOM / bag.name, wish.excerpts) for bag in bags]
        for identifier, what, share in _sayings(said, futures):
            heard(identifier, what, share)
        return [_told(future.result(), heard) for future in futures]


def _told(made: Made, heard: Heard) -> Made:
    heard(made.identifier, "", 1.0)
    return made


def _sayings(said: Any, futures: Sequence[Future[Made]]) -> Iterator[tuple[str, str, float]]:
    """What the other processes say, until all are done."""
    while True:
        ended = all(future.done() for future in futures)
        try:
            yield said.get(timeout=0.0 if ended else SHORTEST_PAUSE_S)
        except Empty:
            if ended:
                return


_said: Any = None
"""In a process of its own: where it says how far it is."""


def _listen(said: Any) -> None:
    global _said
    _said = said


def _make_elsewhere(bag: Path, folder: Path, excerpts: bool) -> Made:
    return make_page(bag, folder, excerpts, _Saying())


class _Saying:
    """Says how far an item is, a few times a second and no more."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, identifier: str, what: str, share: float) -> None:
        now = time.monotonic()
        if now - self.last >= SHORTEST_PAUSE_S:
            self.last = now
            _said.put((identifier, what, share))
