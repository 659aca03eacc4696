"""What happened to an item, as its log tells it: things, acts and agents (PROV-DM, W3C 2013).

Every export reads the log through this, so no two of them can disagree: they differ in how they say it, not in what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from restoration.provenance.digital_source_type import CAPTURED, FROM_WEAK_TO_STRONG, class_of
from restoration.provenance.generated import generates
from restoration.provenance.rights import Rights, VoiceConsent, consent_in, rights_in
from restoration.record import Event, canonical

ThingKind = Literal["package", "file", "sound", "model", "recipe"]
AgentKind = Literal["software", "person"]
SOFTWARE = "heritage-voice"
MAKING = ("extraction", "step", "derivation")
"""The kinds of event that make a sound or a file of another."""


@dataclass(frozen=True)
class Thing:
    """Something that acts make or use.

    Attributes:
        identifier: a file's path in the bag; ``sound/SHA256`` of a sound's samples; ``model/NAME/SHA256``;
            ``recipe/NAME/SHA256``; ``package/IDENTIFIER``.
        name: for people.
        sha256: of the file, of the samples, of the weights or of the recipe; empty for a package.
        facts: what the log says beside that: bytes, format, role, digital_source_type, md5.
    """

    identifier: str
    kind: ThingKind
    name: str
    sha256: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Agent:
    """Who acted: ``software/NAME/VERSION`` or ``person/NAME``."""

    identifier: str
    kind: AgentKind
    name: str
    version: str = ""


@dataclass(frozen=True)
class Act:
    """One event of the log.

    Attributes:
        identifier: ``event/SEQUENCE``; ``digest`` is the event's own.
        kind: of the event: ingestion, fixity check, extraction, measurement, step, segmentation, map, derivation,
            packing, decision, seal, key change, countersigning, audit, export, revocation.
        name: the step's name, the role of what was derived, else the kind.
        detail: one plain sentence.
        sources, results, used: identifiers of things; ``used`` are recipes and models.
        agents: identifiers; never empty.
        started, ended: ISO 8601 with the offset from UTC; the same where the log has one time.
        outcome: as the log has it; empty where it has none.
        event: the whole event.
    """

    identifier: str
    digest: str
    kind: str
    name: str
    detail: str
    parameters: Mapping[str, Any]
    sources: tuple[str, ...]
    results: tuple[str, ...]
    used: tuple[str, ...]
    agents: tuple[str, ...]
    started: str
    ended: str
    outcome: str
    event: Event


class Statement(NamedTuple):
    """What every export must say of each act that makes something, and the invariant test reads back from each."""

    step: str
    parameters: str
    source: str
    result: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """The things, acts and agents of one item, each in the order in which the log first names it."""

    item: Mapping[str, str]
    things: Mapping[str, Thing]
    acts: tuple[Act, ...]
    agents: Mapping[str, Agent]

    @property
    def package(self) -> str:
        """Identifier of the package of the item."""
        return f"package/{self.item.get('identifier', '')}"

    @property
    def rights(self) -> Rights:
        """The rights in the recording, as the item's row of the manifest states them."""
        return rights_in(self.item)

    @property
    def consent(self) -> VoiceConsent:
        """The consent to the use of the voice, which is apart from the rights in the recording."""
        return consent_in(self.item)

    def statements(self) -> frozenset[Statement]:
        """What was made of what: one statement for each act that makes a sound or a file."""
        return frozenset(self._statement(act) for act in self.acts if act.kind in MAKING and act.results)

    def _statement(self, act: Act) -> Statement:
        digests = tuple(sorted(self.things[one].sha256 for one in act.used))
        return Statement(act.name, canonical(dict(act.parameters)), act.sources[0], act.results[0], digests)


def history(events: Sequence[Event]) -> History:
    """Read a log.

    A step that failed has a source and no result; one that was left out has the same sound for both.
    """
    return _Reader(events).read()


