"""The treatment: one event a step, an unbroken chain, and nothing done twice."""

import json
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from restoration.audio import map_blocks
from restoration.errors import StepFailed
from restoration.progress import Progress
from restoration.recipe import parse_recipe
from restoration.record import Record, read
from restoration.scratch import Scratch
from restoration.sound_map import compare
from restoration.sound_map.compare import STEP_PLANES, planes_of
from restoration.treatment import apply

RECIPE = parse_recipe(
    {
        "purpose": "Try.",
        "step": [
            {"name": "remove_dc"},
            {"name": "equalise", "bands": [{"kind": "highpass", "frequency_hz": 60.0}]},
            {"name": "set_level", "target_lufs": -23.0},
        ],
    },
    "try",
    "",
)


class Bench:
    """A folder with a log and a scratch, as one run has it."""

    def __init__(self, folder, limit_bytes=2**30):
        folder.mkdir(exist_ok=True)
        self.record = Record(folder / "events.jsonl")
        self.scratch = Scratch(folder / "scratch", limit_bytes)
        self.progress = Progress(folder / "progress.json", [("all", 1.0)])

    def apply(self, recipe, source):
        return apply(recipe, source, self.record, self.scratch, self.progress)


@pytest.fixture
def source(recording_of):
    time = np.arange(96_000) / 48000
    return recording_of(0.05 + 0.1 * np.sin(2 * np.pi * 440 * time) * (1 + np.sin(3 * time)), 48000)


def test_the_chain_is_unbroken(tmp_path, source):
    bench = Bench(tmp_path / "run")
    treated = bench.apply(RECIPE, source)
    events = list(read(bench.record.path))
    assert [event["name"] for event in events] == ["remove_dc", "equalise", "set_level"]
    digests = [source.pcm_sha256, *(event["result"] for event in events)]
    assert [event["source"] for event in events] == digests[:-1]
    assert digests[-1] == treated.recording.pcm_sha256
    assert treated.gain_db == events[-1]["findings"]["gain_db"]


def test_a_second_run_does_nothing_again(tmp_path, source):
    first = Bench(tmp_path / "run")
    treated = first.apply(RECIPE, source)
    made = {path: path.stat().st_ino for path in first.scratch.folder.glob("*.f32")}
    second = Bench(tmp_path / "run")
    assert second.apply(RECIPE, source).recording.pcm_sha256 == treated.recording.pcm_sha256
    assert {path: path.stat().st_ino for path in second.scratch.folder.glob("*.f32")} == made
    assert len(second.record.events) == 3


@pytest.mark.parametrize("finished", [0, 1, 2, 3])
@pytest.mark.parametrize("scratch_lost", [False, True])
def test_a_killed_run_goes_on_to_the_same_end(tmp_path, source, finished, scratch_lost):
    """Whatever was finished when it died, and whether or not the scratch is still there."""
    whole = Bench(tmp_path / "whole")
    expected = whole.apply(RECIPE, source)
    lines = whole.record.path.read_text(encoding="utf-8").splitlines(keepends=True)
    died = tmp_path / "whole" if not scratch_lost else tmp_path / "died"
    died.mkdir(exist_ok=True)
    torn = lines[finished][:40] if finished < 3 else ""
    (died / "events.jsonl").write_text("".join(lines[:finished]) + torn, encoding="utf-8")
    resumed = Bench(died)
    treated = resumed.apply(RECIPE, source)
    assert treated.recording.pcm_sha256 == expected.recording.pcm_sha256
    assert treated.gain_db == expected.gain_db
    assert [without_times(event) for event in read(resumed.record.path)] == [
        without_times(json.loads(line)) for line in lines
    ]


def without_times(event):
    times = ("time", "started", "seconds", "cpu_seconds", "previous", "digest")
    return {key: value for key, value in event.items() if key not in times}


def test_another_last_step_costs_only_that_step(tmp_path, source):
    bench = Bench(tmp_path / "one")
    bench.apply(RECIPE, source)
    before = set(bench.scratch.folder.glob("*.f32"))
    louder = parse_recipe(
        {
            "purpose": "Try.",
            "step": [
                {"name": "remove_dc"},
                {"name": "equalise", "bands": [{"kind": "highpass", "frequency_hz": 60.0}]},
                {"name": "set_level", "target_lufs": -30.0},
            ],
        },
        "louder",
        "",
    )
    other = Bench(tmp_path / "one")
    other.record = Record(tmp_path / "other.jsonl")
    other.apply(louder, source)
    assert len(set(bench.scratch.folder.glob("*.f32")) - before) == 1


def test_scratch_is_bounded(tmp_path, source):
    size = source.frames * source.channels * 4
    bench = Bench(tmp_path / "run", limit_bytes=2 * size)
    bench.apply(RECIPE, source)
    assert sum(path.stat().st_size for path in bench.scratch.folder.glob("*.f32")) <= 2 * size


def test_a_result_that_comes_out_differently_is_refused(tmp_path, source):
    bench = Bench(tmp_path / "run")
    bench.apply(RECIPE, source)
    changed = Record(tmp_path / "changed.jsonl")
    for event in bench.record.events:
        fields = {k: v for k, v in event.items() if k not in ("sequence", "event", "time", "previous", "digest")}
        if fields["name"] == "set_level":
            fields["findings"] = fields["findings"] | {"gain_db": fields["findings"]["gain_db"] + 1.0}
        changed.append("step", **fields)
    other = Bench(tmp_path / "other")
    other.record = changed
    with pytest.raises(StepFailed, match="where the log says"):
        other.apply(RECIPE, source)


