"""The batch page in a browser: filters, sorting, languages, and two thousand items that stay smooth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from restoration.room.batch_page import batch_page
from restoration.room.batch_rows import BatchRow

from .fabricated_batch import fabricated_rows, write_batch

SHOWN = "[...document.querySelectorAll('#items h3')].map((each) => each.textContent)"
FILLED = "() => document.querySelectorAll('#items > li').length === HERITAGE.batch.found().length"
AHEAD = "() => document.querySelectorAll('#items > li').length >= 280"
TO_THE_END = """() => {
  window.scrollTo({ top: 1e9, behavior: "instant" });
  return document.querySelectorAll("#items > li").length === HERITAGE.batch.found().length;
}"""
KEYSTROKE = """(letter) => {
  const field = document.getElementById("search");
  field.value += letter;
  const began = performance.now();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.body.getBoundingClientRect();
  return performance.now() - began;
}"""
LOADED_MS = "performance.getEntriesByType('navigation')[0].loadEventEnd"
NEVER_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def names(window) -> list[str]:
    window.wait_for_function(FILLED)
    return window.evaluate(SHOWN)


def test_a_search_finds_without_accents_and_in_any_order(batch_window) -> None:
    batch_window.fill("#search", "muller harbour")
    assert 0 < len(names(batch_window)) < 60
    assert "Shown: 12 of 60 items" in batch_window.inner_text("#shown")
    batch_window.fill("#search", "nobody")
    assert names(batch_window) == []
    assert batch_window.locator("#none").inner_text() == "No item fits these filters."


def test_choices_survive_a_reload_and_can_be_taken_back(batch_window) -> None:
    batch_window.get_by_role("button", name="approved").click()
    batch_window.select_option("#carrier", "shellac disc")
    batch_window.select_option("#sort", "title")
    chosen = names(batch_window)
    assert 0 < len(chosen) < 60
    batch_window.reload()
    assert names(batch_window) == chosen
    assert batch_window.locator("#carrier").input_value() == "shellac disc"
    assert batch_window.get_by_role("button", name="approved").get_attribute("aria-pressed") == "true"
    batch_window.get_by_role("button", name="Clear filters").click()
    assert len(names(batch_window)) == 60
    assert batch_window.evaluate("location.hash") == "#sort=title"


def test_every_filter_keeps_what_it_says_and_nothing_else(batch_window) -> None:
    rows = {row.title: row for row in fabricated_rows(60)}
    for field, value, fits in (
        ("speaker", "Пётр Орлов", lambda row: row.speaker == "Пётр Орлов"),
        ("speaker", "—", lambda row: not row.speaker),
        ("decade", "1950", lambda row: row.date.startswith("195")),
        ("generated", "with", lambda row: row.generated),
        ("generated", "without", lambda row: not row.generated),
    ):
        batch_window.select_option(f"#{field}", value)
        wanted = [title or "tape-0006" for title, row in rows.items() if fits(row)]
        assert sorted(names(batch_window)) == sorted(wanted), (field, value)
        batch_window.select_option(f"#{field}", "")


def test_sorting(batch_window) -> None:
    rows = {row.title or row.identifier: row for row in fabricated_rows(60)}
    sorts = {
        "duration": lambda row: -(row.duration_s or 0.0),
        "noise": lambda row: -row.before.get("noise_floor_dbfs", -999.0),
        "date": lambda row: int(row.date[:4] or 9999),
        "change": lambda row: row.after["snr_db"] - row.before["snr_db"] if row.before else 999.0,
    }
    for name, key in sorts.items():
        batch_window.select_option("#sort", name)
        keys = [key(rows[title]) for title in names(batch_window)]
        assert keys == sorted(keys), name


def test_the_language_changes_without_a_reload_and_is_remembered(batch_window) -> None:
    batch_window.evaluate("window.untouched = true")
    batch_window.select_option("#language", "ru")
    assert batch_window.locator("html").get_attribute("lang") == "ru"
    assert "Показано: 60, всего 60 записей" in batch_window.inner_text("#shown")
    assert "дБ" in batch_window.locator("#items li").first.inner_text()
    assert batch_window.evaluate("window.untouched") is True
    batch_window.reload()
    assert batch_window.locator("#language").input_value() == "ru"
    batch_window.select_option("#language", "uz")
    assert "60 ta yozuv" in batch_window.inner_text("#shown")


def test_pictures_are_told_in_words(batch_window) -> None:
    picture = batch_window.locator("#items li").first.get_by_role("img").first
    assert picture.get_attribute("aria-label") == "Noise floor: before −60.0\xa0dBFS, after −75.0\xa0dBFS"


def test_what_is_not_saved_yet_shows_on_the_row(batch_window) -> None:
    key = f"heritage-decisions:tape-0002:{2:064x}"
    batch_window.evaluate("(key) => localStorage.setItem(key, '[]')", key)
    batch_window.reload()
    assert "decisions not saved" in batch_window.locator("#items li").nth(2).inner_text()
    assert batch_window.get_by_text("decisions not saved").count() == 1


def test_the_skip_link_keeps_the_choices(batch_window) -> None:
    batch_window.select_option("#sort", "title")
    batch_window.locator(".skip").focus()
    batch_window.keyboard.press("Enter")
    assert batch_window.evaluate("document.activeElement.id") == "items"
    assert batch_window.evaluate("location.hash") == "#sort=title"


def test_a_hostile_manifest_stays_text(window, tmp_path: Path) -> None:
    hostile = "<img src=x onerror='window.harmed=1'></script><script>window.harmed=1</script>"
    told = dict.fromkeys(("identifier", "title", "carrier", "date", "speaker", "problem"), hostile)
    place = tmp_path / "index.html"
    place.write_text(batch_page([BatchRow(state="failed", page="javascript:harmed=1", **told)], hostile), "utf-8")
    window.goto(place.as_uri())
    assert names(window) == [hostile]
    assert window.evaluate("window.harmed") is None
    assert window.locator("img").count() == 0
    assert window.evaluate("document.querySelector('#items a').protocol") == "file:"


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_scrolls_sideways(batch_window, width: int) -> None:
    batch_window.set_viewport_size({"width": width, "height": 844})
    assert batch_window.evaluate(NEVER_WIDER)


@pytest.mark.clock
def test_two_thousand_items_stay_smooth(window, tmp_path: Path) -> None:
    window.goto(write_batch(tmp_path, 2000).as_uri())
    loaded_ms = window.evaluate(LOADED_MS)
    window.wait_for_function(AHEAD)
    taken_ms = [window.evaluate(KEYSTROKE, letter) for letter in "harbour 19"]
    sys.stdout.write(f"2,000 items: loaded in {loaded_ms:.0f} ms, a keystroke at most {max(taken_ms):.0f} ms\n")
    assert loaded_ms < 1000
    assert sorted(taken_ms)[len(taken_ms) // 2] < 50
    assert max(taken_ms) < 150
    assert "of 2,000 items" in window.inner_text("#shown")


def test_whoever_scrolls_comes_to_the_last_item(window, tmp_path: Path) -> None:
    window.goto(write_batch(tmp_path, 700).as_uri())
    window.wait_for_function(AHEAD)
    assert window.locator("#items > li").count() < 700
    window.wait_for_function(TO_THE_END)
    assert "no. 699" in window.locator("#items > li").last.inner_text()
