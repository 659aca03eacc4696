"""The recipe of an item as a file again (TOML), read from the log: the steps with every parameter they were given.

Given to ``restoration run --recipe`` it is the same treatment: its digest is the one that the log states.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from restoration.provenance.history import Act, History

PLACE = "data/record/recipe.toml"
ADDED_AT_THE_END = "resample"
"""A recipe that changes the sample rate is followed by this step, which brings it back and is not written in it."""


def recipe_text(told: History) -> str:
    """The recipe as TOML; what the log does not say is left out."""
    recipe = _event(told, "ingestion").get("recipe") or {}
    lines = [f"# The recipe “{recipe.get('name', 'unnamed')}”, as the event log of the item has it."]
    lines += [f"{name} = {_toml(str(recipe[name]))}" for name in ("purpose", "version") if name in recipe]
    for act in planned(told):
        lines += ["", "[[step]]", f"name = {_toml(act.name)}", *_entries(act.parameters)]
    for table, values in (("speech", _event(told, "segmentation").get("parameters")), ("access", recipe.get("access"))):
        if values:
            lines += ["", f"[{table}]", *_entries(values)]
    return "\n".join(lines) + "\n"


def planned(told: History) -> list[Act]:
    """The last act of each position of the recipe, in the order of the recipe."""
    by_position = {act.event.get("position", 0): act for act in told.acts if act.kind == "step"}
    acts = [by_position[position] for position in sorted(by_position)]
    resampled = [act for act in acts if act.name == ADDED_AT_THE_END]
    return acts[:-1] if len(resampled) > 1 and acts[-1] is resampled[-1] else acts


def _event(told: History, kind: str) -> Mapping[str, Any]:
    return next((act.event for act in told.acts if act.kind == kind), {})


def _entries(values: Mapping[str, Any]) -> Iterator[str]:
    """TOML knows no null: an entry that is None is left out, and is None again when the recipe is read."""
    return (f"{_key(name)} = {_toml(value)}" for name, value in values.items() if value is not None)


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _toml(name)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_entries(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    # What is left, texts, numbers and truth values, is written in TOML as in JSON, but for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
