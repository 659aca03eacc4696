"""Which files a PBCore description tells of, and their digests, read with lxml."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from lxml import etree

SPACES = {"b": "http://www.pbcore.org/PBCore/PBCoreNamespace.html"}


def digests(path: Path) -> dict[str, str]:
    """Path in the bag -> SHA-256."""
    found = {}
    for one in etree.parse(path).getroot().findall("b:pbcoreInstantiation", SPACES):
        said = {name.get("source"): name.text or "" for name in one.findall("b:instantiationIdentifier", SPACES)}
        if "path in the bag" in said:
            found[unquote(said["path in the bag"])] = said["SHA-256"]
    return found
