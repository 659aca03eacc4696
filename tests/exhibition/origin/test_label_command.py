"""``restoration label``: the words of the log, and, where it is wanted, read out."""

from __future__ import annotations

import json
from pathlib import Path

import mutagen
import pytest
import soundfile
from typer.testing import CliRunner

from restoration.cli import app
from restoration.errors import BadSoundFile
from restoration.provenance.label import label, spoken_notice
from restoration.texts import languages
from restoration.voice.spoken_label import read_out
from tests.provenance.fabricated_log import write_log

run = CliRunner().invoke


@pytest.mark.parametrize("language", languages())
def test_it_prints_what_the_log_says(language: str, tmp_path: Path) -> None:
    (tmp_path / "data" / "record").mkdir(parents=True)
    events = write_log(tmp_path / "data" / "record" / "events.jsonl")
    told = json.loads(run(app, ["label", str(tmp_path), "--language", language, "--json"]).output)
    words = label(events, language)
    assert told == {
        "language": language,
        "short": words.short,
        "long": words.long,
        "spoken": spoken_notice(events, language),
    }
    assert words.long in run(app, ["label", str(tmp_path), "--language", language]).output


@pytest.mark.parametrize("language", languages())
def test_it_can_be_read_out_in_every_language(language: str, tmp_path: Path) -> None:
    pytest.importorskip("espeakng_loader", reason="the extra speak is not installed")
    notice = spoken_notice(write_log(tmp_path / "events.jsonl"), language)
    one, other = (read_out(notice, language, tmp_path / f"{name}.flac") for name in ("one", "other"))
    assert one.sha256 == other.sha256
    samples, rate = soundfile.read(one.path)
    assert 3 < len(samples) / rate < 30 and abs(samples).max() > 0.05
    tags = mutagen.File(one.path).tags
    assert tags["TITLE"] == [notice] and tags["DIGITALSOURCETYPE"][0].endswith("/algorithmicMedia")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSoundFile, match=r"ends in \.flac"):
        read_out("Hello.", "en", tmp_path / "notice.mp3")
