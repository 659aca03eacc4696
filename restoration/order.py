"""An order: one item, one recipe, one place for the bag; and who holds it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from restoration import package
from restoration.decisions import Decision
from restoration.manifest import Item
from restoration.recipe import Recipe
from restoration.record import digest_of

WORKSHOP = ".restoration"


@dataclass(frozen=True)
class Order:
    """What is to be done: ``item`` treated by ``recipe``, its bag to stand in ``out``; ``chosen`` says by whom."""

    item: Item
    recipe: Recipe
    out: Path
    chosen: Decision | None = None

    @property
    def bag(self) -> Path:
        return self.out / self.item.identifier

    @property
    def workshop(self) -> Path:
        return self.out / WORKSHOP / "items" / self.item.identifier

    @property
    def key(self) -> str:
        """What decides the bag: the manifest's row, the recipe, and the versions of its steps."""
        return digest_of([self.item.fields, self.recipe.digest])


def is_done(order: Order) -> bool:
    """Whether the bag of this order stands, sealed. Reads names and sizes only."""
    return package.is_sealed(order.bag, order.key)


@contextmanager
def held(order: Order) -> Iterator[None]:
    """Hold an item; who comes second, in this process or another, waits and finds what the first has done."""
    place = order.out / WORKSHOP / "held" / order.item.identifier
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        place.unlink(missing_ok=True)
