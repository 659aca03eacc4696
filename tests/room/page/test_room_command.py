"""The command line of the room: what it says, and with what status it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from restoration.cli import app


@pytest.fixture(scope="module")
def bags(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("room") / "bags"
    shutil.copytree(bag, out / "tape-0001")
    return out


def test_the_command_says_where_to_look(bags: Path) -> None:
    said = CliRunner().invoke(app, ["room", str(bags)])
    assert said.exit_code == 0, said.output
    assert f"1 listening page. Open {bags / 'index.html'} in a browser." in said.output
    assert (bags / "listening-room" / "tape-0001" / "index.html").is_file()


def test_a_broken_bag_is_told_and_ends_with_status_1(bags: Path) -> None:
    shutil.copytree(bags / "tape-0001", bags / "tape-0002")
    shutil.rmtree(bags / "tape-0002" / "data" / "access")
    said = CliRunner().invoke(app, ["room", str(bags), "--item", "tape-0002", "--json"])
    assert said.exit_code == 1
    (told,) = json.loads(said.stdout[said.stdout.index("{") :])["items"]
    assert (told["identifier"], told["page"]) == ("tape-0002", "")
    assert "is not there" in told["problem"]
