"""Files of decisions: all that is wrong at once, all or nothing, and twice is as once."""

import base64
import io
import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from restoration import growth, package
from restoration.cli import app
from restoration.decision_files import BadDecisionFile, parse_decisions, read_decisions, write_decisions
from restoration.decisions import review_state
from restoration.errors import BadBag
from restoration.package import LOG
from restoration.record import read


def png(width=4, height=3, mode="1"):
    place = io.BytesIO()
    Image.new(mode, (width, height), 1).save(place, "PNG")
    return base64.b64encode(place.getvalue()).decode()


APPROVED = {"kind": "treatment approved"}
SENT_BACK = {"kind": "treatment sent back", "start_s": 1.0, "stop_s": 2.0}
UNFIT = {"kind": "segment unfit", "start_s": 0.5, "stop_s": 1.5}


def test_every_decision_is_an_event_of_the_person_with_what_was_seen(shelf):
    written = shelf.decide(SENT_BACK, UNFIT)
    first, second = written.added
    assert [event["decision"] for event in written.added] == ["treatment sent back", "segment unfit"]
    assert (first["by"], first["reason"], first["start_s"], first["stop_s"]) == ("Ada Berg", "I heard it", 1.0, 2.0)
    assert second["seen"]["head"] == first["digest"]
    assert set(first["seen"]["files"]) >= {"data/record/treatment-report.html"}


def test_the_same_file_twice_adds_nothing(shelf, tmp_path):
    file = read_decisions(shelf.file(tmp_path / "saved.json", APPROVED, UNFIT))
    assert (len(write_decisions(file, shelf.out).added), len(write_decisions(file, shelf.out).added)) == (2, 0)
    again = write_decisions(file, shelf.out)
    assert (again.known, again.wanted) == (2, ())


def test_a_page_that_saves_again_with_one_more_adds_that_one(shelf):
    said = shelf.said(UNFIT)
    write_decisions(parse_decisions(said, "a test"), shelf.out)
    said["decisions"].append({"reason": "good", **APPROVED})
    written = write_decisions(parse_decisions(said, "a test"), shelf.out)
    assert ([event["decision"] for event in written.added], written.known) == (["treatment approved"], 1)
    assert written.newer == ()


def test_what_the_log_has_beside_that_is_told(shelf):
    said = shelf.said(APPROVED)
    shelf.decide(UNFIT, by="Kaj Holm")
    (newer,) = write_decisions(parse_decisions(said, "a test"), shelf.out).newer
    assert newer.endswith("segment unfit by Kaj Holm")


def test_a_trial_writes_nothing(shelf):
    before = (shelf.bag / LOG).read_bytes()
    written = write_decisions(parse_decisions(shelf.said(APPROVED), "a test"), shelf.out, trial=True)
    assert ([one.kind for one in written.wanted], written.added) == (["treatment approved"], ())
    assert (shelf.bag / LOG).read_bytes() == before


