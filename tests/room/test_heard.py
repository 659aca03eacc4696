"""What a listener hears: before and after equally loud, and the sound before on the axis of the restored one."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from restoration.audio import Audio, Recording
from restoration.errors import BadBag
from restoration.measures.loudness import loudness
from restoration.record import read
from restoration.room.heard import HeardSounds, heard_gains_db, matching_gains_db, pace

LOG = "data/record/events.jsonl"


def log(before_lufs, after_lufs, copies=(0.0, 0.0), residual=None):
    events = [
        {"event": "measurement", "when": when, "measures": {"loudness_lufs": lufs}}
        for when, lufs in (("before", before_lufs), ("after", after_lufs))
    ]
    gains = zip(("untreated", "restored", "removed"), (*copies, copies[0]), strict=True)
    events += [
        {"event": "derivation", "file": f"data/access/a_{name}.opus", "parameters": {"gain_db": gain}}
        for name, gain in gains
    ]
    return [*events, {"event": "derivation", "file": "data/restored/a_residual.wav", "parameters": residual or {}}]


@pytest.mark.parametrize(
    ("events", "gains"),
    [
        (log(-30.0, -23.0), {"before": 0.0, "after": -7.0, "removed": 0.0}),
        (log(-20.0, -23.0), {"before": -3.0, "after": 0.0, "removed": -3.0}),
        (log(-30.0, -23.5, (4.0, 0.5)), {"before": 0.0, "after": -3.0, "removed": 0.0}),
        (log(None, -23.0), {"before": 0.0, "after": 0.0, "removed": 0.0}),
    ],
)
def test_the_louder_of_the_two_is_turned_down_and_what_was_removed_goes_with_before(events, gains):
    assert matching_gains_db(events) == pytest.approx(gains)


@pytest.mark.parametrize("copies", [(0.0, 0.0), (6.0, -2.5)])
def test_before_and_after_are_heard_at_one_loudness(copies):
    events = log(-31.5, -22.0, copies)
    heard = heard_gains_db(events)
    assert -31.5 + heard["before"] == pytest.approx(-22.0 + heard["after"], abs=1e-3)
    assert max(matching_gains_db(events).values()) == 0.0


def test_the_copies_of_a_bag_measured_are_equally_loud(bag, tmp_path):
    """The gains of the log, put on what the copies decode to."""
    events = list(read(bag / LOG))
    found = []
    for name, copy in (("before", "untreated"), ("after", "restored")):
        samples, rate = soundfile.read(bag / f"data/access/tape-0001_{copy}.opus", dtype="float32", always_2d=True)
        gain = 10 ** (matching_gains_db(events)[name] / 20)
        audio = Audio(np.ascontiguousarray(gain * samples.T, dtype=np.float32), rate)
        found.append(loudness(Recording.from_audio(tmp_path / f"{name}.f32", audio))["loudness_lufs"])
    assert found[0] == pytest.approx(found[1], abs=0.3)


def test_before_is_the_master(bag):
    """Where time was not moved, what is left and what was removed are the master to the dither."""
    events = list(read(bag / LOG))
    master, _ = soundfile.read(next((bag / "data" / "master").iterdir()), dtype="float32", always_2d=True)
    with HeardSounds.open(bag, events) as sounds:
        found = sounds.read(-100, len(master) + 50)
        gain = sounds.gains["before"]
    assert found["before"].shape == (1, 100 + len(master) + 50)
    assert not found["before"][:, :100].any()
    assert not found["before"][:, -50:].any()
    assert np.abs(found["before"][0, 100:-50] / gain - master[:, 0]).max() < 10 ** (-125 / 20)


def test_a_stretch_is_the_same_wherever_reading_begins(bag):
    with HeardSounds.open(bag, list(read(bag / LOG))) as sounds:
        whole, part = sounds.read(0, 5000), sounds.read(3000, 4000)
    for name, samples in part.items():
        np.testing.assert_array_equal(samples, whole[name][:, 3000:4000])


def test_the_pace_is_one_unless_time_was_moved():
    assert pace(log(-30.0, -23.0)) == 1.0
    assert pace(log(-30.0, -23.0, residual={"master_s_per_restored_s": 1.03})) == 1.03


def test_a_file_that_is_missing_is_named(bag, tmp_path):
    with pytest.raises(BadBag, match=r"tape-0001_restored\.wav: cannot be opened"):
        HeardSounds.open(tmp_path, list(read(bag / LOG)))
    with pytest.raises(BadBag, match="the treatment was not finished"):
        matching_gains_db([])
