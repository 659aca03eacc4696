"""A history as PREMIS 3.0, for the repository that takes the bag in (Library of Congress, Data Dictionary 3.0).

Every event links at least one object and one agent. What the dictionary has no place for stands in
``eventDetailExtension``: the step's name and its parameters as canonical JSON, when it began, the digest of the event.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from restoration.provenance import premis_terms as terms
from restoration.provenance.history import Act, Agent, History
from restoration.provenance.premis_objects import identifier_elements, object_elements
from restoration.provenance.premis_rights import IDENTIFIERS, rights_elements
from restoration.provenance.xml_text import document, element, json_text, shown

PLACE = "data/record/premis.xml"
NAMESPACE = "http://www.loc.gov/premis/v3"
OWN_NAMESPACE = "urn:x-heritage-voice:log"
"""Of what stands in the extensions; a name, and no address."""
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def premis(history: History) -> str:
    """The PREMIS record of an item."""
    root = element(
        "premis",
        *object_elements(history, IDENTIFIERS),
        *(_event(history, act) for act in history.acts),
        *(_agent(history, agent) for agent in history.agents.values()),
        *rights_elements(history),
        version="3.0",
    )
    return document(root, {"xmlns": NAMESPACE, "xmlns:xsi": INSTANCE})


def _event(history: History, act: Act) -> Element:
    return element(
        "event",
        element("eventIdentifier", *identifier_elements("eventIdentifier", act.identifier)),
        terms.term_element("eventType", "eventType", terms.event_type(act)),
        element("eventDateTime", text=act.ended),
        element("eventDetailInformation", element("eventDetail", text=act.detail), _extension(history, act)),
        _outcome(act),
        *(_linked_agent(history.agents[name]) for name in act.agents),
        *_linked_objects(history, act),
    )


def _extension(history: History, act: Act) -> Element:
    parameters = element("parameters")
    parameters.text = json_text(dict(act.parameters))
    told = element(
        "act",
        element("kind", text=act.kind),
        element("name", text=act.name),
        element("started", text=act.started),
        parameters,
        *(
            element(thing.kind, name=thing.name, sha256=thing.sha256)
            for thing in (history.things[name] for name in act.used)
        ),
        element("digest", text=act.digest),
        xmlns=OWN_NAMESPACE,
    )
    return element("eventDetailExtension", told)


def _outcome(act: Act) -> Element:
    detail = element("eventOutcomeDetail", element("eventOutcomeDetailNote", text=act.outcome))
    return element(
        "eventOutcomeInformation",
        terms.term_element("eventOutcome", "eventOutcome", terms.outcome(act)),
        detail if act.outcome else None,
    )


def _linked_agent(agent: Agent) -> Element:
    role = terms.EXECUTING if agent.kind == "software" else terms.AUTHORIZER
    return element(
        "linkingAgentIdentifier",
        *identifier_elements("linkingAgentIdentifier", agent.identifier),
        terms.term_element("linkingAgentRole", "eventRelatedAgentRole", role),
    )


def _linked_objects(history: History, act: Act) -> Iterator[Element]:
    linked = [
        *((name, terms.SOURCE) for name in act.sources),
        *((name, terms.OUTCOME) for name in act.results),
        *((name, terms.Term(history.things[name].kind)) for name in act.used),
    ]
    for name, role in linked:
        yield element(
            "linkingObjectIdentifier",
            *identifier_elements("linkingObjectIdentifier", name),
            terms.term_element("linkingObjectRole", "eventRelatedObjectRole", role),
        )


def _agent(history: History, agent: Agent) -> Element:
    kind = terms.SOFTWARE if agent.kind == "software" else terms.PERSON
    acts = [act for act in history.acts if agent.identifier in act.agents]
    return element(
        "agent",
        element("agentIdentifier", *identifier_elements("agentIdentifier", agent.identifier)),
        element("agentName", text=agent.name),
        terms.term_element("agentType", "agentType", kind),
        element("agentVersion", text=agent.version) if agent.version else None,
        *(element("agentNote", text=note) for note in (_libraries(acts, agent) if agent.kind == "software" else ())),
        *(
            element("linkingEventIdentifier", *identifier_elements("linkingEventIdentifier", act.identifier))
            for act in acts
        ),
    )


def _libraries(acts: list[Act], agent: Agent) -> list[str]:
    """Which versions of libraries decided the sound, as the log says where it names the software."""
    said = [(name, version) for act in acts for name, version in sorted((act.event.get("software") or {}).items())]
    return [shown(f"with {name} {version}") for name, version in dict.fromkeys(said) if name != agent.name]
