"""No orphans: every event links a thing and an agent, and every thing and agent is linked by an event."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault

CHECK = "links"


def orphans(bag: Bag) -> Iterator[Fault]:
    """PREMIS asks of an event that it names an agent and an object; an object that nothing made has no history."""
    told = bag.history
    linked = {told.package}
    for act in told.acts:
        number = act.event.get("sequence")
        things = {*act.sources, *act.results, *act.used}
        linked |= things
        if not things & told.things.keys():
            yield Fault(check=CHECK, file=LOG, event=number, sentence=f"event {number} ({act.kind}) is about nothing")
        if not act.agents:
            yield Fault(
                check=CHECK, file=LOG, event=number, sentence=f"event {number} ({act.kind}) names nobody who acted"
            )
    for name in told.things.keys() - linked:
        yield Fault(check=CHECK, file=name, sentence=f"{name} is named in the log and linked by no event")


def nobody_unnamed(bag: Bag) -> Iterator[Fault]:
    """Agents have names, software a version."""
    for agent in bag.history.agents.values():
        if not agent.name or (agent.kind == "software" and not agent.version):
            sentence = f"the agent {agent.identifier} of event 1 (ingestion) has no name or no version"
            yield Fault(check=CHECK, file=LOG, event=1, sentence=sentence, expected="name and version")


def sounds_made(bag: Bag) -> Iterator[Fault]:
    """Every sound that is used was made by an event."""
    told = bag.history
    made = {result for act in told.acts for result in act.results}
    for name, thing in told.things.items():
        if thing.kind == "sound" and name not in made:
            yield Fault(
                check=CHECK, file=LOG, sentence=f"{thing.name} is used, and no event made it", found=thing.sha256
            )
