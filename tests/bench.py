"""What it costs: overhead, real-time factors, memory and scratch. Run by ``make bench``; prints tables.

python -m tests.bench overhead      flow, log, report and bag over the bare steps
python -m tests.bench historical    the real recordings (needs RESTORATION_CORPUS)
python -m tests.bench long          two hours of 96 kHz / 24 bit stereo as RF64 (needs about 30 GB of disk)
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import soundfile
import typer
from threadpoolctl import threadpool_limits

from restoration import batch, derive, fixity, sound_files
from restoration.audio import Recording, Writer
from restoration.measures.condition import condition
from restoration.order import Order
from restoration.record import read
from restoration.restore import WRITERS
from restoration.screen import console, table
from restoration.speech.segments import segment
from restoration.step import Step

app = typer.Typer(no_args_is_help=False, invoke_without_command=True, add_completion=False)
ROOT = Path(__file__).parent.parent
DEMO = ROOT / "archive_manifests" / "demo" / "reading.opus"
RATE = 48000
ROW = {
    "title": "A tape",
    "carrier_type": "quarter-inch open-reel audio",
    "generation": "preservation master",
    "language": "en",
    "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
    "voice_consent": "not-required",
}


@dataclass(frozen=True)
class Cost:
    """What a process took: wall and processor seconds, the largest resident memory, the largest scratch."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    scratch_mib: float
    status: int


def measured(command: list[str], out: Path) -> Cost:
    """Run a command to its end, with its children, watching the scratch under ``out``."""
    largest = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal largest
        while not ended.wait(0.2):
            largest = max(largest, sum(path.stat().st_size for path in scratch_files(out)))

    threading.Thread(target=watch, daemon=True).start()
    clock = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    return Cost(
        time.monotonic() - clock,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        largest / 2**20,
        os.waitstatus_to_exitcode(status),
    )


def scratch_files(out: Path) -> Iterator[Path]:
    for path in (out / ".restoration" / "items").glob("*/scratch/*.f32*"):
        if path.exists():
            yield path


def run_command(manifest: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "restoration.cli", "run", str(manifest), "--out", str(out), "--json"]


