"""What was generated is said to be: in the step's event, on everything made of it, and in the report."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, REPORT, Bag
from restoration.auditing.fault import Fault
from restoration.provenance.digital_source_type import (
    CAPTURED,
    FROM_WEAK_TO_STRONG,
    VOCABULARY,
    class_of,
    digital_source_type,
)
from restoration.recipe import step_kind, step_names
from restoration.record import Event

CHECK = "generated"
SOUND_ROLES = ("production master", "residual", "access copy")


def steps_declare(bag: Bag) -> Iterator[Fault]:
    """A step that was carried out generates what its kind generates; one that was not generates nothing."""
    for step in bag.of_kind("step"):
        name, said = step["name"], step["generates"]
        if name not in step_names():
            yield _fault(
                step,
                f"is of a kind, {name}, that does not ship: what it generates is its word alone",
                "",
                said,
                "warning",
            )
            continue
        wanted = step_kind(name).generates if step["outcome"] == "treated" else "nothing"
        if said != wanted:
            yield _fault(step, f"says that {name} generated {said}, where it generates {wanted}", wanted, said)


def files_declare(bag: Bag) -> Iterator[Fault]:
    """The digital source type of a derivative is at least as strong as that of its sound, and of what it holds."""
    things = bag.history.things
    treated = digital_source_type(bag.events)
    for event in bag.of_kind("derivation"):
        said = event.get("digital_source_type")
        if said is None and event["role"] not in SOUND_ROLES:
            continue
        if said not in FROM_WEAK_TO_STRONG:
            yield _fault(
                event, f"gives {event['file']} no digital source type of the IPTC", FROM_WEAK_TO_STRONG[0], str(said)
            )
            continue
        source = things[f"sound/{event['source']}"].facts.get("digital_source_type", CAPTURED)
        # The copy of what was removed is said to be of the master's sound, and the treatment is in it all the same.
        least = treated if _stem(event).endswith("_removed") else source
        if FROM_WEAK_TO_STRONG.index(said) < FROM_WEAK_TO_STRONG.index(least):
            yield _fault(
                event, f"calls {event['file']} {_word(said)}, where its chain makes it {_word(least)}", least, said
            )


def report_declares(bag: Bag) -> Iterator[Fault]:
    """The report names the class of the restored sound."""
    wanted = _word(digital_source_type(bag.events))
    if REPORT in bag.files and wanted not in bag.text(REPORT):
        sentence = f"{REPORT} does not say that the restored sound is {wanted}"
        yield Fault(check=CHECK, file=REPORT, sentence=sentence, expected=wanted)


def map_declares(bag: Bag) -> Iterator[Fault]:
    """A map of origin finds generated energy only where a step says that it generated."""
    strongest = max(
        (class_of(step["generates"]) for step in bag.of_kind("step") if step["generates"] != "nothing"), default=""
    )
    for event in bag.of_kind("map"):
        share = event["figures"].get("generated_energy_share", 0.0)
        if share > 0 and not strongest:
            yield _fault(event, f"finds {share:.2%} of the energy generated, and no step says so", "0", str(share))


def _stem(event: Event) -> str:
    return str(event["file"]).rsplit("/", 1)[-1].rsplit(".", 1)[0]


def _word(uri: str) -> str:
    return uri.removeprefix(VOCABULARY)


def _fault(event: Event, sentence: str, expected: str, found: str, severity: str = "fault") -> Fault:
    number, file = event["sequence"], str(event.get("file", LOG))
    return Fault(
        check=CHECK, file=file, event=number, sentence=f"event {number} ({event['event']}) {sentence}",
        expected=expected, found=found, severity=severity,  # type: ignore[arg-type]
    )  # fmt: skip
