"""The command ``restoration replay``."""

import json

from typer.testing import CliRunner

from restoration.cli import app
from tests.replaying.conftest import the


def test_one_bag_that_cannot_be_replayed_does_not_stop_the_other(small_bag, tmp_path):
    answer = CliRunner().invoke(app, ["replay", str(tmp_path), str(small_bag), "--json"])
    assert answer.exit_code == 1
    none, whole = json.loads(answer.stdout)
    assert "is no bag of a restored item" in none["error"]
    assert whole["counts"]["bit-exact"] == len(whole["items"])
    assert whole["holds"]


def test_the_verdict_is_a_sentence_and_the_files_are_kept(small_bag, tmp_path):
    answer = CliRunner().invoke(app, ["replay", str(small_bag), "--keep", str(tmp_path)])
    assert answer.exit_code == 0
    assert "tape-0001: the treatment can be replayed:" in answer.stdout
    kept = tmp_path / "tape-0001" / "data/restored/tape-0001_restored.wav"
    assert kept.read_bytes() == (small_bag / "data/restored/tape-0001_restored.wav").read_bytes()


def test_a_treatment_that_does_not_come_out_again_gives_exit_status_1(small_bag, forged):
    copy = forged(small_bag, lambda events: the(events, "set_level")["findings"].update(gain_db=-20.0))
    answer = CliRunner().invoke(app, ["replay", str(copy)])
    assert answer.exit_code == 1
    assert "(set_level) on" in answer.stdout
    assert "the first event that gives something else" in answer.stdout
