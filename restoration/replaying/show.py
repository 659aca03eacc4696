"""Answers of the replay on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from restoration.provenance.picture_canvas import clock
from restoration.replaying.answer import Replayed
from restoration.replaying.changes import changes_sentence
from restoration.replaying.differing import Both, Difference
from restoration.replaying.explaining import Explained, StepThere
from restoration.replaying.steps_again import Heard
from restoration.sheet import sheet

# Progress goes to standard error, answers to standard output, so that a pipe holds answers alone.
console = Console(highlight=False, soft_wrap=True, markup=False)
HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
LONGEST = 60
"""Letters of a list that are shown."""
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


@contextmanager
def progress() -> Iterator[Heard]:
    """What is being done and how far it is, while the block runs; a line for each kind of work where nobody looks."""
    if not errors.is_terminal:
        told: set[str] = set()

        def tell(what: str, share: float) -> None:
            if what not in told:
                told.add(what)
                errors.print(f"{what} …")

        yield tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=errors, transient=True) as bars:
        bar = bars.add_task("", total=1.0)
        yield lambda what, share: bars.update(bar, completed=share, description=what)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    console.print(sheet(title, columns, rows))


def replayed(found: Replayed) -> None:
    """Print what came of the files of one item."""
    table(found.identifier, ("file", "made again"), [(one.file, one.outcome) for one in found.items])
    for one in found.items:
        if one.outcome != "bit-exact":
            console.print(f"- {one.sentence}")
    for step in found.steps:
        if not step.same:
            console.print(f"- event {step.event}, {step.name}: {step.sentence}")
    if told := changes_sentence(found.software_changed):
        console.print(told)
    console.print(verdict(found))


def verdict(found: Replayed) -> str:
    """The replay in one sentence."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in found.counts.items() if count)
    took = f"{found.seconds:.0f} s, where the treatment took {found.treatment_seconds:.0f} s"
    if found.holds and found.first_different_event is None:
        return f"{found.identifier}: the treatment can be replayed: {counts} ({took})."
    if found.holds:
        first = f"from event {found.first_different_event} on the sound is another, within its tolerance"
        return f"{found.identifier}: the treatment can be replayed, not to the bit: {counts}; {first} ({took})."
    first = f"; the first event that gives something else is {found.first_different_event}"
    return f"{found.identifier}: not replayed: {counts}{first if found.first_different_event else ''} ({took})."


def explained(found: Explained) -> None:
    """Print the story of a moment."""
    console.print(f"{found.file} is the {found.role} of {found.identifier}{f' ({found.title})' * bool(found.title)}.")
    console.print(
        f"Its moment {clock(found.at_s, True)} is {found.restored_s:.3f} s of the restored sound, and lies at "
        f"{found.master_s:.3f} s of the master {found.master}."
    )
    bands = list(found.change_db)
    title = f"Levels of {found.window_s:g} s around it, dB re full scale"
    levels = [("master", found.before_db), ("restored", found.after_db), ("change, dB", found.change_db)]
    table(title, ("", *bands), [(name, *(f"{level[band]:.1f}" for band in bands)) for name, level in levels])
    if found.gain_db:
        console.print(f"Of the change, {found.gain_db:+.1f} dB are the gain that was given to the whole.")
    changed = [step for step in found.steps if step.change_db]
    rows = [(step.name, *(f"{(step.change_db or {}).get(band, 0.0):+.1f}" for band in bands)) for step in changed]
    if rows:
        table("What each step changed there, dB", ("step", *bands), rows)
    console.print(found.between)
    for step in found.steps:
        console.print(_step(step))
    for sentence in _origin(found):
        console.print(sentence)
    for sentence in found.decided:
        console.print(sentence)


def _step(step: StepThere) -> str:
    models = "".join(f" Model {name}, SHA-256 {digest}." for name, digest in step.models.items())
    models = models if step.outcome == "treated" else ""
    return f"- {step.name} ({step.outcome}, event {step.event}): {step.reason} {step.generated}{models}".rstrip()


def _origin(found: Explained) -> Iterator[str]:
    yield f"{found.speaker[:1].upper()}{found.speaker[1:]}." if found.speaker else "Nobody is heard speaking there."
    if found.source_type:
        yield f"Digital source type: {found.source_type}"
    if found.map:
        shares = {name: f"{100 * found.map[name]:.1f} %" for name in ("generated", "removed")}
        yield (
            f"By the map, in that window {shares['generated']} of the energy was generated, {shares['removed']} of the "
            "master’s energy was removed from the cells that sound, and the confidence is "
            f"{found.map['confidence']:.2f}."
        )


def different(found: Difference) -> None:
    """Print two treatments side by side."""
    first, second = (name.rstrip("/").rsplit("/", 1)[-1] for name in found.bags)
    if first == second:
        first, second = "A", "B"
        console.print(f"A is {found.bags[0]}, B is {found.bags[1]}.")
    if found.equal:
        console.print(f"{first} and {second} are the same treatment: recipe, findings and sound.")
    rows: list[tuple[str, ...]] = [*_rows("recipe", found.recipe), *_rows("software", found.software)]
    for step in found.steps:
        rows.append((step.name, *(str(outcome) for outcome in step.outcome)))
        for kind in ("parameters", "findings", "models"):
            rows += _rows("  " + kind.removesuffix("s"), getattr(step, kind))
    if rows:
        table("What was done, where it differs", ("", first, second), rows)
    table("Measured", ("", "before", first, second), found.measures)
    if found.declared:
        table("What is declared", ("", first, second), [(name, *pair) for name, pair in found.declared.items()])
    console.print(found.sound.sentence)
    if found.sound.level_dbfs is not None:
        gain = f"The gain from {first} to {second} is {found.sound.gain_db or 0.0:+.2f} dB; "
        peak = f"two samples differ by {found.sound.peak_dbfs:.1f} dBFS at most, at {found.sound.peak_at_s:.3f} s."
        console.print(gain + peak)
        levels = found.sound.octaves_dbfs
        table("The difference by octave, dBFS", tuple(levels), [tuple(f"{level:.1f}" for level in levels.values())])


def _rows(what: str, both: dict[str, Both]) -> list[tuple[str, str, str]]:
    return [(f"{what}: {name}", _short(pair[0]), _short(pair[1])) for name, pair in both.items()]


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    if isinstance(value, list) and len(text) > LONGEST:
        return f"{len(value)} value{'s' if len(value) != 1 else ''}, in the event log"
    if HEXADECIMAL.fullmatch(text):
        return f"{text[:12]}…"
    return text if len(text) <= 2 * LONGEST else f"{text[: 2 * LONGEST]}…"
