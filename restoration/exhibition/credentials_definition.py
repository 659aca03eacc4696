"""What content credentials say of an exhibit: the definition of a C2PA manifest, made from the log and nothing else.

C2PA 2.x: the master is the ingredient that was opened, each treated step an action with its IPTC digital source type,
then what the export did. What has no place in the standard stands in an assertion of our own, ``OWN_ASSERTION``.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

from restoration import __version__
from restoration.exhibition.exhibit import Excerpt, Exhibit
from restoration.provenance.digital_source_type import class_of, digital_source_type
from restoration.provenance.generated import generated_sentence, generates, treated_steps
from restoration.provenance.history import SOFTWARE
from restoration.provenance.label import label, step_words
from restoration.provenance.media_types import media_type
from restoration.record import Event
from restoration.texts import languages

OWN_ASSERTION = "org.heritage-voice.origin"
TRAINING_ASSERTION = "cawg.training-mining"
LOSSY = ("opus", "mp3")
Json = dict[str, Any]


def definition(exhibit: Exhibit, unsigned_sha256: str) -> Json:
    """The definition of the manifest of a file whose digest before it is signed is ``unsigned_sha256``.

    Its names are made from that digest, so that the same exhibit has the same.
    """
    master = _master(exhibit)
    name = str(uuid.UUID(bytes=hashlib.sha256(f"{OWN_ASSERTION} {unsigned_sha256}".encode()).digest()[:16], version=4))
    assertions = [
        {"label": "c2pa.actions.v2", "data": {"actions": list(_actions(exhibit, master))}},
        {"label": OWN_ASSERTION, "data": origin(exhibit)},
        *_training(exhibit),
    ]
    return {
        "claim_version": 2,
        "claim_generator_info": [{"name": SOFTWARE, "version": __version__}],
        "label": f"urn:c2pa:{name}",
        "instance_id": f"xmp:iid:{name}",
        "title": str(exhibit.item.get("title") or exhibit.identifier),
        "format": media_type(exhibit.file.name),
        "ingredients": [master] if master else [],
        "assertions": assertions,
    }


def origin(exhibit: Exhibit) -> Json:
    """What our own assertion says: which recording, which log, which stretch, how loud, in which rights."""
    events, item = list(exhibit.events), exhibit.item
    excerpt = exhibit.excerpt
    extraction = _extraction(exhibit)
    told = {
        "format": "heritage-voice origin 1",
        "identifier": exhibit.identifier,
        "log_head": events[-1]["digest"] if events else "",
        "log_events": len(events),
        "master": {"file": extraction.get("file", ""), "sha256": extraction.get("sha256", "")},
        "digital_source_type": digital_source_type(events),
        "labels": {language: label(events, language).short for language in languages()},
        "preset": exhibit.preset.about(),
        "sound_sha256": exhibit.recording.pcm_sha256,
        "rights": {"uri": str(item.get("rights_uri") or ""), "holder": str(item.get("rights_holder") or "")},
    }
    if excerpt is not None:
        # As text: the library gives a list of small numbers back as base64.
        segments = ", ".join(str(number) for number in excerpt.segments)
        told["excerpt"] = {**_times(excerpt), "segments": segments}
    return told


def _extraction(exhibit: Exhibit) -> Event:
    return next((event for event in reversed(exhibit.events) if event["event"] == "extraction"), {})


def _master(exhibit: Exhibit) -> Json | None:
    """The preservation master as an ingredient, by what the log has of it: the file itself is not wanted here."""
    extraction = _extraction(exhibit)
    if not extraction:
        return None
    return {
        "title": str(extraction["file"]),
        "format": media_type(str(extraction["file"])),
        "instance_id": f"sha256:{extraction['sha256']}",
        "relationship": "parentOf",
        "description": f"Preservation master, {extraction['bytes']} bytes, SHA-256 {extraction['sha256']}",
    }


def _actions(exhibit: Exhibit, master: Json | None) -> Iterator[Json]:
    if master:
        yield {"action": "c2pa.opened", "parameters": {"ingredientIds": [master["instance_id"]]}}
    else:
        # A manifest begins with an opening or a creation; without a master in the log there is nothing to open.
        yield {"action": "c2pa.created", "digitalSourceType": digital_source_type(exhibit.events)}
    for event in treated_steps(exhibit.events):
        yield _step(event)
    if exhibit.excerpt is not None:
        yield {"action": "c2pa.trimmed", "description": "Excerpt", "parameters": _own(_times(exhibit.excerpt))}
    if exhibit.preset.loudness is not None:
        about = exhibit.preset.about()
        words = f"Mastered for exhibition, preset {about['name']}"
        yield {"action": "c2pa.edited", "description": words, "parameters": _own({"preset": about["digest"]})}
    if exhibit.format in LOSSY:
        yield {"action": "c2pa.transcoded", "description": f"Encoded as {exhibit.format}"}


def _step(event: Event) -> Json:
    words = generated_sentence(event) or step_words(event["name"])
    action = "c2pa.changedSpeed" if event["name"] == "correct_speed" else "c2pa.edited"
    version = {"name": SOFTWARE, "version": f"step {event['name']} {event.get('version', '')}".strip()}
    facts = {"step": event["name"], "event": event.get("digest", "")}
    told: Json = {"action": action, "description": words, "softwareAgent": version, "parameters": _own(facts)}
    if event.get("time"):
        told["when"] = event["time"]
    return {**told, "digitalSourceType": class_of(generates(event))}


def _times(excerpt: Excerpt) -> Json:
    """To the microsecond, as the log has them."""
    return {"start_s": round(excerpt.start_s, 6), "stop_s": round(excerpt.stop_s, 6)}


def _own(parameters: Json) -> Json:
    return {f"org.heritage-voice.{name}": value for name, value in parameters.items()}


def _training(exhibit: Exhibit) -> Iterator[Json]:
    """Whether models may be trained on the sound, where the row of the manifest says so, and only there."""
    status, scope = (str(exhibit.item.get(column) or "") for column in ("voice_consent", "consent_scope"))
    if status == "none" or scope == "restoration only":
        use: Json = {"use": "notAllowed"}
    elif status in ("recorded", "estate") and scope:
        held = str(exhibit.item.get("consent_ref") or "by the archive")
        use = {"use": "constrained", "constraint_info": f"Only for: {scope}. Consent: {held}"}
    else:
        return
    entries = dict.fromkeys(("cawg.ai_training", "cawg.ai_generative_training"), use)
    yield {"label": TRAINING_ASSERTION, "data": {"entries": entries}}