def wrong_with(shelf, *decisions, **more):
    """The sentences; nothing was written."""
    before = (shelf.bag / LOG).read_bytes()
    with pytest.raises(BadDecisionFile) as told:
        shelf.decide(*decisions, **more)
    assert (shelf.bag / LOG).read_bytes() == before
    return "\n".join(told.value.problems)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"format": "heritage-voice decisions 9"}, "is what can be read"),
        ({"identifier": "tape-0002"}, "there is no bag “tape-0002”"),
        ({"identifier": "../bags/tape-0001"}, "is no identifier"),
        ({"head": "f" * 64}, "is no event of"),
        ({"by": " "}, "does not say its “by”"),
        ({"decisions": "all"}, "no list of “decisions”"),
    ],
    ids=str,
)
def test_a_file_that_is_not_of_this_item_is_refused(shelf, changed, told):
    assert told in wrong_with(shelf, APPROVED, **changed)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"kind": "liked"}, "is no decision that is kept"),
        ({"kind": "treatment approved", "reason": ""}, "says its reason"),
        ({"kind": "treatment approved", "colour": "red"}, "has a field “colour”"),
        ({"kind": "segment unfit"}, "says where"),
        ({"kind": "segment unfit", "start_s": 1.0}, "go together"),
        ({"kind": "segment unfit", "start_s": 4.0, "stop_s": 9.0}, "is no stretch of the 5.00 s"),
        ({"kind": "segment unfit", "start_s": "a", "stop_s": 2}, "“start_s” is no number"),
        ({"kind": "finding overruled", "event": 2, "findings": {"hum_hz": 50.2}}, "is no step that can be overruled"),
        ({"kind": "finding overruled", "event": 99, "needed": False}, "has no event/99"),
        ({"kind": "finding overruled", "event": 6}, "names the event of the step"),
        ({"kind": "finding overruled", "event": 6, "findings": {"loud": 1}}, "has no finding “loud”; it has drift_hz"),
        ({"kind": "finding overruled", "event": 6, "findings": {"hum_hz": "low"}}, "is a number"),
        ({"kind": "finding overruled", "event": 6, "findings": {"needed": False}}, "is said with “needed”"),
        ({"kind": "finding overruled", "event": 6, "needed": "no"}, "“needed” is true or false"),
        ({"kind": "finding overruled", "event": 6, "spared": [{"start_s": 2, "stop_s": 1}]}, "is no stretch"),
        ({"kind": "finding overruled", "event": 6, "spared": [3]}, "is a list of stretches"),
        ({"kind": "treatment approved", "needed": True}, "belongs to “finding overruled”"),
        ({"kind": "treatment approved", "mask": "x"}, "belong to “region to repair”"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_decision_is_a_sentence(shelf, row, told):
    assert told in wrong_with(shelf, APPROVED, row)


@pytest.mark.parametrize(
    ("mask", "told"),
    [("not base64!", "no PNG"), (base64.b64encode(b"GIF89a").decode(), "no PNG"), (png(8192, 4096), "pixels"),
     ("A" * 2_000_000, "bytes"), (png()[:40], "no PNG")],
    ids=["text", "another picture", "too large", "too long", "torn"],
)  # fmt: skip
def test_a_mask_is_a_picture_of_some_size(shelf, mask, told):
    region = {"kind": "region to repair", "start_s": 1.0, "stop_s": 2.0, "low_hz": 100, "high_hz": 900}
    assert told in wrong_with(shelf, {**region, "mask": mask})


def test_all_that_is_wrong_is_said_at_once(shelf):
    told = wrong_with(shelf, {"kind": "liked"}, {"kind": "segment unfit"}, by="")
    assert told.count("\n") >= 2


def test_the_log_of_another_item_is_refused(shelf, shelf_of):
    """Its head is in no event of this log, and what was looked at is another treatment."""
    other = shelf_of("other")
    other.decide(UNFIT)
    assert "is no event of" in wrong_with(shelf, APPROVED, head=other.events[-1]["digest"])


def test_several_decisions_are_written_whole_or_not_at_all(shelf, monkeypatch):
    """Killed in the middle of a growth: whoever comes next finds the rest in the journal."""
    before = len(shelf.events)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(growth, "write_exports", killed)
        with pytest.raises(KeyboardInterrupt):
            shelf.decide(APPROVED, UNFIT, SENT_BACK)
    growth.reseal(shelf.bag)
    assert len(list(read(shelf.bag / LOG))) == before + 3
    assert package.read_info(shelf.bag)[package.LOG_HEAD] == shelf.events[-1]["digest"]


def test_nobody_decides_on_a_log_that_somebody_changed(shelf):
    text = (shelf.bag / LOG).read_text(encoding="utf-8")
    said = shelf.said(APPROVED)
    (shelf.bag / LOG).write_text(text.rsplit("\n", 2)[0] + "\n", encoding="utf-8")
    with pytest.raises((BadBag, BadDecisionFile)):
        write_decisions(parse_decisions(said, "a test"), shelf.out)


def test_where_an_item_stands(shelf):
    assert review_state(shelf.events).state == "waiting"
    shelf.decide(APPROVED)
    assert (review_state(shelf.events).state, review_state(shelf.events).by) == ("approved", "Ada Berg")
    shelf.decide(UNFIT)
    assert review_state(shelf.events).state == "approved"
    shelf.decide({"kind": "finding overruled", "event": shelf.step("set_level")["sequence"], "needed": False})
    review = review_state(shelf.events)
    assert (review.state, review.changes) == ("sent_back", (shelf.events[-1]["sequence"],))


def test_the_command_reads_files(shelf, tmp_path):
    file = shelf.file(tmp_path / "saved.json", APPROVED)
    bad = shelf.file(tmp_path / "bad.json", {"kind": "liked"})
    run = CliRunner().invoke
    trial = run(app, ["decide", str(file), "--in", str(shelf.out), "--dry-run"])
    assert (trial.exit_code, "would be written" in trial.output) == (0, True), trial.output
    both = run(app, ["decide", str(bad), str(file), "--in", str(shelf.out), "--json"])
    rows = json.loads(both.stdout[both.stdout.index("[\n") :])
    assert both.exit_code == 1
    assert ("no decision that is kept" in rows[0]["error"], rows[1]["decisions"]) == (True, ["treatment approved"])
    again = run(app, ["decide", str(file), "--in", str(shelf.out)])
    assert "nothing to write; 1 was there already" in again.output
    status = run(app, ["status", str(shelf.out)])
    assert "approved by Ada Berg" in status.output


def test_the_command_takes_one_decision(shelf):
    sequence = shelf.step("remove_hum")["sequence"]
    asked = ["decide", str(shelf.bag), "--kind", "finding overruled", "--concerns", f"event/{sequence}", "--by", "Ada",
             "--reason", "the village", "--finding", "hum_hz=50.2", "--spare", "1-2"]  # fmt: skip
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    event = shelf.events[-1]
    assert (event["findings"], event["spared"]) == ({"hum_hz": 50.2}, [{"start_s": 1.0, "stop_s": 2.0}])
    assert event["step"] == {"position": 2, "name": "remove_hum"}
