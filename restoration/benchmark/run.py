"""The benchmark itself: age, treat, score, keep; and go on where an earlier run stopped."""

from __future__ import annotations

import hashlib
import json
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from restoration.audio import Audio
from restoration.benchmark import scores
from restoration.benchmark.clips import Clip, Source, find_clips, read_clip
from restoration.benchmark.degradations import LEVELS_DB, QUICK_LEVELS_DB, Degradation, degradations, degrade
from restoration.benchmark.find import find_systems
from restoration.benchmark.rows import Row, Rows, key_of, write_csv
from restoration.benchmark.service import Service
from restoration.benchmark.systems import PROGRAMME, System
from restoration.errors import RestorationError
from restoration.provenance.software import software_versions

QUICK_CLIPS = 4
SLOW_MEASURES = ("distill_mos", "word_error_rate")

Heard = Callable[[int, int, str], None]
"""Called with the rows done, the rows there are, and what is being done."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be compared.

    Args:
        corpus: a folder of clean speech, see ``clips.find_clips``.
        out: the folder for rows.jsonl, results.csv, benchmark.json and index.html.
        systems, degradations: names; none means all.
        clips: how many; None is all of them.
        seed: of the ageing.
        longest_s: of each clip, only so much is used.
        workers: how many systems at a time.
        quick: four clips, one level, and no measure that takes long.
    """

    corpus: Path
    out: Path
    systems: tuple[str, ...] = ()
    degradations: tuple[str, ...] = ()
    clips: int | None = None
    seed: int = 1
    longest_s: float = 12.0
    workers: int = 1
    quick: bool = False

    @property
    def sources(self) -> list[Source]:
        return find_clips(self.corpus, self.clips or (QUICK_CLIPS if self.quick else None))

    @property
    def ways(self) -> list[Degradation]:
        return degradations(self.degradations, QUICK_LEVELS_DB if self.quick else LEVELS_DB)

    @property
    def measures(self) -> list[scores.Measure]:
        return [each for each in scores.MEASURES.values() if not (self.quick and each.name in SLOW_MEASURES)]


@dataclass(frozen=True)
class Results:
    """What came of it.

    ``left_out`` says of each system, measure and clip that could not be used why; ``made`` counts the rows that were
    not there before.
    """

    rows: tuple[Row, ...]
    measures: tuple[str, ...]
    left_out: dict[str, str]
    facts: dict[str, Any]
    made: int = 0


@dataclass
class _Bench:
    """What is used throughout a run."""

    request: Request
    systems: list[System]
    versions: dict[str, str]
    scoring: dict[str, str]
    workers: dict[str, Service]
    scorers: queue.SimpleQueue[Service]
    runners: Executor
    kept: Rows
    left_out: dict[str, str]
    made: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def run_benchmark(request: Request, heard: Heard = lambda done, whole, what: None) -> Results:
    """Age every clip in every way, have every system treat it, and score what comes out.

    A row that is in rows.jsonl already, made of the same sounds by the same versions, is not made again.

    Raises:
        RestorationError: no clip or no system can be used, or a name does not exist.
        BadRecipe: a recipe that cannot be followed.
    """
    systems = find_systems(request.systems)
    ways, sources = request.ways, request.sources
    left_out = _left_out(systems, request.measures)
    present = [system for system in systems if system.name not in left_out]
    if not present:
        raise RestorationError(f"none of the systems can run here: {left_out}")
    scoring = {each.name: each.version() for each in request.measures if each.label not in left_out}
    request.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        bench = _set_up(request, present, scoring, left_out, stack)
        rows = tuple(_rows(bench, sources, ways, heard))
    if not rows:
        raise RestorationError(f"none of the clips can be used: {left_out}")
    facts = _facts(request, bench, rows)
    results = Results(rows, tuple(scoring), left_out, facts, bench.made)
    write_csv(rows, request.out / "results.csv")
    text = json.dumps(facts | {"left_out": left_out}, indent=2, ensure_ascii=False)
    (request.out / "benchmark.json").write_text(text, encoding="utf-8")
    return results


def _left_out(systems: list[System], measures: list[scores.Measure]) -> dict[str, str]:
    reasons = {system.name: system.missing() for system in systems}
    reasons |= {measure.label: measure.missing() for measure in measures}
    return {name: reason for name, reason in reasons.items() if reason}


