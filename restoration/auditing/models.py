"""The weights that the log says were used, against the cards of the models and the files on this machine."""

from __future__ import annotations

from collections.abc import Iterator

from restoration import weights
from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.errors import MissingWeights
from restoration.record import Event

CHECK = "weights"


def digests(bag: Bag) -> Iterator[Fault]:
    """Each digest stands on the card of its model, now or earlier."""
    cards = {card.name: card for card in weights.cards()}
    for event in bag.of_kind("step", "segmentation"):
        for name, digest in (event.get("weights") or event.get("models") or {}).items():
            card = cards.get(name)
            if card is None:
                yield _fault(event, f"used the model “{name}”, for which there is no card", "", digest)
            elif not card.sha256:
                note = f"used “{name}” ({in_short(digest)}); its authors publish no digest to compare with"
                yield _fault(event, note, "", digest, "note")
            elif digest in card.earlier:
                said = (
                    f"used earlier weights of “{name}”: {in_short(digest)}; those of today are {in_short(card.sha256)}"
                )
                yield _fault(event, said, card.sha256, digest, "warning")
            elif digest != card.sha256:
                known = in_short(card.sha256)
                said = f"used weights of “{name}” that no card knows: {in_short(digest)}, where the card has {known}"
                yield _fault(event, said, card.sha256, digest)


def on_this_machine(bag: Bag) -> Iterator[Fault]:
    """The file of each model that was used, where this machine has it, is the one on its card."""
    for event in bag.of_kind("step", "segmentation"):
        for name in event.get("weights") or event.get("models") or {}:
            if problem := _problem(name):
                yield _fault(event, f"used the model “{name}”: {problem}", "", "")


def _problem(name: str) -> str:
    if name not in _seen:
        try:
            weights.sha256_on_disk([name])
            _seen[name] = ""
        except MissingWeights as error:
            _seen[name] = str(error) if "there is no model" not in str(error) else ""
    return _seen[name]


_seen: dict[str, str] = {}
"""What was found of each model's file; read once in a process, for a collection names the same few."""


def _fault(event: Event, sentence: str, expected: str, found: str, severity: str = "fault") -> Fault:
    number = event["sequence"]
    about = " ".join(filter(None, [event["event"], str(event.get("name", ""))]))
    return Fault(
        check=CHECK, file=LOG, event=number, sentence=f"event {number} ({about}) {sentence}",
        expected=expected, found=found, severity=severity,  # type: ignore[arg-type]
    )  # fmt: skip
