"""The objects of a PREMIS record: package, files, sounds, and the models and recipes that were used.

A model is an object and no agent: it is bits that a program reads, and only objects have fixity (Data Dictionary 3.0,
1.5.2 and 1.5.9). Sounds are bitstreams. Those between the master and the last one are kept nowhere: replay makes them
again, and their digests say whether it did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from restoration.provenance import premis_terms as terms
from restoration.provenance.file_formats import format_of
from restoration.provenance.history import History, Thing
from restoration.provenance.xml_text import element, encoded

CATEGORIES = {"package": "representation", "sound": "bitstream", "file": "file", "model": "file", "recipe": "file"}
NOT_NAMED = "not named in the log"


@dataclass(frozen=True)
class Links:
    """Which acts a thing is named in, and of which things an act made it: identifiers."""

    acts: tuple[str, ...]
    made: tuple[tuple[str, str], ...]


def links_of(history: History) -> dict[str, Links]:
    """The links of every thing; ``made`` are pairs of source and act."""
    acts: dict[str, list[str]] = {name: [] for name in history.things}
    made: dict[str, list[tuple[str, str]]] = {name: [] for name in history.things}
    for act in history.acts:
        for name in dict.fromkeys((*act.sources, *act.results, *act.used)):
            acts[name].append(act.identifier)
        for result in act.results:
            made[result] += [(source, act.identifier) for source in act.sources if source != result]
    return {name: Links(tuple(acts[name]), tuple(made[name])) for name in history.things}


def identifier_elements(name: str, value: str) -> tuple[Element, Element]:
    """The pair of type and value in which PREMIS names everything, such as ``linkingEventIdentifierType``."""
    return element(f"{name}Type", text="local"), element(f"{name}Value", text=encoded(value))


def object_elements(history: History, rights: tuple[str, ...]) -> Iterator[Element]:
    """Every thing of a history as an ``object``; ``rights`` are the identifiers that the package links to."""
    links = links_of(history)
    for thing in history.things.values():
        yield element(
            "object",
            element("objectIdentifier", *identifier_elements("objectIdentifier", thing.identifier)),
            *_significant(thing),
            *_characteristics(thing),
            *_names(history, thing),
            *_relations(history, thing, links[thing.identifier]),
            *(
                element("linkingEventIdentifier", *identifier_elements("linkingEventIdentifier", act))
                for act in links[thing.identifier].acts
            ),
            *(
                element(
                    "linkingRightsStatementIdentifier",
                    *identifier_elements("linkingRightsStatementIdentifier", statement),
                )
                for statement in (rights if thing.kind == "package" else ())
            ),
            **{"xsi:type": CATEGORIES[thing.kind]},
        )


def _significant(thing: Thing) -> Iterator[Element]:
    told = {
        "role": thing.facts.get("role"),
        "IPTC digital source type": thing.facts.get("digital_source_type"),
        "kind": thing.kind if thing.kind in ("model", "recipe") else None,
        "purpose": thing.facts.get("purpose"),
        "version": thing.facts.get("version"),
    }
    for name, value in told.items():
        if value:
            yield element(
                "significantProperties",
                element("significantPropertiesType", text=name),
                element("significantPropertiesValue", text=str(value)),
            )


def _characteristics(thing: Thing) -> Iterator[Element]:
    if thing.kind == "package":
        return
    size = thing.facts.get("bytes")
    digests = ((terms.SHA256, thing.sha256), (terms.MD5, thing.facts.get("md5")))
    yield element(
        "objectCharacteristics",
        element("compositionLevel", text="0"),
        *(_fixity(term, value) for term, value in digests if value),
        element("size", text=str(size)) if isinstance(size, int) else None,
        _format(thing),
    )


def _fixity(term: terms.Term, digest: object) -> Element:
    return element(
        "fixity",
        terms.term_element("messageDigestAlgorithm", "cryptographicHashFunctions", term),
        element("messageDigest", text=str(digest)),
        element("messageDigestOriginator", text=terms.OWN),
    )


def _format(thing: Thing) -> Element:
    form = format_of(thing)
    registry = element(
        "formatRegistry",
        element("formatRegistryName", text="PRONOM"),
        element("formatRegistryKey", text=form.puid),
        element("formatRegistryRole", text="specification"),
    )
    return element(
        "format",
        element("formatDesignation", element("formatName", text=form.name or NOT_NAMED)),
        registry if form.puid else None,
        *(element("formatNote", text=note) for note in form.notes),
    )


def _names(history: History, thing: Thing) -> Iterator[Element]:
    if thing.kind == "package" and thing.name:
        yield element("originalName", text=thing.name)
    if thing.kind != "file":
        return
    given = history.item.get("file", "") if thing.facts.get("role") == "master" else ""
    if given:
        yield element("originalName", text=given)
    place = element(
        "contentLocation",
        element("contentLocationType", text="path in the bag"),
        element("contentLocationValue", text=encoded(thing.identifier)),
    )
    yield element("storage", place)


def _relations(history: History, thing: Thing, links: Links) -> Iterator[Element]:
    for source, act in links.made:
        yield element(
            "relationship",
            terms.term_element("relationshipType", "relationshipType", terms.DERIVATION),
            terms.term_element("relationshipSubType", "relationshipSubType", terms.HAS_SOURCE),
            element("relatedObjectIdentifier", *identifier_elements("relatedObjectIdentifier", source)),
            element("relatedEventIdentifier", *identifier_elements("relatedEventIdentifier", act)),
        )
    if thing.kind == "file":
        yield element(
            "relationship",
            terms.term_element("relationshipType", "relationshipType", terms.STRUCTURAL),
            terms.term_element("relationshipSubType", "relationshipSubType", terms.INCLUDED_IN),
            element("relatedObjectIdentifier", *identifier_elements("relatedObjectIdentifier", history.package)),
        )
