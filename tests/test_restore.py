"""One item from its master to a sealed bag, through crashes."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import bagit
import numpy as np
import pytest
import soundfile

from restoration import batch, fixity
from restoration.errors import BadManifest, FixityMismatch, RestorationError
from restoration.provenance.exports import EXPORTS
from restoration.record import read
from restoration.restore import restore

TIMES = ("time", "started", "seconds", "cpu_seconds", "previous", "digest")


EXPORTS_BESIDE = [Path(name).name for name in EXPORTS]


def events_of(bag: Path) -> list[dict]:
    return list(read(bag / "data" / "record" / "events.jsonl"))


def derived(bag: Path, role: str) -> Path:
    (event,) = [e for e in events_of(bag) if e["event"] == "derivation" and e["role"] == role]
    return bag / event["file"]


def test_the_bag_is_valid(bag):
    assert bagit.Bag(str(bag)).validate(fast=False)


def test_the_master_is_untouched_and_in_the_bag(bag, manifest):
    master = manifest.parent / "tape-0001.wav"
    assert fixity.digests(bag / "data" / "master" / master.name) == fixity.digests(master)
    checks = [event for event in events_of(bag) if event["event"] == "fixity check"]
    assert [(event["when"], event["outcome"]) for event in checks] == [("before", "match"), ("after", "match")]


def test_every_file_is_explained_by_an_event(bag):
    explained = {event["file"]: event for event in events_of(bag) if event["event"] == "derivation"}
    for path in (bag / "data").rglob("*"):
        name = path.relative_to(bag).as_posix()
        apart = name in EXPORTS or name.startswith(("data/master/", "data/record/"))
        if path.is_file() and (name in explained or not apart):
            assert fixity.digests(path)["sha256"] == explained.pop(name)["sha256"]
    assert not explained


def test_the_chain_reaches_from_the_master_to_every_derivative(bag):
    events = events_of(bag)
    sounds = [event["result"] for event in events if event["event"] == "extraction"]
    for event in events:
        if event["event"] == "step":
            assert event["source"] == sounds[-1]
            sounds.append(event["result"])
        if event["event"] == "derivation":
            assert event["source"] in sounds


def test_restored_and_residual_make_the_master(bag, manifest):
    """master = restored / gain + residual, but for the dither and the rounding of 24 bits."""
    master, _ = soundfile.read(manifest.parent / "tape-0001.wav", dtype="float64")
    restored, rate = soundfile.read(derived(bag, "production master"), dtype="float64")
    residual, _ = soundfile.read(derived(bag, "residual"), dtype="float64")
    gains = [
        e["findings"]["gain_db"] for e in events_of(bag) if e.get("name") == "set_level" if e["outcome"] == "treated"
    ]
    again = restored * 10 ** (-sum(gains) / 20) + residual
    assert rate == 48000
    assert 20 * np.log10(np.abs(again - master).max()) < -120
    assert soundfile.info(derived(bag, "production master")).subtype == "PCM_24"


def test_a_second_run_does_nothing(bag, manifest):
    before = {path: path.stat().st_mtime_ns for path in bag.rglob("*")}
    plan = batch.plan(batch.Request(manifest, bag.parent))
    assert (plan.pending, plan.done) == ((), ("tape-0001",))
    assert restore(plan.orders["tape-0001"]) == bag
    assert {path: path.stat().st_mtime_ns for path in bag.rglob("*")} == before


def test_a_bag_of_another_treatment_is_not_overwritten(bag, worn_samples, tmp_path, make_manifest):
    other = make_manifest(tmp_path / "tapes", worn_samples, recipe="gentle")
    shutil.copytree(bag, tmp_path / "bags" / "tape-0001")
    request = batch.Request(other, tmp_path / "bags")
    plan = batch.plan(request)
    assert plan.pending == ()
    assert "another treatment" in plan.refused["tape-0001"]
    assert batch.set_aside(plan).pending == ("tape-0001",)
    assert (tmp_path / "bags" / ".restoration" / "set-aside" / "tape-0001-1" / "bagit.txt").exists()


def test_a_master_with_one_flipped_bit_is_refused(manifest, tmp_path, order_of):
    tapes = tmp_path / "tapes"
    shutil.copytree(manifest.parent, tapes)
    master = tapes / "tape-0001.wav"
    content = bytearray(master.read_bytes())
    content[5000] ^= 1
    master.write_bytes(content)
    order = order_of(tapes / "manifest.csv", tmp_path / "bags")
    with pytest.raises(FixityMismatch, match="was expected"):
        restore(order)
    assert not order.bag.exists()
    log = list(read(order.workshop / "bag" / "data" / "record" / "events.jsonl"))
    assert (log[-1]["event"], log[-1]["outcome"]) == ("fixity check", "mismatch")


def test_a_truncated_master_gives_a_sentence(worn_samples, tmp_path, order_of, make_manifest):
    path = make_manifest(tmp_path / "tapes", worn_samples)
    master = path.parent / "tape-0001.wav"
    with master.open("r+b") as file:
        file.truncate(master.stat().st_size // 2)
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    rows[0]["sha256"] = fixity.digests(master)["sha256"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(RestorationError, match=r"tape-0001\.wav: .*"):
        batch.restore_and_tell(order_of(path, tmp_path / "bags"))
    (failed,) = batch.status(tmp_path / "bags")
    assert (failed.identifier, failed.state) == ("tape-0001", "failed")


def test_a_row_without_a_recipe_needs_one_for_the_run(worn_samples, tmp_path, make_manifest):
    path = make_manifest(tmp_path / "tapes", worn_samples, recipe="")
    with pytest.raises(BadManifest, match="row 2, recipe: name a recipe here"):
        batch.plan(batch.Request(path, tmp_path / "bags"))
    assert batch.plan(batch.Request(path, tmp_path / "bags", recipe="gentle")).pending == ("tape-0001",)


def test_an_unknown_recipe_is_said_in_the_row_that_names_it(worn_samples, tmp_path, make_manifest):
    path = make_manifest(tmp_path / "tapes", worn_samples, recipe="broadcast_tap")
    with pytest.raises(BadManifest, match=r"row 2, recipe “broadcast_tap”.*did you mean 'broadcast_tape'"):
        batch.plan(batch.Request(path, tmp_path / "bags"))


def test_two_runs_in_one_folder_are_refused(tmp_path):
    with batch.locked(tmp_path), pytest.raises(RestorationError, match="another run"), batch.locked(tmp_path):
        pass


RUN = (
    "import sys; from pathlib import Path; from restoration import batch\n"
    "(o,) = batch.plan(batch.Request(Path(sys.argv[1]), Path(sys.argv[2]))).orders.values(); batch.restore_and_tell(o)"
)


def kill_after(events: int, manifest: Path, out: Path) -> None:
    """Run the item in a process of its own, and kill that once its log has so many events."""
    log = out / ".restoration" / "items" / "tape-0001" / "bag" / "data" / "record" / "events.jsonl"
    process = subprocess.Popen([sys.executable, "-c", RUN, str(manifest), str(out)])
    while process.poll() is None:
        if log.exists() and log.read_bytes().count(b"\n") >= events:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.002)


def comparable(bag: Path) -> tuple[dict[str, str], list[dict]]:
    """What must be the same after a kill: every file but those that tell times, and the log but for its times."""
    files = {
        path.relative_to(bag).as_posix(): fixity.digests(path)["sha256"]
        for path in (bag / "data").rglob("*")
        if path.is_file() and path.parent.name != "record" and path.name not in EXPORTS_BESIDE
    }
    return files, [timeless(event) for event in events_of(bag)]


def timeless(event: dict) -> dict:
    told_by_its_page = ("sha256", "bytes", "parameters") if event.get("role") == "treatment report" else ()
    return {k: v for k, v in event.items() if k not in (*TIMES, *told_by_its_page)}


@pytest.mark.slow
def test_a_run_killed_again_and_again_makes_the_same_bag(bag, manifest, tmp_path, order_of):
    total = len(events_of(bag))
    for events in range(1, total, 2):
        kill_after(events, manifest, tmp_path)
    restore(order_of(manifest, tmp_path))
    assert comparable(tmp_path / "tape-0001") == comparable(bag)
    assert bagit.Bag(str(tmp_path / "tape-0001")).validate(fast=False)
    assert not (tmp_path / ".restoration" / "items" / "tape-0001").exists()


@pytest.mark.slow
def test_who_comes_second_waits_for_the_first(bag, manifest, tmp_path, order_of):
    """Two processes are given the same order: one does the work, the other finds it done."""
    processes = [subprocess.Popen([sys.executable, "-c", RUN, str(manifest), str(tmp_path)]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert comparable(tmp_path / "tape-0001") == comparable(bag)


def test_the_log_holds_what_a_replay_needs(bag):
    for event in events_of(bag):
        if event["event"] == "step":
            assert event["version"]
            assert event["reason"]
            json.dumps([event["parameters"], event["findings"], event["weights"]], allow_nan=False)


@pytest.mark.slow
def test_a_file_lost_after_its_event_is_made_again_as_it_was(bag, manifest, tmp_path, order_of):
    kill_after(len(events_of(bag)) - 2, manifest, tmp_path)
    workshop = tmp_path / ".restoration" / "items" / "tape-0001"
    (lost,) = (workshop / "bag" / "data" / "restored").glob("*_restored.wav")
    lost.unlink()
    restore(order_of(manifest, tmp_path))
    assert comparable(tmp_path / "tape-0001") == comparable(bag)


def test_a_recipe_that_leaves_the_masters_rate_comes_back_to_it(worn_samples, tmp_path, make_manifest, order_of):
    recipe = tmp_path / "narrow.toml"
    steps = '[[step]]\nname = "resample"\nsample_rate = 16000\n\n[[step]]\nname = "set_level"\n'
    recipe.write_text(f'purpose = "Try."\n\n{steps}', encoding="utf-8")
    manifest = make_manifest(tmp_path / "tapes", worn_samples, recipe=str(recipe))
    bag = restore(order_of(manifest, tmp_path / "bags"))
    restored = soundfile.info(derived(bag, "production master"))
    assert (restored.samplerate, restored.frames) == (48000, worn_samples.size)
    steps_taken = [(e["name"], e["outcome"]) for e in events_of(bag) if e["event"] == "step"]
    assert steps_taken == [("resample", "treated"), ("set_level", "treated"), ("resample", "treated")]
