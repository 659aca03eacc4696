"""The benchmark of voices: lend every voice to every source, judge what comes out, and calibrate the judges."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from restoration import __version__
from restoration.benchmark import voice_judges as judges
from restoration.benchmark.run import Heard
from restoration.benchmark.service import Service
from restoration.benchmark.voice_people import Level, People
from restoration.benchmark.voice_sources import SAMPLE_RATE, FloatArray, Sources, Spoken, read, sha256
from restoration.benchmark.voice_systems import called, version_of
from restoration.errors import RestorationError
from restoration.nets.recogniser import words
from restoration.provenance.software import software_versions

PACKAGES = {
    "ge2e": "Resemblyzer",
    "moonshine": "moonshine-voice",
    "pocketsphinx": "pocketsphinx",
    "distill_mos": "distillmos",
    "pitch": "swift-f0",
}
SLOW = ("pocketsphinx", "distill_mos")


@dataclass(frozen=True)
class VoiceRow:
    """What became of one source in one system.

    ``rtf`` is processor seconds on one thread a second of sound, ``peak_mb`` the largest resident memory of the
    system's process so far; ``error`` is empty where all went well, and ``scores`` where it did not.
    """

    clip: str
    clip_sha256: str
    speaker: str
    sex: str
    seed: int
    system: str
    version: str
    cpu_s: float
    rtf: float
    peak_mb: float
    scores: dict[str, float | None] = field(default_factory=dict)
    error: str = ""

    def flat(self) -> dict[str, Any]:
        """The row for a table, a column for each score."""
        fields = asdict(self)
        return fields | fields.pop("scores")


@dataclass(frozen=True)
class VoiceResults:
    """What came of it. ``left_out`` says of each judge that could not judge why."""

    rows: tuple[VoiceRow, ...]
    calibration: tuple[Level, ...]
    reading_mos: tuple[float, ...]
    left_out: dict[str, str]
    facts: dict[str, Any]


@dataclass(frozen=True)
class VoiceRequest:
    """What is to be compared.

    Args:
        systems: controls, and folders of voices.
        sources: whose performances are lent the voices.
        reading: clips of the target.
        seed: that the sources were drawn by.
        quick: whether the judges that take long are left out.
        facts: what else belongs into the record.
    """

    systems: tuple[str, ...]
    sources: Sources
    reading: tuple[Spoken, ...]
    seed: int
    quick: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left_out(self) -> dict[str, str]:
        """The judges that do not judge, and why."""
        return judges.judges_missing() | (dict.fromkeys(SLOW, "takes long") if self.quick else {})


def run_voices(request: VoiceRequest, heard: Heard = lambda done, whole, what: None) -> VoiceResults:
    """Lend each voice to each source, each in a process and on a thread of its own, and judge the results.

    Raises:
        RestorationError: a folder holds no voice, or a sound cannot be read.
    """
    versions = {name: version_of(name) for name in request.systems}
    left_out = request.left_out
    speaker_judges = [name for name in judges.SPEAKER_JUDGES if name not in left_out]
    if not request.sources.clips:
        raise RestorationError("there are no sources to lend a voice to")
    whole = len(request.sources.clips) * len(request.systems)
    people = People(request.reading, request.sources, speaker_judges, lambda what: heard(0, whole, what))
    rows: list[VoiceRow] = []
    bench = _Bench(request, people, left_out, versions, heard)
    for system in request.systems:
        rows += bench.rows_of(system, len(rows), whole)
    mos = () if "distill_mos" in left_out else tuple(judges.distill_mos(read(clip)) for clip in request.reading)
    facts = _facts(request, versions, left_out)
    return VoiceResults(tuple(rows), tuple(people.calibration()), mos, left_out, facts)


class _Bench:
    """What is used throughout a run."""

    def __init__(
        self,
        request: VoiceRequest,
        people: People,
        left_out: Mapping[str, str],
        versions: Mapping[str, str],
        heard: Heard,
    ) -> None:
        self._request, self._people, self._left_out = request, people, left_out
        self._versions, self._heard = versions, heard
        self._spoken: dict[str, list[str]] = {}

    def rows_of(self, system: str, done: int, whole: int) -> list[VoiceRow]:
        with (
            tempfile.TemporaryDirectory(prefix="restoration-voices-") as name,
            Service("restoration.benchmark.voice_worker", system) as worker,
        ):
            rows = []
            for number, clip in enumerate(self._request.sources.clips):
                self._heard(done + number, whole, f"{called(system)}, {clip.name}")
                rows.append(self._row(system, clip, worker, Path(name)))
            return rows

    def _row(self, system: str, clip: Spoken, worker: Service, folder: Path) -> VoiceRow:
        source = read(clip)
        np.save(folder / "source.npy", source)
        cost = worker.ask(str(folder / "source.npy"), str(folder / "converted.npy"))
        error = str(cost["error"])
        scores = {} if error else self._scores(clip, source, np.load(folder / "converted.npy"))
        return VoiceRow(
            clip=clip.name,
            clip_sha256=sha256(source),
            speaker=clip.speaker,
            sex=clip.sex,
            seed=self._request.seed,
            system=called(system),
            version=self._versions[system],
            cpu_s=round(cost.get("cpu_s", 0.0), 4),
            rtf=round(cost.get("cpu_s", 0.0) * SAMPLE_RATE / source.size, 5),
            peak_mb=round(cost.get("peak_mb", 0.0), 1),
            scores=scores,
            error=error,
        )

    def _scores(self, clip: Spoken, source: FloatArray, converted: FloatArray) -> dict[str, float | None]:
        scores: dict[str, float | None] = {}
        for judge in self._people.judges:
            vector = judges.SPEAKER_JUDGES[judge](converted)
            target, speaker = self._people.target(judge), self._people.speaker(judge, clip)
            to_target, to_source = judges.cosine(vector, target), judges.cosine(vector, speaker)
            scores |= {f"{judge}_to_target": to_target, f"{judge}_to_source": to_source}
            scores[f"{judge}_closer"] = float(to_target > to_source)
        scores |= self._words(clip, source, converted)
        if "distill_mos" not in self._left_out:
            scores["distill_mos"] = judges.distill_mos(converted)
        if "pitch" not in self._left_out:
            agreement = judges.pitch_agreement(source, converted)
            scores |= {"f0_correlation": agreement.correlation, "f0_semitones": agreement.semitone_error}
        return scores

    def _words(self, clip: Spoken, source: FloatArray, converted: FloatArray) -> dict[str, float | None]:
        """Word error rates, beside what was heard in the source and beside what was to be read."""
        if "moonshine" in self._left_out:
            return {}
        spoken, text, scores = self._spoken_in(clip, source), words(clip.text), {}
        for judge in [name for name in judges.WORD_JUDGES if name not in self._left_out]:
            heard = judges.WORD_JUDGES[judge](converted)
            scores[f"wer_{judge}"] = judges.word_error_rate(spoken, heard)
            scores[f"text_wer_{judge}"] = judges.word_error_rate(text, heard)
        return scores

    def _spoken_in(self, clip: Spoken, source: FloatArray) -> list[str]:
        if clip.name not in self._spoken:
            self._spoken[clip.name] = judges.heard_by_moonshine(source)
        return self._spoken[clip.name]


def _facts(request: VoiceRequest, versions: Mapping[str, str], left_out: Mapping[str, str]) -> dict[str, Any]:
    told = {name: metadata.version(package) for name, package in PACKAGES.items() if name not in left_out}
    return dict(request.facts) | {
        "seed": request.seed,
        "sources": {clip.name: sha256(read(clip)) for clip in request.sources.clips},
        "sexes": {sex: sum(clip.sex == sex for clip in request.sources.clips) for sex in ("f", "m", "")},
        "speakers": len({clip.speaker for clip in request.sources.clips}),
        "reading": [clip.name for clip in request.reading],
        "systems": dict(versions),
        "judges": {"own": __version__} | told,
        "software": software_versions(),
    }
