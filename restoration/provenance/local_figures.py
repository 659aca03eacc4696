"""Figures in the language of the reader: ``figure("bandwidth_hz", 4123.0)`` is “4,1 кГц” in Russian.

The figures are those of ``provenance.figures``, place for place; the marks within numbers, the units and the words are
taken from the tables of the language.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from restoration.provenance.figures import difference, figure
from restoration.texts import SOURCE_LANGUAGE, Catalogue, catalogue

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")


def local_figure(name: str, value: Any, language: str = SOURCE_LANGUAGE) -> str:
    """``figures.figure`` in a language; texts, which are no figures, stay as they are."""
    english = figure(name, value)
    texts = isinstance(value, str) or (isinstance(value, list) and any(isinstance(each, str) for each in value))
    return english if texts else _told(english, language)


def local_difference(name: str, before: Any, after: Any, language: str = SOURCE_LANGUAGE) -> str:
    """``figures.difference`` in a language."""
    return _told(difference(name, before, after), language)


def local_number(text: str, language: str) -> str:
    """A number that is written as in English, with the marks of a language."""
    thousands, decimal = _marks(catalogue(language))
    return text.translate({ord(","): thousands, ord("."): decimal})


def _told(english: str, language: str) -> str:
    if language == SOURCE_LANGUAGE:
        return english
    numbered = _NUMBER.sub(lambda found: local_number(found.group(), language), english)
    units = _units(language)
    return _words().sub(lambda found: units[found.group()], numbered)


@cache
def _words() -> re.Pattern[str]:
    longest_first = sorted(_units(SOURCE_LANGUAGE), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W\d_])")


@cache
def _units(language: str) -> dict[str, str]:
    """What figures are written with in English, and its like in the language."""
    theirs = catalogue(language)
    return {str(text): theirs.text(f"label.unit.{key}") for key, text in catalogue("en").under("label.unit").items()}


def _marks(texts: Catalogue) -> tuple[str, str]:
    example = texts.text("label.number")
    return example[1], example[-2]