def _set_up(
    request: Request, systems: list[System], scoring: dict[str, str], left_out: dict[str, str], stack: ExitStack
) -> _Bench:
    scorers: queue.SimpleQueue[Service] = queue.SimpleQueue()
    for _ in range(request.workers):
        scorers.put(stack.enter_context(Service("restoration.benchmark.scorer", *scoring)))
    return _Bench(
        request=request,
        systems=systems,
        versions={system.name: system.version() for system in systems},
        scoring=scoring,
        workers={system.name: stack.enter_context(_worker(system, request)) for system in systems},
        scorers=scorers,
        runners=stack.enter_context(ThreadPoolExecutor(request.workers)),
        kept=Rows(request.out / "rows.jsonl"),
        left_out=left_out,
    )


def _worker(system: System, request: Request) -> Service:
    # A recipe outside the package goes by its path.
    paths = [each for each in request.systems if each.endswith(".toml") and Path(each).stem == system.name]
    return Service("restoration.benchmark.worker", *(paths[:1] or [system.name]))


def _rows(bench: _Bench, sources: list[Source], ways: list[Degradation], heard: Heard) -> Iterator[Row]:
    whole, done = len(sources) * len(ways) * len(bench.systems), 0
    for source in sources:
        try:
            clip = read_clip(source, bench.request.longest_s)
        except RestorationError as error:
            bench.left_out[source.name] = str(error)
            continue
        for way in ways:
            heard(done, whole, f"{clip.name}, {way.name}")
            for row in _treated(bench, clip, way):
                done += 1
                yield row
    heard(done, whole, "done")


def _treated(bench: _Bench, clip: Clip, way: Degradation) -> list[Row]:
    """The rows of one clip aged in one way, by every system."""
    aged = degrade(clip, way, bench.request.seed)
    aged_sha256 = _digest(aged.audio, aged.programme)
    with tempfile.TemporaryDirectory(prefix="restoration-benchmark-") as name:
        folder = Path(name)
        for file, audio in (("clean.wav", clip.audio), ("aged.wav", aged.audio), (PROGRAMME, aged.programme)):
            soundfile.write(folder / file, audio.samples.T, audio.sample_rate, subtype="FLOAT")

        def one(number: int, system: System) -> Row:
            version = bench.versions[system.name]
            key = key_of(clip.sha256, aged_sha256, system.name, version, bench.scoring)
            found = bench.kept.find(key)
            return found or _made(bench, key, clip, way, system, folder / f"treated-{number}.wav")

        return list(bench.runners.map(one, range(len(bench.systems)), bench.systems))


def _made(bench: _Bench, key: str, clip: Clip, way: Degradation, system: System, result: Path) -> Row:
    cost = bench.workers[system.name].ask(str(result.with_name("aged.wav")), str(result))
    scored = {"scores": {}, **cost} if cost["error"] else _scored(bench, clip, result)
    row = Row(
        key=key,
        clip=clip.name,
        clip_sha256=clip.sha256,
        degradation=way.name,
        family=way.family,
        level_db=way.level_db,
        seed=bench.request.seed,
        system=system.name,
        part=system.part,
        version=bench.versions[system.name],
        cpu_s=round(cost.get("cpu_s", 0.0), 4),
        rtf=round(cost.get("cpu_s", 0.0) / clip.audio.duration_s, 5),
        peak_mb=round(cost.get("peak_mb", 0.0), 1),
        scores=scored.get("scores", {}),
        error=scored["error"],
    )
    with bench.lock:
        bench.kept.keep(row)
        bench.made += 1
    return row


def _scored(bench: _Bench, clip: Clip, result: Path) -> dict[str, Any]:
    scorer = bench.scorers.get()
    try:
        return scorer.ask(str(result.with_name("clean.wav")), str(result), clip.language)
    finally:
        bench.scorers.put(scorer)


def _digest(*sounds: Audio) -> str:
    digest = hashlib.sha256()
    for sound in sounds:
        digest.update(np.ascontiguousarray(sound.samples, dtype="<f4").tobytes())
    return digest.hexdigest()


def _facts(request: Request, bench: _Bench, rows: tuple[Row, ...]) -> dict[str, Any]:
    clips = {row.clip: row.clip_sha256 for row in rows}
    return {
        "corpus": str(request.corpus),
        "seed": request.seed,
        "longest_s": request.longest_s,
        "clips": clips,
        "degradations": list(dict.fromkeys(row.degradation for row in rows)),
        "systems": bench.versions,
        "measures": bench.scoring,
        "software": software_versions(),
    }
