"""The audit of one bag: every check in its turn, what it found, and what nobody asked it to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from restoration.auditing import (
    bagit_rules,
    broadcast_waves,
    chain,
    decided,
    deep,
    explained,
    exported,
    fixity_of_files,
    generated,
    links,
    made_again,
    master,
    models,
    recipes,
    replayed,
    sealing,
    shapes,
    sounds,
)
from restoration.auditing.bag import Bag
from restoration.auditing.fault import Fault, Severity
from restoration.errors import RestorationError
from restoration.seal_check import SealReport

Check = Callable[[Bag], Iterator[Fault]]
Reach = Literal["structure", "full", "deep"]

OF_THE_BAG: tuple[Check, ...] = (
    bagit_rules.declaration,
    bagit_rules.manifests,
    bagit_rules.complete,
    bagit_rules.information,
    chain.chain,
    chain.times,
    shapes.fields,
)
"""Those that take the log as it is, whatever it holds."""
OF_THE_RECORD: tuple[Check, ...] = (
    shapes.once,
    sounds.steps_follow,
    sounds.sources_known,
    sounds.other_sounds,
    links.orphans,
    links.nobody_unnamed,
    links.sounds_made,
    master.digests,
    master.header,
    master.key,
    broadcast_waves.chunks,
    explained.files_have_events,
    explained.events_have_files,
    explained.packing,
    decided.decisions,
    decided.honoured,
    exported.exports,
    models.digests,
    models.on_this_machine,
    recipes.recipe,
    generated.steps_declare,
    generated.files_declare,
    generated.map_declares,
    generated.report_declares,
    made_again.report_lists,
    made_again.report_head,
    made_again.exports,
    made_again.segments,
    made_again.map_index,
    sealing.public_key,
    sealing.broken_off,
)
"""Those that read the log as a record, and small files beside it."""
OF_THE_SOUND: tuple[Check, ...] = (deep.master_sound, deep.wave_sounds, deep.access_copies, deep.map_pages)
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError)
"""What a check meets in a log that is not as logs are; to it, that is a fault and not a bug."""


@dataclass(frozen=True)
class Wish:
    """What is asked of an audit.

    Attributes:
        reach: "structure" reads no sound; "full" reads every byte; "deep" decodes as well.
        key: file of the archive's public key, from elsewhere than the bag; None: nobody is trusted.
        heads: the register of heads, a file or the folder that holds it; None: there is none.
        replay: whether every derivative is made again.
        threads: files of one bag that are read at a time.
    """

    reach: Reach = "full"
    key: Path | None = None
    heads: Path | None = None
    replay: bool = False
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What came of the audit of one bag.

    Attributes:
        bag: its path; ``identifier`` of the item, as its log says.
        found: faults, warnings and notes, in the order of the checks.
        sealed_by: in words, who vouches for the log and how far.
        unchecked: sentences on what was not looked at, and why.
        files: how many lie in the bag; ``checked_bytes`` were read and digested, in ``reading_seconds``.
        seconds: of the whole audit.
    """

    bag: str
    identifier: str
    found: list[Fault]
    sealed_by: str
    unchecked: list[str] = field(default_factory=list)
    files: int = 0
    checked_bytes: int = 0
    reading_seconds: float = 0.0
    seconds: float = 0.0

    def of(self, severity: Severity) -> list[Fault]:
        """The findings of one severity."""
        return [one for one in self.found if one.severity == severity]

    @property
    def clean(self) -> bool:
        """Whether there is no fault."""
        return not self.of("fault")

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {**asdict(self), "clean": self.clean}


def audit(path: Path, wish: Wish | None = None) -> Audit:
    """Audit one bag. Whatever it holds, what is wrong is a fault and no error."""
    wish, began, bag = wish or Wish(), time.perf_counter(), Bag(path)
    found: list[Fault] = []
    took: dict[str, float] = {}
    for name, check in _checks(wish):
        started = time.perf_counter()
        found += _checked(name, check, bag)
        took[name] = time.perf_counter() - started
    read = wish.reach != "structure"
    seals = _seals(bag, wish)
    return Audit(
        bag=str(path),
        identifier=_identifier(bag),
        found=found,
        sealed_by=sealing.sealed_by(seals) if seals else "cannot be told",
        unchecked=[*_unchecked(wish), *(sealing.unchecked(seals, wish.key, wish.heads) if seals else ())],
        files=len(bag.files),
        checked_bytes=fixity_of_files.checked_bytes(bag) if read else 0,
        reading_seconds=took.get("fixity", 0.0),
        seconds=time.perf_counter() - began,
    )


def _checks(wish: Wish) -> Iterator[tuple[str, Check]]:
    """The checks that are asked for, by name, in their order."""
    yield from ((check.__name__, check) for check in (*OF_THE_BAG, *OF_THE_RECORD))
    yield "seals", partial(sealing.seals, key=wish.key)
    if wish.heads is not None:
        yield "heads", partial(sealing.in_register, register=wish.heads)
    if wish.reach != "structure":
        yield "fixity", partial(fixity_of_files.every_digest, threads=wish.threads)
    if wish.reach == "deep":
        yield from ((check.__name__, check) for check in OF_THE_SOUND)
    if wish.replay:
        yield "replay", replayed.replayed


def _seals(bag: Bag, wish: Wish) -> SealReport | None:
    try:
        return sealing.report_of(bag, wish.key)
    except MALFORMED:
        # The check of the seals has said so.
        return None


def _checked(name: str, check: Check, bag: Bag) -> list[Fault]:
    try:
        return list(check(bag))
    except MALFORMED as error:
        why = f"the log or a file is not as it should be ({type(error).__name__}: {error})"
    except (RestorationError, OSError) as error:
        why = str(error)
    what = name.replace("_", " ")
    return [Fault(check=what, sentence=f"the check “{what}” could not be made: {why}")]


def _identifier(bag: Bag) -> str:
    item = bag.first("ingestion").get("item")
    named = item.get("identifier") if isinstance(item, dict) else None
    return str(named or dict(bag.info).get("External-Identifier") or bag.path.name)


def _unchecked(wish: Wish) -> Iterator[str]:
    if wish.reach == "structure":
        yield "No digest of a file was computed: whether the bytes are those that were packed is not known."
    if wish.reach != "deep":
        yield "No sound was decoded (--deep does): that the files hold the log's sounds rests on their digests."
    if not wish.replay:
        yield "Nothing was replayed (--replay does): that master and steps give these files is the log's word."
