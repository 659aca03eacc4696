"""One moment of a derivative explained: what it is, where it lies in the master, what each step did to it, and why.

What a step did in that moment can only be heard from the sounds between the steps, which no bag keeps. They are made
again: from the beginning of the master to a little after the moment, and, where what comes out is not what lies in the
bag there, from the whole of it.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from restoration.audio import Recording
from restoration.errors import RestorationError
from restoration.provenance.digital_source_type import IN_WORDS
from restoration.provenance.generated import generated_sentence, generates, treated_steps
from restoration.record import Event
from restoration.replaying.asking import Moment, times_before
from restoration.replaying.steps_again import Bench, Heard, sounds_again, stretch_again, unheard
from restoration.replaying.tolerances import PCM_DBFS
from restoration.replaying.treated_bag import TreatedBag
from restoration.replaying.window import (
    WINDOW_S,
    Levels,
    around,
    around_in_file,
    change_db,
    levels_db,
    map_shares,
)
from restoration.restore import one_thread
from restoration.treatment import applied_gain_db

AFTER_S = 30.0
"""So much of the master after the moment is treated too, for steps that look ahead."""
CHEAP_S = 30.0
"""Up to this the sounds between the steps are made again unasked."""


@dataclass(frozen=True, kw_only=True)
class StepThere:
    """What a step did in the window: ``change_db`` by band, None where its sound was not made again."""

    event: int
    name: str
    outcome: str
    reason: str
    generated: str
    models: dict[str, str]
    change_db: Levels | None = None


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The story of a moment; ``window_s`` is the length of sound around it that the levels are about."""

    identifier: str
    title: str
    file: str
    role: str
    at_s: float
    restored_s: float
    master: str
    master_s: float
    window_s: float
    before_db: Levels
    after_db: Levels
    change_db: Levels
    gain_db: float
    steps: list[StepThere]
    between: str
    map: dict[str, float]
    source_type: str
    speaker: str
    decided: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)


def explain(moment: Moment, steps: bool | None = None, heard: Heard = unheard) -> Explained:
    """The story of a moment.

    Args:
        moment: which.
        steps: whether the sounds between the steps are made again; None: if it costs little.
        heard: hears what is being done.

    Raises:
        BadSoundFile: the master or the production master cannot be read there.
        BadBag: the map is not whole.
    """
    bag = moment.bag
    restored = _production_master(bag)
    before, before_rate = around_in_file(bag.master, moment.master_s)
    after, after_rate = around_in_file(restored, moment.restored_s)
    before_db, after_db = levels_db(before, before_rate), levels_db(after, after_rate)
    changes, between = _between(moment, steps, heard, after)
    index = next((bag.folder / "data" / "map").glob("*.json"), None)
    said = bag.one("ingestion")
    return Explained(
        identifier=bag.identifier,
        title=str(said["item"].get("title", "")),
        file=moment.file,
        role=str(moment.event["role"]),
        at_s=moment.at_s,
        restored_s=round(moment.restored_s, 6),
        master=bag.master.name,
        master_s=round(moment.master_s, 6),
        window_s=WINDOW_S,
        before_db=before_db,
        after_db=after_db,
        change_db=change_db(before_db, after_db),
        gain_db=round(sum(applied_gain_db(event) for event in treated_steps(bag.events)), 2),
        steps=[_there(event, changes) for event in _decided_on(bag)],
        between=between,
        map=map_shares(index, after, after_rate, moment.restored_s) if index else {},
        source_type=IN_WORDS.get(str(moment.event.get("digital_source_type", "")), ""),
        speaker=_speaker(bag, moment.restored_s),
        decided=list(_decided(bag)),
    )


def cost_s(moment: Moment) -> float:
    """About how long the sounds between the steps take: what the log says of the steps, and the share of the master."""
    steps_s = sum(float(event.get("seconds") or 0.0) for event in treated_steps(moment.bag.events))
    duration_s = float(moment.bag.one("segmentation")["duration_s"]) or 1.0
    return steps_s * min(1.0, (moment.master_s + AFTER_S) / duration_s)


