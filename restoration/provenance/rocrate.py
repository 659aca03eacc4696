"""The history as an RO-Crate 1.1 of the profile Provenance Run Crate 0.5: for researchers, and for machines.

The crate's root is the payload of the bag, as the BagIt appendix of RO-Crate has it. The recipe is the workflow, each
of its steps a HowToStep with the step's code as its tool; each event of the log is an action. A sound between two
steps, which is kept in no file, is a contextual entity with the digest of its samples.

A parameter that is no plain text, number or truth value stands as JSON text, in a PropertyValue that says so: JSON-LD
drops nulls, and gives lists no order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from urllib.parse import quote

from restoration.provenance.file_formats import format_of
from restoration.provenance.history import Agent, History, Thing
from restoration.provenance.media_types import media_type
from restoration.provenance.recipe_text import PLACE as RECIPE
from restoration.provenance.recipe_text import planned, recipe_text
from restoration.provenance.rocrate_actions import ENGINE, RUN, actions, place_of, tool_of
from restoration.provenance.rocrate_ids import Entity, crate_id, links
from restoration.record import canonical

PLACE = "data/ro-crate-metadata.json"
LOG = "data/record/events.jsonl"
RO_CRATE = "https://w3id.org/ro/crate/1.1"
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
CONTEXT = [
    f"{RO_CRATE}/context",
    "https://w3id.org/ro/terms/workflow-run/context",
    {"digitalSourceType": "http://schema.org/digitalSourceType"},
]
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
TOML = "https://toml.io/en/v1.0.0"
NO_LICENCE = "The event log states no rights."


def ro_crate(told: History) -> str:
    """The metadata file: JSON-LD, flattened, in an order that follows from the log."""
    entities = {entity["@id"]: entity for entity in _entities(told)}
    first = [_descriptor(), _root(told)]
    graph = [*first, *(entities[name] for name in sorted(entities))]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _entities(told: History) -> Iterator[Entity]:
    yield from _profiles()
    yield from _licence(told)
    yield from (_thing(thing) for thing in told.things.values() if thing.kind not in ("package", "recipe"))
    yield _written(LOG, "".join(canonical(act.event) + "\n" for act in told.acts), "The event log")
    yield from _workflow(told)
    yield from (entity for agent in told.agents.values() for entity in _agent(agent, told))
    yield from actions(told)


def _descriptor() -> Entity:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": links((RO_CRATE, WORKFLOW_CRATE)),
    }


def _root(told: History) -> Entity:
    item = told.item
    title = item.get("title") or item.get("identifier") or "A voice recording"
    files = [thing.identifier for thing in told.things.values() if thing.kind == "file"]
    acts = [crate_id(act.identifier) for act in told.acts]
    about = {"identifier": item.get("identifier"), "inLanguage": item.get("language")}
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": f"“{title}”: the preservation master as delivered, what was made of it, and how.",
        **{name: value for name, value in about.items() if value},
        "conformsTo": links(PROFILES),
        "datePublished": next((act.ended for act in told.acts if act.kind == "packing"), told.acts[-1].ended),
        "license": {"@id": item["rights_uri"]} if item.get("rights_uri") else NO_LICENCE,
        "mainEntity": {"@id": crate_id(RECIPE)},
        "hasPart": links(sorted(crate_id(path) for path in (*files, LOG, RECIPE))),
        "mentions": links((RUN, ENGINE, *acts)),
    }


def _profiles() -> Iterator[Entity]:
    for uri, (name, version) in PROFILES.items():
        yield {"@id": uri, "@type": "CreativeWork", "name": name, "version": version}
    yield {"@id": TOML, "@type": "ComputerLanguage", "name": "TOML", "version": "1.0.0", "url": {"@id": TOML}}


def _licence(told: History) -> Iterator[Entity]:
    uri = told.item.get("rights_uri")
    if uri:
        yield {"@id": uri, "@type": "CreativeWork", "name": uri, "description": "The rights in the recording"}


def _thing(thing: Thing) -> Entity:
    entity: Entity = {"@id": crate_id(thing.identifier), "name": thing.name, "sha256": thing.sha256}
    source_type = thing.facts.get("digital_source_type")
    if source_type:
        entity["digitalSourceType"] = {"@id": source_type}
    if thing.kind == "model":
        about = "A model, by the digest of its weights"
        return {**entity, "@type": "CreativeWork", "additionalType": "machine learning model", "description": about}
    if thing.kind == "sound":
        about = "A sound, by the digest of its samples; it is kept in no file of its own"
        return {**entity, "@type": ["CreativeWork", "AudioObject"], "description": about}
    facts = {"md5": thing.facts.get("md5"), "description": thing.facts.get("role")}
    size = thing.facts.get("bytes")
    return {
        **entity,
        **_file(thing.identifier, format_of(thing).media_type),
        **{name: value for name, value in facts.items() if value},
        **({"contentSize": str(size)} if size is not None else {}),
    }


def _file(path: str, type_: str) -> Entity:
    return {"@id": crate_id(path), "@type": "File", "encodingFormat": type_}


def _written(path: str, text: str, name: str) -> Entity:
    """A file that follows from the log, and so its digest too."""
    content = text.encode()
    return {
        **_file(path, media_type(path)),
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "contentSize": str(len(content)),
    }


def _workflow(told: History) -> Iterator[Entity]:
    recipe = next((thing for thing in told.things.values() if thing.kind == "recipe"), None)
    acts = planned(told)
    tools = sorted({tool_of(act) for act in acts})
    yield {
        **_written(RECIPE, recipe_text(told), recipe.name if recipe else "recipe"),
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        **({"identifier": recipe.sha256, "description": recipe.facts.get("purpose", recipe.name)} if recipe else {}),
        "version": str(recipe.facts.get("version", "1")) if recipe else "1",
        "programmingLanguage": {"@id": TOML},
        "conformsTo": {"@id": WORKFLOW_PROFILE},
        "url": {"@id": crate_id(RECIPE)},
        "hasPart": links(tools),
        "step": links(place_of(act) for act in acts),
    }
    yield {"@id": WORKFLOW_PROFILE, "@type": "CreativeWork", "name": "ComputationalWorkflow", "version": "1.0-RELEASE"}
    for act in acts:
        yield {
            "@id": place_of(act),
            "@type": "HowToStep",
            "name": act.name,
            "position": str(act.event.get("position", 0)),
            "workExample": {"@id": tool_of(act)},
        }


def _agent(agent: Agent, told: History) -> Iterator[Entity]:
    if agent.kind == "person":
        yield {"@id": crate_id(agent.identifier), "@type": "Person", "name": agent.name}
        return
    software = next((act.event.get("software") or {} for act in told.acts if act.kind == "ingestion"), {})
    packages = {name: version for name, version in software.items() if name not in (agent.name, "python", "machine")}
    yield {
        "@id": crate_id(agent.identifier),
        "@type": "SoftwareApplication",
        "name": agent.name,
        "softwareVersion": agent.version,
        "runtimePlatform": f"Python {software.get('python', '')}".strip(),
        "operatingSystem": str(software.get("machine", "")),
        "softwareRequirements": links(_release(name, version) for name, version in sorted(packages.items())),
    }
    for name, version in packages.items():
        release = _release(name, version)
        about = {"name": name, "softwareVersion": version, "url": {"@id": release}}
        yield {"@id": release, "@type": "SoftwareApplication", **about}


def _release(name: str, version: str) -> str:
    return f"https://pypi.org/project/{quote(name)}/{quote(version)}/"
