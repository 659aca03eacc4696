"""What a page knows of an item: all of it from the log and the bag, in the words of the contract."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from restoration.decisions import review_state
from restoration.errors import BadBag
from restoration.record import Record, read
from restoration.room.item import decisions_of, item_page_facts, item_script
from restoration.room.pieces import pieces

LOG = "data/record/events.jsonl"
NEEDED = {
    "format", "identifier", "title", "carrier", "date", "speaker", "language", "rights", "duration_s", "state", "head",
    "events", "report", "sounds", "piece_s", "preroll_s", "tiles", "waveform", "segments", "speakers", "steps",
    "measures", "decisions", "labels", "serve",
}  # fmt: skip


@pytest.fixture(scope="module")
def facts(bag):
    return item_page_facts(bag)


@pytest.fixture(scope="module")
def events(bag):
    return list(read(bag / LOG))


def test_everything_that_was_agreed_is_there(facts):
    assert set(facts) >= NEEDED
    assert facts["title"] == "A reading"
    assert facts["carrier"] == "quarter-inch open-reel audio"
    assert facts["state"] == "waiting"


def test_the_facts_are_those_of_the_log(facts, events):
    assert (facts["head"], facts["events"]) == (events[-1]["digest"], len(events))
    assert facts["duration_s"] == pytest.approx(8.0)
    assert [step["event"] for step in facts["steps"]] == [e["sequence"] for e in events if e["event"] == "step"]
    told = next(e for e in events if e["event"] == "segmentation")["segments"]
    assert [(s["start_s"], s["stop_s"]) for s in facts["segments"]] == [(s["start_s"], s["end_s"]) for s in told]


def test_sounds_have_as_many_pieces_as_are_cut(bag, facts):
    for sound in facts["sounds"]:
        cut = list(pieces(bag / sound["file"]))
        assert (sound["pieces"], sound["frames"]) == (len(cut), sum(piece.frames for piece in cut))
    assert [sound["name"] for sound in facts["sounds"]] == ["before", "after", "removed"]
    assert max(sound["gain_db"] for sound in facts["sounds"]) <= 0
    assert {sound["pace"] for sound in facts["sounds"]} == {1}


def test_measures_say_before_and_after_with_their_units(facts, events):
    rows = {row["name"]: row for row in facts["measures"]}
    taken = {e["when"]: e["measures"] for e in events if e["event"] == "measurement"}
    assert set(rows) == set(taken["before"]) | set(taken["after"])
    loudness = rows["loudness_lufs"]
    assert loudness["unit"] == "LUFS"
    assert loudness["before"] == pytest.approx(taken["before"]["loudness_lufs"], rel=1e-6)
    assert loudness["after"] == pytest.approx(taken["after"]["loudness_lufs"], rel=1e-6)


def test_the_way_to_the_report_is_from_the_page(bag, tmp_path):
    folder = tmp_path / "rooms" / "tape-0001"
    report = folder / item_page_facts(bag, folder)["report"]
    assert report.resolve() == (bag / "data/record/treatment-report.html").resolve()


def decided(kind, **more):
    return {"event": "decision", "sequence": 9, "decision": kind, "by": "Ada", "reason": "heard", **more}


@pytest.mark.parametrize(
    ("after", "state"),
    [
        ([], "waiting"),
        ([decided("treatment approved")], "approved"),
        ([decided("treatment approved"), decided("treatment sent back")], "sent_back"),
        ([decided("treatment sent back"), decided("treatment approved"), decided("segment unfit")], "approved"),
        ([decided("treatment approved"), {"event": "step"}], "waiting"),
        ([decided("treatment approved", carried_from={"head": "0"})], "waiting"),
    ],
)
def test_the_state_is_the_last_word_after_the_treatment(after, state):
    assert review_state([{"event": "extraction"}, {"event": "step"}, *after]).state == state


def test_decisions_keep_where_and_what():
    kept = decisions_of([{"event": "step"}, decided("segment unfit", start_s=1.0, stop_s=2.5, concerns="1-2.5")])
    assert kept == [
        {"event": 9, "kind": "segment unfit", "by": "Ada", "reason": "heard", "concerns": "1-2.5", "start_s": 1.0,
         "stop_s": 2.5}
    ]  # fmt: skip


def test_the_script_cannot_end_its_element_early(facts):
    script = item_script({**facts, "title": "</script><script>alert(1)</script> \u2028"})
    assert "<" not in script
    assert "\u2028" not in script
    text = re.fullmatch(r"window\.HERITAGE_ITEM = (.*);\n", script)[1]
    assert json.loads(text)["title"] == "</script><script>alert(1)</script> \u2028"


def test_text_that_a_page_cannot_hold_is_replaced(bag, tmp_path):
    shutil.copytree(bag / "data", tmp_path / "bag" / "data")
    (tmp_path / "bag" / LOG).unlink()
    record = Record(tmp_path / "bag" / LOG)
    for event in read(bag / LOG):
        fields = {k: v for k, v in event.items() if k not in ("sequence", "event", "previous", "digest")}
        if event["event"] == "ingestion":
            fields["item"]["title"] = "A bell \x07 rang"
        record.append(event["event"], **fields)
    assert item_page_facts(tmp_path / "bag")["title"] == "A bell \ufffd rang"


def test_a_folder_that_is_no_bag_is_refused(tmp_path):
    with pytest.raises(BadBag, match="is no bag of a restored item"):
        item_page_facts(tmp_path)
