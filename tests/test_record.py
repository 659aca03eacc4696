"""The event log: whatever is changed afterwards is found."""

import json

import pytest

from restoration.errors import BrokenRecord
from restoration.record import Record, read


@pytest.fixture
def log(tmp_path):
    record = Record(tmp_path / "events.jsonl")
    for number in range(5):
        record.append("step", name=f"step {number}", findings={"hum_hz": 50.1, "needed": True})
    return record.path


def lines_of(log):
    return log.read_text(encoding="utf-8").splitlines(keepends=True)


def test_events_are_read_back_in_order(log):
    assert [event["name"] for event in read(log)] == [f"step {number}" for number in range(5)]
    assert [event["sequence"] for event in read(log)] == [1, 2, 3, 4, 5]


def test_a_log_goes_on_where_it_was(log):
    record = Record(log)
    event = record.append("packing")
    assert event["sequence"] == 6
    assert len(list(read(log))) == 6


def edit(lines):
    event = json.loads(lines[2])
    event["findings"]["hum_hz"] = 60.0
    lines[2] = json.dumps(event) + "\n"


TAMPERINGS = {
    "edited": edit,
    "dropped": lambda lines: lines.pop(1),
    "first dropped": lambda lines: lines.pop(0),
    "repeated": lambda lines: lines.insert(2, lines[2]),
    "swapped": lambda lines: lines.insert(1, lines.pop(3)),
    "garbled": lambda lines: lines.__setitem__(3, lines[3].replace("{", "[", 1)),
    "emptied": lambda lines: lines.__setitem__(3, "{}\n"),
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found(log, tamper):
    lines = lines_of(log)
    tamper(lines)
    log.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(BrokenRecord):
        list(read(log))


@pytest.mark.parametrize("kept", [1, 10, 50])
def test_a_torn_last_line_is_no_event(log, kept):
    whole = log.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    log.write_bytes(whole[: last + kept])
    record = Record(log)
    assert len(record.events) == 4
    record.append("packing")
    assert [event["event"] for event in read(log)] == ["step"] * 4 + ["packing"]


def test_numbers_that_json_does_not_have_are_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        Record(tmp_path / "events.jsonl").append("measurement", level=float("nan"))
