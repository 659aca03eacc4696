"""Texts for fields that hold ASCII and nothing else."""

from __future__ import annotations

import unicodedata


def to_ascii(text: str) -> str:
    """The same text without accents, on one line; what has no ASCII letter becomes a question mark."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    letters = bare.encode("ascii", "replace").decode("ascii")
    return "".join(letter if letter.isprintable() else " " for letter in letters)
