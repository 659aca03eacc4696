"""The page of an item in a browser: what it tells, in three languages, by mouse and by keyboard."""

from __future__ import annotations

from typing import Any

import pytest

from .fabricated_item import LABELS, TITLE

HOSTILE = "<img src=x onerror='window.harmed=1'></script><script>window.harmed=1</script>{reason}"
NEVER_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
NOT_SHOWN = "[...document.querySelectorAll('[data-text]')].filter((each) => !each.textContent.trim()).length"


def test_the_page_says_what_the_item_is(item_window: Any) -> None:
    assert item_window.locator("h1").inner_text() == TITLE
    facts = item_window.inner_text("#facts")
    for told in ("waiting", "tape-0001", "quarter-inch open-reel audio", "March 12, 1957", "Ada Berg", "8\xa0s"):
        assert told in facts
    assert item_window.locator(".label").inner_text() == LABELS["en"]["short"]
    assert "was generated, not recorded" in item_window.inner_text("#label")
    assert item_window.locator("#facts a").get_attribute("href").endswith("data/record/treatment-report.html")


def test_nothing_is_said_to_be_generated_where_nothing_was(window: Any, item_page_of: Any) -> None:
    window.goto(item_page_of(steps=[]).as_uri())
    assert window.locator("#label [role=note]").count() == 0


def test_a_step_tells_what_was_found_and_shows_where(item_window: Any) -> None:
    rows = item_window.locator("#step-rows > li")
    assert [row.locator("h3").inner_text() for row in rows.all()] == [
        "Mains hum removal",
        "Click removal",
        "Band extension",
    ]
    rows.first.locator("summary").click()
    assert "50.01\xa0Hz" in rows.first.inner_text()
    assert "−44.2\xa0dBFS → −82.4\xa0dBFS" in rows.first.inner_text()
    assert "generates a band" in rows.nth(2).inner_text()
    rows.nth(1).locator("summary").click()
    assert rows.nth(1).get_by_role("button", name="Show 0:02.1 to 0:04.4 in the picture").is_visible()


def test_measures_before_and_after(item_window: Any) -> None:
    rows = [row.inner_text().split("\t") for row in item_window.locator(".measures-table tbody tr").all()]
    assert rows[0] == ["Noise floor", "−48.5\xa0dBFS", "−77.7\xa0dBFS", "−29.2\xa0dB"]
    assert rows[3] == ["Hum frequency", "50.01\xa0Hz", "none", ""]


def test_a_segment_is_played_from_where_it_begins(item_window: Any) -> None:
    item_window.get_by_role("button", name="Play segment 3, from 0:04.2").click()
    item_window.wait_for_function("() => HERITAGE.player.playing && HERITAGE.player.position() > 4.2")
    assert item_window.evaluate("HERITAGE.player.position()") < 6.0
    item_window.wait_for_function("() => document.getElementById('segment-3').classList.contains('playing')")
    item_window.evaluate("HERITAGE.player.pause()")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ru", ("Решение", "Удаление сетевого фона", "50,01\xa0Гц", "12 марта 1957", "ждёт решения", "4 отрезка")),
        (
            "uz",
            (
                "Qaror",
                "Tarmoq gʻuvillashini olib tashlash",
                "50,01\xa0Hz",
                "1957-yil 12-mart",
                "4 ta boʻlak",
                "qarorni kutmoqda",
            ),
        ),
    ],
)
def test_the_language_changes_without_a_reload_and_is_remembered(item_window: Any, language: str, told: Any) -> None:
    item_window.evaluate("window.untouched = true")
    item_window.locator("#step-rows summary").first.click()
    item_window.select_option("#language", language)
    assert item_window.locator("html").get_attribute("lang") == language
    for words in (*told, LABELS[language]["short"]):
        assert words in item_window.inner_text("body"), words
    assert item_window.evaluate("window.untouched") is True
    assert item_window.evaluate(NOT_SHOWN) == 0
    item_window.reload()
    assert item_window.locator("#language").input_value() == language
    assert item_window.locator("#save").inner_text() != "Save as a file"


def test_the_browser_s_own_language_comes_first(chromium: Any, item_page_of: Any) -> None:
    context = chromium.new_context(locale="ru-RU", offline=True)
    page = context.new_page()
    page.goto(item_page_of().as_uri())
    assert page.locator("html").get_attribute("lang") == "ru"
    context.close()


def test_the_brightness_is_remembered_and_follows_the_system_where_asked(item_window: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = item_window.evaluate(paper)
    item_window.emulate_media(color_scheme="light")
    assert item_window.evaluate(paper) == dark
    item_window.select_option("#theme", "light")
    light = item_window.evaluate(paper)
    assert light != dark
    item_window.reload()
    assert item_window.evaluate(paper) == light
    item_window.select_option("#theme", "auto")
    assert item_window.evaluate(paper) == light
    item_window.emulate_media(color_scheme="dark")
    assert item_window.evaluate(paper) == dark


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_scrolls_sideways(item_window: Any, width: int) -> None:
    item_window.set_viewport_size({"width": width, "height": 844})
    for summary in item_window.locator("#step-rows summary").all():
        summary.click()
    item_window.get_by_role("button", name="Region to repair").click()
    assert item_window.evaluate(NEVER_WIDER)


def test_a_hostile_manifest_stays_text(window: Any, item_page_of: Any) -> None:
    step = {"event": 9, "name": HOSTILE, "outcome": "treated", "generates": "nothing", "parameters": [], "measures": []}
    step |= {"sentence": HOSTILE, "reason": HOSTILE, "excerpt": None, "moments": []}
    step["findings"] = [{"name": HOSTILE, "value": HOSTILE, "unit": "", "overrulable": True}]
    told = dict.fromkeys(("title", "carrier", "date", "speaker", "language", "rights", "notes"), HOSTILE)
    made = [{"event": 2, "kind": HOSTILE, "by": HOSTILE, "reason": HOSTILE}]
    segments = [{"number": 1, "start_s": 0.5, "stop_s": 1.0, "speaker": HOSTILE, "text": HOSTILE}]
    labels = {"en": {"short": HOSTILE, "long": HOSTILE + "."}}
    page = item_page_of(
        **told, steps=[step], decisions=made, segments=segments, labels=labels, report="javascript:harmed=1"
    )
    window.goto(page.as_uri())
    for summary in window.locator("summary").all():
        summary.click()
    assert window.locator("h1").inner_text() == HOSTILE
    assert window.evaluate("window.harmed") is None
    assert window.locator("main img[src=x]").count() == 0
    assert window.evaluate("[...document.links].every((link) => link.protocol === 'file:')")


def test_a_page_without_its_item_says_so(chromium: Any, item_page_of: Any) -> None:
    place = item_page_of()
    (place.parent / "item.js").unlink()
    page = chromium.new_page()
    page.goto(place.as_uri())
    assert "item.js beside it is missing" in page.locator("#broken").inner_text()
    page.close()


def test_the_page_prints_as_a_sheet(item_window: Any) -> None:
    item_window.evaluate("dispatchEvent(new Event('beforeprint'))")
    item_window.emulate_media(media="print")
    assert item_window.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert item_window.locator("#step-rows .inside").first.is_visible()
    assert not any(button.is_visible() for button in item_window.locator("button").all())
    assert not item_window.locator("#player").is_visible()
    assert item_window.pdf().startswith(b"%PDF")
