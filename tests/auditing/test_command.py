"""The command: a table, sentences, JSON, exit status; and the same audit as a Prefect flow."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from restoration.cli import app
from restoration.errors import RestorationError
from tests.auditing import forger


def run(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def test_a_clean_bag_is_status_0_and_says_what_it_left_out(archive):
    result = run(archive.bag, "--key", archive.public, "--heads", archive.register)
    assert result.exit_code == 0, result.stdout
    assert "no fault in what was checked" in result.stdout
    assert "Not checked (1 of 1): Nothing was replayed" in result.stdout
    (item,) = json.loads(run(archive.bag, "--structure", "--json").stdout)["items"]
    assert archive.signer.fingerprint[:16] in item["sealed_by"]


def test_a_fault_is_status_1_and_a_sentence(without_seals, tampered):
    copy = tampered(without_seals)
    forger.flip(copy, forger.REPORT)
    result = run(copy)
    assert result.exit_code == 1
    assert f"FAULT: {forger.REPORT} was changed" in result.stdout


def test_json_is_complete(without_seals, tampered):
    copy = tampered(without_seals)
    forger.put(copy, "data/stray.txt", "x")
    result = run(copy, without_seals, "--structure", "--json")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)["items"]
    assert not first["clean"]
    assert second["clean"]
    assert {"check", "sentence", "file", "event", "expected", "found", "severity"} == set(first["found"][0])
    assert first["unchecked"]


def test_an_item_of_the_register_without_a_bag_is_named(archive, without_seals):
    from restoration import heads
    from restoration.record import Record

    register = archive.register.parent / "second"
    register.mkdir()
    other = forger.log(without_seals)
    other[0]["item"]["identifier"] = "tape-0099"
    heads.register(other, register / heads.FILE)
    assert Record(register / heads.FILE).events
    result = run(archive.bag, "--structure", "--heads", register)
    assert "tape-0099: warning: the register of heads knows this item" in result.stdout


def test_what_cannot_be_is_refused(tmp_path, archive):
    assert run(archive.bag, "--structure", "--deep").exit_code == 2
    assert isinstance(run(tmp_path).exception, RestorationError)
    assert isinstance(run(archive.bag, "--key", archive.register).exception, RestorationError)
    assert isinstance(run(archive.bag, "--heads", tmp_path / "none").exception, RestorationError)


@pytest.mark.prefect
def test_the_flow_finds_the_same(without_seals, tampered, tmp_path):
    copies = [tampered(without_seals) for _ in range(3)]
    forger.put(copies[1], "data/stray.txt", "x")
    command = [sys.executable, "-m", "restoration.cli", "audit", *map(str, copies), "--flow", "--structure", "--json"]
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "prefect")}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 1, result.stderr
    assert [item["clean"] for item in json.loads(result.stdout)["items"]] == [True, False, True]
