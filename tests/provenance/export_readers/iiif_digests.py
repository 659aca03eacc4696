"""Which files a IIIF manifest offers, and their digests, read with nothing but a JSON parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

LABEL = "SHA-256 of "


def digests(path: Path) -> dict[str, str]:
    """Path in the bag -> SHA-256, of every sound and text that an annotation gives."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    said = {
        pair["label"]["en"][0]: pair["value"]["none"][0] for pair in manifest["metadata"] if "none" in pair["value"]
    }
    base = manifest["id"].removesuffix("data/record/iiif-manifest.json")
    files = [unquote(address.removeprefix(base)) for address in _addresses(manifest["items"])]
    return {file: said[LABEL + file] for file in files}


def _addresses(part: Any) -> list[str]:
    if isinstance(part, list):
        return [address for one in part for address in _addresses(one)]
    if not isinstance(part, dict):
        return []
    own = [part["id"]] if part.get("type") in ("Sound", "Text") else []
    return own + [address for one in part.values() for address in _addresses(one)]
