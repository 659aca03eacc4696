"""The files of a bag written again, from sounds that were made again and with what the log says of each file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from restoration import derive
from restoration.audio import Recording
from restoration.record import Event
from restoration.replaying.steps_again import SoundsAgain
from restoration.replaying.treated_bag import REPORT, TreatedBag
from restoration.treatment import Treated


@dataclass(frozen=True)
class RecordedSounds(derive.Sounds):
    """Sounds whose dither and gains are those that the log ``says`` of each file, whatever the sounds came out as."""

    says: Mapping[str, Event] = field(default_factory=dict)

    @property
    def dither_seed(self) -> int:
        master = next((event for event in self.says.values() if event["role"] == "production master"), None)
        seed = master["parameters"].get("dither_seed") if master else None
        return super().dither_seed if seed is None else int(seed)

    def copy_gain_db(self, name: str) -> float:
        event = self.says.get(derive.access_file(self.item, name))
        return float(event["parameters"]["gain_db"]) if event else super().copy_gain_db(name)

    def given_to_encoder(self, file: str) -> tuple[Recording, float] | None:
        """The sound that an access copy was encoded from, and the gain in dB; None for another file."""
        sounds = {"restored": self.treated.recording, "untreated": self.extract, "removed": self.residual}
        for name, sound in sounds.items():
            if file == derive.access_file(self.item, name):
                return sound, self.copy_gain_db(name)
        return None


def recorded_sounds(bag: TreatedBag, made: SoundsAgain) -> RecordedSounds:
    """What the files of a bag are made of; without a restored sound, the master stands in its place (``of_master``)."""
    first = next(iter(bag.derivatives.values()), None)
    return RecordedSounds(
        item=bag.item,
        recipe=bag.recipe,
        extract=made.extract,
        aligned=made.aligned or made.extract,
        treated=Treated(made.restored or made.extract, made.gain_db),
        events=bag.before(first),
        map_=made.map_,
        says=bag.derivatives,
    )


def of_master(bag: TreatedBag, event: Event) -> bool:
    """Whether a file is made of the master's sound alone, or of the log: it needs no step."""
    return event["role"] == "segments" or event["file"] == derive.access_file(bag.item, "untreated")


def writers(bag: TreatedBag, sounds: RecordedSounds) -> dict[str, derive.Derivation]:
    """By path in the bag, how each file that this version knows is written; the treatment report is among them."""
    known = {one.file: one for one in derive.derivations(sounds)}
    return known | {REPORT: derive.Derivation(REPORT, "treatment report", lambda place: _report(bag, sounds, place))}


def _report(bag: TreatedBag, sounds: RecordedSounds, place: Path) -> dict[str, object]:
    """The report is made of the log as it was when it was written: the log may have grown since."""
    written = bag.derivatives.get(REPORT) or bag.last("packing")
    then = RecordedSounds(**{**vars(sounds), "events": bag.before(written)})
    return derive.report(then).write(place)
