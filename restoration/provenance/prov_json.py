"""The history as PROV-JSON (W3C member submission, 2013): entities, activities and agents, for tools that know PROV.

Files and acts are named within the bag, by an ARCP name; sounds, models, recipes and agents are named alike in every
bag, so that the documents of a collection can be put together.

A step that was left out generates nothing: PROV allows an entity one generation. Its act says that it left the sound as
it was.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any
from urllib.parse import quote

from restoration.provenance.history import Act, Agent, History, Thing
from restoration.record import canonical

Block = dict[str, dict[str, Any]]

PLACE = "data/record/prov.json"
OF_ALL = "urn:x-heritage-voice:"
IN_THE_BAG = ("data/", "event/", "package/")


def prov_json(told: History) -> str:
    """The document, with relations numbered in the order of the log."""
    document: dict[str, Block] = defaultdict(dict)
    bag = f"arcp://name,{quote(told.item.get('identifier', ''), safe='')}/"
    document["prefix"] = {"bag": bag, "hv": OF_ALL}  # type: ignore[dict-item]
    document["entity"] = {prov_id(name): _entity(thing) for name, thing in told.things.items()}
    document["agent"] = {prov_id(name): _agent(agent) for name, agent in told.agents.items()}
    document["activity"] = {prov_id(act.identifier): _activity(act) for act in told.acts}
    for act in told.acts:
        for relation, fields in _relations(act):
            document[relation][f"_:{relation}{len(document[relation]) + 1}"] = fields
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def prov_id(identifier: str) -> str:
    """The qualified name of a thing, an act or an agent."""
    return ("bag:" if identifier.startswith(IN_THE_BAG) else "hv:") + quote(identifier)


def _entity(thing: Thing) -> dict[str, Any]:
    known = {"prov:label": thing.name, "hv:sha256": thing.sha256}
    for name in ("role", "md5", "bytes", "digital_source_type", "purpose", "version"):
        known[f"hv:{name}"] = thing.facts.get(name, "")
    if thing.kind == "file":
        known["prov:location"] = thing.identifier
    kinds = [_name(f"hv:{thing.kind}"), *([_name("prov:Plan")] if thing.kind == "recipe" else [])]
    return {"prov:type": kinds, **{name: value for name, value in known.items() if value not in ("", None)}}


def _agent(agent: Agent) -> dict[str, Any]:
    kind = "prov:Person" if agent.kind == "person" else "prov:SoftwareAgent"
    about = {"prov:type": _name(kind), "prov:label": agent.name}
    return {**about, "hv:version": agent.version} if agent.version else about


def _activity(act: Act) -> dict[str, Any]:
    return {
        "prov:startTime": act.started,
        "prov:endTime": act.ended,
        "prov:type": _name(f"hv:{quote(act.kind)}"),
        "prov:label": act.name,
        "hv:detail": act.detail,
        "hv:digest": act.digest,
        "hv:parameters": canonical(dict(act.parameters)),
        **({"hv:outcome": act.outcome} if act.outcome else {}),
        **({"hv:left_as_it_was": True} if act.results and act.results == act.sources else {}),
    }


def _relations(act: Act) -> list[tuple[str, dict[str, Any]]]:
    activity = {"prov:activity": prov_id(act.identifier)}
    roles = [(name, "source") for name in act.sources] + [(name, "means") for name in act.used]
    found = [("used", {**activity, "prov:entity": prov_id(name), "prov:role": role}) for name, role in roles]
    for name in act.results:
        if name in act.sources:
            continue
        made = {**activity, "prov:entity": prov_id(name)}
        found.append(("wasGeneratedBy", {**made, "prov:time": act.ended}))
        for source in act.sources:
            ends = {"prov:generatedEntity": prov_id(name), "prov:usedEntity": prov_id(source)}
            found.append(("wasDerivedFrom", {**activity, **ends}))
    plans = [prov_id(name) for name in act.used if name.startswith("recipe/")]
    plan = {"prov:plan": plans[0]} if plans else {}
    found += [("wasAssociatedWith", {**activity, "prov:agent": prov_id(name), **plan}) for name in act.agents]
    return found


def _name(qualified: str) -> dict[str, str]:
    return {"$": qualified, "type": "prov:QUALIFIED_NAME"}
