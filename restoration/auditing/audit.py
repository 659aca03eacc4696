"""The audit of one bag: every check in its turn, what it found, and what nobody asked it to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from restoration.auditing import (
    bagit_rules,
    broadcast_waves,
    chain,
    deep,
    explained,
    fixity_of_files,
    generated,
    links,
    made_again,
    master,
    models,
    recipes,
    shapes,
    sounds,
)
from restoration.auditing.bag import Bag
from restoration.auditing.fault import Fault, Severity

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
    master.digests,
    master.header,
    master.key,
    broadcast_waves.chunks,
    explained.files_have_events,
    explained.events_have_files,
    explained.packing,
    models.digests,
    models.on_this_machine,
    recipes.recipe,
    generated.steps_declare,
    generated.files_declare,
    generated.map_declares,
    generated.report_declares,
    made_again.report_lists,
    made_again.exports,
    made_again.segments,
    made_again.map_index,
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
        files, checked_bytes: how much was read and digested.
    """

    bag: str
    identifier: str
    found: list[Fault]
    sealed_by: str
    unchecked: list[str] = field(default_factory=list)
    files: int = 0
    checked_bytes: int = 0
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
    found = [fault for check in OF_THE_BAG for fault in _checked(check, bag)]
    found += [fault for check in OF_THE_RECORD for fault in _checked(check, bag)]
    if wish.reach != "structure":
        found += fixity_of_files.every_digest(bag, wish.threads)
    if wish.reach == "deep":
        found += [fault for check in OF_THE_SOUND for fault in _checked(check, bag)]
    read = wish.reach != "structure"
    return Audit(
        bag=str(path),
        identifier=_identifier(bag),
        found=found,
        sealed_by="",
        unchecked=[*_unchecked(wish)],
        files=len(bag.files),
        checked_bytes=fixity_of_files.checked_bytes(bag) if read else 0,
        seconds=time.perf_counter() - began,
    )


def _checked(check: Check, bag: Bag) -> list[Fault]:
    try:
        return list(check(bag))
    except MALFORMED as error:
        name = check.__name__.replace("_", " ")
        what = f"{type(error).__name__}: {error}"
        sentence = f"the check “{name}” could not be made: the log or a file is not as it should be ({what})"
        return [Fault(check=name, sentence=sentence)]
    except OSError as error:
        sentence = f"the check “{check.__name__.replace('_', ' ')}” could not be made: {error}"
        return [Fault(check=check.__name__, sentence=sentence)]


def _identifier(bag: Bag) -> str:
    item = bag.first("ingestion").get("item")
    named = item.get("identifier") if isinstance(item, dict) else None
    return str(named or dict(bag.info).get("External-Identifier") or bag.path.name)


def _unchecked(wish: Wish) -> Iterator[str]:
    if wish.reach == "structure":
        yield "No digest of a file was computed: whether the bytes are those that were packed is not known."
    if wish.reach != "deep":
        yield "No sound was decoded (--deep does): that the sounds are those of the log rests on the digests of the files."
    if not wish.replay:
        yield "Nothing was replayed: that the derivatives come of the master by the steps of the log is the log's word."
