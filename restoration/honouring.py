"""What people decided of an older treatment, honoured by the next: its steps, and its place in the folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from restoration import growth, package
from restoration.errors import RestorationError
from restoration.order import Order, honouring
from restoration.recipe import Recipe, build, step_kind
from restoration.record import Event
from restoration.standing import REPAIR_STEP, regions
from restoration.steps.resample import Resample


def whole_recipe(recipe: Recipe, sample_rate: int, decided: Sequence[Event]) -> Recipe:
    """The recipe with what follows its steps: back to the rate of the master if they left it, then repaired regions.

    Raises:
        BadRecipe: there is no step that repairs regions, or it cannot repair one of these.
    """
    steps = recipe.steps
    if any(name == "resample" for name, _ in steps):
        steps = (*steps, ("resample", Resample(sample_rate=sample_rate)))
    if repaired := regions(decided):
        steps = (*steps, (REPAIR_STEP, build(step_kind(REPAIR_STEP), {"regions": repaired}, "the regions to repair")))
    return replace(recipe, steps=steps)


def move_into_place(order: Order, bag: Path) -> None:
    """Move a bag that is whole to its place; an older one, whose decisions it honours, is set aside just before.

    Raises:
        RestorationError: somebody decided on the older one meanwhile. Both stay as they are.
    """
    if not order.older:
        bag.replace(order.bag)
        return
    with growth.held(order.bag):
        if honouring(order).work_key != order.work_key:
            raise RestorationError(
                f"{order.bag}: more was decided while it was restored anew; run the same command again, which honours "
                "that too"
            )
        package.set_aside(order.bag, order.set_aside)
        bag.replace(order.bag)
