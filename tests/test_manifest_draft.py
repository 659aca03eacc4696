"""A drafted manifest: what files tell about themselves, nothing overwritten, nothing a spreadsheet would run."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from restoration import fixity
from restoration.errors import BadManifest
from restoration.manifest import check_manifest, draft_manifest, read_manifest
from restoration.manifest.columns import COLUMNS
from restoration.sound_files import BwfDescription, write_bwf

TO_BE_FILLED_IN = {
    "title": "An interview",
    "carrier_type": "compact cassette",
    "generation": "original",
    "language": "da",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "none",
}


@pytest.fixture
def tapes(tmp_path):
    folder = tmp_path / "tapes"
    (folder / "side b").mkdir(parents=True)
    for number, name in enumerate(("0042.wav", "side b/0042.flac", "side b/CON.wav", "ünder: way.wav")):
        soundfile.write(folder / name, np.full(4410 * (number + 1), 0.1), 44100)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_draft_tells_what_the_files_tell(tapes):
    out = tapes / "manifest.csv"
    assert draft_manifest(tapes, out) == []
    rows = rows_of(out)
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert [(row["identifier"], row["file"]) for row in rows] == [
        ("0042", "0042.wav"),
        ("0042-2", "side b/0042.flac"),
        ("item-CON", "side b/CON.wav"),
        ("ünder_ way", "ünder: way.wav"),
    ]
    assert [row["duration"] for row in rows] == ["00:00:00.100", "00:00:00.200", "00:00:00.300", "00:00:00.400"]
    assert [row["format"] for row in rows] == ["WAV", "FLAC", "WAV", "WAV"]
    for row in rows:
        assert row["sha256"] == fixity.digests(tapes / row["file"])["sha256"]


def test_the_check_of_a_draft_says_what_is_to_be_filled_in_and_nothing_else(tapes):
    out = tapes / "manifest.csv"
    draft_manifest(tapes, out)
    problems = check_manifest(out)
    assert {problem.column for problem in problems} == set(TO_BE_FILLED_IN)
    assert len(problems) == 4 * len(TO_BE_FILLED_IN)
    rows = [row | TO_BE_FILLED_IN for row in rows_of(out)]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert [item.path for item in read_manifest(out).items] == [tapes / row["file"] for row in rows]


def test_a_bext_chunk_fills_columns(tapes, recording_of):
    texts = {"description": "=1+1 Lighthouse", "originator": "Harbour Museum", "origination_date": "2019-03-13"}
    write_bwf(recording_of(np.zeros(4800), 48000), tapes / "a.wav", description=BwfDescription(texts=texts))
    out = tapes / "manifest.csv"
    draft_manifest(tapes, out)
    (row,) = [row for row in rows_of(out) if row["file"] == "a.wav"]
    assert row["title"] == " =1+1 Lighthouse"
    assert (row["digitizing_entity"], row["digitized_date"], row["format"]) == ("Harbour Museum", "2019-03-13", "BWF")


def test_a_manifest_is_never_overwritten(tapes):
    out = tapes / "manifest.csv"
    out.write_text("the work of a month", encoding="utf-8")
    with pytest.raises(BadManifest, match="is there already"):
        draft_manifest(tapes, out)
    assert out.read_text(encoding="utf-8") == "the work of a month"


def test_what_cannot_be_read_is_told_and_left_out(tapes):
    (tapes / "letter.wav").write_text("Dear archive,", encoding="utf-8")
    (tapes / ".hidden.wav").write_bytes(b"")
    (tapes / "cover.pdf").write_bytes(b"%PDF")
    (tapes / "two  .wav").write_bytes((tapes / "0042.wav").read_bytes())
    Path(os.fsdecode(os.fsencode(tapes) + b"/caf\xe9.wav")).write_bytes((tapes / "0042.wav").read_bytes())
    problems = draft_manifest(tapes, tapes / "manifest.csv")
    assert [problem.value for problem in problems] == ["caf\\udce9.wav", "letter.wav"]
    assert all("left out" in problem.message for problem in problems)
    identifiers = [row["identifier"] for row in rows_of(tapes / "manifest.csv")]
    assert identifiers == ["0042", "0042-2", "item-CON", "two", "ünder_ way"]


def test_a_draft_elsewhere_says_which_root_it_needs(tapes, tmp_path):
    out = tmp_path / "lists" / "manifest.csv"
    out.parent.mkdir()
    (problem,) = draft_manifest(tapes, out)
    assert f"--root {tapes}" in problem.message
    assert {problem.column for problem in check_manifest(out, tapes)} == set(TO_BE_FILLED_IN)


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_without_sound_gives_no_manifest(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadManifest, match=folder):
        draft_manifest(tmp_path / folder, tmp_path / "manifest.csv")
    assert not (tmp_path / "manifest.csv").exists()


def test_the_same_folder_gives_the_same_draft(tapes, tmp_path):
    draft_manifest(tapes, tmp_path / "one.csv")
    draft_manifest(tapes, tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
