"""A batch: which items of a manifest are to be restored, which are done, and what became of the others.

Nothing here is slow: whether an item is done is read from the names and sizes of its bag. A failure is kept in a small
file in the item's workshop until the item succeeds, so that ``restoration status`` can tell of it.
"""

from __future__ import annotations

import fcntl
import json
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from restoration import heads, package, seals
from restoration.decisions import RECIPE_CHOSEN, Decision, Review, review_state
from restoration.errors import BadBag, BadManifest, BadRecipe, BrokenRecord, Problem, RestorationError
from restoration.manifest import Item, read_manifest
from restoration.order import WORKSHOP, Order, honouring, is_done, put_aside
from restoration.progress import read_state
from restoration.recipe import Recipe, load_recipe
from restoration.record import read
from restoration.restore import restore


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    ``recipe`` is for the rows that name none; ``root`` is where the files lie; ``chosen`` says who chose the recipes.
    """

    manifest: Path
    out: Path
    recipe: str | None = None
    root: Path | None = None
    chosen: Decision | None = None


@dataclass(frozen=True)
class Plan:
    """The orders of a batch, and which of them are done; ``refused`` says of an item why it cannot be begun."""

    orders: dict[str, Order]
    done: tuple[str, ...]
    refused: dict[str, str]

    @property
    def pending(self) -> tuple[str, ...]:
        """Identifiers of what is still to be done, in the manifest's order."""
        return tuple(name for name in self.orders if name not in self.done and name not in self.refused)


@dataclass(frozen=True)
class Outcome:
    """What became of an item: ``state`` is restored, failed, waiting or running; ``detail`` a sentence.

    ``review`` says of a restored item where it stands with its curator: waiting, approved or sent_back; ``reviewed_by``
    names who said so, and ``changes`` how many decisions the next run honours.
    """

    identifier: str
    state: str
    detail: str
    seconds: float = 0.0
    review: str = ""
    reviewed_by: str = ""
    changes: int = 0


def recipe_chosen(by: str, reason: str) -> Decision | None:
    """Who chose the recipes of a batch, and why; None where nobody said.

    Raises:
        BadDecision: only one of the two is said.
    """
    return Decision(kind=RECIPE_CHOSEN, by=by, reason=reason) if by or reason else None


def plan(request: Request) -> Plan:
    """Read the manifest, choose the recipes, see what is done.

    Raises:
        BadManifest: all that is wrong with it, unknown recipes included.
        RestorationError: the key of the seals, or the register of heads, is not to be had.
    """
    seals.configured()
    heads.configured()
    orders = {order.item.identifier: order for order in _orders(request)}
    done, refused = [], {}
    for name, asked in orders.items():
        try:
            orders[name] = honouring(asked)
            if is_done(orders[name]):
                done.append(name)
        except (BadBag, BrokenRecord) as error:
            refused[name] = str(error)
    return Plan(orders, tuple(done), refused)


def set_aside(refused: Plan) -> Plan:
    """The same plan with the bags that stood in the way set aside, and their items to be restored again.

    What was decided on them is honoured as far as it applies to the new treatment.
    """
    orders = dict(refused.orders)
    for name in refused.refused:
        put_aside(orders[name])
        orders[name] = honouring(orders[name])
    return replace(refused, orders=orders, refused={})


def _orders(request: Request) -> Iterator[Order]:
    manifest = read_manifest(request.manifest, request.root)
    recipes: dict[str, Recipe] = {}
    problems: list[Problem] = []
    chosen: list[tuple[Item, str]] = [(item, item.recipe or request.recipe or "") for item in manifest.items]
    for item, name in chosen:
        if not name:
            problems.append(
                Problem(item.row, "recipe", "", "name a recipe here, or give one for the run with --recipe")
            )
        elif name not in recipes:
            try:
                recipes[name] = load_recipe(name)
            except BadRecipe as error:
                problems.append(Problem(item.row if item.recipe else 0, "recipe", name, str(error)))
    if problems:
        raise BadManifest(request.manifest, problems)
    for item, name in chosen:
        yield Order(item, recipes[name], request.out, request.chosen)


def restore_and_tell(order: Order) -> Outcome:
    """Restore one item; if that fails, leave the reason where ``status`` finds it, and raise on.

    Raises:
        RestorationError, OSError: as ``restore`` does. Anything else is a bug, whose trace is kept beside the reason.
    """
    clock = time.perf_counter()
    try:
        bag = restore(order)
    except Exception as error:
        known = isinstance(error, RestorationError | OSError)
        detail = str(error) if known else f"{type(error).__name__}: {error}"
        order.workshop.mkdir(parents=True, exist_ok=True)
        failure = Outcome(order.item.identifier, "failed", detail, round(time.perf_counter() - clock, 3))
        (order.workshop / "failure.json").write_text(json.dumps(asdict(failure)), encoding="utf-8")
        if not known:
            (order.workshop / "bug.txt").write_text(traceback.format_exc(), encoding="utf-8")
        raise
    return Outcome(order.item.identifier, "restored", str(bag), round(time.perf_counter() - clock, 3))


def status(out: Path) -> list[Outcome]:
    """What is to be seen in a folder of bags: restored, failed and running items, by identifier."""
    outcomes = [_restored(bag) for bag in sorted(out.iterdir()) if (bag / "bag-info.txt").is_file()]
    for workshop in sorted((out / WORKSHOP / "items").glob("*")):
        outcomes.append(_unfinished(workshop))
    return sorted(outcomes, key=lambda outcome: outcome.identifier)


def _restored(bag: Path) -> Outcome:
    log, date = bag / package.LOG, package.read_info(bag).get("Bagging-Date", "")
    try:
        review = review_state(list(read(log))) if log.is_file() else Review()
    except BrokenRecord as error:
        return Outcome(bag.name, "failed", str(error))
    return Outcome(bag.name, "restored", date, review=review.state, reviewed_by=review.by, changes=len(review.changes))


def _unfinished(workshop: Path) -> Outcome:
    failure = workshop / "failure.json"
    if failure.exists():
        return Outcome(**json.loads(failure.read_text(encoding="utf-8")))
    state = read_state(workshop / "progress.json")
    if state is None:
        return Outcome(workshop.name, "waiting", "nothing done yet")
    return Outcome(workshop.name, "begun", f"{state.stage}, {state.done:.0%}", time.time() - state.since)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold ``out`` for one run: two runs in one folder would undo each other's work.

    Raises:
        RestorationError: another run holds it.
    """
    (out / WORKSHOP).mkdir(parents=True, exist_ok=True)
    with (out / WORKSHOP / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RestorationError(
                f"{out}: another run is working there; wait for it, or choose another --out"
            ) from error
        yield
