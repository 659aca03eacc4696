"""Two treatments of one master side by side."""

import json
import shutil

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from restoration.cli import app
from restoration.replaying.differing import difference
from restoration.replaying.two_sounds import apart
from tests.replaying.conftest import the


def test_a_treatment_does_not_differ_from_itself(small_bag, tmp_path):
    shutil.copytree(small_bag, tmp_path / "again")
    answer = CliRunner().invoke(app, ["diff", str(small_bag), str(tmp_path / "again")])
    assert answer.exit_code == 0
    assert "are the same treatment" in answer.stdout


def test_only_what_differs_is_shown(small_bag, forged):
    def other(events):
        events[0]["recipe"]["version"] = "9"
        the(events, "set_level")["findings"]["gain_db"] = 3.0
        the(events, "remove_hum")["parameters"] = {"mains_hz": 50.0}
        events.remove(the(events, "remove_dc"))

    copy = forged(small_bag, other)
    answer = CliRunner().invoke(app, ["diff", str(small_bag), str(copy), "--json"])
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert found["recipe"] == {"version": ["1", "9"]}
    steps = {step["name"]: step for step in found["steps"]}
    assert set(steps) == {"remove_dc", "remove_hum", "set_level"}
    assert steps["remove_dc"]["outcome"] == ["treated", "absent"]
    assert list(steps["set_level"]["findings"]) == ["gain_db"]
    assert steps["remove_hum"]["parameters"]["mains_hz"] == [None, 50.0]
    assert not found["equal"]


def test_the_table_is_printed(small_bag, forged):
    copy = forged(small_bag, lambda events: the(events, "set_level")["findings"].update(gain_db=3.0))
    answer = CliRunner().invoke(app, ["diff", str(small_bag), str(copy)])
    assert answer.exit_code == 1
    assert "What was done, where it differs" in answer.stdout
    assert "Noise floor" in answer.stdout


def test_treatments_of_two_masters_are_refused_with_exit_status_2(small_bag, bag):
    answer = CliRunner().invoke(app, ["diff", str(small_bag), str(bag)])
    assert answer.exit_code == 2
    assert "are of two masters" in answer.stderr


def test_the_difference_of_two_sounds_is_told_beside_their_gain(tmp_path):
    rate, rng = 48000, np.random.default_rng(3)
    seconds = np.arange(25 * rate) / rate
    voice = 0.1 * rng.standard_normal(seconds.size)
    tone = np.where((seconds > 12.0) & (seconds < 13.0), 0.01 * np.sin(2 * np.pi * 1000 * seconds), 0.0)
    soundfile.write(tmp_path / "a.wav", voice, rate, subtype="FLOAT")
    soundfile.write(tmp_path / "b.wav", 2.0 * voice + tone, rate, subtype="FLOAT")
    found = apart(tmp_path / "a.wav", tmp_path / "b.wav")
    assert found.gain_db == pytest.approx(20 * np.log10(2.0), abs=0.01)
    assert found.level_dbfs == pytest.approx(20 * np.log10(0.01 / np.sqrt(2)) - 10 * np.log10(25), abs=0.1)
    assert max(found.octaves_dbfs, key=found.octaves_dbfs.get) == "1000 Hz"


def test_sounds_of_two_lengths_are_not_subtracted(tmp_path):
    for name, frames in (("a", 48000), ("b", 47000)):
        soundfile.write(tmp_path / f"{name}.wav", np.ones(frames) / 8, 48000)
    assert "lie on different axes" in apart(tmp_path / "a.wav", tmp_path / "b.wav").sentence


def test_a_missing_production_master_gives_a_sentence(small_bag, forged):
    copy = forged(small_bag, lambda events: None)
    (copy / "data/restored/tape-0001_restored.wav").unlink()
    with pytest.raises(Exception, match="its production master is not there"):
        difference(small_bag, copy)
