"""Each step's own before and after; and an item whose carrier ran slow, whose pictures are on the restored axis."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile
from PIL import Image

from restoration import batch
from restoration.audio import Audio, Recording
from restoration.record import read
from restoration.restore import restore
from restoration.room.heard import HeardSounds
from restoration.room.item import item_page_facts
from restoration.room.step_excerpts import EXCERPT_S, most_changed_s
from restoration.room.write_item import write_item

RATE, SLOW = 48000, 0.97
RECIPE = """
purpose = "Try."
[[step]]
name = "remove_dc"
[[step]]
name = "correct_speed"
correct_wow = false
[[step]]
name = "set_level"
target_lufs = -30.0
"""


@pytest.fixture(scope="module")
def slow_bag(reading, make_manifest, tmp_path_factory):
    """Twenty seconds of the reading with hum and an offset, played 3 % too slowly."""
    speech = reading.samples[0, : 20 * RATE].astype(np.float64)
    times_s = np.arange(speech.size) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * k * times_s + k) / k for k in (1, 2, 3, 5, 7))
    whole = speech + hum * 10 ** (-45 / 20) / np.sqrt(np.mean(hum**2))
    played = np.interp(np.arange(int(speech.size / SLOW)) / RATE * SLOW, times_s, whole)
    played += np.random.default_rng(1).normal(0, 2e-4, played.size) + 0.02
    folder = tmp_path_factory.mktemp("slow")
    (folder / "try.toml").write_text(RECIPE, encoding="utf-8")
    path = make_manifest(folder / "tapes", (0.7 * played).astype(np.float32), recipe=str(folder / "try.toml"))
    (order,) = batch.plan(batch.Request(path, folder / "bags")).orders.values()
    return restore(order)


@pytest.fixture(scope="module")
def page(slow_bag, tmp_path_factory):
    folder = tmp_path_factory.mktemp("room") / "tape-0001"
    return folder, write_item(slow_bag, folder, excerpts=True)


def excerpts(page):
    return {step["name"]: step["excerpt"] for step in page[1]["steps"] if step["excerpt"]}


def heard(folder, excerpt, end):
    script = (folder / excerpt[end]).read_text(encoding="ascii")
    name, coded = re.fullmatch(r'HERITAGE\.piece\("(.*)", 0, "(.*)"\);\n', script).groups()
    assert name == excerpt["sounds"][end]
    return soundfile.read(io.BytesIO(base64.b64decode(coded)))[0]


def test_every_step_that_was_carried_out_can_be_heard(page):
    folder, facts = page
    treated = [step["name"] for step in facts["steps"] if step["outcome"] == "treated"]
    assert list(excerpts(page)) == treated == ["remove_dc", "correct_speed", "set_level"]
    assert facts["excerpts_missing"] == ""
    for excerpt in excerpts(page).values():
        assert excerpt["same"]
        for end in ("before", "after"):
            assert len(heard(folder, excerpt, end)) / RATE == pytest.approx(EXCERPT_S, rel=0.035)
            picture = Image.open(folder / excerpt["pictures"][end])
            assert picture.size == (pytest.approx(900, rel=0.035), 256)


def test_before_and_after_are_the_sound_on_both_sides_of_the_step(page):
    folder, _ = page
    excerpt = excerpts(page)["remove_dc"]
    before, after = (heard(folder, excerpt, end) for end in ("before", "after"))
    gain = 10 ** (excerpt["gain_db"] / 20)
    # Opus keeps nothing below a few hertz: the offset is heard by neither, and the rest is the same.
    assert np.abs(before - after).std() < 0.05 * before.std()
    level = (
        heard(folder, excerpts(page)["set_level"], "after").std()
        / heard(folder, excerpts(page)["set_level"], "before").std()
    )
    told = next(step for step in page[1]["steps"] if step["name"] == "set_level")
    wanted_db = next(one["value"] for one in told["findings"] if one["name"] == "gain_db")
    assert 20 * np.log10(level) == pytest.approx(wanted_db, abs=0.3)
    assert gain > 0


def test_a_step_that_moved_time_says_so_and_has_the_same_words_on_both_sides(page):
    folder, facts = page
    row = next(step for step in facts["steps"] if step["name"] == "correct_speed")
    assert row["moves_time"]
    assert row["excerpt"]["moves_time"]
    before, after = (heard(folder, row["excerpt"], end) for end in ("before", "after"))
    assert len(before) / len(after) == pytest.approx(1 / SLOW, rel=1e-3)
    assert lag_s(np.interp(np.arange(len(after)) / SLOW, np.arange(len(before)), before), after) == pytest.approx(
        0, abs=0.02
    )


def lag_s(one, other):
    """By how much one envelope, in steps of 10 ms, is late against another."""
    first, second = (
        np.sqrt(np.square(each[: len(each) // 480 * 480]).reshape(-1, 480).mean(axis=1)) for each in (one, other)
    )
    count = min(first.size, second.size)
    first, second = (each[:count] - each[:count].mean() for each in (first, second))
    return (np.correlate(first, second, "full").argmax() - (count - 1)) / 100


def test_the_sound_before_is_read_on_the_restored_axis(slow_bag):
    """Drawn as it lies in the master, it would be half a second late at the end."""
    events = list(read(slow_bag / "data/record/events.jsonl"))
    with HeardSounds.open(slow_bag, events) as sounds:
        last = sounds.read(sounds.frames - 4 * RATE, sounds.frames)
    assert lag_s(last["before"][0], last["after"][0]) == pytest.approx(0, abs=0.02)
    master, _ = soundfile.read(next((slow_bag / "data/master").iterdir()))
    with HeardSounds.open(slow_bag, events) as sounds:
        after = sounds.read(15 * RATE, 19 * RATE)["after"][0]
    assert abs(lag_s(master[15 * RATE : 19 * RATE], after)) > 0.3


def test_the_pace_of_the_untreated_copy_is_told(slow_bag):
    paces = {sound["name"]: sound["pace"] for sound in item_page_facts(slow_bag)["sounds"]}
    assert paces == {"before": pytest.approx(1 / SLOW, rel=1e-3), "after": 1, "removed": 1}


def test_excerpts_stay_when_they_are_not_asked_for_again(slow_bag, page):
    folder, _ = page
    index = json.loads((folder / "steps" / "excerpts.json").read_text(encoding="utf-8"))
    facts = write_item(slow_bag, folder)
    assert {str(step["event"]) for step in facts["steps"] if step["excerpt"]} == set(index["excerpts"])


def test_the_excerpt_is_where_the_step_is_heard_best(tmp_path):
    """Clicks taken out of a soft passage are heard there, though a louder passage changed by more energy."""
    rng = np.random.default_rng(2)
    loudness = np.repeat([0.01, 0.3, 0.3], 12 * 8000)
    source = (loudness * rng.standard_normal(loudness.size)).astype(np.float32)[None]
    result = source.copy()
    result[0, 3 * 8000 : 8 * 8000] *= 0.1
    result[0, 20 * 8000 : 28 * 8000] *= 0.96
    source, result = (
        Recording.from_audio(tmp_path / name, Audio(samples, 8000)) for name, samples in (("a", source), ("b", result))
    )
    start_s = most_changed_s(source, result)
    assert start_s <= 3.0 < 8.0 <= start_s + EXCERPT_S + 1.0
    assert most_changed_s(source, source) == 0.0
    assert most_changed_s(source, result, alone=True) >= 12.0
