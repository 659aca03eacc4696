"""The events of a log as the actions of an RO-Crate, after the profile Provenance Run Crate 0.5.

An event that makes something is a CreateAction. A step of the recipe is also a ControlAction, which says that the
recipe asked for it; the run as a whole is a CreateAction of the recipe, put together by an OrganizeAction.
"""

from __future__ import annotations

from collections.abc import Iterator

from restoration.provenance.history import MAKING, Act, History
from restoration.provenance.recipe_text import PLACE as RECIPE
from restoration.provenance.rocrate_ids import Entity, crate_id, links
from restoration.record import canonical

JSON_TEXT = "https://www.iana.org/assignments/media-types/application/json"
RUN, ENGINE = "#run", "#run/steps"
ACTIONS = {
    **dict.fromkeys(MAKING, "CreateAction"),
    **dict.fromkeys(("fixity check", "measurement", "segmentation", "map", "audit"), "CheckAction"),
    "decision": "ChooseAction",
}


def actions(told: History) -> Iterator[Entity]:
    """Every act with its parameters, the code of every step, and the run as a whole."""
    for act in told.acts:
        yield from _action(act)
        if act.kind == "step":
            yield _code(act)
            yield _control(act)
    yield from _run(told)


def tool_of(act: Act) -> str:
    """What carried an act out: the code of a step, or the software as a whole."""
    if act.kind == "step":
        return crate_id(f"step/{act.name}/{act.event.get('version', '')}")
    return crate_id(_software(act)[0])


def place_of(act: Act) -> str:
    return crate_id(f"recipe-step/{act.event.get('position', 0)}")


def _action(act: Act) -> Iterator[Entity]:
    """The action of an event, and its parameters."""
    name = crate_id(act.identifier)
    values = list(_parameters(act))
    failed = act.outcome in ("failed", "mismatch")
    people = [person for person in act.agents if person.startswith("person/")]
    objects = [*map(crate_id, (*act.sources, *act.used)), *(value["@id"] for value in values)]
    yield {
        "@id": name,
        "@type": ACTIONS.get(act.kind, "Action"),
        "name": act.name,
        "description": f"{act.outcome}: {act.detail}" if act.kind == "step" else act.detail,
        "identifier": act.digest,
        "startTime": act.started,
        "endTime": act.ended,
        "instrument": {"@id": tool_of(act)},
        "object": links(objects),
        **({"result": links(map(crate_id, act.results))} if act.results else {}),
        **({"agent": links(map(crate_id, people))} if people else {}),
        "actionStatus": f"http://schema.org/{'Failed' if failed else 'Completed'}ActionStatus",
        **({"error": act.detail} if failed else {}),
    }
    yield from values


def _parameters(act: Act) -> Iterator[Entity]:
    for name, value in act.parameters.items():
        entity = {"@id": crate_id(f"{act.identifier}/parameter/{name}"), "@type": "PropertyValue", "name": name}
        if isinstance(value, str | int | float):
            yield {**entity, "value": value}
        else:
            yield {**entity, "value": canonical(value), "additionalType": JSON_TEXT}


def _code(act: Act) -> Entity:
    return {
        "@id": tool_of(act),
        "@type": "SoftwareApplication",
        "name": act.name,
        "description": str(act.event.get("about", act.name)),
        "softwareVersion": str(act.event.get("version", "")),
        "isPartOf": links(map(crate_id, _software(act))),
    }


def _control(act: Act) -> Entity:
    name = crate_id(act.identifier)
    return {
        "@id": f"{name}/control",
        "@type": "ControlAction",
        "name": f"{act.name}, as the recipe asks",
        "endTime": act.ended,
        "instrument": {"@id": place_of(act)},
        "object": {"@id": name},
    }


def _run(told: History) -> Iterator[Entity]:
    """The run of the recipe as a whole, and that it was made of the steps."""
    steps = [act for act in told.acts if act.kind == "step"]
    whole = steps or told.acts[:1]
    about = {"startTime": whole[0].started, "endTime": whole[-1].ended}
    yield {
        "@id": RUN,
        "@type": "CreateAction",
        "name": f"Treatment of {told.item.get('identifier', 'the item')}",
        "description": "All steps of the recipe, from the sound of the master to the restored one",
        "instrument": {"@id": crate_id(RECIPE)},
        "object": links(map(crate_id, whole[0].sources)),
        "result": links(map(crate_id, next((act.results for act in reversed(steps) if act.results), ()))),
        **about,
    }
    yield {
        "@id": ENGINE,
        "@type": "OrganizeAction",
        "name": "The steps of the recipe, one after the other",
        "instrument": {"@id": crate_id(_software(whole[0])[0])},
        "object": links(f"{crate_id(act.identifier)}/control" for act in steps),
        "result": {"@id": RUN},
        **about,
    }


def _software(act: Act) -> list[str]:
    return [name for name in act.agents if name.startswith("software/")]
