"""The sounds of a treatment made again, from the master in the bag, by the findings in its log. Nothing is measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from restoration import fixity, sound_files, weights
from restoration.audio import BLOCK_FRAMES, Recording, Writer
from restoration.errors import BadBag, FixityMismatch, MissingWeights, RestorationError
from restoration.progress import Progress
from restoration.provenance.generated import treated_steps
from restoration.record import Event
from restoration.replaying.answer import StepAgain
from restoration.replaying.treated_bag import TreatedBag
from restoration.restore import scratch_bytes
from restoration.scratch import Scratch
from restoration.sound_map.item import Ends, combine
from restoration.step_map import StepMap, step_map
from restoration.time_axis import on_restored_axis
from restoration.treatment import applied_gain_db
from restoration.turn import Turn, Workshop

Heard = Callable[[str, float], None]
"""Called with what is being done, and the share (0..1) of it that is done."""


def unheard(what: str, share: float) -> None:
    """For a replay that nobody watches."""


class Bench:
    """Where a replay works: a folder of its own, with a scratch as large as the treatment had, and who is told."""

    def __init__(self, folder: Path, master: Path, heard: Heard = unheard, block_frames: int = BLOCK_FRAMES) -> None:
        self.folder, self.heard, self.block_frames = folder, heard, block_frames
        folder.mkdir(parents=True, exist_ok=True)
        self.scratch = Scratch(folder / "scratch", scratch_bytes(master))

    def workshop(self, *in_use: Recording) -> Workshop:
        return Workshop(self.scratch, _Told(self.heard), in_use)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class _Told(Progress):
    """Progress that a caller hears, instead of a file."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def reached(self, stage: str, share: float = 0.0) -> None:
        self._heard(stage, share)


@dataclass
class SoundsAgain:
    """The sounds of a treatment, made again as far as they could be.

    Attributes:
        extract: the sound of the master.
        restored: what the steps made of it; None where one of them could not be made again.
        aligned: the master on the time axis of the restored sound.
        map_: what of the restored sound was recorded; None where the log has no map.
        gain_db: the gain of the treatment as a whole.
        steps: what came of each.
        first_different: sequence of the first event whose sound came out as another; None: none did.
        master_differs: whether that is the sound of the master itself.
        missing: why there is no restored sound, as a sentence.
        mapped: whether the maps are made too.
    """

    extract: Recording
    restored: Recording | None = None
    aligned: Recording | None = None
    map_: Recording | None = None
    gain_db: float = 0.0
    steps: list[StepAgain] = field(default_factory=list)
    first_different: int | None = None
    master_differs: bool = False
    missing: str = ""
    mapped: bool = True


Taken = Callable[[Event, Recording, Recording], None]
"""Called with a step's event, its source and its result, as soon as the two are there."""


def sounds_again(
    bag: TreatedBag, bench: Bench, taken: Taken | None = None, *, steps_alone: bool = False
) -> SoundsAgain:
    """Every sound of a treatment, made again; of ``steps_alone``, no map and no master on the restored axis.

    Raises:
        FixityMismatch: the master in the bag is not the one the log tells of.
        BadBag: the master is not there, or the events of the steps do not follow from each other.
        BadSoundFile: the master cannot be read.
    """
    extract = _extract(bag, bench)
    made = SoundsAgain(extract, mapped=not steps_alone)
    if extract.pcm_sha256 != bag.one("extraction")["result"]:
        made.first_different, made.master_differs = int(bag.one("extraction")["sequence"]), True
    chain = treated_steps(bag.events)
    _check_chain(bag, chain)
    try:
        made.restored, maps = _through(chain, made, bench, taken)
    except (RestorationError, LookupError, TypeError, AttributeError) as error:
        # Findings of another version, or findings that somebody wrote: a step knows only those that it measured.
        event = chain[len(made.steps)]
        made.missing = _why_not(event, error)
        made.steps.append(StepAgain(int(event["sequence"]), event["name"], None, made.missing))
        return made
    if steps_alone:
        return made
    made.aligned = on_restored_axis(bag.events, extract, bench.workshop(extract, made.restored))
    made.gain_db = sum(applied_gain_db(event) for event in chain)
    if bag.last("map") is not None:
        made.map_ = _map(made, maps, bench)
    return made


