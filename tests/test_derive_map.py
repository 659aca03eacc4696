"""A whole item whose carrier ran unevenly and had a hole: its residual, its map and what its report says of both."""

from __future__ import annotations

import json
import re

import bagit
import numpy as np
import pytest
import soundfile
from scipy.interpolate import CubicSpline

from restoration import batch, inspection
from restoration.record import read
from restoration.restore import restore
from restoration.sound_map.pages import read_map

RATE = 48_000
HOLE = slice(round(7.02 * RATE), round(7.035 * RATE))
RECIPE = """
purpose = "Try."
[[step]]
name = "fill_dropouts"
[[step]]
name = "correct_speed"
ask_voice = false
[[step]]
name = "set_level"
target_lufs = -30.0
"""


@pytest.fixture(scope="module")
def swaying(reading):
    """The reading with hum and a little hiss, 3 % slow and swaying, with a hole of 15 ms."""
    speech = reading.samples[0].astype(np.float64)
    times_s = np.arange(speech.size) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * times_s + k) / k for k in (1, 2, 3, 5, 7))
    whole = speech + hum * 10 ** (-45 / 20) / np.sqrt(np.mean(hum**2))
    heard_s = np.arange(int(speech.size / 0.97)) / RATE
    right_s = 0.97 * (heard_s + 0.004 / (2 * np.pi) * np.sin(2 * np.pi * heard_s))
    played = CubicSpline(times_s, whole)(np.minimum(right_s, times_s[-1]))
    played += np.random.default_rng(1).normal(0, 2e-4, played.size)
    played[HOLE] = 0.0
    return (0.7 * played).astype(np.float32)


@pytest.fixture(scope="module")
def bag(swaying, make_manifest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("swaying")
    (folder / "try.toml").write_text(RECIPE, encoding="utf-8")
    path = make_manifest(folder / "tapes", swaying, recipe=str(folder / "try.toml"))
    (order,) = batch.plan(batch.Request(path, folder / "bags")).orders.values()
    return restore(order)


@pytest.fixture(scope="module")
def events(bag):
    return list(read(bag / "data" / "record" / "events.jsonl"))


def only(events, kind, **same):
    (event,) = [e for e in events if e["event"] == kind and all(e.get(name) == value for name, value in same.items())]
    return event


def test_every_step_was_needed(events):
    assert [event["outcome"] for event in events if event["event"] == "step"] == ["treated"] * 3


def test_the_residual_says_against_what_it_was_taken(bag, events):
    moved, said = only(events, "step", name="correct_speed"), only(events, "derivation", role="residual")["parameters"]
    assert said["time_moved_by"] == [{"step": "correct_speed", "position": 2, "event": moved["digest"]}]
    assert said["master"] == only(events, "extraction")["result"]
    assert said["against"] not in (said["master"], moved["result"])
    assert said["master_s_per_restored_s"] == pytest.approx(1 / moved["findings"]["ratio"], rel=1e-5)


def test_the_residual_holds_what_was_removed_and_no_displacement(bag, events):
    """Only the hole's fill differs from the moved master; everywhere else next to nothing was removed."""
    residual, _ = soundfile.read(bag / only(events, "derivation", role="residual")["file"])
    restored, _ = soundfile.read(bag / only(events, "derivation", role="production master")["file"])
    assert residual.size == restored.size
    pace = only(events, "derivation", role="residual")["parameters"]["master_s_per_restored_s"]
    around = slice(int((HOLE.start / pace) - 2_000), int((HOLE.stop / pace) + 2_000))
    assert np.abs(np.delete(residual, np.arange(around.start, around.stop))).max() < 10 ** (-100 / 20)
    assert np.abs(residual[around]).max() > 1e-3


def test_the_map_is_on_the_restored_axis(bag, events):
    """The fill of a step before the one that moved time lies in the map where it is heard."""
    map_ = read_map(bag / "data" / "map" / "tape-0001_map.json")
    restored, rate = soundfile.read(bag / only(events, "derivation", role="production master")["file"])
    assert map_.generated.shape[1] == int(np.ceil(restored.size * 20 / rate))
    pace = only(events, "derivation", role="residual")["parameters"]["master_s_per_restored_s"]
    made = np.flatnonzero(map_.generated.max(axis=0) > 0.2)
    assert (made + 0.5) / 20 == pytest.approx(7.0275 / pace, abs=0.11)
    assert np.abs(map_.generated + map_.confidence - 1).max() <= 1 / 255 + 1e-6
    event = only(events, "map")
    assert [one["step"] for one in event["steps"]] == ["fill_dropouts"]
    assert 0 < event["figures"]["generated_energy_share"] < 0.01


def test_the_files_of_the_map_are_derivations_of_the_restored_sound(bag, events):
    assert bagit.Bag(str(bag)).validate(fast=True)
    mapped = [event for event in events if event["event"] == "derivation" and event["role"] == "map"]
    assert [event["file"] for event in mapped] == ["data/map/tape-0001_map-01.png", "data/map/tape-0001_map.json"]
    event = only(events, "map")
    assert {one["source"] for one in mapped} == {event["source"]}
    assert {one["parameters"]["map"] for one in mapped} == {event["result"]}
    said = json.loads((bag / mapped[1]["file"]).read_text(encoding="utf-8"))
    assert (said["figures"], said["restored"]) == (event["figures"], event["source"])


def test_the_report_tells_of_both(bag):
    page = (bag / "data" / "record" / "treatment-report.html").read_text(encoding="utf-8")
    assert "The time axis was changed (correct speed)" in page
    assert "Where it comes from" in page
    assert page.count("data:image/png") == 8


def test_the_report_is_made_again_from_the_bag(bag, tmp_path):
    """With the pictures of the packed one: the map's are drawn from its files."""
    inspection.report_again(bag, tmp_path / "again.html")
    again, packed = (
        re.findall(r"data:image/png;base64,([^\"]+)", page.read_text(encoding="utf-8"))
        for page in (tmp_path / "again.html", bag / "data" / "record" / "treatment-report.html")
    )
    assert len(again) == len(packed) == 8
    assert again[-2] == packed[-2]
    assert again[0] == packed[0]
