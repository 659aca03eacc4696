"""What left for an exhibition: of a sound that the log knows, by a person, and not what was sent back without a word.

The files lie elsewhere, so that nothing here reads them; their digests are in the log for whoever holds them.
"""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import LOG, Bag
from restoration.auditing.fault import Fault, in_short
from restoration.record import Event

CHECK = "exports"
APPROVED, SENT_BACK = "treatment approved", "treatment sent back"


def exports(bag: Bag) -> Iterator[Fault]:
    """An export is of the production master's sound, and of a treatment that nobody had sent back, but for a reason."""
    master = next((event["source"] for event in bag.of_kind("derivation") if event["role"] == "production master"), "")
    judged = ""
    for event in bag.events:
        if event["event"] == "decision" and event["decision"] in (APPROVED, SENT_BACK):
            judged = event["decision"]
        if event["event"] != "export":
            continue
        if event["source"] != master:
            sentence = f"is of the sound {in_short(event['source'])}, which is not the production master's"
            yield _fault(event, sentence, master, event["source"])
        if judged == SENT_BACK and not event.get("even_though"):
            yield _fault(event, "is of a treatment that was sent back, and gives no reason", "even_though", "")


def _fault(event: Event, sentence: str, expected: str, found: str) -> Fault:
    number = event["sequence"]
    return Fault(
        check=CHECK,
        file=LOG,
        event=number,
        sentence=f"event {number} (export) {sentence}",
        expected=expected,
        found=found,
    )
