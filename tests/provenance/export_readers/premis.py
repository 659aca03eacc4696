"""What a PREMIS record says of each act that made something, read with lxml."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from restoration.provenance.history import Statement
from restoration.record import canonical

SPACES = {"p": "http://www.loc.gov/premis/v3", "own": "urn:x-heritage-voice:log"}


def statements(path: Path) -> set[Statement]:
    """One for each event that has an outcome among the objects it links."""
    root = etree.parse(path).getroot()
    digests = {_value(one, "object"): one.findtext(".//p:messageDigest", "", SPACES) for one in _all(root, "p:object")}
    events = [event for event in _all(root, "p:event") if _linked(event, "outcome")]
    return {_statement(event, digests) for event in events}


def _statement(event: etree._Element, digests: dict[str, str]) -> Statement:
    used = _linked(event, "model") + _linked(event, "recipe")
    return Statement(
        event.findtext(".//own:name", "", SPACES),
        canonical(json.loads(event.findtext(".//own:parameters", "", SPACES))),
        _linked(event, "source")[0],
        _linked(event, "outcome")[0],
        tuple(sorted(digests[name] for name in used)),
    )


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, SPACES)


def _value(element: etree._Element, name: str) -> str:
    return unquote(element.findtext(f".//p:{name}IdentifierValue", "", SPACES))


def _linked(event: etree._Element, role: str) -> list[str]:
    linked = _all(event, "p:linkingObjectIdentifier")
    return [_value(one, "linkingObject") for one in linked if one.findtext("p:linkingObjectRole", "", SPACES) == role]
