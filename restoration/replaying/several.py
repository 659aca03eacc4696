"""Several bags replayed, one after the other or side by side; one that cannot be replayed does not stop the others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from restoration.errors import RestorationError
from restoration.replaying.answer import Replayed
from restoration.replaying.rebuilding import replay
from restoration.replaying.steps_again import Heard, unheard

Found = tuple[Path, Replayed | str]
"""A bag, and what its replay found, or why there could be none."""


def replay_all(bags: Sequence[Path], keep: Path | None, workers: int, heard: Heard = unheard) -> Iterator[Found]:
    """The answers in the order of the bags.

    Args:
        bags: their folders.
        keep: where the files that were made are left, in a folder for each bag; None: nowhere.
        workers: how many bags at a time, each in a process of its own.
        heard: hears what is being done, where one bag is worked on at a time.
    """
    if workers == 1:
        for bag in bags:
            yield bag, _replay_one(bag, keep, _named(bag.name, heard))
        return
    # Not forked: a forked process inherits locks of threads that it does not have.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from zip(bags, pool.map(_replay_one, bags, [keep] * len(bags)), strict=True)


def _named(name: str, heard: Heard) -> Heard:
    return lambda what, share: heard(f"{name}: {what}", share)


def _replay_one(bag: Path, keep: Path | None, heard: Heard = unheard) -> Replayed | str:
    try:
        if keep is not None:
            return replay(bag, keep / bag.resolve().name, heard, keep=True)
        with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
            return replay(bag, Path(folder), heard)
    except (RestorationError, OSError) as error:
        return str(error)
