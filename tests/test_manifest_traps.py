"""A manifest with forty traps: each is said, in its row and column, and nothing else is."""

import csv
from pathlib import Path

import pytest

from restoration.manifest import check_manifest

TRAPS = Path(__file__).parent / "manifests"


@pytest.fixture(scope="module")
def found_in_traps(tmp_path_factory):
    root = tmp_path_factory.mktemp("traps") / "root"
    (root / "files").mkdir(parents=True)
    (root.parent / "away.wav").write_bytes(b"RIFF")
    (root / "files" / "away.wav").symlink_to(root.parent / "away.wav")
    (root / "files" / "empty.wav").touch()
    (root / "files" / "a-folder.wav").mkdir()
    missing = ("files/not-there-at-all.wav", "files/GOOD-1.WAV")
    with (TRAPS / "forty_traps.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            place = root / row["file"]
            if row["file"].startswith("files/") and row["file"] not in missing and not place.exists():
                place.write_bytes(b"RIFF")
    return check_manifest(TRAPS / "forty_traps.csv", root)


def expected_of_traps():
    with (TRAPS / "forty_traps_expected.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["row"]), row["column"], row["severity"], row["says"]) for row in csv.DictReader(file)]


def test_there_are_forty_traps():
    assert len({row for row, *_ in expected_of_traps()}) >= 40


@pytest.mark.parametrize("expected", expected_of_traps(), ids=lambda each: f"{each[0]}-{each[3]}")
def test_a_trap_is_said_in_its_row_and_column_and_nothing_else_is(expected, found_in_traps):
    row, column, severity, says = expected
    (problem,) = [problem for problem in found_in_traps if problem.row == row]
    assert (problem.column, problem.severity) == (column, severity)
    assert says in problem.message


def test_only_the_traps_are_said(found_in_traps):
    assert {problem.row for problem in found_in_traps} == {row for row, *_ in expected_of_traps()}
