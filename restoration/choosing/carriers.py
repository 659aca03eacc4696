"""Which kind of carrier a recipe is for, and which kind a manifest names."""

from __future__ import annotations

import re

FAMILIES = {
    "tape": ("tape", "tapes", "reel", "cassette", "cassettes", "microcassette", "minicassette", "cartridge", "wire"),
    "disc": ("disc", "discs", "shellac", "vinyl", "lacquer", "gramophone"),
    "cylinder": ("cylinder", "cylinders", "wax", "celluloid"),
}
DIGITAL = ("compact disc", "recordable compact disc", "minidisc", "pcm on videotape", "dat", "adat", "digital file")
"""Carriers that are called discs or tapes, and have none of their faults."""


def family_of(text: str) -> str | None:
    """The kind of carrier that a text names first; None where it names none, or a digital one."""
    if text.strip().lower() in DIGITAL:
        return None
    words = re.findall(r"[a-z]+", text.lower())
    named = (family for word in words for family, known in FAMILIES.items() if word in known)
    return next(named, None)
