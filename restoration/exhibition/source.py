"""What an export is made from: the log of a bag, and its production master as the log tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restoration import fixity, sound_files
from restoration.audio import Recording, Writer
from restoration.decisions import review_state
from restoration.errors import BadBag, FixityMismatch, RestorationError
from restoration.packed import check_log_file
from restoration.record import Event, read

EXPORT = "export"


class SentBack(RestorationError):
    """A treatment that a person sent back, and nobody approved since."""


@dataclass(frozen=True)
class Source:
    """A bag, and what its log says: ``told`` is the event of the production master."""

    bag: Path
    events: tuple[Event, ...]
    item: dict[str, Any]
    told: Event

    @classmethod
    def of(cls, bag: Path) -> Source:
        """Read the log of a bag.

        Raises:
            BadBag: there is none, or it tells of no production master.
            BrokenRecord: it was changed after it was written.
        """
        events = tuple(read(check_log_file(bag)))
        item = next((dict(event["item"]) for event in events if event["event"] == "ingestion"), {})
        masters = [event for event in events if event.get("role") == "production master"]
        if not masters or not item:
            raise BadBag(f"{bag}: its log tells of no production master; there is nothing to export")
        return cls(bag, events, item, masters[-1])

    @property
    def identifier(self) -> str:
        return str(self.item["identifier"])

    @property
    def master(self) -> Path:
        """The file of the production master."""
        return self.bag / str(self.told["file"])

    @property
    def sound_sha256(self) -> str:
        """Digest of the restored sound, as the log knows it."""
        return str(self.told["source"])

    @property
    def segments(self) -> Sequence[dict[str, Any]]:
        """The segments of speech that the log keeps."""
        found = [event["segments"] for event in self.events if event["event"] == "segmentation"]
        return list(found[-1]) if found else []

    @property
    def treatment(self) -> tuple[Event, ...]:
        """The log without the exports and their seals, so that what an export says does not depend on earlier ones."""
        own = {event["digest"] for event in self.events if event["event"] == EXPORT}
        sealed = [event for event in self.events if event["event"] == "seal" and event["previous"] in own]
        own |= {event["digest"] for event in sealed}
        return tuple(event for event in self.events if event["digest"] not in own)

    @property
    def sent_back(self) -> Event | None:
        """The decision that sent the treatment back, unless it was approved since."""
        review = review_state(self.events)
        return self.events[review.event - 1] if review.state == "sent_back" else None

    def check_approved(self, even_though: str) -> None:
        """Raise where the treatment was sent back, unless a reason is given to export it all the same.

        Raises:
            SentBack: naming who sent it back and why.
        """
        back = self.sent_back
        if back is not None and not even_though.strip():
            raise SentBack(
                f"{self.identifier}: its treatment was sent back by {back['by']} (event {back['sequence']}: "
                f"{back['reason']}); restore it anew, or export it with --even-though REASON"
            )

    def sound(self, place: Path) -> Recording:
        """The production master's sound, as a recording at ``place``.

        Raises:
            FixityMismatch: the file is not the one that the log tells of.
            BadBag: it is not there.
        """
        if not self.master.is_file():
            raise BadBag(f"{self.bag}: {self.told['file']} is not there; the bag is not whole")
        found = fixity.digests(self.master)["sha256"]
        if found != self.told["sha256"]:
            raise FixityMismatch(self.master, "SHA-256", str(self.told["sha256"]), found)
        with Writer(place) as writer:
            sound_files.decode(self.master, writer)
        return writer.recording
