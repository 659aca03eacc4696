"""What goes back to a consent: bags, voices, blends, exported voices, and every file that was made with them.

Everything says by itself what it goes back to: a bag in its log, a voice on its card, a made file in its mark (inside,
or in the file beside it), and the usage logs keep what was made even where the file is gone. A thing depends on a
consent that it names, on a voice whose consents it was made by, or on a sound that it was made from; and what is made
of that depends on it in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restoration.errors import RestorationError
from restoration.growth import grow
from restoration.package import LOG
from restoration.record import Event, read
from restoration.voice.revocation import REVOCATION, key_of
from restoration.voice.traces import Trace, Traces, traces_in


@dataclass(frozen=True)
class Dependent:
    """A thing that goes back to a consent: ``kind`` is bag, voice, blend, exported voice, made file or use; ``why``."""

    kind: str
    path: Path
    why: str

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {"kind": self.kind, "path": str(self.path), "why": self.why}


@dataclass
class _Reach:
    """How far a consent reaches: the names, the seals of voices, and the digests of sounds that go back to it."""

    names: set[str]
    borrowed: set[str] = field(default_factory=set)
    seals: set[str] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)

    def why(self, trace: Trace, known_seals: set[str]) -> str:
        """Why a thing depends; blank where it does not."""
        named = [name for name in trace.names if key_of(name) in self.names]
        if named:
            return f"names “{named[0]}”"
        if trace.seal and trace.seal in self.seals:
            return "made with a voice that goes back to it"
        if trace.sources & self.digests:
            return "made from a sound that goes back to it"
        # The voice is not here to be asked: whoever names the same letter is told of rather than passed over.
        letter = [name for name in trace.names if key_of(name) in self.borrowed]
        if letter and trace.seal and trace.seal not in known_seals:
            return f"names “{letter[0]}”, the consent of that item, and its voice is not here to be asked"
        return ""

    def take(self, trace: Trace) -> None:
        """What depends on this thing depends on the consent as well."""
        if trace.is_voice:
            self.seals.add(trace.seal)
        self.digests |= trace.gives
        for item, reference in trace.consents:
            if key_of(item) in self.names and reference:
                self.borrowed.add(key_of(reference))


def dependents(reference: str, folders: Sequence[Path]) -> tuple[list[Dependent], list[str]]:
    """Everything in some folders, whatever their depth, that goes back to a consent; it may have been revoked since.

    Args:
        reference: the consent_ref of the consent, or the identifier of an item; capitals and spaces aside.
        folders: where to look.

    Returns:
        What was found, by kind and path, and sentences about what could not be read, which may depend as well.

    Raises:
        RestorationError: a folder is not there.
    """
    found = traces_in(folders)
    why = _spread(found, _Reach({key_of(reference)}))
    chosen = [(found.traces[place], reason) for place, reason in why.items()]
    here = {digest for trace, _ in chosen if trace.kind == "made file" for digest in trace.gives}
    # A use whose file was found is that file; one whose file is elsewhere, or was only heard, is told of.
    listed = {_told(trace, reason) for trace, reason in chosen if trace.kind != "use" or not trace.gives & here}
    return sorted(listed, key=lambda one: (one.kind, str(one.path), one.why)), found.unread


def tell_bags(found: Sequence[Dependent], revoked: Event) -> list[str]:
    """Write a revocation into the log of every bag that depends on it; sentences about those where that was refused.

    A log that knows of this revocation is left as it is, so that this may be done again, and for other folders later.
    """
    refused = []
    for bag in [one.path for one in found if one.kind == "bag"]:
        try:
            if not any(event["event"] == REVOCATION and event["register"] == revoked["digest"] for event in _log(bag)):
                about = {name: revoked[name] for name in ("reference", "by", "reason")}
                grow(bag, REVOCATION, **about, revoked=revoked["time"], register=revoked["digest"])
        except (RestorationError, OSError) as error:
            refused.append(str(error))
    return refused


def _log(bag: Path) -> list[Event]:
    return list(read(bag / LOG))


def _told(trace: Trace, reason: str) -> Dependent:
    gone = f"; made {', '.join(sorted(trace.gives))}, which is elsewhere" if trace.kind == "use" and trace.gives else ""
    return Dependent(trace.kind, trace.path, reason + gone)


def _spread(found: Traces, reach: _Reach) -> dict[int, str]:
    """Why each thing depends, by its place; again and again, until nothing new is reached."""
    seals = {trace.seal for trace in found.traces if trace.is_voice}
    why: dict[int, str] = {}
    grown = True
    while grown:
        grown = False
        for place, trace in enumerate(found.traces):
            if place not in why and (reason := reach.why(trace, seals)):
                why[place], grown = reason, True
                reach.take(trace)
    return why
