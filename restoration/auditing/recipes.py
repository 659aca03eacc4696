"""The recipe that the log names, against the steps that the log tells of and the recipe of that name that ships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, cast

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.recipe import AccessSettings, Recipe, load_recipe, recipe_names
from restoration.record import canonical, digest_of
from restoration.standing import REPAIR_STEP, regions, standing

CHECK = "recipe"
Chain = list[list[Any]]
"""Name, version and parameters of each step."""


def recipe(bag: Bag) -> Iterator[Fault]:
    """The digest of the recipe follows from the steps, the segmentation and the access copies that it led to."""
    said = bag.first("ingestion")["recipe"]
    shipped = _shipped(said["name"])
    told = [[step["name"], step["version"], step["parameters"]] for step in _steps(bag)]
    speech = bag.first("segmentation").get("parameters")
    access = [asdict(AccessSettings()), *([asdict(shipped.access)] if shipped else [])]
    if said["digest"] in (_digest(said, chain, speech, one) for chain in _chains(told) for one in access):
        if shipped is not None and shipped.digest != said["digest"]:
            yield _note(f"the recipe “{said['name']}” is another version than the one that ships", shipped, said)
    elif shipped is not None and shipped.digest == said["digest"]:
        yield from _differences(bag, shipped, told, speech)
    elif shipped is not None:
        yield _note(f"the recipe “{said['name']}” is neither the one that ships nor what the log's steps give", shipped,
                    said, "fault")  # fmt: skip
    else:
        yield _note(
            f"the recipe “{said['name']}” does not ship, and has settings that the log does not hold", None, said
        )


def _steps(bag: Bag) -> list[dict[str, Any]]:
    """Those that the recipe asked for; the repair of regions that people asked for comes after them."""
    steps = [step for step in bag.of_kind("step") if step["outcome"] != "failed"]
    repaired = steps and steps[-1]["name"] == REPAIR_STEP and regions(standing(bag.events, carried_only=True).events)
    return steps[:-1] if repaired else steps


def _chains(told: Chain) -> Iterator[Chain]:
    """The steps as the recipe had them: a conversion back to the master's rate is added to those that leave it."""
    yield told
    if len(told) > 1 and told[-1][0] == "resample":
        yield told[:-1]


def _digest(said: dict[str, str], chain: Chain, speech: Any, access: Any) -> str:
    return digest_of([said["name"], said["version"], chain, speech, access])


@cache
def _shipped(name: str) -> Recipe | None:
    return load_recipe(name) if name in recipe_names() else None


def _differences(bag: Bag, shipped: Recipe, told: Chain, speech: Any) -> Iterator[Fault]:
    """Where the log's steps leave the recipe that the log names."""
    events = _steps(bag)
    wanted = [[name, type(step).version, asdict(cast(Any, step))] for name, step in shipped.steps]
    for number, (expected, found) in enumerate(_pairs(wanted, told)):
        if canonical(expected) != canonical(found):
            event = events[number]["sequence"] if number < len(events) else None
            place = f"event {event} (step {found[0]})" if found else "the log"
            name = expected[0] if expected else "none"
            step = f"step {number + 1} of the recipe “{shipped.name}” ({name})"
            sentence = f"{place} is not {step}, or has other parameters"
            yield Fault(
                check=CHECK,
                file=LOG,
                event=event,
                sentence=sentence,
                expected=canonical(expected),
                found=canonical(found),
            )
    if canonical(speech) != canonical(asdict(shipped.speech)):
        event = bag.first("segmentation").get("sequence")
        sentence = f"event {event} (segmentation) has other parameters than the recipe “{shipped.name}”"
        yield Fault(
            check=CHECK,
            file=LOG,
            event=event,
            sentence=sentence,
            expected=canonical(asdict(shipped.speech)),
            found=canonical(speech),
        )


def _pairs(wanted: Chain, told: Chain) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
    back = next(chain for chain in [*_chains(told)][::-1] if len(chain) <= max(len(wanted), len(told)))
    told = back if len(told) == len(wanted) + 1 else told
    for number in range(max(len(wanted), len(told))):
        yield (wanted[number] if number < len(wanted) else []), (told[number] if number < len(told) else [])


def _note(sentence: str, shipped: Recipe | None, said: dict[str, str], severity: str = "note") -> Fault:
    expected = shipped.digest if shipped else ""
    digests = f": {in_short(said['digest'])}" + (
        f", and the one that ships is {in_short(expected)}" if expected else ""
    )
    return Fault(check=CHECK, file=LOG, event=1, sentence=sentence + digests, expected=expected, found=said["digest"],
                 severity=severity)  # type: ignore[arg-type]  # fmt: skip
