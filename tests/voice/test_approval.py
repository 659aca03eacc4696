"""The approval: what is written is read back, only yes is learnt, and a bad row is told by row and column."""

import numpy as np
import pytest

from restoration.voice.approval import (
    approvals_text,
    digest_of_approvals,
    learnt,
    proposal,
    read_approvals,
    write_approvals,
)
from restoration.voice.choosing_material import Proposed
from restoration.voice.material import BadMaterial, Material, Piece, Source

HEADER = "identifier,start_s,stop_s,speaker,approved,comment\n"


@pytest.fixture
def material(tmp_path):
    sound = np.random.default_rng(1).standard_normal(30 * 16000).astype(np.float32)
    source = Source("00471", tmp_path / "a.wav", "f" * 64, sound, restored=True)
    times = [(0.0, 4.0), (5.25, 9.125), (20.0, 29.5)]
    return Material(tuple(Piece("00471", *time, source.cut(*time), "f" * 64, "speaker 1") for time in times), (source,))


@pytest.fixture
def rows(material):
    proposed = [Proposed(piece, piece.start_s != 5.25, "a, “reason”", 0.9, None, 0.0) for piece in material.pieces]
    return proposal(proposed[::-1])


def written(tmp_path, text):
    path = tmp_path / "approved.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read_back(rows, material, tmp_path):
    path = write_approvals(rows, tmp_path / "approved.csv")
    assert read_approvals(path, material) == rows
    assert [row.start_s for row in rows] == [0.0, 5.25, 20.0]


def test_a_curators_work_is_never_written_over(rows, tmp_path):
    path = write_approvals(rows, tmp_path / "approved.csv")
    with pytest.raises(BadMaterial, match="is there already"):
        write_approvals(rows, path)


def test_only_yes_is_learnt(rows, material):
    assert [piece.start_s for piece in learnt(material, rows).pieces] == [0.0, 20.0]
    assert learnt(material, rows).pieces[0] is material.pieces[0]


def test_times_that_the_curator_moved_are_cut_anew(material, tmp_path):
    path = written(tmp_path, HEADER + "00471,5.5,8.0,x,YES,shorter\n00471,10,12,x,No,\n")
    (piece,) = learnt(material, read_approvals(path, material)).pieces
    assert np.array_equal(piece.sound, material.sources[0].sound[88000:128000])
    assert piece.sha256 == material.sources[0].sha256


def test_a_spreadsheet_with_semicolons_is_read(rows, material, tmp_path):
    text = approvals_text(rows).replace(",", ";")
    assert digest_of_approvals(read_approvals(written(tmp_path, text), material)) == digest_of_approvals(rows)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("00471,0.0,4.0,x,maybe,", "row 2, approved “maybe”: is neither “yes” nor “no”"),
        ("00471,0.0,4.0,x,,", "row 2, approved: is neither"),
        ("00471,0;5,4.0,x,yes,", "row 2, start_s “0;5”: is not a time"),
        ("00471,nan,4.0,x,yes,", "row 2, start_s “nan”: is not a time"),
        ("00471,4.0,4.0,x,yes,", "row 2, stop_s “4.000”: is not 0.1 s or more after start_s"),
        ("00471,4.0,31.0,x,yes,", "row 2, stop_s “31.000”: is after the end of the item (30.000 s)"),
        ("00472,0.0,4.0,x,yes,", "row 2, identifier “00472”: is no item of this material; there is 00471"),
        ("00471,0,4,x,yes,\n00471,0.000,4.0,x,no,", "row 3, start_s “0.000”: is the same phrase as in row 2"),
        ("00471,1.0,2.0,x,yes,a, b", "row 2"),
    ],
)
def test_a_bad_row_is_told_by_row_and_column(material, tmp_path, row, said):
    with pytest.raises(BadMaterial) as error:
        read_approvals(written(tmp_path, HEADER + row + "\n"), material)
    assert said in str(error.value)


def test_a_missing_column_is_told(material, tmp_path):
    with pytest.raises(BadMaterial, match="approved: the column is missing"):
        read_approvals(written(tmp_path, "identifier,start_s,stop_s\n00471,0,4\n"), material)


def test_the_digest_is_of_what_is_approved(rows):
    assert digest_of_approvals(rows) == digest_of_approvals(rows[::-1])
    assert digest_of_approvals(rows) != digest_of_approvals(rows[1:])
    assert digest_of_approvals(rows) == digest_of_approvals([row for row in rows if row.approved])
