"""Reads a page as a strict browser would: every element closed in its turn, and everything it would fetch."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Self

VOID = {"meta", "link", "img", "input", "br", "hr", "source", "wbr"}


class Page(HTMLParser):
    """``text`` is what is read; ``fetched`` what a browser asks for by itself; ``links`` where a click leads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.styles: list[str] = []

    @classmethod
    def of(cls, html: str) -> Self:
        page = cls()
        page.feed(html)
        page.close()
        assert page.open == [], f"never closed: {page.open}"
        return page

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.pieces).split())

    @property
    def fetched(self) -> list[str]:
        return [
            value
            for tag, attributes in self.tags
            for name, value in attributes.items()
            if name in ("src", "srcset", "poster", "data", "action") or (name == "href" and tag != "a")
        ]

    @property
    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for found, attributes in self.tags if found == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> at {self.getpos()} inside {self.open}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside in ("style", "script"):
            self.styles.append(data)
        else:
            self.pieces.append(data)
