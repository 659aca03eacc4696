"""The command line: documented, with exit statuses that scripts can trust."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.main import get_command

from restoration.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group=None, prefix=()):
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*prefix, name))
        else:
            yield " ".join((*prefix, name)), command


ALL = dict(commands())


def restoration(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "restoration.cli", *map(str, arguments)], capture_output=True, text=True, **options
    )


@pytest.mark.parametrize("name", ALL)
def test_every_command_is_in_the_readme(name):
    assert f"`restoration {name}" in README


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_an_example_that_it_understands(name):
    (example,) = re.findall(rf"Example: `restoration {name}([^`]*)`", ALL[name].help)
    named = re.findall(r"--[a-z-]+", example)
    known = [option for parameter in ALL[name].params for option in parameter.opts]
    assert set(named) <= set(known)


def test_a_wrong_command_exits_with_2():
    result = restoration("runn")
    assert result.returncode == 2
    assert "No such command" in result.stderr


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    result = restoration("measure", tmp_path / "no.wav")
    assert result.returncode == 1
    assert "no.wav" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_sound_is_a_sentence(tmp_path):
    (tmp_path / "letter.wav").write_text("Dear archive,", encoding="utf-8")
    result = restoration("measure", tmp_path / "letter.wav")
    assert result.returncode == 1
    assert "letter.wav" in result.stderr
    assert "Traceback" not in result.stderr


def test_measures_for_programs(tmp_path):
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(96_000) / 48000)
    soundfile.write(tmp_path / "tone.wav", tone, 48000, subtype="PCM_24")
    result = restoration("measure", tmp_path / "tone.wav", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["peak_dbfs"] == pytest.approx(-12.04, abs=0.1)


def test_a_broken_manifest_says_all_and_exits_with_1(tmp_path):
    (tmp_path / "m.csv").write_text("identifier,file\n,a.wav\n", encoding="utf-8")
    result = restoration("check", tmp_path / "m.csv", "--json")
    assert result.returncode == 1
    assert {"sha256", "title", "identifier"} <= {problem["column"] for problem in json.loads(result.stdout)}
    run = restoration("run", tmp_path / "m.csv", "--out", tmp_path / "bags")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr


def test_recipes_and_steps_for_programs():
    recipes = json.loads(restoration("recipes", "--json").stdout)
    steps = {step["name"]: step for step in json.loads(restoration("steps", "--json").stdout)}
    assert {"broadcast_tape", "gramophone_disc", "cylinder", "gentle"} <= {recipe["name"] for recipe in recipes}
    assert {name for recipe in recipes for name in recipe["steps"]} <= set(steps)
    assert steps["extend_band"]["generates"] == "band"


def test_the_command_line_starts_without_the_heavy_libraries():
    code = (
        "import sys, restoration.cli, restoration.batch; "
        "heavy = {'torch', 'prefect', 'noisereduce', 'pedalboard', 'voicefixer', 'onnxruntime', 'librosa'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
