"""One step in its place in a recipe: measured and carried out, with what it gave kept in the scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Self, TypeVar, cast

from restoration import weights
from restoration.audio import Recording, Writer
from restoration.errors import RestorationError, StepFailed
from restoration.overruling import NOT_OVERRULED, Overruling
from restoration.progress import Progress
from restoration.recipe import about, build, kind_version, step_kind
from restoration.record import Event, digest_of
from restoration.scratch import Scratch
from restoration.sparing import spare
from restoration.step import Findings, Step, models_of

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Workshop:
    """Where steps work: the scratch, the progress that people read, and the recordings that must not go meanwhile."""

    scratch: Scratch
    progress: Progress
    in_use: tuple[Recording, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One step in its place in the recipe, and what people decided of it, if they did."""

    position: int
    name: str
    step: Step
    overruling: Overruling = NOT_OVERRULED

    @classmethod
    def of(cls, event: Event) -> Self:
        """The turn that a step's event tells of."""
        place = f"event {event['sequence']}, {event['name']}"
        step = build(step_kind(event["name"]), event["parameters"], place)
        return cls(event["position"], event["name"], step, Overruling.of_step(event.get("overruled") or {}))

    @property
    def parameters(self) -> dict[str, Any]:
        return asdict(cast(Any, self.step))

    @property
    def stage(self) -> str:
        return self.name.replace("_", " ")

    @cached_property
    def models(self) -> dict[str, str]:
        """The digests of the step's models, read once: they are asked for many times."""
        return weights.sha256_on_disk(models_of(self.step))

    @property
    def moves_time(self) -> bool:
        """Whether a moment of the result is another moment of the source."""
        return bool(getattr(self.step, "moves_time", False))

    def description(self) -> dict[str, Any]:
        """What the log says of the step whatever it finds."""
        return {
            "position": self.position,
            "name": self.name,
            "about": about(self.name),
            "parameters": self.parameters,
            "version": kind_version(self.step),
            "weights": self.models,
            "device": "cpu",
            **({"moves_time": True} if self.moves_time else {}),
        }

    def key(self, source_sha256: str, findings: Findings | None = None) -> str:
        """What decides the findings; with them, what decides the sound."""
        spared = [list(self.overruling.spared)] if findings is not None and self.overruling.spared else []
        version = kind_version(self.step)
        return digest_of([source_sha256, self.name, self.parameters, version, self.models, findings, *spared])

    def measured(self, source: Recording, scratch: Scratch) -> Findings:
        """The findings: those that the scratch remembers, or new ones.

        Raises:
            StepFailed: the step could not measure.
        """
        key = self.key(source.pcm_sha256)
        findings = scratch.findings(key)
        if findings is None:
            findings = self.tried("measure", lambda: self.step.measure(source))
            scratch.keep_findings(key, findings)
        return findings

    def result(self, source: Recording, findings: Findings, workshop: Workshop) -> Recording:
        """The treated sound, without what the step is to leave alone: from the scratch, or made now.

        Raises:
            StepFailed: the step could not treat, or moves time, so that no stretch can be left alone.
        """
        if not self.overruling.spared:
            return self._kept(source, findings, workshop, lambda writer: self.step.treat(source, findings, writer))
        if self.moves_time:
            raise StepFailed(self.name, "moves time, so that it cannot leave a stretch alone")
        whole = replace(self, overruling=NOT_OVERRULED).result(source, findings, workshop)
        whole = whole.with_blocks(source.block_frames)
        near = replace(workshop, in_use=(whole, *workshop.in_use))
        return self._kept(source, findings, near, lambda writer: spare(source, whole, self.overruling.spared, writer))

    def _kept(
        self, source: Recording, findings: Findings, workshop: Workshop, make: Callable[[Writer], None]
    ) -> Recording:
        key = self.key(source.pcm_sha256, findings)
        found = workshop.scratch.find(key)
        if found is not None:
            return found
        workshop.scratch.make_room(source.frames * source.channels * 4, in_use=[source, *workshop.in_use])

        def heard(share: float) -> None:
            workshop.progress.reached(self.stage, share)

        writer = workshop.scratch.writer(key, source.frames, heard)

        def treat() -> None:
            with writer:
                make(writer)

        self.tried("treat", treat)
        return writer.recording

    def tried(self, what: str, work: Callable[[], Answer]) -> Answer:
        """What ``work`` returns; a numerical failure in it is one of the step."""
        try:
            return work()
        except RestorationError:
            raise
        except (LookupError, TypeError) as error:
            if not self.overruling.decisions:
                raise
            # A step that was left out has not measured all that its treatment goes by.
            why = f"could not {what} the recording by the findings that were overruled: {error!r} is missing or odd"
            raise StepFailed(self.name, why) from error
        except (ValueError, ArithmeticError, RuntimeError) as error:
            raise StepFailed(self.name, f"could not {what} the recording: {error}") from error
