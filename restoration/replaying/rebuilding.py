"""Replay: every derivative made again from the master in the bag by the recorded decisions, and compared.

The sound must come out to the bit on the machine, and with the versions, that made it; elsewhere within a tolerance
that is declared for each kind of file (``tolerances``). Which of the two it was, and what has changed, is always said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from restoration.audio import BLOCK_FRAMES
from restoration.errors import RestorationError
from restoration.record import Event
from restoration.replaying.answer import Compared, Replayed
from restoration.replaying.changes import software_changed
from restoration.replaying.comparing import Pair
from restoration.replaying.files_again import RecordedSounds, of_master, recorded_sounds, writers
from restoration.replaying.steps_again import Bench, Heard, SoundsAgain, sounds_again, unheard
from restoration.replaying.tolerances import tolerance_dbfs
from restoration.replaying.treated_bag import REPORT, TreatedBag
from restoration.restore import WRITERS, one_thread


def replay(
    bag: Path, workshop: Path, progress: Heard = unheard, *, keep: bool = False, block_frames: int = BLOCK_FRAMES
) -> Replayed:
    """Make every derivative of ``bag`` again and compare it with the one that lies there. The bag is only read.

    Args:
        bag: of a treated item.
        workshop: a folder to work in: as much room as the treatment took, beside the files made.
        progress: hears what is being done.
        keep: leave the files that were made in ``workshop``, by their paths in the bag.
        block_frames: how much sound is worked on at a time; it must not be heard in the result.

    Raises:
        BadBag: it is no bag of a treated item, or its master is missing.
        BrokenRecord: the chain of its log does not hold.
        FixityMismatch: the master is not the one the log tells of.
        BadSoundFile: the master cannot be read.
    """
    began = time.perf_counter()
    one_thread()
    treated = TreatedBag.open(bag)
    bench = Bench(workshop / ".bench", treated.master, progress, block_frames)
    try:
        made = sounds_again(treated, bench)
        items = list(_Files(treated, made, bench, workshop).compared(keep))
    finally:
        bench.clear()
    events = treated.derivatives
    others = [int(events[one.file]["sequence"]) for one in items if one.outcome == "differs" and one.file in events]
    return Replayed(
        identifier=treated.identifier,
        items=items,
        steps=made.steps,
        first_different_event=min([*others, *filter(None, [made.first_different])], default=None),
        software_changed=software_changed(treated),
        seconds=round(time.perf_counter() - began, 3),
        treatment_seconds=_treatment_seconds(treated),
    )


class _Files:
    """The files of one bag, each written again and compared, several at a time."""

    def __init__(self, bag: TreatedBag, made: SoundsAgain, bench: Bench, workshop: Path) -> None:
        self.bag, self.made, self.bench, self.workshop = bag, made, bench, workshop
        self.sounds: RecordedSounds = recorded_sounds(bag, made)
        self.writers = writers(bag, self.sounds)

    def compared(self, keep: bool) -> Iterator[Compared]:
        """In the order of the log; the report, where that does not have it, last."""
        files: dict[str, Event | None] = {**self.bag.derivatives}
        if (self.bag.folder / REPORT).is_file():
            files.setdefault(REPORT, None)
        with ThreadPoolExecutor(max_workers=WRITERS) as pool:
            found = pool.map(lambda file: self._one(file, files[file], keep), files)
            for number, one in enumerate(found, start=1):
                self.bench.heard("comparing the files", number / len(files))
                yield one

    def _one(self, file: str, event: Event | None, keep: bool) -> Compared:
        held = self.bag.place(file)
        if self.made.restored is None and not (event and of_master(self.bag, event)):
            return _not_replayed(file, self.made.missing)
        if file not in self.writers:
            return _not_replayed(file, "this version of the software does not know how it was made")
        place = self.workshop / file
        place.parent.mkdir(parents=True, exist_ok=True)
        self.writers[file].write(place)
        told_in = f"event {event['sequence']}" if event else "the log"
        said, since = str(event["sha256"]) if event else "", self._since(event)
        pair = Pair(file, held, place, said, told_in, since, self.sounds.given_to_encoder(file))
        bench = self.bench.folder / "compared" / str(event["sequence"] if event else 0)
        bench.mkdir(parents=True, exist_ok=True)
        try:
            return pair.compared(bench)
        except (RestorationError, OSError, ValueError) as error:
            # A file that somebody changed may be no sound, no picture and no text any more.
            return Compared(file, "differs", None, tolerance_dbfs(file), f"{file}: cannot be compared: {error}.")
        finally:
            _let_go(bench)
            if not keep:
                place.unlink()

    def _since(self, event: Event | None) -> str:
        """From which event on the sound of a file is another."""
        first = self.made.first_different
        if first is None or (event and of_master(self.bag, event) and not self.made.master_differs):
            return ""
        if self.made.master_differs:
            return f", from event {first} on: the master itself is decoded to another sound"
        name = next(one.name for one in self.made.steps if one.event == first)
        return f", from event {first} ({name}) on"


def _not_replayed(file: str, why: str) -> Compared:
    return Compared(file, "not replayed", None, tolerance_dbfs(file), f"{file}: not replayed; {why}.")


def _let_go(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _treatment_seconds(bag: TreatedBag) -> float:
    """From the ingestion to the last derivative, by the clock of the log; 0 where that cannot be read."""
    written = [bag.one("ingestion"), *bag.derivatives.values()]
    try:
        first, last = (datetime.fromisoformat(event["time"]) for event in (written[0], written[-1]))
    except (KeyError, ValueError):
        return 0.0
    return round((last - first).total_seconds(), 3)
