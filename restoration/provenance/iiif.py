"""A history as a IIIF Presentation 3.0 manifest: one canvas, a choice of the restored sound and the untreated one.

Addresses: every ``id`` must be an HTTP(S) URI, that at which a resource is published if it is (3.0, section 3.1). Where
that will be is the archive's to say, in the column ``iiif_base`` of its manifest, so that the log has it and the export
stays a function of the log: bags lie below it by their identifiers, and everything in them by its path. Without it the
addresses begin with https://not-published.invalid/, a name that is reserved for what is nowhere (RFC 2606).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from restoration.provenance.digital_source_type import CAPTURED, IN_WORDS
from restoration.provenance.file_formats import format_of
from restoration.provenance.history import History, Thing
from restoration.provenance.label import label
from restoration.provenance.media_types import media_type

PLACE = "data/record/iiif-manifest.json"
CONTEXT = "http://iiif.io/api/presentation/3/context.json"
NOWHERE = "https://not-published.invalid"
CHOICES = {"_restored.opus": "Restored", "_untreated.opus": "Untreated"}
"""End of the name of an access copy -> what it is called; the first is what a player begins with."""
RIGHTS_HOSTS = ("creativecommons.org/", "rightsstatements.org/")
RECORDS = {"premis.xml": "PREMIS 3.0", "pbcore.xml": "PBCore 2.1", "prov.json": "PROV-JSON"}
REPORT = "data/record/treatment-report.html"
SHOWN = ("speaker", "recorded_date", "carrier_type", "generation", "language", "identifier")
Json = dict[str, Any]


def iiif_manifest(history: History) -> str:
    """The IIIF manifest of an item: JSON."""
    return json.dumps(_Manifest(history).told(), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class _Manifest:
    history: History

    @property
    def base(self) -> str:
        place = self.history.item.get("iiif_base", "") or NOWHERE
        return f"{place.rstrip('/')}/{quote(self.history.item.get('identifier', ''), safe='')}"

    def address(self, path: str, *parts: object) -> str:
        """Of a file of the bag, or of a part of the manifest that has no file of its own."""
        return "/".join([f"{self.base}/{quote(path)}", *(str(part) for part in parts)])

    @property
    def canvas(self) -> str:
        return self.address(PLACE, "canvas", 1)

    def told(self) -> Json:
        item = self.history.item
        treatment = label([act.event for act in self.history.acts])
        return {
            "@context": CONTEXT,
            "id": self.address(PLACE),
            "type": "Manifest",
            "label": _words(item.get("title") or item.get("identifier") or "Untitled", "none"),
            "summary": _words(treatment.long),
            "metadata": list(self._metadata()),
            "requiredStatement": {"label": _words("Treatment"), "value": _words(treatment.short)},
            **self._rights(),
            **self._provider(),
            "seeAlso": list(self._records()),
            **self._report(),
            "items": list(self._canvases()),
        }

    def _metadata(self) -> Iterator[Json]:
        for column in SHOWN:
            if self.history.item.get(column):
                name, value = column.replace("_", " ").capitalize(), self.history.item[column]
                yield {"label": _words(name), "value": _words(value, "none")}
        for thing in (*self._sounds(), *self._texts()):
            yield {"label": _words(f"SHA-256 of {thing.identifier}"), "value": _words(thing.sha256, "none")}

    def _rights(self) -> Json:
        """Only statements of those two hosts may stand here, by their http names (3.0, section 3.1)."""
        uri = self.history.rights.uri
        bare = uri.partition("://")[2].removeprefix("www.")
        return {"rights": f"http://{bare}"} if bare.startswith(RIGHTS_HOSTS) else {}

    def _provider(self) -> Json:
        item = self.history.item
        name = item.get("rights_holder") or item.get("digitizing_entity")
        if not name:
            return {}
        return {"provider": [{"id": self.address(PLACE, "provider"), "type": "Agent", "label": _words(name, "none")}]}

    def _records(self) -> Iterator[Json]:
        for file, name in RECORDS.items():
            place = self.address(f"data/record/{file}")
            yield {"id": place, "type": "Dataset", "label": _words(name), "format": media_type(file)}

    def _report(self) -> Json:
        place, name = self.address(REPORT), _words("Treatment report")
        return {"rendering": [{"id": place, "type": "Text", "label": name, "format": "text/html"}]}

    def _canvases(self) -> Iterator[Json]:
        duration_s = self._duration_s()
        if not duration_s:
            return
        sounds = [self._body(thing) for thing in self._sounds()]
        yield {
            "id": self.canvas,
            "type": "Canvas",
            "duration": duration_s,
            "items": [self._page("sound", [self._painting(sounds)] if sounds else [])],
            "annotations": [self._page("segments", [*self._segments(), *self._captions()])],
        }

    def _duration_s(self) -> float | None:
        """Of the restored sound; of the master where there is none."""
        files = [*self._sounds(), *(thing for thing in self.history.things.values() if _role(thing) == "master")]
        return next((format_of(thing).duration_s for thing in files if format_of(thing).duration_s), None)

    def _sounds(self) -> list[Thing]:
        copies = [thing for thing in self.history.things.values() if _role(thing) == "access copy"]
        return [thing for end in CHOICES for thing in copies if thing.identifier.endswith(end)]

    def _texts(self) -> list[Thing]:
        return [thing for thing in self.history.things.values() if thing.identifier.endswith(".vtt")]

    def _body(self, thing: Thing) -> Json:
        name = next(name for end, name in CHOICES.items() if thing.identifier.endswith(end))
        form = format_of(thing)
        kind = IN_WORDS.get(thing.facts.get("digital_source_type", CAPTURED), "")
        return {
            "id": self.address(thing.identifier),
            "type": "Sound",
            "format": form.media_type,
            **({"duration": form.duration_s} if form.duration_s else {}),
            "label": _words(f"{name}. {kind}"),
        }

    def _painting(self, sounds: list[Json]) -> Json:
        body = sounds[0] if len(sounds) == 1 else {"type": "Choice", "items": sounds}
        return self._annotation("sound", 1, "painting", body, self.canvas)

    def _segments(self) -> Iterator[Json]:
        said = [act.event for act in self.history.acts if act.kind == "segmentation"]
        for number, segment in enumerate(said[-1].get("segments", []) if said else [], start=1):
            body = {"type": "TextualBody", "value": str(segment["speaker"]), "format": "text/plain"}
            target = f"{self.canvas}#t={segment['start_s']:g},{segment['end_s']:g}"
            yield self._annotation("segments", number, "commenting", body, target)

    def _captions(self) -> Iterator[Json]:
        for thing in self._texts():
            body = {"id": self.address(thing.identifier), "type": "Text", "format": "text/vtt"}
            yield self._annotation("segments", "vtt", "supplementing", body, self.canvas)

    def _page(self, name: str, annotations: list[Json]) -> Json:
        return {"id": self.address(PLACE, "page", name), "type": "AnnotationPage", "items": annotations}

    def _annotation(self, page: str, number: object, motivation: str, body: Json, target: str) -> Json:
        place = self.address(PLACE, "page", page, number)
        return {"id": place, "type": "Annotation", "motivation": motivation, "body": body, "target": target}


def _role(thing: Thing) -> str:
    return str(thing.facts.get("role", ""))


def _words(text: str, language: str = "en") -> dict[str, list[str]]:
    """A language map. What begins with < and ends with > is HTML to a viewer (3.0, section 4.6): nothing here is."""
    return {language: [f"\u200b{text}" if text.lstrip().startswith("<") else text]}
