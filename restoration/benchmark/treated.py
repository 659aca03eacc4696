"""Our own systems: recipes, by the path that a restored item takes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import soundfile

from restoration import sound_files, treatment, weights
from restoration.audio import Writer
from restoration.benchmark.systems import Part
from restoration.progress import Progress
from restoration.recipe import Recipe
from restoration.record import Record, digest_of
from restoration.scratch import Scratch
from restoration.step import models_of

SCRATCH_BYTES = 2**33


@dataclass(frozen=True)
class Treatment:
    """A recipe: measured, decided, treated, judged and logged, with a record and a scratch that go with the clip."""

    part: ClassVar[Part] = "recipe"
    recipe: Recipe

    @property
    def name(self) -> str:
        return self.recipe.name

    def missing(self) -> str | None:
        return None

    def version(self) -> str:
        models = tuple(sorted({name for _, step in self.recipe.steps for name in models_of(step)}))
        return digest_of([self.recipe.digest, weights.sha256_on_disk(models)])[:16]

    def prepare(self) -> None:
        pass

    def run(self, source: Path, result: Path) -> None:
        with tempfile.TemporaryDirectory(dir=result.parent, prefix=".treatment-") as name:
            folder = Path(name)
            with Writer(folder / "source.f32") as writer:
                sound_files.decode(source, writer)
            treated = treatment.apply(
                self.recipe,
                writer.recording,
                Record(folder / "events.jsonl"),
                Scratch(folder / "scratch", SCRATCH_BYTES),
                Progress(folder / "progress.json", [(step.replace("_", " "), 1.0) for step, _ in self.recipe.steps]),
            )
            audio = treated.recording.read()
        soundfile.write(result, audio.samples.T, audio.sample_rate, subtype="FLOAT")
