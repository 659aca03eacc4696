"""An order: one item, one recipe, what people decided of it, one place for the bag; and who holds it."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from restoration import package, packed
from restoration.decisions import Decision
from restoration.errors import BadBag, BrokenRecord
from restoration.manifest import Item
from restoration.recipe import Recipe
from restoration.record import Event, digest_of, read
from restoration.seal_check import check_seals
from restoration.standing import MARKS, NOTHING, REPAIR_STEP, Standing, regions, standing, treatment_key

WORKSHOP = ".restoration"
WAITING = f"{WORKSHOP}/waiting.json"
"""In a folder of bags: which run waits until a curator has decided on every item."""
DECISIONS = "decisions.json"
"""In the workshop of an item: the decisions of the older bag that are being honoured, until the new bag stands."""


@dataclass(frozen=True)
class Order:
    """What is to be done: ``item`` treated by ``recipe``, its bag to stand in ``out``; ``chosen`` says by whom.

    ``decided`` are the decisions to honour, and ``older`` is the key of the treatment that they were made on, whose bag
    is set aside when the new one is there; blank where there is none.
    """

    item: Item
    recipe: Recipe
    out: Path
    chosen: Decision | None = None
    decided: Standing = NOTHING
    older: str = ""

    @property
    def bag(self) -> Path:
        return self.out / self.item.identifier

    @property
    def workshop(self) -> Path:
        return self.out / WORKSHOP / "items" / self.item.identifier

    @property
    def set_aside(self) -> Path:
        """Where older bags are kept."""
        return self.out / WORKSHOP / "set-aside"

    @property
    def key(self) -> str:
        """What decides the bag: the manifest's row, the recipe with the versions of its steps, and what was decided."""
        return self._key(self.decided)

    @property
    def work_key(self) -> str:
        """What decides the log that is being written, in which each decision stands as well."""
        return digest_of([self.key, [event["digest"] for event in self.decided.events]])

    @property
    def names(self) -> tuple[str, ...]:
        """The steps of the treatment, in their places. A conversion back to the master’s rate follows one away from it,
        and the repair of regions comes last."""
        names = tuple(name for name, _ in self.recipe.steps)
        back = ("resample",) if "resample" in names else ()
        return (*names, *back, *((REPAIR_STEP,) if regions(self.decided.events) else ()))

    def with_decided(self, decided: Standing) -> Order:
        """The same order, as if it were asked for with these decisions and no bag stood in its place."""
        return replace(self, decided=decided, older="")

    def _key(self, decided: Standing) -> str:
        return treatment_key(self.item.fields, self.recipe.digest, decided)


def honouring(order: Order) -> Order:
    """The order with the decisions that stand in the log of its bag, or those that were being honoured without one.

    Raises:
        BadBag: the log is not the one that was sealed, or a decision no longer applies to the recipe.
        BrokenRecord: the log was changed after it was written.
    """
    if not order.bag.exists():
        kept = _kept(order)
        return order.with_decided(kept.only(order.with_decided(kept).names))
    events = _log(order.bag)
    decided, honoured = standing(events), standing(events, carried_only=True)
    before, after = order.with_decided(honoured), order.with_decided(decided)
    if after.key == before.key or package.read_info(order.bag).get(package.TREATMENT_KEY) != before.key:
        return before
    _check_log(order.bag, events)
    if wrong := decided.inapplicable(after.names):
        raise BadBag(f"{order.bag}: what was decided no longer applies: {'; '.join(wrong)}; look at the item again")
    return replace(after, older=before.key)


def is_done(order: Order) -> bool:
    """Whether the bag of this order stands, sealed. Reads names and sizes only.

    Raises:
        BadBag: another treatment stands there, or the bag is not whole.
    """
    if order.older and package.is_sealed(order.bag, order.older):
        return False
    return package.is_sealed(order.bag, order.key)


def keep_decided(order: Order) -> None:
    """Write down what is being honoured, so that it is known while no bag stands."""
    if order.decided.events:
        order.workshop.mkdir(parents=True, exist_ok=True)
        package.write_whole(order.workshop / DECISIONS, json.dumps(asdict(order.decided), ensure_ascii=False))


def put_aside(order: Order) -> Path:
    """Move the bag of an order out of the way; the decisions in its log are kept for the next treatment.

    Those of a log that was changed behind the archive's back are not: nobody knows who made them.
    """
    try:
        events = _log(order.bag)
        if events:
            _check_log(order.bag, events)
        keep_decided(order.with_decided(standing(events)))
    except (BadBag, BrokenRecord):
        (order.workshop / DECISIONS).unlink(missing_ok=True)
    return package.set_aside(order.bag, order.set_aside)


def _log(bag: Path) -> list[Event]:
    """The events of a bag's log; none where no decision in it can stand, which its bytes tell."""
    log = bag / package.LOG
    if not log.is_file():
        return []
    content = log.read_bytes()
    return list(read(log)) if any(mark in content for mark in MARKS) else []


def _check_log(bag: Path, events: list[Event]) -> None:
    """Nobody's sound is changed by what somebody wrote into a log behind the archive's back."""
    packed.check_log_file(bag)
    head = package.read_info(bag).get(package.LOG_HEAD, "none")
    if head != events[-1]["digest"]:
        raise BadBag(f"{bag}: its log does not end with the event that bag-info.txt names; it was changed since")
    if wrong := check_seals(events).wrong:
        raise BadBag(f"{bag}: event {wrong[0].event} {wrong[0].sentence}")


def _kept(order: Order) -> Standing:
    place = order.workshop / DECISIONS
    if not place.is_file():
        return NOTHING
    said = json.loads(place.read_text(encoding="utf-8"))
    return Standing(tuple(said["events"]), said["head"])


@contextmanager
def held(order: Order) -> Iterator[None]:
    """Hold an item; who comes second, in this process or another, waits and finds what the first has done."""
    place = order.out / WORKSHOP / "held" / order.item.identifier
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
        place.unlink(missing_ok=True)
