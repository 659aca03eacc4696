"""What things, acts and agents are called in an RO-Crate, and how one points to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from restoration.provenance.recipe_text import PLACE as RECIPE

Entity = dict[str, Any]
PAYLOAD = "data/"


def crate_id(identifier: str) -> str:
    """What a thing, an act or an agent is called in the crate: a file by its path, everything else by ``#``."""
    if identifier.startswith(PAYLOAD):
        return quote(identifier.removeprefix(PAYLOAD))
    if identifier.startswith("package/"):
        return "./"
    return crate_id(RECIPE) if identifier.startswith("recipe/") else "#" + quote(identifier)


def links(identifiers: Iterable[str]) -> dict[str, str] | list[dict[str, str]]:
    """References, each once; a single one stands by itself, as RO-Crate recommends."""
    links = [{"@id": name} for name in dict.fromkeys(identifiers)]
    return links[0] if len(links) == 1 else links