def _between(
    moment: Moment, wanted: bool | None, heard: Heard, after: np.ndarray[Any, Any]
) -> tuple[dict[int, Levels], str]:
    """By event, what its step changed in the window; and how that was found, in words."""
    estimate_s = cost_s(moment)
    if wanted is False or (wanted is None and estimate_s > CHEAP_S):
        return {}, f"What each step changed there was not made again; --steps does, in about {estimate_s:.0f} s."
    one_thread()
    with tempfile.TemporaryDirectory(prefix="restoration-") as folder:
        bench = Bench(Path(folder), moment.bag.master, heard)
        try:
            changes, made = _changes(moment, bench, moment.master_s + AFTER_S)
            told = f"from the first {moment.master_s + AFTER_S:.0f} s of the master"
            if not _agrees(made, after):
                changes, made = _changes(moment, bench, None)
                told = "from the whole master"
        except RestorationError as error:
            return {}, f"What each step changed there cannot be made again: {error}"
    agrees = "" if _agrees(made, after) else "not "
    return changes, f"What each step changed was made again {told}; what comes out is {agrees}what lies in the bag."


def _changes(moment: Moment, bench: Bench, stop_s: float | None) -> tuple[dict[int, Levels], np.ndarray[Any, Any]]:
    """By event, the change in the window; and the window of the restored sound that was made."""
    changes: dict[int, Levels] = {}
    moved = dict(times_before(moment.bag, moment.restored_s))
    at_s = moment.master_s
    last: list[np.ndarray[Any, Any]] = []

    def taken(event: Event, source: Recording, result: Recording) -> None:
        nonlocal at_s
        was = around(source, at_s)
        if int(event["sequence"]) in moved:
            following = [time for sequence, time in moved.items() if sequence > int(event["sequence"])]
            at_s = following[-1] if following else moment.restored_s
        now = around(result, at_s)
        levels = levels_db(was, source.sample_rate), levels_db(now, result.sample_rate)
        changes[int(event["sequence"])] = change_db(*levels)
        last[:] = [now]

    if stop_s is None:
        sounds = sounds_again(moment.bag, bench, taken)
        if sounds.restored is None:
            raise RestorationError(sounds.missing)
    else:
        stretch_again(moment.bag, bench, stop_s, taken)
    return changes, last[0] if last else np.zeros((1, 0), dtype=np.float32)


def _agrees(made: np.ndarray[Any, Any], held: np.ndarray[Any, Any]) -> bool:
    if made.shape != held.shape:
        return not made.size
    return bool(np.abs(np.clip(made, -1, 1) - held).max(initial=0.0) <= 10 ** (PCM_DBFS / 20))


def _production_master(bag: TreatedBag) -> Path:
    event = bag.last("derivation", role="production master")
    if event is None:
        raise RestorationError(f"{bag.folder}: has no production master; the treatment was not finished")
    return bag.place(str(event["file"]))


def _decided_on(bag: TreatedBag) -> list[Event]:
    """The steps of the recipe, carried out or left out; of one tried again, the last."""
    steps = {event["position"]: event for event in bag.events if event["event"] == "step"}
    return [event for _, event in sorted(steps.items())]


def _there(event: Event, changes: dict[int, Levels]) -> StepThere:
    return StepThere(
        event=int(event["sequence"]),
        name=str(event["name"]),
        outcome=str(event["outcome"]),
        reason=str(event.get("reason", "")),
        generated=generated_sentence(event) if generates(event) != "nothing" else "",
        models=dict(event["weights"]),
        change_db=changes.get(int(event["sequence"])),
    )


def _speaker(bag: TreatedBag, restored_s: float) -> str:
    found = bag.last("segmentation")
    for one in found["segments"] if found else []:
        if one["start_s"] <= restored_s < one["end_s"]:
            return f"{one['speaker']}, from {one['start_s']:.3f} to {one['end_s']:.3f} s"
    return ""


def _decided(bag: TreatedBag) -> list[str]:
    """Who decided what: the rule that the recipe is, and every person whose decision the log has."""
    said = bag.one("ingestion")
    recipe = said["recipe"]
    told = [
        f"The recipe {recipe.get('name', '')}, version {recipe.get('version', '')}, was asked for "
        f"({said.get('agent', 'nobody said by whom')}); within it every step decided by the rule its reason gives."
    ]
    for event in bag.events:
        if event.get("by"):
            why = str(event.get("reason") or event.get("decision") or "")
            told.append(f"{event['by']} (event {event['sequence']}, {event['event']}): {why}")
    return told
