"""The recipes applied to the excerpts: the real treatment, with a log and a scratch, on a few seconds of the tape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from restoration.audio import Recording
from restoration.choosing.excerpts import Excerpt
from restoration.choosing.figures import Figures, Original, compare, untouched
from restoration.errors import RestorationError
from restoration.progress import Progress
from restoration.provenance.generated import generated_sentence, generates, treated_steps
from restoration.recipe import Recipe
from restoration.record import Event, Record, digest_of
from restoration.scratch import Scratch
from restoration.steps.resample import Resample
from restoration.treatment import Treated, apply

AS_IT_IS = "leave as it is"
SCRATCH_BYTES = 2**31


@dataclass(frozen=True)
class StepTold:
    """What became of a step on an excerpt, in the sentence that the log has."""

    name: str
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A recipe on an excerpt.

    ``generated`` are sentences on what was invented, ``generates`` the kinds, ``seconds`` what its steps cost.
    """

    figures: Figures
    steps: tuple[StepTold, ...] = ()
    generated: tuple[str, ...] = ()
    generates: tuple[str, ...] = ()
    seconds: float = 0.0
    treated: Treated | None = None
    events: tuple[Event, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {
            "figures": asdict(self.figures),
            "steps": [asdict(step) for step in self.steps],
            "generated": list(self.generated),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True)
class Candidate:
    """A recipe, or leaving the recording as it is, with a trial for each excerpt; ``failure`` says why one has none."""

    name: str
    purpose: str
    trials: tuple[Trial, ...]
    failure: str = ""

    @property
    def is_treatment(self) -> bool:
        return self.name != AS_IT_IS


@dataclass
class Bench:
    """Where recipes are tried: a folder for logs, and a scratch that all recipes share.

    A step that begins two recipes is done once, and its time counts for both.
    """

    folder: Path
    originals: Sequence[Original]
    excerpts: Sequence[Excerpt]
    _seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._scratch = Scratch(self.folder / "scratch", SCRATCH_BYTES)

    def as_it_is(self) -> Candidate:
        """The recording untreated."""
        trials = tuple(Trial(figures=untouched(original)) for original in self.originals)
        return Candidate(AS_IT_IS, "No treatment: the sound as it was transferred.", trials)

    def tried(self, recipe: Recipe) -> Iterator[Trial]:
        """The recipe on one excerpt after the other.

        Raises:
            RestorationError: a step could not do its work, or lacks the weights of its model.
        """
        for number, original in enumerate(self.originals):
            place = self.folder / f"{digest_of([recipe.name, recipe.digest])[:16]}-{number}"
            place.mkdir()
            record = Record(place / "events.jsonl")
            plan = [(name.replace("_", " "), 1.0) for name, _ in recipe.steps]
            treated = apply(
                _back_at(recipe, original.recording.sample_rate),
                original.recording,
                record,
                self._scratch,
                Progress(place / "progress.json", plan),
            )
            # The scratch lets go of what was not used for long: what is still to be heard and seen stands apart.
            kept = _kept(treated, place)
            yield self._trial(original, kept, [e for e in record.events if e["event"] == "step"])

    def _trial(self, original: Original, treated: Treated, events: list[Event]) -> Trial:
        done = treated_steps(events)
        return Trial(
            figures=compare(original, treated.recording, treated.gain_db),
            steps=tuple(StepTold(event["name"], event["outcome"], event["reason"]) for event in events),
            generated=tuple(sentence for event in done if (sentence := generated_sentence(event))),
            generates=tuple(kind for event in done if (kind := generates(event)) != "nothing"),
            seconds=sum(self._seconds_of(event) for event in events),
            treated=treated,
            events=tuple(events),
        )

    def _seconds_of(self, event: Event) -> float:
        key = digest_of([event["source"], event["name"], event["parameters"]])
        return self._seconds.setdefault(key, float(event["cpu_seconds"]))


def try_recipe(bench: Bench, recipe: Recipe, heard: Callable[[int], None] = lambda number: None) -> Candidate:
    """A recipe on every excerpt; what fails on one of them is no candidate any more, and says why."""
    trials: list[Trial] = []
    try:
        for trial in bench.tried(recipe):
            trials.append(trial)
            heard(len(trials))
    except RestorationError as error:
        return Candidate(recipe.name, recipe.purpose, tuple(trials), failure=str(error))
    return Candidate(recipe.name, recipe.purpose, tuple(trials))


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread, as when an item is restored: the same sums in the same order."""
    import os

    from threadpoolctl import threadpool_limits

    os.environ["OMP_NUM_THREADS"] = "1"  # for torch, which is not loaded before it is needed
    with threadpool_limits(limits=1):
        yield


def _back_at(recipe: Recipe, sample_rate: int) -> Recipe:
    """A recipe that leaves the rate of the master comes back to it, as when an item is restored."""
    if not any(name == "resample" for name, _ in recipe.steps):
        return recipe
    return replace(recipe, steps=(*recipe.steps, ("resample", cast(Any, Resample(sample_rate=sample_rate)))))


def _kept(treated: Treated, place: Path) -> Treated:
    recording = Recording.from_audio(place / "treated.f32", treated.recording.read())
    return replace(treated, recording=recording)
