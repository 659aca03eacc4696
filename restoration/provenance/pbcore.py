"""A history as a PBCore 2.1 description: the carrier, and every file of the bag as an instantiation of the asset.

PBCore describes and has no place for steps with parameters: PREMIS, beside it, has. Digests stand among the
identifiers of an instantiation, as there is no other place for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from restoration.manifest.languages import FROM_THREE
from restoration.provenance.editing_list import time_label
from restoration.provenance.file_formats import Format, format_of
from restoration.provenance.grants import grants_of
from restoration.provenance.history import History, Thing
from restoration.provenance.label import label
from restoration.provenance.rights import consent_in, rights_in
from restoration.provenance.xml_text import document, element, encoded

PLACE = "data/record/pbcore.xml"
NAMESPACE = "http://www.pbcore.org/PBCore/PBCoreNamespace.html"
IDENTIFIER_SOURCE, PATH_SOURCE = "identifier of the archive", "path in the bag"
GENERATIONS = {"master": "Preservation master", "production master": "Production master", "access copy": "Access copy"}
NOT_STATED = "not stated"
MEDIA = {"audio": "Sound", "text": "Text", "image": "Static Image"}
_THREE_OF = {two: three for three, two in reversed(FROM_THREE.items())}
"""ISO 639-1 -> the terminological code of ISO 639-2, which is the first that the table names."""


def pbcore(history: History) -> str:
    """The PBCore description of an item."""
    root = element(
        "pbcoreDescriptionDocument",
        *_asset(history),
        *_people(history.item),
        *_rights(history),
        *_carrier(history.item),
        *(_file(history, thing) for thing in history.things.values() if thing.kind == "file"),
        *_annotations(history.item),
    )
    return document(root, {"xmlns": NAMESPACE})


def _asset(history: History) -> Iterator[Element]:
    item = history.item
    name = item.get("identifier") or NOT_STATED
    if item.get("recorded_date"):
        yield element("pbcoreAssetDate", text=item["recorded_date"], dateType="Recorded")
    yield element("pbcoreIdentifier", text=name, source=IDENTIFIER_SOURCE)
    yield element("pbcoreTitle", text=item.get("title") or name)
    treatment = label([act.event for act in history.acts])
    yield element("pbcoreDescription", text=treatment.long, descriptionType="Treatment")
    if item.get("notes"):
        yield element("pbcoreDescription", text=item["notes"], descriptionType="Notes")


def _people(item: Mapping[str, str]) -> Iterator[Element]:
    if item.get("speaker"):
        who = {"ref": item["speaker_uri"]} if item.get("speaker_uri") else {}
        speaker = element("contributor", text=item["speaker"], **who)
        yield element("pbcoreContributor", speaker, element("contributorRole", text="Speaker"))
    if item.get("digitizing_entity"):
        body = element("publisher", text=item["digitizing_entity"])
        yield element("pbcorePublisher", body, element("publisherRole", text="Digitizing entity"))


def _rights(history: History) -> Iterator[Element]:
    """Each rights summary holds one thing: the statement, the holder, the consent."""
    rights, consent, grants = rights_in(history.item), consent_in(history.item), grants_of(history)
    if rights.uri:
        yield element("pbcoreRightsSummary", element("rightsLink", text=encoded(rights.uri)))
    if rights.holder:
        yield _summary(f"Rights holder: {rights.holder}")
    granted = ", ".join(grants.acts) or "nothing"
    days = f", from {consent.valid_from or 'no first day'} until {consent.valid_until or 'no last day'}"
    bounded = days if consent.valid_from or consent.valid_until else ""
    told = [f"Voice consent: {consent.status or NOT_STATED}; grants {granted}{bounded}", *grants.restrictions]
    yield _summary("; ".join(told))


def _summary(text: str) -> Element:
    return element("pbcoreRightsSummary", element("rightsSummary", text=text))


def _carrier(item: Mapping[str, str]) -> Iterator[Element]:
    if not item.get("carrier_type"):
        return
    speeds = {"speed_ips": "inches per second", "speed_rpm": "revolutions per minute"}
    speed = next(((item[column], unit) for column, unit in speeds.items() if item.get(column)), None)
    track = element(
        "instantiationEssenceTrack",
        element("essenceTrackType", text="Audio"),
        element("essenceTrackPlaybackSpeed", text=speed[0], unitsOfMeasure=speed[1]) if speed else None,
    )
    notes = {name: item.get(name, "") for name in ("stock", "condition_pre", "condition_notes", "signal_notes")}
    yield element(
        "pbcoreInstantiation",
        element("instantiationIdentifier", text=item.get("identifier") or NOT_STATED, source=IDENTIFIER_SOURCE),
        element("instantiationPhysical", text=item["carrier_type"]),
        element("instantiationLocation", text=NOT_STATED),
        element("instantiationMediaType", text="Sound"),
        _optional("instantiationGenerations", item.get("generation")),
        _optional("instantiationTracks", item.get("track_configuration")),
        _optional("instantiationChannelConfiguration", item.get("sound_field")),
        track,
        *(
            element("instantiationAnnotation", text=text, annotationType=name.replace("_", " "))
            for name, text in notes.items()
            if text
        ),
    )


def _file(history: History, thing: Thing) -> Element:
    form, role = format_of(thing), str(thing.facts.get("role", ""))
    digests = {PATH_SOURCE: encoded(thing.identifier), "SHA-256": thing.sha256, "MD5": thing.facts.get("md5")}
    size = thing.facts.get("bytes")
    return element(
        "pbcoreInstantiation",
        *(
            element("instantiationIdentifier", text=str(text), source=source)
            for source, text in digests.items()
            if text
        ),
        *_made(history, thing),
        element("instantiationDigital", text=form.media_type),
        _optional("instantiationStandard", form.name),
        element("instantiationLocation", text=encoded(thing.identifier)),
        element("instantiationMediaType", text=MEDIA.get(form.media_type.partition("/")[0], "Dataset")),
        _optional("instantiationGenerations", GENERATIONS.get(role, role)),
        element("instantiationFileSize", text=str(size), unitsOfMeasure="byte") if size is not None else None,
        _optional("instantiationDuration", _time(form.duration_s)),
        _optional("instantiationTracks", str(form.channels or "")),
        _language(history.item) if form.is_sound else None,
        _track(form) if form.is_sound else None,
        *_sources(history, thing),
        _source_type(thing),
    )


def _made(history: History, thing: Thing) -> Iterator[Element]:
    for act in history.acts:
        if thing.identifier in act.results:
            yield element("instantiationDate", text=act.ended, dateType="Created")


def _track(form: Format) -> Element:
    return element(
        "instantiationEssenceTrack",
        element("essenceTrackType", text="Audio"),
        _optional("essenceTrackEncoding", form.codec),
        element("essenceTrackSamplingRate", text=str(form.sample_rate), unitsOfMeasure="Hz"),
        element("essenceTrackBitDepth", text=str(form.bits)) if form.bits else None,
        _optional("essenceTrackDuration", _time(form.duration_s)),
    )


def _sources(history: History, thing: Thing) -> Iterator[Element]:
    """What was made goes back to the preservation master, whatever sounds lie between."""
    role = thing.facts.get("role")
    masters = [one for one in history.things.values() if one.facts.get("role") == "master"]
    for master in masters if role != "master" else ():
        yield element(
            "instantiationRelation",
            element("instantiationRelationType", text="Derived from"),
            element("instantiationRelationIdentifier", text=encoded(master.identifier), source=PATH_SOURCE),
        )


def _source_type(thing: Thing) -> Element | None:
    kind = thing.facts.get("digital_source_type")
    return element("instantiationAnnotation", text=kind, annotationType="IPTC digital source type") if kind else None


def _annotations(item: Mapping[str, str]) -> Iterator[Element]:
    for name in ("access_level", "operator", "playback_device", "adc", "capture_software", "digitized_date"):
        if item.get(name):
            yield element("pbcoreAnnotation", text=item[name], annotationType=name.replace("_", " "))


def _language(item: Mapping[str, str]) -> Element | None:
    """PBCore takes the three letters of ISO 639-2; a language that has none there is left out."""
    code = item.get("language", "").partition("-")[0].lower()
    three = code if len(code) == 3 and code.isalpha() and code.isascii() else _THREE_OF.get(code)
    return element("instantiationLanguage", text=three) if three else None


def _optional(name: str, text: str | None) -> Element | None:
    return element(name, text=text) if text else None


def _time(seconds: float | None) -> str:
    return "" if seconds is None else time_label(seconds)
