"""XML that is the same text for the same tree, whatever the texts in it hold.

XML 1.0 has no place for most control characters, and a parser turns a carriage return into a line feed; a title from a
catalogue may hold both. Texts for people show such a character by its picture (U+2400 and on), JSON spells it out as
``\\u0001``, and what is compared by value, such as the path of a file, is percent-encoded: it can be read back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

from restoration.record import canonical

_BARRED = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 does not hold (2.2) or does not keep (2.11). Surrogates cannot come out of a log, which is UTF-8."""
_NOT_PLAIN = re.compile("[%\x00-\x1f\x7f\ufffe\uffff]")
_PICTURES = 0x2400


def shown(text: str) -> str:
    """A text for people: every character that XML bars as its control picture."""
    return _BARRED.sub(lambda found: _picture(found[0]), text)


def _picture(letter: str) -> str:
    return chr(_PICTURES + ord(letter)) if ord(letter) < 0x20 else "\ufffd"


def json_text(value: object) -> str:
    """Canonical JSON that XML can hold; read as JSON it is the same value."""
    return _BARRED.sub(lambda found: f"\\u{ord(found[0]):04x}", canonical(value))


def encoded(identifier: str) -> str:
    """An identifier with control characters, and the percent sign itself, percent-encoded."""
    return _NOT_PLAIN.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), identifier)


def decoded(text: str) -> str:
    """What ``encoded`` was given."""
    return unquote(text)


def element(
    name: str, /, *children: ElementTree.Element | None, text: str = "", **attributes: str
) -> ElementTree.Element:
    """An element with those children that are not None; ``text`` is for people and is shown as ``shown`` does."""
    made = ElementTree.Element(name, {key: shown(value) for key, value in attributes.items()})
    made.text = shown(text) or None
    made.extend(child for child in children if child is not None)
    return made


def document(root: ElementTree.Element, attributes: Mapping[str, str]) -> str:
    """The text of a document, indented by one space; ``attributes`` of the root declare its namespaces."""
    for name, value in attributes.items():
        root.set(name, value)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
