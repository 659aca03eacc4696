"""The systems there are, and those that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from restoration.benchmark.names import chosen
from restoration.benchmark.peers import every_peer
from restoration.benchmark.systems import IdealNoiseRemover, Nothing, System


def others() -> list[System]:
    """What is not ours: the references and the peers."""
    return [Nothing(), IdealNoiseRemover(), *every_peer()]


def find_systems(wanted: Sequence[str] = ()) -> list[System]:
    """The systems that are wanted: by name, by part (references, recipes, peers), or a recipe by its path; or all.

    Raises:
        RestorationError: one of them does not exist.
        BadRecipe: a recipe that cannot be followed.
    """
    from restoration.benchmark.treated import Treatment
    from restoration.recipe import load_recipe, recipe_names

    paths = [name for name in wanted if name.endswith(".toml")]
    ours: list[System] = [Treatment(load_recipe(name)) for name in [*recipe_names(), *paths]]
    names = [Path(name).stem if name in paths else name for name in wanted]
    return chosen(names, [*ours, *others()], lambda system: (system.name, f"{system.part}s"), "system")


def the_system(name: str) -> System:
    """One system. Our steps are imported only for a recipe, so that they are no part of a peer's memory."""
    for system in others():
        if system.name == name:
            return system
    (system,) = find_systems([name])
    return system