class _Reader:
    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.item: dict[str, str] = next((dict(e["item"]) for e in events if e["event"] == "ingestion"), {})
        self.things: dict[str, Thing] = {}
        self.agents: dict[str, Agent] = {}
        self.master = next((f"data/master/{e['file']}" for e in events if e["event"] == "extraction"), "")

    def read(self) -> History:
        self._thing(f"package/{self.item.get('identifier', '')}", "package", self.item.get("title", ""), "")
        acts = tuple(self._act(event) for event in self.events)
        return History(self.item, self.things, acts, self.agents)

    def _act(self, event: Event) -> Act:
        kind = event["event"]
        reading = getattr(self, f"_{kind.replace(' ', '_')}", None)
        sources, results, used = reading(event) if reading else ((self._package(),), (), ())
        return Act(
            identifier=f"event/{event['sequence']}",
            digest=event["digest"],
            kind=kind,
            name=str(event["name"] if kind == "step" else event.get("role", kind)),
            detail=str(event.get("reason") or event.get("about") or event.get("outcome") or kind),
            parameters=event.get("parameters") or {},
            sources=sources,
            results=results,
            used=used,
            agents=tuple(self._agents_of(event)),
            started=str(event.get("started", event["time"])),
            ended=event["time"],
            outcome=str(event.get("outcome", "")),
            event=event,
        )

    def _ingestion(self, event: Event) -> tuple[tuple[str, ...], ...]:
        recipe = event.get("recipe") or {}
        named = self._thing(f"recipe/{recipe['name']}/{recipe['digest']}", "recipe", recipe["name"], recipe["digest"],
                            **{name: recipe[name] for name in ("purpose", "version")}) if recipe else ""  # fmt: skip
        return (self.master or self._package(),), (), (named,) if named else ()

    def _fixity_check(self, event: Event) -> tuple[tuple[str, ...], ...]:
        path, found = f"data/master/{event['file']}", event["found"]
        if path in self.things and event.get("outcome") != "match":
            return (path,), (), ()  # What was found is another file, which must not take the master's name.
        return (self._file(path, found["sha256"], role="master", md5=found["md5"]),), (), ()

    def _extraction(self, event: Event) -> tuple[tuple[str, ...], ...]:
        about = {"bytes": event["bytes"], "format": event["format"], "digital_source_type": CAPTURED}
        file = self._file(f"data/master/{event['file']}", event["sha256"], role="master", **about)
        return (file,), (self._sound(event["result"], CAPTURED),), ()

    def _measurement(self, event: Event) -> tuple[tuple[str, ...], ...]:
        return (self._sound(event["source"]),), (), ()

    def _step(self, event: Event) -> tuple[tuple[str, ...], ...]:
        source = self._sound(event["source"])
        before = self.things[source].facts.get("digital_source_type", CAPTURED)
        after = class_of(generates(event)) if event.get("outcome") == "treated" else before
        models = self._models(event.get("weights"))
        if event.get("outcome") == "failed":
            return (source,), (), models  # The log names the source again, as what the item was left with.
        strongest = max(before, after, key=FROM_WEAK_TO_STRONG.index)
        return (source,), (self._sound(event["result"], strongest),), models

    def _segmentation(self, event: Event) -> tuple[tuple[str, ...], ...]:
        return (self._sound(event["source"]),), (), self._models(event.get("models"))

    def _map(self, event: Event) -> tuple[tuple[str, ...], ...]:
        return (self._sound(event["source"]),), (), ()

    def _derivation(self, event: Event) -> tuple[tuple[str, ...], ...]:
        about = {name: event[name] for name in ("role", "bytes", "format", "digital_source_type") if name in event}
        return (self._sound(event["source"]),), (self._file(event["file"], event["sha256"], **about),), ()

    def _models(self, weights: Mapping[str, str] | None) -> tuple[str, ...]:
        known = sorted((weights or {}).items())
        return tuple(self._thing(f"model/{name}/{sha256}", "model", name, sha256) for name, sha256 in known)

    def _package(self) -> str:
        return f"package/{self.item.get('identifier', '')}"

    def _file(self, path: str, sha256: str, **facts: Any) -> str:
        return self._thing(path, "file", path.rsplit("/", 1)[-1], sha256, **facts)

    def _sound(self, sha256: str, source_type: str = "") -> str:
        facts = {"digital_source_type": source_type} if source_type else {}
        return self._thing(f"sound/{sha256}", "sound", f"sound {sha256[:12]}", sha256, **facts)

    def _thing(self, identifier: str, kind: ThingKind, name: str, sha256: str, **facts: Any) -> str:
        known = self.things.get(identifier)
        told = {**(known.facts if known else {}), **facts}
        self.things[identifier] = Thing(identifier, kind, name, sha256, told)
        return identifier

    def _agents_of(self, event: Event) -> Iterator[str]:
        """The person who decided, where one did, and the software that wrote the event."""
        if event.get("by"):
            yield self._agent(f"person/{event['by']}", "person", event["by"])
        told = next((e.get("software") or {} for e in self.events if e["event"] == "ingestion"), {})
        version = (event.get("software") or {}).get(SOFTWARE, told.get(SOFTWARE, ""))
        yield self._agent(f"software/{SOFTWARE}/{version}", "software", SOFTWARE, version)

    def _agent(self, identifier: str, kind: AgentKind, name: str, version: str = "") -> str:
        self.agents[identifier] = Agent(identifier, kind, name, version)
        return identifier
