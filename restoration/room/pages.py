"""How a page of the room is put together: a template with its styles and scripts inside, which asks nobody for more.

Styles and scripts are whole files that stand in the page as they are, so that it opens from disk in one piece.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from restoration.texts import SOURCE_LANGUAGE, catalogue, languages

TEMPLATES = Path(__file__).parent / "templates"
POLICY = (
    "default-src 'none'; script-src 'self' file: data: 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src 'self' file: data: blob:; media-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""A page may load what lies beside it and nothing else, whatever a manifest says.

What hears the gap of a switch can only come from a ``data:`` address where the page comes from disk."""


def page(name: str, *, tables: Iterable[str], styles: Iterable[str], scripts: Iterable[str], **values: Any) -> str:
    """A page: the template ``name``, English where nothing else was chosen yet.

    Args:
        name: a file of ``templates``.
        tables: of the texts, which the page takes along in every language.
        styles, scripts: patterns of files of ``templates``; they stand in the page in this order.
        values: what the template asks for; each is escaped.
    """
    return _template(name).render(
        text=catalogue(SOURCE_LANGUAGE).text,
        languages=[(tag, catalogue(tag).name) for tag in languages()],
        policy=POLICY,
        style=Markup(joined(styles)),
        texts=in_script(texts_of(tables)),
        early=Markup(joined(["theme.js"])),
        script=Markup(joined(scripts)),
        **values,
    )


def texts_of(tables: Iterable[str]) -> dict[str, dict[str, str | Mapping[str, str]]]:
    """The texts that a page takes along, by language and flat key: ``{"en": {"batch.search": "Search", ...}, ...}``."""
    tables = tuple(tables)
    return {
        tag: {f"{table}.{key}": text for table in tables for key, text in catalogue(tag).under(table).items()}
        for tag in languages()
    }


def in_script(value: Any) -> Markup:
    """A value as JSON that can stand in a script element: nothing in it ends the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def joined(patterns: Iterable[str]) -> str:
    """The files that the patterns name, one after the other, each file once."""
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in sorted(TEMPLATES.glob(pattern)):
            found.setdefault(path.name, path.read_text(encoding="utf-8"))
    return "\n".join(found.values())


@cache
def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template(name)
