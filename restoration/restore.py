"""One item from its master to a sealed bag.

Every stage looks in the event log first: what it finds there is done, and is not done again. So a run that was killed
at any point goes on where it was, and the bag it makes is the one it would have made, but for the times.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from restoration import deciding_on, decisions, derive, fixity, growth, package, sound_files
from restoration.audio import Recording, Writer
from restoration.decisions import CARRIED
from restoration.errors import FixityMismatch, RestorationError
from restoration.honouring import move_into_place, whole_recipe
from restoration.measures.condition import condition
from restoration.order import Order, held, honouring, is_done, keep_decided
from restoration.progress import Progress, stages
from restoration.provenance.generated import treated_steps
from restoration.provenance.software import software_versions
from restoration.record import Event, Record, digest_of
from restoration.scratch import Scratch
from restoration.seals import configured
from restoration.sound_map.item import Ends
from restoration.speech.segments import segment
from restoration.standing import overrulings, standing
from restoration.step_map import item_map
from restoration.time_axis import on_restored_axis
from restoration.treatment import Treated, apply
from restoration.turn import Workshop

SCRATCH_MASTERS = 3
"""Scratch is at most this many times the size of the master, unless the master is small."""
SMALL_SCRATCH_BYTES = 2 * 2**30
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
WRITERS = 3
"""Files written at a time; the encoders do not hold each other up."""


def restore(order: Order) -> Path:
    """Check, measure, treat, segment, derive, report and pack one item; the path of its bag.

    Raises:
        RestorationError: in a sentence, what is wrong with this item. What was done so far stays, for the next run.
    """
    one_thread()
    with held(order):
        order = honouring(order)
        if is_done(order):
            # A run that was killed after the bag had moved to its place left its workshop behind.
            shutil.rmtree(order.workshop, ignore_errors=True)
            return order.bag
        return _Job(order).run()


def one_thread() -> None:
    """From here on this process does linear algebra in one thread.

    The sums come out in one order, so that a replay gives the same sound, and items at work side by side do not tread
    on each other. It is not undone after an item, for another may be at work.
    """
    threadpool_limits(limits=1)
    # For torch, and for the second OpenBLAS that comes with scipy: neither is loaded before it is needed.
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))


def scratch_bytes(master: Path) -> int:
    """How much scratch the treatment of a master may take."""
    return max(SMALL_SCRATCH_BYTES, SCRATCH_MASTERS * master.stat().st_size)


class _Job:
    """The workshop of one item: its log, its scratch, and the bag that is being filled."""

    def __init__(self, order: Order) -> None:
        self.order, self.master = order, order.item.path
        # A key that cannot be used is said now, and not after hours of work.
        self.signer = configured()
        workshop = order.workshop
        workshop.mkdir(parents=True, exist_ok=True)
        self.bag = workshop / "bag"
        self._start_over_if_other()
        keep_decided(order)
        (self.bag / "data" / "record").mkdir(parents=True, exist_ok=True)
        self.record = Record(self.bag / "data" / "record" / "events.jsonl")
        self.scratch = Scratch(workshop / "scratch", scratch_bytes(self.master))
        self.progress = Progress(workshop / "progress.json", stages(order.names))

    def _start_over_if_other(self) -> None:
        """An unfinished bag of another treatment is of no use; the scratch, which knows what it holds, is."""
        key_file = self.order.workshop / "treatment-key"
        known = key_file.read_text(encoding="utf-8") if key_file.exists() else ""
        if known != self.order.work_key:
            shutil.rmtree(self.bag, ignore_errors=True)
            key_file.write_text(self.order.work_key, encoding="utf-8")

    def run(self) -> Path:
        """All stages, each of which does only what the log does not have yet."""
        self.ingest()
        self.choose()
        self.carry()
        self.check_master("before")
        extract = self.extract()
        self.measure("before", extract)
        treated = self.treat(extract)
        self.measure("after", treated.recording)
        self.segment(treated.recording)
        sounds = self.sounds(self.extract(in_use=treated.recording), treated)
        self.write_files(sounds)
        self.check_master("after")
        self.report(sounds)
        return self.pack()

    def once(self, kind: str, make: Callable[[], dict[str, Any]], **same: object) -> Event:
        """The event of that kind with those fields; made by ``make`` if the log does not have it yet."""
        return self.record.find(kind, **same) or self.record.append(kind, **same, **make())

    def ingest(self) -> None:
        """Say what is to be done, to what, with which software."""
        recipe = self.order.recipe
        described = {name: getattr(recipe, name) for name in ("name", "purpose", "version", "digest")}
        described["access"] = asdict(recipe.access)
        self.once(
            "ingestion",
            lambda: {
                "item": dict(self.order.item.fields),
                "recipe": described,
                "software": software_versions(),
                "agent": "restoration run",
            },
        )

    def choose(self) -> None:
        """Say who chose the recipe and why, where somebody told."""
        chosen = self.order.chosen
        if chosen is not None:
            kind, log = decisions.RECIPE_CHOSEN, self.record.events
            self.once(decisions.DECISION, lambda: deciding_on.fields(chosen, log), decision=kind)

    def carry(self) -> None:
        """Take over what people decided on the older treatment of this item, with where it stands in that log."""
        known = [event[CARRIED]["event"] for event in self.record.events if event.get(CARRIED)]
        for fields in (one for one in self.order.decided.carried() if one[CARRIED]["event"] not in known):
            self.record.append(decisions.DECISION, **fields)

    def check_master(self, when: str) -> None:
        """Compare the master with the digest the manifest gives; after the treatment, with what was found before.

        Raises:
            FixityMismatch: it is another file. The mismatch is an event too.
        """
        if self.record.find("fixity check", when=when, outcome="match"):
            return
        self.progress.reached(f"checking the master {when}")
        found = fixity.digests(self.master, ("sha256", "md5"))
        given = self._expected(when)
        wrong = next((name for name, expected in given.items() if found[name] != expected), None)
        self.record.append(
            "fixity check",
            when=when,
            file=self.master.name,
            expected=given,
            found=found,
            outcome="mismatch" if wrong else "match",
        )
        if wrong:
            raise FixityMismatch(self.master, wrong, given[wrong], found[wrong])

    def _expected(self, when: str) -> dict[str, str]:
        if when == "after":
            before = self.record.find("fixity check", when="before", outcome="match")
            return dict(before["found"]) if before else {}
        item = self.order.item
        return {name: value for name, value in (("sha256", item.sha256), ("md5", item.md5)) if value}

    def extract(self, in_use: Recording | None = None) -> Recording:
        """The sound of the master as a recording in the scratch, from which ``in_use`` must not go.

        Raises:
            BadSoundFile: the file does not hold the sound its header promises.
        """
        checked = self.record.find("fixity check", when="before", outcome="match")
        sha256 = checked["found"]["sha256"] if checked else ""
        key = digest_of(["extraction", sha256])
        found = self.scratch.find(key)
        known = self.record.find("extraction", sha256=sha256)
        if found is not None and known is not None:
            return found
        self.progress.reached("reading the master")
        if in_use is not None:
            self.scratch.make_room(in_use.frames * in_use.channels * 4, in_use=[in_use])
        writer = self.scratch.writer(key, 1, lambda share: None)
        recording, description = _decode(self.master, writer)
        if known is None:
            self.record.append("extraction", sha256=sha256, result=recording.pcm_sha256, **description)
        elif known["result"] != recording.pcm_sha256:
            raise RestorationError(f"{self.master}: gives another sound than it gave when it was first read")
        return recording

    def measure(self, when: str, recording: Recording) -> None:
        """Measure the condition of a recording."""
        self.progress.reached(f"measuring {when}")
        self.once("measurement", lambda: {"measures": condition(recording)}, when=when, source=recording.pcm_sha256)

    def treat(self, extract: Recording) -> Treated:
        """Run the recipe, with what was decided of it."""
        decided = standing(self.record.events, carried_only=True).events
        recipe = whole_recipe(self.order.recipe, extract.sample_rate, decided)
        return apply(recipe, extract, self.record, self.scratch, self.progress, overrulings(decided))

    def segment(self, recording: Recording) -> None:
        """Find who speaks when, in the restored sound."""
        self.progress.reached("segmenting speech")
        settings = self.order.recipe.speech
        self.once("segmentation", lambda: segment(recording, settings).to_dict(), source=recording.pcm_sha256)

    def sounds(self, extract: Recording, treated: Treated) -> derive.Sounds:
        """What the files are made of: the sounds, the master on the restored time axis, and the map."""
        workshop = Workshop(self.scratch, self.progress, (extract, treated.recording))
        aligned = on_restored_axis(self.record.events, extract, workshop)
        ends = Ends(aligned, treated.recording, treated.gain_db)
        map_ = item_map(treated.maps, ends, self.record, self.scratch) if treated_steps(self.record.events) else None
        return derive.Sounds(self.order.item, self.order.recipe, extract, aligned, treated, self.record.events, map_)

    def write_files(self, sounds: derive.Sounds) -> None:
        """Write every file that leaves, several at a time; their events follow in the order of the list."""
        files = list(derive.derivations(sounds))
        missing = [derivation for derivation in files if not self._is_written(derivation)]
        with ThreadPoolExecutor(max_workers=WRITERS) as writers:
            for number, (derivation, facts) in enumerate(zip(missing, writers.map(self._write, missing), strict=True)):
                self._keep_event(derivation, facts)
                self.progress.reached("writing the copies", (number + 1) / len(files))

    def _is_written(self, derivation: derive.Derivation) -> bool:
        event = self.record.find("derivation", file=derivation.file)
        place = self.bag / derivation.file
        return event is not None and place.exists() and place.stat().st_size == event["bytes"]

    def _write(self, derivation: derive.Derivation) -> dict[str, Any]:
        place = self.bag / derivation.file
        place.parent.mkdir(parents=True, exist_ok=True)
        return derivation.write(place)

    def _keep_event(self, derivation: derive.Derivation, facts: dict[str, Any]) -> None:
        event = self.record.find("derivation", file=derivation.file)
        if event is None:
            self.record.append("derivation", file=derivation.file, role=derivation.role, **facts)
        elif event["sha256"] != facts["sha256"]:
            raise RestorationError(f"{derivation.file}: came out as another file than the log says")

    def report(self, sounds: derive.Sounds) -> None:
        """Write the treatment report, a pure function of the log before it and of pictures of the sound."""
        report = derive.report(sounds)
        if not self._is_written(report):
            self.progress.reached("writing the report")
            self._keep_event(report, self._write(report))

    def pack(self) -> Path:
        """Close the log, seal it and the bag, and move that to its place; the scratch is let go."""
        self.progress.reached("packing")
        package.place_master(self.master, self.bag)
        known = {event["file"]: event["sha256"] for event in self.record.events if event["event"] == "derivation"}
        after = self.record.find("fixity check", when="after", outcome="match")
        item = self.order.item
        if after:
            known[f"data/master/{self.master.name}"] = after["found"]["sha256"]
        self.once("packing", lambda: {"files": sorted(known), "treatment_key": self.order.key})
        growth.close_log(self.bag, self.record, self.signer)
        package.seal(
            self.bag,
            known,
            {
                "External-Identifier": item.identifier,
                "External-Description": item.fields.get("title", ""),
                package.TREATMENT_KEY: self.order.key,
                package.LOG_HEAD: self.record.head,
            },
        )
        move_into_place(self.order, self.bag)
        shutil.rmtree(self.order.workshop)
        return self.order.bag


def _decode(master: Path, writer: Writer) -> tuple[Recording, dict[str, Any]]:
    with writer:
        found = sound_files.decode(master, writer)
    return writer.recording, {
        "file": master.name,
        "bytes": master.stat().st_size,
        "format": found.as_dict(),
        "warnings": list(found.warnings),
    }
