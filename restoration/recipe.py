"""Recipes: which steps, in which order, with which parameters, and what for.

A recipe is a TOML file: the ones that ship lie in ``restoration/recipes/``; a path to any other works as well. There
are no parameter flags on the command line: another treatment is another recipe, with a name that the log can hold.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import restoration.steps
from restoration.errors import BadRecipe
from restoration.record import digest_of
from restoration.speech.segments import SegmentationParameters
from restoration.step import Step

Kind = TypeVar("Kind")
RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True, kw_only=True)
class AccessSettings:
    """The access copy: integrated loudness in LUFS and the true peak in dBTP that it must not exceed."""

    target_lufs: float = -23.0
    max_true_peak_dbtp: float = -1.0


@dataclass(frozen=True)
class Recipe:
    """A named treatment. ``digest`` is the identity of its content, whatever its file is called."""

    name: str
    purpose: str
    version: str
    steps: tuple[tuple[str, Step], ...]
    speech: SegmentationParameters
    access: AccessSettings

    @property
    def digest(self) -> str:
        chain = [[name, kind_version(step), asdict(cast(Any, step))] for name, step in self.steps]
        return digest_of([self.name, self.version, chain, asdict(self.speech), asdict(self.access)])


def step_names() -> list[str]:
    """Every step there is: the files in ``restoration/steps/``."""
    return sorted(module.name for module in pkgutil.iter_modules(restoration.steps.__path__))


@cache
def step_kind(name: str) -> type[Step]:
    """The class of a step: ``remove_hum`` is ``RemoveHum`` in ``restoration/steps/remove_hum.py``.

    Raises:
        BadRecipe: there is no such step.
    """
    if name not in step_names():
        raise BadRecipe(f"there is no step {name!r}{did_you_mean(name, step_names())}")
    module = importlib.import_module(f"restoration.steps.{name}")
    kind = getattr(module, "".join(word.capitalize() for word in name.split("_")))
    return cast(type[Step], kind)


def about(name: str) -> str:
    """What a step does, in the one line that its file begins with."""
    step_kind(name)
    module = importlib.import_module(f"restoration.steps.{name}")
    return (module.__doc__ or "").strip().splitlines()[0]


def kind_version(step: Step) -> str:
    """The version of a step's sound."""
    return type(step).version


def recipe_names() -> list[str]:
    """The recipes that ship."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def load_recipe(name: str) -> Recipe:
    """A shipped recipe by its name, or any other by the path of its TOML file.

    Raises:
        BadRecipe: no such recipe, a step or parameter that does not exist, a value that a step refuses.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        raise BadRecipe(f"there is no recipe {name!r}{did_you_mean(name, recipe_names())}")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRecipe(f"{path}: is not TOML: {error}") from error
    return parse_recipe(content, path.stem, str(path))


def parse_recipe(content: Mapping[str, Any], name: str, place: str) -> Recipe:
    """A recipe from the content of its file; ``place`` is what errors call it."""
    _refuse_unknown(content, ("purpose", "version", "step", "speech", "access"), f"{place}: a recipe")
    purpose = content.get("purpose")
    if not isinstance(purpose, str) or not purpose.strip():
        raise BadRecipe(f'{place}: a recipe says what it is for: purpose = "…"')
    return Recipe(
        name=name,
        purpose=" ".join(purpose.split()),
        version=str(content.get("version", "1")),
        steps=tuple(_steps(content.get("step", []), place)),
        speech=build(SegmentationParameters, content.get("speech", {}), f"{place}: [speech]"),
        access=build(AccessSettings, content.get("access", {}), f"{place}: [access]"),
    )


def _steps(tables: object, place: str) -> Iterable[tuple[str, Step]]:
    if not isinstance(tables, list) or not tables:
        raise BadRecipe(f"{place}: a recipe has at least one [[step]]")
    for position, table in enumerate(tables, start=1):
        parameters = dict(table)
        name = parameters.pop("name", None)
        if not isinstance(name, str):
            raise BadRecipe(f'{place}: [[step]] number {position} has no name = "…"')
        try:
            kind = step_kind(name)
        except BadRecipe as error:
            raise BadRecipe(f"{place}: {error}") from error
        yield name, build(kind, parameters, f"{place}: step {position}, {name}")


def build(kind: type[Kind], parameters: Mapping[str, Any], place: str) -> Kind:
    """An instance of a dataclass from a TOML table, with every name and type checked.

    Raises:
        BadRecipe: in words, beginning with ``place``.
    """
    from pydantic import TypeAdapter, ValidationError

    known = tuple(field.name for field in fields(cast(Any, kind)))
    _refuse_unknown(parameters, known, place)
    try:
        return TypeAdapter(kind).validate_python(dict(parameters))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'value'}: {each['msg']}" for each in error.errors())
        raise BadRecipe(f"{place}: {wrong}") from error
    except ValueError as error:
        raise BadRecipe(f"{place}: {error}") from error


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    for name in table:
        if name not in known:
            raise BadRecipe(f"{place} has no parameter {name!r}{did_you_mean(name, known)}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that is not known: the nearest that is, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are: {', '.join(known)}" if known else ""