def worn(samples: np.ndarray, seed: int) -> np.ndarray:
    """The reading with hum, hiss and clicks, so that every step has work."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(samples.size) / RATE
    faulty = 0.5 * samples + 0.004 * rng.standard_normal(samples.size)
    faulty += sum(0.01 / k * np.sin(2 * np.pi * 50 * k * seconds) for k in range(1, 6))
    faulty[rng.integers(0, samples.size, int(5 * samples.size / RATE))] += 0.4
    return faulty.astype(np.float32)


def write_tapes(folder: Path, count: int, seconds: float) -> Path:
    samples, _ = soundfile.read(DEMO, dtype="float32")
    frames = int(seconds * RATE)
    rows = []
    for number in range(count):
        start = number * RATE % max(1, samples.size - frames)
        name = f"tape-{number:04d}"
        soundfile.write(folder / f"{name}.wav", worn(samples[start : start + frames], number), RATE, subtype="PCM_24")
        digest = fixity.digests(folder / f"{name}.wav")["sha256"]
        rows.append({"identifier": name, "file": f"{name}.wav", "sha256": digest, "recipe": "broadcast_tape", **ROW})
    return write_manifest(folder / "manifest.csv", rows)


def write_manifest(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def bare(manifest: Path, folder: Path) -> None:
    """The same work without flow, log, report and bag: read, measure, treat, segment, write the copies."""
    for order in batch.plan(batch.Request(manifest, folder)).orders.values():
        with threadpool_limits(limits=1):
            bare_item(order, folder)


def bare_item(order: Order, folder: Path) -> None:
    """One item, with as many threads as the program itself takes."""
    count = 0

    def made(write: Callable[[Writer], object]) -> Recording:
        nonlocal count
        count += 1
        with Writer(folder / f"{count}.f32") as writer:
            write(writer)
        return writer.recording

    source = made(lambda writer, path=order.item.path: sound_files.decode(path, writer))
    condition(source)
    current = source
    for _, step in order.recipe.steps:
        current = bare_step(step, current, made)
    condition(current)
    segment(current, order.recipe.speech)
    sound_files.write_bwf(current, folder / "r.wav", description=sound_files.BwfDescription(), like=order.item.path)
    sound_files.write_bwf(source, folder / "d.wav", description=sound_files.BwfDescription())
    with ThreadPoolExecutor(max_workers=WRITERS) as writers:
        list(writers.map(lambda name: sound_files.write_opus(current, folder / name), derive.ACCESS_SOUNDS))


def bare_step(step: Step, current: Recording, made: Callable[[Callable[[Writer], object]], Recording]) -> Recording:
    findings = step.measure(current)
    if not findings.get("needed", True):
        return current
    return made(lambda writer: step.treat(current, findings, writer))


@app.command()
def overhead(items: int = 100, times: int = 3) -> None:
    """Flow, log, report and bag over the bare steps: one 4-minute item, and many of ten seconds.

    The one item is run several times in turn with the bare steps, and the medians are compared.
    """
    rows = [overhead_row(1, 240.0, times), overhead_row(items, 10.0, 1)]
    columns = ("batch", "bare, s", "run, s", "overhead", "overhead an item, s", "second run, s", "cpu s, bare / run")
    table("Overhead of flow, log, report and bag", columns, rows)


def overhead_row(count: int, seconds: float, times: int) -> tuple[str, ...]:
    plain, whole = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = write_tapes(folder, count, seconds)
        for turn in range(times):
            bags, bare_files = folder / f"bags-{turn}", folder / f"bare-{turn}"
            bare_files.mkdir()
            code = "import sys; from pathlib import Path; from tests.bench import bare; bare(*map(Path, sys.argv[1:]))"
            plain.append(measured([sys.executable, "-c", code, str(manifest), str(bare_files)], bare_files))
            whole.append(measured(run_command(manifest, bags), bags))
        again = measured(run_command(manifest, bags), bags)
    bare_s, run_s = (median(cost.wall_s for cost in costs) for costs in (plain, whole))
    bare_cpu_s, run_cpu_s = (median(cost.cpu_s for cost in costs) for costs in (plain, whole))
    return (
        f"{count} x {seconds:.0f} s",
        f"{bare_s:.1f}",
        f"{run_s:.1f}",
        f"{run_s / bare_s - 1:.1%}",
        f"{(run_s - bare_s) / count:.2f}",
        f"{again.wall_s:.1f}",
        f"{bare_cpu_s:.1f} / {run_cpu_s:.1f}",
    )


@app.command()
def historical() -> None:
    """The real recordings, each in a run of its own."""
    corpus = Path(os.environ["RESTORATION_CORPUS"])
    rows = list(csv.DictReader((ROOT / "archive_manifests" / "historical.csv").open(encoding="utf-8")))
    figures = []
    with tempfile.TemporaryDirectory() as name:
        for row in rows:
            folder = Path(name) / row["identifier"]
            folder.mkdir()
            manifest = write_manifest(folder / "manifest.csv", [row])
            command = [*run_command(manifest, folder / "bags"), "--root", str(corpus)]
            cost = measured(command, folder / "bags")
            figures.append((row["identifier"], cost, events_in(folder / "bags" / row["identifier"])))
    cost_table(figures)
    for identifier, _, events in figures:
        measures_table(identifier, events)


def events_in(bag: Path) -> list[dict]:
    return list(read(bag / "data" / "record" / "events.jsonl"))


def cost_table(figures: list[tuple[str, Cost, list[dict]]]) -> None:
    rows = []
    for identifier, cost, events in figures:
        duration_s = next(e["format"]["duration_s"] for e in events if e["event"] == "extraction")
        worked = sum(e["seconds"] for e in events if e["event"] == "step")
        rows.append(
            (
                identifier,
                f"{duration_s:.1f}",
                f"{cost.wall_s:.1f}",
                f"{cost.wall_s / duration_s:.3f}",
                f"{worked / duration_s:.3f}",
                f"{cost.peak_mib:.0f}",
                f"{cost.scratch_mib:.0f}",
            )
        )
    columns = ("item", "duration, s", "wall, s", "real-time factor", "of the steps", "peak memory, MiB", "scratch, MiB")
    table("Cost", columns, rows)


def measures_table(identifier: str, events: list[dict]) -> None:
    before, after = (
        next(e["measures"] for e in events if e["event"] == "measurement" and e["when"] == when)
        for when in ("before", "after")
    )
    table(identifier, ("measure", "before", "after"), [(name, before[name], after[name]) for name in before])
    steps = [(e["name"], e["outcome"], f"{e['seconds']:.1f}", e["reason"]) for e in events if e["event"] == "step"]
    table("", ("step", "outcome", "seconds", "reason"), steps)


@app.command()
def long(hours: float = 2.0, folder: Path | None = None) -> None:
    """Two hours of 96 kHz / 24 bit stereo, made from the historical recordings by repetition."""
    corpus = Path(os.environ["RESTORATION_CORPUS"])
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        master = write_long_tape(corpus / "historical", place / "long.wav", hours)
        row = {"identifier": "long", "file": "long.wav", "sha256": fixity.digests(master)["sha256"], **ROW}
        manifest = write_manifest(place / "manifest.csv", [{**row, "recipe": "broadcast_tape"}])
        cost = measured(run_command(manifest, place / "bags"), place / "bags")
        cost_table([("long", cost, events_in(place / "bags" / "long"))])
        size_mib = master.stat().st_size / 2**20
        console.print(f"master {size_mib:.0f} MiB, scratch {cost.scratch_mib / size_mib:.2f} times the master")
        measures_table("long", events_in(place / "bags" / "long"))


def write_long_tape(historical: Path, place: Path, hours: float) -> Path:
    import soxr

    parts = []
    for path in sorted(historical.glob("*.mp3")):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        wide = soxr.resample(samples, rate, 96000)
        parts.append(np.repeat(wide, 2, axis=1) if wide.shape[1] == 1 else wide)
    once = np.concatenate(parts)
    left = int(hours * 3600 * 96000)
    with soundfile.SoundFile(place, "w", 96000, 2, subtype="PCM_24", format="RF64") as file:
        while left > 0:
            file.write(once[:left])
            left -= min(left, len(once))
    return place


@app.callback()
def everything(context: typer.Context) -> None:
    """All of it but the two hours, when no part is named."""
    if context.invoked_subcommand is None:
        overhead()
        if "RESTORATION_CORPUS" in os.environ:
            historical()


if __name__ == "__main__":
    app()
