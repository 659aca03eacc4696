"""What is asked about: a moment of a file, as ``bags/tape-0001/data/access/tape-0001_restored.opus@1:23.5``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from restoration import derive
from restoration.errors import RestorationError
from restoration.record import Event
from restoration.replaying.treated_bag import LOG, TreatedBag
from restoration.time_axis import moving_steps

CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)")
HALVINGS = 60


class BadQuestion(RestorationError):
    """Something is asked of what is no moment of a derivative."""


@dataclass(frozen=True)
class Moment:
    """``at_s`` in ``file``, a path in the bag; that moment of the restored sound, and where it lies in the master."""

    bag: TreatedBag
    file: str
    event: Event
    at_s: float
    restored_s: float
    master_s: float


def moment_of(question: str) -> Moment:
    """The moment that a question names.

    Raises:
        BadQuestion: there is no such file or time, or the file has no moments.
        BadBag, BrokenRecord: the file lies in no bag whose log can be read.
    """
    place, at, clock = question.rpartition("@")
    if not at:
        raise BadQuestion(f"{question}: say the moment too, as in {question}@1:23.5")
    path, at_s = Path(place), seconds_of(clock)
    if not path.is_file():
        raise BadQuestion(f"{place}: there is no such file")
    bag = TreatedBag.open(_bag_of(path))
    file = path.resolve().relative_to(bag.folder.resolve()).as_posix()
    event = bag.derivatives.get(file)
    sounding = [name for name in bag.derivatives if name.endswith((".wav", ".opus"))]
    if event is None or file not in sounding:
        what = "is the master, in which nothing was changed" if path.name == bag.master.name else "has no moments"
        raise BadQuestion(f"{place}: {what}; ask about one of {', '.join(sounding)}")
    duration_s = _duration_s(event)
    if at_s >= duration_s:
        raise BadQuestion(f"{place}: has no moment {clock}: it is {duration_s:.3f} s long")
    untreated = file == derive.access_file(bag.item, "untreated")
    restored_s = _restored_s(bag, at_s) if untreated else at_s
    return Moment(bag, file, event, at_s, restored_s, at_s if untreated else master_time_s(bag, at_s))


def seconds_of(clock: str) -> float:
    """A time as seconds: ``83.5``, ``1:23.5`` and ``1:02:03.4``.

    Raises:
        BadQuestion: it is none.
    """
    found = CLOCK.fullmatch(clock.strip())
    hours, minutes, seconds = found.groups() if found else (None, None, "60")
    if (
        found is None
        or (minutes is not None and float(seconds) >= 60)
        or (hours is not None and int(minutes or 0) >= 60)
    ):
        raise BadQuestion(f"“{clock}” is no time; write 83.5, 1:23.5 or 1:02:03.4")
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds)


def master_time_s(bag: TreatedBag, restored_s: float) -> float:
    """Where a moment of the restored sound lies in the master."""
    return times_before(bag, restored_s)[-1][1] if moving_steps(bag.events) else restored_s


def times_before(bag: TreatedBag, restored_s: float) -> list[tuple[int, float]]:
    """Sequence of each step that moved time, the last first, and where the moment lies in what it was given."""
    found = []
    for turn, event in reversed(moving_steps(bag.events)):
        moves = getattr(turn.step, "source_time_s", None)
        if moves is None:
            raise BadQuestion(f"step {turn.name} does not say where it moved a moment to")
        restored_s = moves(event["findings"], restored_s)
        found.append((int(event["sequence"]), restored_s))
    return found


def _restored_s(bag: TreatedBag, master_s: float) -> float:
    """The moment of the restored sound that lies there in the master: time is moved, never turned back."""
    if not moving_steps(bag.events):
        return master_s
    low, high = 0.0, 2.0 * master_s + 60.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if master_time_s(bag, middle) < master_s else (low, middle)
    return low


def _duration_s(event: Event) -> float:
    said = event.get("format") or {}
    return float(said.get("frames", 0)) / float(said.get("sample_rate") or 1)


def _bag_of(path: Path) -> Path:
    for folder in path.resolve().parents:
        if (folder / LOG).is_file():
            return folder
    raise BadQuestion(f"{path}: lies in no bag of a restored item")
