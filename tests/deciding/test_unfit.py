"""What a curator found unfit for a voice model is never proposed, and cannot be approved."""

from dataclasses import replace

import pytest

from restoration.voice.approval import read_approvals
from restoration.voice.choosing_material import propose
from restoration.voice.material import BadMaterial
from restoration.voice.reading_material import read_material

HEADER = "identifier,start_s,stop_s,speaker,approved,comment\n"


@pytest.fixture
def read(shelf):
    """The material after a curator decided, and a phrase of it that lies in the unfit stretch."""
    before = read_material([shelf.bag])
    assert before.pieces, "nobody speaks in the bag of this test"
    piece = before.pieces[0]
    middle_s = (piece.start_s + piece.stop_s) / 2
    shelf.decide({"kind": "segment unfit", "start_s": middle_s, "stop_s": middle_s + 0.2, "reason": "a cough"})
    return before, read_material([shelf.bag]), piece


def test_it_is_never_proposed_and_says_why(read):
    _, after, piece = read
    (one,) = [each for each in propose(after) if each.piece.key == piece.key]
    assert not one.proposed
    assert "Ada Berg found it unfit for a voice (a cough)" in one.reason
    others = [each for each in propose(after) if each.piece.key != piece.key]
    assert not any("unfit" in each.reason for each in others)


def test_without_the_decision_nothing_is_unfit(read):
    before, _, _ = read
    assert not any("unfit" in each.reason for each in propose(before))


def test_what_was_approved_before_is_refused_with_the_reason(read, tmp_path):
    before, after, piece = read
    file = tmp_path / "approved.csv"
    row = f"{piece.item},{piece.start_s:.3f},{piece.stop_s:.3f},,{{}},\n"
    file.write_text(HEADER + row.format("yes"), encoding="utf-8")
    assert read_approvals(file, before)
    with pytest.raises(BadMaterial, match="row 2, approved “yes”: cannot be approved: Ada Berg found it unfit"):
        read_approvals(file, after)
    file.write_text(HEADER + row.format("no"), encoding="utf-8")
    assert read_approvals(file, after)


def test_a_stretch_beside_it_stays_fit(read):
    _, after, piece = read
    (source,) = after.sources
    (one,) = source.unfit
    assert not source.unfit_in(one.stop_s, one.stop_s + 1.0)
    assert not replace(source, unfit=()).unfit_in(piece.start_s, piece.stop_s)