def stretch_again(bag: TreatedBag, bench: Bench, stop_s: float, taken: Taken) -> Recording:
    """The restored sound of the beginning of the master alone, up to ``stop_s``; at its end it is not what it was.

    Raises:
        RestorationError: a step cannot be made again.
    """
    whole = _extract(bag, bench)
    stop = min(whole.frames, round(stop_s * whole.sample_rate))
    with Writer(bench.folder / "stretch.f32") as writer:
        for start in range(0, stop, bench.block_frames):
            writer.write(whole.read(start, min(stop, start + bench.block_frames)))
    chain = treated_steps(bag.events)
    made = SoundsAgain(writer.recording, mapped=False)
    try:
        return _through(chain, made, bench, taken)[0]
    except (LookupError, TypeError, AttributeError) as error:
        raise RestorationError(_why_not(chain[len(made.steps)], error)) from error


def _extract(bag: TreatedBag, bench: Bench) -> Recording:
    if not bag.master.is_file():
        raise BadBag(f"{bag.folder}: its master is not there: {bag.master.relative_to(bag.folder)}")
    bench.heard("checking the master", 0.0)
    expected = str(bag.one("extraction")["sha256"])
    found = fixity.digests(bag.master)["sha256"]
    if found != expected:
        raise FixityMismatch(bag.master, "sha256", expected, found)
    bench.heard("reading the master", 0.0)
    with Writer(bench.folder / "master.f32") as writer:
        sound_files.decode(bag.master, writer)
    return writer.recording.with_blocks(bench.block_frames)


def _check_chain(bag: TreatedBag, chain: list[Event]) -> None:
    """Each step began with what the one before it gave; else there is no one treatment to make again."""
    given = str(bag.one("extraction")["result"])
    for event in chain:
        if event["source"] != given:
            raise BadBag(
                f"{bag.folder}: event {event['sequence']} ({event['name']}) says that it was given the sound "
                f"{event['source'][:12]}…, but the sound before it is {given[:12]}…; the steps do not follow from "
                "each other"
            )
        given = event["result"]


def _through(
    chain: list[Event], made: SoundsAgain, bench: Bench, taken: Taken | None
) -> tuple[Recording, list[StepMap]]:
    current, maps = made.extract, []
    for event in chain:
        turn = Turn.of(event)
        _check_models(event)
        bench.heard(turn.stage, 0.0)
        result = turn.result(current, event["findings"], bench.workshop(made.extract)).with_blocks(bench.block_frames)
        if taken is not None:
            taken(event, current, result)
        if (
            made.mapped
            and event.get("map")
            and (map_ := step_map(turn, current, result, event["findings"], bench.scratch))
        ):
            maps.append(map_)
        made.steps.append(_compared(event, result, made))
        current = result
    return current, maps


def _compared(event: Event, result: Recording, made: SoundsAgain) -> StepAgain:
    sequence, name = int(event["sequence"]), str(event["name"])
    if result.pcm_sha256 == event["result"]:
        return StepAgain(sequence, name, True)
    if made.first_different is not None:
        return StepAgain(sequence, name, False, f"after event {made.first_different} it was given another sound")
    made.first_different = sequence
    return StepAgain(
        sequence,
        name,
        False,
        f"by its recorded findings it gives the sound {result.pcm_sha256[:12]}…, where the log says "
        f"{event['result'][:12]}…",
    )


def _check_models(event: Event) -> None:
    """The networks that the step used are here, to the byte.

    Raises:
        MissingWeights: one is not.
    """
    for name, wanted in sorted(event["weights"].items()):
        here = weights.sha256_on_disk([name]).get(name)
        if here != wanted:
            instead = f"its file here has {here[:12]}…" if here else "there is none here"
            raise MissingWeights(f"the model “{name}” with the digest {wanted[:12]}… is not on this machine: {instead}")


def _why_not(event: Event, error: Exception) -> str:
    reason = str(error) if isinstance(error, RestorationError) else f"its findings are not ones it can use ({error!r})"
    return f"step {event['name'].replace('_', ' ')} (event {event['sequence']}) cannot be made again: {reason}"


def _map(made: SoundsAgain, maps: list[StepMap], bench: Bench) -> Recording:
    assert made.restored is not None and made.aligned is not None
    bench.heard("the map", 0.0)
    with bench.scratch.map_writer("item") as writer:
        ends = Ends(made.aligned, made.restored, made.gain_db)
        combine([(one.recording, one.duration_s) for one in maps], ends, writer)
    return writer.recording
