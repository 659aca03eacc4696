"""The batch page without a browser: what stands in it, and what it can never do."""

from __future__ import annotations

import json
import re
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from restoration import package
from restoration.decisions import review_state
from restoration.record import Record
from restoration.room.batch_index import write_index
from restoration.room.batch_page import batch_page
from restoration.room.batch_rows import BatchRow

from .fabricated_batch import fabricated_rows

HOSTILE = "</script><script>alert(1)</script>"


class Reading(HTMLParser):
    """Links and number of script elements of a page, with what stands between its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts = 0
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links += [str(value) for name, value in attributes if tag == "a" and name == "href"]

    def handle_data(self, text: str) -> None:
        self.text += text


def rows_in(page: str) -> list[dict]:
    return json.loads(re.search(r"HERITAGE_BATCH = (.*);\n", page)[1])["rows"]


def test_every_item_stands_in_the_page_with_the_way_to_hear_it() -> None:
    rows = fabricated_rows(9)
    page = batch_page(rows, "Spring")
    assert [row["identifier"] for row in rows_in(page)] == [row.identifier for row in rows]
    links = Reading(page).links
    assert [link for link in links if link != "#items"] == [row.page for row in rows if row.page]
    assert "9 items" in Reading(page).text


def test_a_row_without_a_listening_page_leads_to_its_report() -> None:
    page = batch_page([BatchRow(identifier="a", state="waiting", report="a/report.html")], "Batch")
    assert Reading(page).links == ["#items", "a/report.html"]


def test_a_hostile_manifest_stays_text() -> None:
    row = BatchRow(identifier=HOSTILE, state="failed", title=HOSTILE, problem=HOSTILE, page="javascript:alert(1)")
    honest, hostile = batch_page([BatchRow(identifier="a", state="failed")], "a"), batch_page([row], HOSTILE)
    assert Reading(hostile).scripts == Reading(honest).scripts
    assert rows_in(hostile)[0]["title"] == HOSTILE
    assert "javascript%3Aalert%281%29" in Reading(hostile).links


def test_an_empty_batch_has_a_page() -> None:
    assert rows_in(batch_page([], "Batch")) == []


@pytest.mark.parametrize(
    ("date", "year"), [("1986-01-28", 1986), ("1912", 1912), ("about 1890?", 1890), ("tape 19121", None), ("", None)]
)
def test_the_year_is_read_from_what_the_manifest_has(date: str, year: int | None) -> None:
    assert BatchRow(identifier="a", state="waiting", date=date).facts().get("year") == year


def decided(record: Record, kind: str, **more: object) -> str:
    record.append("decision", decision=kind, by="Ada", reason="heard", **more)
    return review_state(record.events).state


def test_the_state_is_the_last_verdict_on_this_treatment(tmp_path: Path) -> None:
    record = Record(tmp_path / "events.jsonl")
    record.append("extraction")
    assert decided(record, "treatment approved") == "approved"
    assert decided(record, "treatment sent back") == "sent_back"
    assert decided(record, "segment unfit") == "sent_back"
    record.append("step")
    assert review_state(record.events).state == "waiting"
    assert decided(record, "treatment approved", carried_from={"event": "1f"}) == "waiting"


def small_bag(out: Path, name: str) -> Path:
    bag = out / name
    (bag / "data" / "record").mkdir(parents=True)
    record = Record(bag / package.LOG)
    record.append("ingestion", item={"identifier": name, "title": f"Tape {name}", "recorded_date": "1957"})
    package.seal(bag, {}, {})
    return bag


def test_a_folder_with_a_broken_bag_has_an_index_that_says_so(tmp_path: Path) -> None:
    for name in ("a", "b"):
        small_bag(tmp_path, name)
    log = tmp_path / "b" / package.LOG
    log.write_text(log.read_text().replace("Tape b", "Tape c"))
    rows = rows_in(write_index(tmp_path, refused={"c": "another treatment stands there"}).read_text(encoding="utf-8"))
    assert [(row["identifier"], row["state"]) for row in rows] == [("a", "waiting"), ("b", "failed"), ("c", "refused")]
    assert "digest does not fit" in rows[1]["problem"]
    assert rows[2]["problem"] == "another treatment stands there"


def test_an_item_whose_page_could_not_be_made_says_why(tmp_path: Path) -> None:
    small_bag(tmp_path, "a")
    (row,) = rows_in(write_index(tmp_path, problems={"a": "a copy is gone"}).read_text(encoding="utf-8"))
    assert (row["state"], row["problem"], "page" in row) == ("waiting", "a copy is gone", False)


def test_two_thousand_rows_are_written_soon() -> None:
    rows = fabricated_rows(2000)
    clock = time.process_time()
    page = batch_page(rows, "Batch")
    taken_s = time.process_time() - clock
    sys.stdout.write(f"page of 2,000 items: {taken_s:.2f} s, {len(page.encode()) / 1e6:.2f} MB\n")
    assert taken_s < 5.0
    assert len(page.encode()) < 3e6