def test_a_step_that_fails_is_an_event(tmp_path, recording_of):
    recipe = parse_recipe({"purpose": "Try.", "step": [{"name": "extend_band", "method": "voicefixer"}]}, "try", "")
    bench = Bench(tmp_path / "run")
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, 48000)
    with pytest.raises(Exception, match="voicefixer"):
        bench.apply(recipe, recording_of(noise, 48000))
    assert [event["outcome"] for event in bench.record.events] == ["failed"]


@dataclass(frozen=True, kw_only=True)
class Quieter:
    """A step that halves the sound, and thinks of that what it is told to."""

    helps: bool = True
    version: ClassVar[str] = "1"
    generates: ClassVar[str] = "gap"

    def measure(self, recording):
        return {"needed": True, "reason": "It is loud."}

    def treat(self, recording, findings, result):
        map_blocks(recording, lambda samples, first: samples / 2, result)

    def judge(self, before, after, findings):
        return {"helps": self.helps, "reason": "It is quieter.", "peak": float(abs(after.read().samples).max())}


@pytest.mark.parametrize("helps", [True, False])
def test_what_does_not_help_is_left_out(tmp_path, source, helps):
    """The source goes on, the log says why with figures, and a second run comes to the same end."""
    steps = (("limit", Quieter(helps=helps)), *RECIPE.steps[2:])
    recipe = replace(RECIPE, steps=steps)
    bench = Bench(tmp_path / "run")
    treated = bench.apply(recipe, source)
    event = bench.record.events[0]
    assert event["outcome"] == ("treated" if helps else "left out")
    assert (event["result"] == source.pcm_sha256) is not helps
    assert event["generates"] == ("gap" if helps else "nothing")
    assert event["verdict"]["peak"] == pytest.approx(abs(source.read().samples).max() / 2)
    assert event["reason"] == "It is loud. It is quieter."
    again = Bench(tmp_path / "run").apply(recipe, source)
    assert again.recording.pcm_sha256 == treated.recording.pcm_sha256


def mapped_recipe():
    """A step that is mapped between two that are not."""
    return replace(RECIPE, steps=(RECIPE.steps[0], ("limit", Quieter()), RECIPE.steps[2]))


def test_a_step_that_generates_has_a_map(tmp_path, source):
    """Halving a sound leaves an error as loud as what is left: all of it counts as generated."""
    bench = Bench(tmp_path / "run")
    treated = bench.apply(mapped_recipe(), source)
    assert [bool(event.get("map")) for event in bench.record.events] == [False, True, False]
    (map_,) = treated.maps
    assert (map_.step, map_.duration_s) == ("limit", source.duration_s)
    assert map_.recording.pcm_sha256 == bench.record.events[1]["map"]["sha256"]
    generated, sure = planes_of(map_.recording, STEP_PLANES, 2, 38)[:, 9]  # around 400 Hz, where the sound is
    assert generated.min() > 0.99
    assert sure.max() < 0.01
    left_out = replace(RECIPE, steps=(("limit", Quieter(helps=False)), RECIPE.steps[2]))
    assert Bench(tmp_path / "other").apply(left_out, source).maps == ()


@pytest.mark.parametrize("finished", [1, 2, 3])
@pytest.mark.parametrize("lost", ["nothing", "maps", "sounds", "all"])
def test_a_map_outlives_a_killed_run(tmp_path, source, finished, lost):
    """Wherever it died, and whatever the scratch lost: the same map, and the digest that the log has."""
    run = tmp_path / "run"
    whole = Bench(run)
    (expected,) = whole.apply(mapped_recipe(), source).maps
    sha256 = expected.recording.pcm_sha256
    lines = whole.record.path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole.record.path.write_text("".join(lines[:finished]), encoding="utf-8")
    for suffix in {"nothing": (), "maps": ("map",), "sounds": ("f32",), "all": ("map", "f32")}[lost]:
        for path in whole.scratch.folder.glob(f"*.{suffix}"):
            path.unlink()
    resumed = Bench(run)
    (found,) = resumed.apply(mapped_recipe(), source).maps
    assert found.recording.pcm_sha256 == sha256 == resumed.record.events[1]["map"]["sha256"]


def test_a_map_that_comes_out_differently_is_refused(tmp_path, source, monkeypatch):
    bench = Bench(tmp_path / "run")
    bench.apply(mapped_recipe(), source)
    for path in bench.scratch.folder.glob("*.map"):
        path.unlink()
    monkeypatch.setattr(compare, "shares_added", lambda added, result: 0.5 * result)
    with pytest.raises(StepFailed, match="made the map"):
        Bench(tmp_path / "run").apply(mapped_recipe(), source)


def test_maps_stay_when_the_scratch_is_full(tmp_path, source):
    bench = Bench(tmp_path / "run", limit_bytes=1)
    assert len(bench.apply(mapped_recipe(), source).maps) == 1
    bench.scratch.make_room(2**30, in_use=[])
    assert len(list(bench.scratch.folder.glob("*.map"))) == 1
    assert not list(bench.scratch.folder.glob("*.f32"))
