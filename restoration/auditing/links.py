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
    made = {result for act in told.acts for result in act.results}
    for act in told.acts:
        number = act.event.get("sequence")
        things = [*act.sources, *act.results, *act.used]
        linked.update(things)
        if not any(thing in told.things for thing in things):
            yield Fault(check=CHECK, file=LOG, event=number, sentence=f"event {number} ({act.kind}) is about nothing")
        if not act.agents:
            yield Fault(check=CHECK, file=LOG, event=number, sentence=f"event {number} ({act.kind}) names nobody who acted")
    for agent in told.agents.values():
        if not agent.name or (agent.kind == "software" and not agent.version):
            sentence = f"the agent {agent.identifier} has no name or no version"
            yield Fault(check=CHECK, file=LOG, event=1, sentence=sentence, expected="name and version")
    for name, thing in told.things.items():
        if name not in linked:
            yield Fault(check=CHECK, file=name, sentence=f"{name} is named in the log and linked by no event")
        if thing.kind == "sound" and name not in made:
            yield Fault(check=CHECK, file=LOG, sentence=f"{thing.name} is used, and no event made it", found=thing.sha256)
