"""What the things in a folder say they go back to: consents, voices, sounds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restoration import fixity
from restoration.errors import RestorationError
from restoration.package import LOG
from restoration.record import read
from restoration.voice.consent import Consent, sealed
from restoration.voice.marking import SIDECAR, read_origin, sidecar_of
from restoration.voice.usage import FILE as USAGE_LOG
from restoration.voice.usage import USED

CARD = "card.json"
SOUNDS = (".wav", ".flac", ".mp3", ".opus")


@dataclass(frozen=True)
class Trace:
    """One thing.

    Attributes:
        kind: bag, voice, blend, exported voice, made file or use.
        path: the folder or file; of a use, the log.
        consents: pairs of item and reference.
        names: every name of a consent that it has, items and references.
        seal: digest of the consents of the voice that it is, or was made with.
        sources: SHA-256 of what it was made from.
        gives: SHA-256 of the files that it holds, or is.
    """

    kind: str
    path: Path
    names: tuple[str, ...]
    consents: tuple[tuple[str, str], ...] = ()
    seal: str = ""
    sources: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()

    @property
    def is_voice(self) -> bool:
        return self.kind in ("voice", "blend", "exported voice")


@dataclass
class Traces:
    """The things in some folders, and sentences about those that could not be read."""

    traces: list[Trace] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def read(self, path: Path, reader: Callable[[Path], Iterator[Trace]]) -> None:
        """Take what a file says; one that cannot be read is told of, for it may depend on anything."""
        try:
            self.traces += reader(path)
        except (RestorationError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self.unread.append(f"{path}: cannot be read ({type(error).__name__}: {error}); look at it yourself")


def traces_in(folders: Sequence[Path]) -> Traces:
    """Everything in some folders that says what it goes back to.

    Raises:
        RestorationError: a folder is not there.
    """
    found = Traces()
    for folder in folders:
        if not folder.is_dir():
            raise RestorationError(f"{folder}: there is no such folder to look in")
        for name, within, files in os.walk(folder):
            place = Path(name)
            if (place / LOG).is_file():
                found.read(place, _bag)
                within.clear()
                continue
            within.sort()
            for file in sorted(files):
                _take(found, place / file)
    return found


def _take(found: Traces, file: Path) -> None:
    if file.name == CARD:
        found.read(file, _voice)
    elif file.name == USAGE_LOG:
        found.read(file, _uses)
    elif file.name.endswith(SIDECAR):
        found.read(file, _sidecar)
    elif file.suffix.lower() in SOUNDS and not sidecar_of(file).exists():
        found.read(file, _marked)
    elif file.suffix == ".onnx" and file.with_suffix(".json").is_file():
        found.read(file, _exported)


def _bag(bag: Path) -> Iterator[Trace]:
    events = list(read(bag / LOG))
    item: Mapping[str, Any] = next((event["item"] for event in events if event["event"] == "ingestion"), {})
    masters = {event["sha256"] for event in events if event["event"] == "extraction"}
    made = {event["sha256"] for event in events if event["event"] == "derivation"}
    pair = (str(item.get("identifier", "")), str(item.get("consent_ref", "")))
    gives = frozenset(masters | made)
    yield Trace("bag", bag, tuple(name for name in pair if name), (pair,), "", frozenset(masters), gives)


def _voice(card: Path) -> Iterator[Trace]:
    told = json.loads(card.read_text(encoding="utf-8"))
    # Networks of other kinds have cards as well; what has no consents is no voice of anybody.
    listed = told.get("consents", told.get("consent"))
    if listed is None:
        return
    kind = "blend" if "blend" in (told.get("kind"), *told) else "voice"
    sources = frozenset(item["sha256"] for item in told.get("items", ()) if "sha256" in item)
    yield _of_voice(kind, card.parent, listed, sources)


def _exported(network: Path) -> Iterator[Trace]:
    told = json.loads(network.with_suffix(".json").read_text(encoding="utf-8"))
    if "voice" in told:
        yield _of_voice("exported voice", network, told["voice"]["consents"], frozenset())


def _of_voice(kind: str, path: Path, listed: Any, sources: frozenset[str]) -> Trace:
    told = [listed] if isinstance(listed, Mapping) else listed
    consents = [Consent.from_dict(each) for each in told]
    pairs = tuple((each.item, each.reference) for each in consents)
    names = tuple(dict.fromkeys(name for pair in pairs for name in pair if name))
    return Trace(kind, path, names, pairs, sealed(consents), sources)


def _sidecar(sidecar: Path) -> Iterator[Trace]:
    told = json.loads(sidecar.read_text(encoding="utf-8"))
    file = sidecar.with_name(sidecar.name.removesuffix(SIDECAR))
    yield _made(file, told["consents"], told["consent_sha256"], told["sources"], {told["sha256"]})


def _marked(file: Path) -> Iterator[Trace]:
    origin = read_origin(file)
    if origin is not None:
        own = {fixity.digests(file)["sha256"]}
        yield _made(file, origin.consents, origin.consent_sha256, origin.sources, own)


def _made(path: Path, consents: Sequence[str], seal: str, sources: Sequence[str], gives: set[str]) -> Trace:
    # A consent that is kept nowhere is named by its item, as “item 00471”.
    names = tuple(dict.fromkeys([*consents, *(one.removeprefix("item ") for one in consents)]))
    return Trace("made file", path, names, (), seal, frozenset(sources), frozenset(gives))


def _uses(log: Path) -> Iterator[Trace]:
    for event in read(log):
        if event["event"] == USED:
            made = _made(log, event["consents"], event["consent_sha256"], [event["source_sha256"]], set())
            yield Trace("use", log, made.names, (), made.seal, made.sources - {""},
                        frozenset({event["result_sha256"]} - {""}))  # fmt: skip
