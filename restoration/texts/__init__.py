"""The words that people read, in the languages that there is a file for: ``en.toml``, ``ru.toml``, ``uz.toml``.

Another language is one more file, named by its BCP 47 tag. A text is found by its table and key, ``room.play``; what
stands in braces in it is filled in. A table with the keys of plural categories (CLDR: one, few, many, other) is a text
that depends on a count.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from restoration.errors import RestorationError

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"


def _one_other(count: float) -> str:
    return "one" if count == 1 else "other"


def _slavic(count: float) -> str:
    if count != int(count):
        return "other"
    tens, units = int(count) % 100, int(count) % 10
    if units == 1 and tens != 11:
        return "one"
    return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"


PLURALS: Mapping[str, Callable[[float], str]] = {"one-other": _one_other, "one-few-many-other": _slavic}
"""The rules a catalogue can name in its key ``plural``."""


@dataclass(frozen=True)
class Catalogue:
    """The texts of one language; ``texts`` by dotted key, a plural one as a mapping of its categories."""

    language: str
    name: str
    plural: str
    texts: Mapping[str, str | Mapping[str, str]]

    def text(self, key: str, /, **values: object) -> str:
        """The text with its braces filled in.

        Raises:
            KeyError: there is no such text, or it wants a value that is not given; both are bugs.
        """
        text = self.texts[key]
        if not isinstance(text, str):
            raise KeyError(f"{key} depends on a count")
        return text.format_map(values)

    def counted(self, key: str, count: float, /, **values: object) -> str:
        """A text that depends on a count, which it may name as ``{count}``."""
        forms = self.texts[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} depends on no count")
        return forms[PLURALS[self.plural](count)].format_map({"count": count, **values})

    def under(self, table: str) -> dict[str, str | Mapping[str, str]]:
        """The texts of one table, by key, braces and all: what a page takes along."""
        return {key.removeprefix(f"{table}."): text for key, text in self.texts.items() if key.startswith(f"{table}.")}


def languages() -> tuple[str, ...]:
    """The languages there are, English first."""
    return tuple(sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda tag: (tag != SOURCE_LANGUAGE, tag)))


@cache
def catalogue(language: str) -> Catalogue:
    """The texts of a language.

    Raises:
        RestorationError: there is no file of it.
    """
    if language not in languages():
        known = ", ".join(languages())
        raise RestorationError(f"there are no texts in “{language}”; there is {known}")
    read = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    tables = {name: table for name, table in read.items() if isinstance(table, dict)}
    texts = {f"{name}.{key}": text for name, table in tables.items() for key, text in _flat(table)}
    return Catalogue(language, read["name"], read["plural"], texts)


def _flat(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found = []
    for key, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            found += [(f"{key}.{inner}", text) for inner, text in _flat(value)]
        else:
            found.append((key, value))
    return found
