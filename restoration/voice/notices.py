"""The notice that goes with generated sound, on unless somebody turns it off; languages stand in ``notices.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from restoration.errors import RestorationError

CATALOGUE = Path(__file__).with_name("notices.toml")
KINDS = ("written", "spoken")


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """The BCP 47 tags that there are notices in."""
    return tuple(_catalogue())


def notice(language: str = "en", kind: str = "written") -> str:
    """The notice in a language; that of ``en`` serves for ``en-GB``.

    Args:
        language: a BCP 47 tag.
        kind: ``written`` or ``spoken``.

    Raises:
        RestorationError: there is none in that language, which is said and not replaced by another.
    """
    if kind not in KINDS:
        raise ValueError(f"a notice is {' or '.join(KINDS)}, not {kind!r}")
    tags = {tag.lower(): texts for tag, texts in _catalogue().items()}
    parts = language.lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        if texts := tags.get("-".join(parts[:length])):
            return texts[kind]
    raise RestorationError(
        f"there is no notice in “{language}”; there is one in: {', '.join(languages())}. "
        f"Choose one that the hearers understand, or add a table [{language}] to {CATALOGUE.name}"
    )
