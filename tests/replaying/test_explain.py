"""The story of one moment of a derivative."""

import json

import pytest
from typer.testing import CliRunner

from restoration.cli import app
from restoration.errors import RestorationError
from restoration.replaying.asking import BadQuestion, master_time_s, moment_of, seconds_of
from restoration.replaying.explaining import explain
from restoration.replaying.treated_bag import TreatedBag
from restoration.replaying.window import ALL
from tests.replaying.conftest import the


@pytest.mark.parametrize(("clock", "seconds"), [("83.5", 83.5), ("1:23.5", 83.5), ("1:02:03.4", 3723.4), ("0", 0)])
def test_a_time_is_read_in_three_ways(clock, seconds):
    assert seconds_of(clock) == pytest.approx(seconds)


@pytest.mark.parametrize("clock", ["", "-1", "1:60", "1:61:00", "soon", "1,5", "1:2:3:4", "nan", "inf"])
def test_what_is_no_time_is_refused(clock):
    with pytest.raises(BadQuestion, match="is no time"):
        seconds_of(clock)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("data/access/tape-0001_restored.opus", "say the moment too"),
        ("data/access/tape-0001_restored.opus@5:00", "has no moment 5:00: it is 5.000 s long"),
        ("data/master/tape-0001.wav@1", "is the master, in which nothing was changed"),
        ("data/speech/tape-0001.csv@1", "has no moments; ask about one of data/restored/"),
        ("data/access/other.opus@1", "there is no such file"),
    ],
)
def test_a_question_that_has_no_answer_gives_a_sentence(small_bag, question, said):
    with pytest.raises(BadQuestion, match=said):
        moment_of(f"{small_bag}/{question}")


def test_a_file_outside_any_bag_gives_a_sentence(tmp_path):
    (tmp_path / "sound.wav").write_bytes(b"")
    with pytest.raises(BadQuestion, match="lies in no bag"):
        moment_of(f"{tmp_path / 'sound.wav'}@1")


def test_the_steps_changes_add_up_to_that_of_the_treatment(small_bag):
    found = explain(moment_of(f"{small_bag}/data/restored/tape-0001_restored.wav@2.5"), steps=True)
    changes = {step.name: step.change_db for step in found.steps}
    for band, whole in found.change_db.items():
        assert sum(change[band] for change in changes.values()) == pytest.approx(whole, abs=0.1)
    assert changes["set_level"][ALL] == pytest.approx(found.gain_db, abs=0.02)
    assert min(changes["remove_hum"], key=changes["remove_hum"].get) in ("125 Hz", "250 Hz")
    assert "what comes out is what lies in the bag" in found.between
    assert found.speaker.startswith("speaker 1, from")


def test_a_sound_made_again_that_is_not_the_one_in_the_bag_is_said(small_bag, forged):
    copy = forged(small_bag, lambda events: the(events, "set_level")["findings"].update(gain_db=12.0))
    found = explain(moment_of(f"{copy}/data/restored/tape-0001_restored.wav@2.5"), steps=True)
    assert "again from the whole master; what comes out is not what lies in the bag" in found.between


def test_the_moment_lies_elsewhere_in_the_master_where_time_was_moved(small_bag, forged):
    def sped_up(events):
        first = the(events, "remove_dc")
        parameters = {"correct_constant": True, "correct_wow": True}
        findings = {"ratio": 1.25, "stretches": [], "needed": True}
        moved = {"name": "correct_speed", "parameters": parameters, "findings": findings, "moves_time": True}
        events.insert(events.index(first), {**first, **moved, "position": 0, "result": "ab" * 32})
        first["source"] = "ab" * 32

    copy = forged(small_bag, sped_up)
    assert master_time_s(TreatedBag.open(copy), 2.5) == pytest.approx(2.0)
    moment = moment_of(f"{copy}/data/access/tape-0001_restored.opus@2.5")
    assert (moment.restored_s, moment.master_s) == pytest.approx((2.5, 2.0))
    untreated = moment_of(f"{copy}/data/access/tape-0001_untreated.opus@2.0")
    assert (untreated.restored_s, untreated.master_s) == pytest.approx((2.5, 2.0))


def test_the_map_the_model_and_the_person_are_in_the_story(bag, forged):
    person = {"event": "decision", "time": "2026-11-21T10:00:00+00:00", "by": "A. Karimova", "reason": "It hissed."}
    copy = forged(bag, lambda events: events.append(person))
    answer = CliRunner().invoke(
        app, ["explain", f"{copy}/data/access/tape-0001_restored.opus@0:03.0", "--no-steps", "--json"]
    )
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert set(told["map"]) == {"generated", "removed", "confidence"}
    assert 0.0 < told["map"]["removed"] <= 1.0
    denoised = next(step for step in told["steps"] if step["name"] == "reduce_noise")
    assert all(len(digest) == 64 for digest in denoised["models"].values())
    assert denoised["models"]
    assert any("A. Karimova" in sentence and "It hissed." in sentence for sentence in told["decided"])
    assert "--steps does, in about" in told["between"]


def test_the_story_is_printed(small_bag):
    answer = CliRunner().invoke(app, ["explain", f"{small_bag}/data/restored/tape-0001_residual.wav@1"])
    assert answer.exit_code == 0
    assert "is the residual of tape-0001 (A reading)." in answer.stdout
    assert "What each step changed there, dB" in answer.stdout


def test_a_bag_without_a_production_master_gives_a_sentence(small_bag, forged):
    copy = forged(small_bag, lambda events: events.remove(the(events, "tape-0001_restored.wav")))
    with pytest.raises(RestorationError, match="has no production master"):
        explain(moment_of(f"{copy}/data/access/tape-0001_restored.opus@1"))
