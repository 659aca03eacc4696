"""What an RO-Crate says of each action that made something, read with the library ``rocrate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from rocrate.rocrate import ROCrate

from restoration.provenance.history import Statement
from restoration.record import canonical

JSON_TEXT = "https://www.iana.org/assignments/media-types/application/json"


def statements(path: Path) -> set[Statement]:
    """One for each CreateAction that has a result, but for the run of the recipe as a whole."""
    crate = ROCrate(str(path.parent))
    actions = [entity for entity in crate.contextual_entities if entity.type == "CreateAction"]
    return {_statement(action) for action in actions if action.get("result") and not _is_a_run(action, crate)}


def _is_a_run(action: Any, crate: ROCrate) -> bool:
    return action["instrument"] == crate.mainEntity


def _statement(action: Any) -> Statement:
    objects = action["object"] if isinstance(action["object"], list) else [action["object"]]
    parameters = {one["name"]: _value(one) for one in objects if one.type == "PropertyValue"}
    means = [one for one in objects if one.get("additionalType") == "machine learning model"]
    (source,) = (one for one in objects if one.type != "PropertyValue" and one not in means)
    digests = tuple(sorted(one["sha256"] for one in means))
    return Statement(action["name"], canonical(parameters), _name(source), _name(action["result"]), digests)


def _value(parameter: Any) -> Any:
    is_json = parameter.get("additionalType") == JSON_TEXT
    return json.loads(parameter["value"]) if is_json else parameter["value"]


def _name(entity: Any) -> str:
    name = unquote(entity.id)
    return name.removeprefix("#") if name.startswith("#") else f"data/{name}"
