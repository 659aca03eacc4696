"""A real bag exported with a certificate: every file signed, labelled and told of, and the bag as whole as before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from restoration.cli import app
from restoration.exhibition.certificate import key_file_of
from restoration.exhibition.contact_sheet import PAGE
from restoration.exhibition.content_credentials import read
from restoration.package import LOG
from restoration.provenance.label import label
from restoration.record import read as read_log


def test_what_leaves_a_bag_says_where_it_comes_from(
    bag: Path, tmp_path: Path, pem: Path, anchors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
    monkeypatch.setenv("RESTORATION_CERTIFICATE", str(pem))
    monkeypatch.setenv("RESTORATION_CERTIFICATE_KEY", str(key_file_of(pem)))
    copy, out = tmp_path / "bags" / bag.name, tmp_path / "show"
    shutil.copytree(bag, copy)
    formats = [part for form in ("bwf", "flac", "mp3", "opus") for part in ("--format", form)]
    asked = ["export", str(copy), "--preset", "web", "--time", "1-4", "--by", "Ada", "--out", str(out), *formats]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    events = list(read_log(copy / LOG))
    event = next(each for each in events if each["event"] == "export")
    sounds = [each for each in event["files"] if each["role"] == "sound"]
    assert len(sounds) == 4 and all(each["credentials"]["signed"] for each in sounds)
    treatment = events[: event["sequence"] - 1]
    for each in sounds:
        found = read(out / each["name"], anchors)
        assert found.trusted, each["name"]
        assert found.origin["identifier"] == "tape-0001"
        assert found.origin["labels"]["uz"] == label(treatment, "uz").short
        assert found.origin["excerpt"]["start_s"] == event["excerpt"]["start_s"]
    (told,) = out.glob("*.label.json")
    assert json.loads(told.read_text("utf-8"))["labels"]["ru"]["short"] == label(treatment, "ru").short
    page = (out / PAGE).read_text("utf-8")
    assert page.count("Signed by Harbour Museum, content credentials; unchanged since.") == 4
    assert "NOT VALID" not in page
