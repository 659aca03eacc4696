"""Deciding on the page of an item: what is saved is what the curator meant, and nothing of it is lost on the way."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image

from .fabricated_item import HEAD

REASON = "Clear, and no lisp"


def begin(window: Any, name: str) -> Any:
    """Open a form of the panel; the form."""
    window.locator("#decide").get_by_role("button", name=name, exact=True).click()
    return window.locator("form.decision")


def add(window: Any, reason: str = REASON) -> None:
    window.fill("form.decision [name=reason]", reason)
    window.locator("form.decision [type=submit]").click()


def overrule(window: Any, step: int) -> Any:
    row = window.locator("#step-rows > li").nth(step)
    if row.locator("details").get_attribute("open") is None:
        row.locator("summary").click()
    row.get_by_role("button", name="Overrule").click()
    return window.locator("form.decision")


def saved(window: Any, by: str = "Ada Berg") -> dict[str, Any]:
    """What the file that the page downloads holds."""
    window.fill("[name=by]", by)
    with window.expect_download() as waiting:
        window.click("#save")
    assert waiting.value.suggested_filename == "tape-0001-decisions.json"
    return json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))


def mistake(window: Any) -> str:
    return window.locator("#mistake").inner_text()


def test_every_kind_of_decision_is_saved_as_the_contract_has_it(item_window: Any) -> None:
    begin(item_window, "Approve")
    add(item_window)
    overrule(item_window, 0).locator("[name=value-hum_hz]").fill("50,2")
    add(item_window, "The motor says so")
    form = overrule(item_window, 1)
    form.get_by_label("A finding has another value").check()
    form.get_by_label("Careful").select_option("false")
    add(item_window, "These are dust")
    form = overrule(item_window, 0)
    form.get_by_label("Leave a stretch alone").check()
    form.locator("[name=start]").fill("0:03.1")
    form.locator("[name=stop]").fill("3.4")
    add(item_window, "A consonant, no click")
    overrule(item_window, 2).get_by_label("Leave this step out").check()
    add(item_window, "Too bright")
    overrule(item_window, 1).get_by_label("Carry this step out after all").check()
    add(item_window, "I hear them")
    item_window.get_by_role("button", name="Unfit for a voice model: segment 2").click()
    add(item_window, "Two people at once")
    form = begin(item_window, "Region to repair")
    for name, value in (("start", "1.25"), ("stop", "1.5"), ("low", "300"), ("high", "2400")):
        form.locator(f"[name={name}]").fill(value)
    add(item_window, "A cough")
    assert saved(item_window) == {
        "format": "heritage-voice decisions 1",
        "identifier": "tape-0001",
        "head": HEAD,
        "by": "Ada Berg",
        "decisions": [
            {"kind": "treatment approved", "reason": REASON},
            {"kind": "finding overruled", "event": 9, "findings": {"hum_hz": 50.2}, "reason": "The motor says so"},
            {"kind": "finding overruled", "event": 10, "findings": {"careful": False}, "reason": "These are dust"},
            {
                "kind": "finding overruled",
                "event": 9,
                "spared": [{"start_s": 3.1, "stop_s": 3.4}],
                "reason": "A consonant, no click",
            },
            {"kind": "finding overruled", "event": 12, "needed": False, "reason": "Too bright"},
            {"kind": "finding overruled", "event": 10, "needed": True, "reason": "I hear them"},
            {"kind": "segment unfit", "start_s": 2.25, "stop_s": 3.75, "reason": "Two people at once"},
            {
                "kind": "region to repair",
                "start_s": 1.25,
                "stop_s": 1.5,
                "low_hz": 300,
                "high_hz": 2400,
                "reason": "A cough",
            },
        ],
    }
    assert "Saved as tape-0001-decisions.json" in item_window.inner_text("#decide")


def test_a_stretch_comes_from_what_is_selected_and_follows_it(item_window: Any) -> None:
    item_window.evaluate("HERITAGE.view.select({start_s: 1, stop_s: 2.5, low_hz: 200, high_hz: 900})")
    form = begin(item_window, "Send back")
    assert (form.locator("[name=start]").input_value(), form.locator("[name=stop]").input_value()) == ("1", "2.5")
    item_window.evaluate("HERITAGE.view.select({start_s: 3, stop_s: 4.5, low_hz: 200, high_hz: 900})")
    assert form.locator("[name=start]").input_value() == "3"
    form.locator("[name=stop]").fill("4")
    item_window.evaluate("HERITAGE.view.select({start_s: 5, stop_s: 6, low_hz: 200, high_hz: 900})")
    assert form.locator("[name=start]").input_value() == "3", "what was written by hand stays"
    add(item_window)
    (decision,) = saved(item_window)["decisions"]
    assert decision == {"kind": "treatment sent back", "start_s": 3, "stop_s": 4, "reason": REASON}


def test_the_whole_item_can_be_sent_back(item_window: Any) -> None:
    begin(item_window, "Send back")
    add(item_window, "Too much taken")
    assert saved(item_window)["decisions"] == [{"kind": "treatment sent back", "reason": "Too much taken"}]


def test_a_painted_mask_goes_along(item_window: Any) -> None:
    form = begin(item_window, "Region to repair")
    form.get_by_role("button", name="Paint in the picture").click()
    box = item_window.evaluate("document.getElementById('view').scrollIntoView()") or item_window.locator(
        "#view canvas:visible"
    ).last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"], 700) / 2
    item_window.mouse.move(x, y)
    item_window.mouse.down()
    item_window.mouse.move(x + 60, y + 10, steps=6)
    item_window.mouse.up()
    assert item_window.evaluate("HERITAGE.view.mask()") is not None
    form.get_by_role("button", name="Stop painting").click()
    add(item_window, "A squeak")
    (decision,) = saved(item_window)["decisions"]
    mask = Image.open(io.BytesIO(base64.b64decode(decision["mask"], validate=True)))
    assert mask.format == "PNG"
    assert set(mask.convert("L").tobytes()) <= {0, 255}
    assert 0 <= decision["start_s"] < decision["stop_s"]
    assert 0 <= decision["low_hz"] < decision["high_hz"]


def test_a_reload_loses_nothing_and_forgets_what_was_removed(item_window: Any) -> None:
    begin(item_window, "Approve")
    add(item_window)
    item_window.get_by_role("button", name="Unfit for a voice model: segment 1").click()
    add(item_window, "Laughter")
    item_window.fill("[name=by]", "Ada Berg")
    item_window.reload()
    assert item_window.locator("[name=by]").input_value() == "Ada Berg"
    assert item_window.evaluate("HERITAGE.decisions.list().map((each) => each.kind)") == [
        "treatment approved",
        "segment unfit",
    ]
    item_window.get_by_role("button", name="Edit: Treatment approved").click()
    add(item_window, "Clear after all")
    item_window.get_by_role("button", name="Remove: Segment unfit").click()
    item_window.reload()
    assert saved(item_window)["decisions"] == [{"kind": "treatment approved", "reason": "Clear after all"}]


def test_a_log_that_grew_begins_a_list_of_its_own(item_window: Any, item_page_of: Any) -> None:
    begin(item_window, "Approve")
    add(item_window)
    item = Path(item_window.url.removeprefix("file://")).parent / "item.js"
    item.write_text(item.read_text(encoding="utf-8").replace(HEAD, "6a" * 32), encoding="utf-8")
    item_window.reload()
    assert item_window.evaluate("HERITAGE.decisions.list()") == []
    assert "when the log of this item was shorter" in item_window.inner_text("#decide")


def test_what_is_wrong_is_said_in_words_and_nothing_is_added(item_window: Any) -> None:
    item_window.click("#save")
    assert "Say who decides" in item_window.inner_text("#decide")
    item_window.fill("[name=by]", "Ada")
    item_window.click("#save")
    assert "There is nothing to save yet" in item_window.inner_text("#decide")
    begin(item_window, "Approve")
    item_window.locator("form.decision [type=submit]").click()
    assert mistake(item_window) == "Say why, in a sentence."
    assert item_window.evaluate("document.activeElement.name") == "reason"
    add(item_window)
    form = begin(item_window, "Send back")
    for start, stop, told in (
        ("2", "", "Give both ends"),
        ("x", "3", "Give both ends"),
        ("3", "2", "ends before it begins"),
        ("3", "9999", "The item ends at 8"),
        ("", "", "Approved and sent back cannot both be"),
    ):
        form.locator("[name=start]").fill(start)
        form.locator("[name=stop]").fill(stop)
        add(item_window)
        assert told in mistake(item_window)
    form.get_by_role("button", name="Cancel").click()
    form = overrule(item_window, 0)
    add(item_window)
    assert "another value" in mistake(item_window)
    form.locator("[name=value-hum_hz]").fill("fifty")
    add(item_window)
    assert mistake(item_window) == "Give a number for “Hum frequency”."
    assert len(item_window.evaluate("HERITAGE.decisions.list()")) == 1


def test_a_form_keeps_what_was_written_when_the_language_changes(item_window: Any) -> None:
    begin(item_window, "Send back")
    item_window.fill("form.decision [name=reason]", "Too much taken")
    item_window.select_option("#language", "ru")
    assert item_window.locator("form.decision h3").inner_text() == "Вернуть"
    assert item_window.locator("form.decision [name=reason]").input_value() == "Too much taken"


def test_deciding_by_keyboard_alone(item_window: Any) -> None:
    keys = item_window.keyboard
    keys.press("Tab")
    keys.press("Tab")
    assert item_window.evaluate("document.activeElement.hash") == "#decide"
    keys.press("Enter")
    keys.press("Tab")
    assert item_window.evaluate("document.activeElement.textContent") == "Approve"
    keys.press("Space")
    keys.type("l k 1 2 Clear")
    assert item_window.evaluate("HERITAGE.player.playing") is False, "what is typed is no key of the player"
    keys.press("Tab")
    keys.press("Enter")
    assert item_window.evaluate("document.activeElement.textContent") == "Approve", "the focus comes back"
    for _ in range(20):
        keys.press("Tab")
        if item_window.evaluate("document.activeElement.name") == "by":
            break
    keys.type("Ada Berg")
    keys.press("Tab")
    assert item_window.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    with item_window.expect_download() as waiting:
        keys.press("Enter")
    read = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert (read["by"], read["decisions"][0]["reason"]) == ("Ada Berg", "l k 1 2 Clear")


def test_every_control_is_reached_by_tab_and_seen(item_window: Any) -> None:
    reached = set()
    for _ in range(120):
        item_window.keyboard.press("Tab")
        place = item_window.evaluate(
            "(() => { const at = document.activeElement; if (at === document.body) return null;"
            " const box = at.getBoundingClientRect(); at.dataset.reached = 'yes';"
            " return [getComputedStyle(at).outlineStyle !== 'none', box.width > 0]; })()"
        )
        if place is None:
            break
        reached.add(tuple(place))
    assert reached == {(True, True)}
    left = "button, a[href], select, input, summary"
    missing = f"[...document.querySelectorAll('main :is({left})')].filter((one) => one.checkVisibility() && !one.dataset.reached)"
    assert item_window.evaluate(f"{missing}.map((one) => one.outerHTML.slice(0, 120))") == []


@pytest.fixture
def serving(item_page_of: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The page over loopback, and the requests that it makes; the second is refused."""
    taken: list[dict[str, Any]] = []

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = folder / self.path.lstrip("/")
            self.send_response(200 if place.is_file() else 404)
            self.send_header("Content-Type", "text/javascript" if place.suffix == ".js" else "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(place.read_bytes() if place.is_file() else b"")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append({"body": body, "told": self.headers["Authorization"]})
            self.send_response(200 if len(taken) == 1 else 409)
            self.end_headers()
            self.wfile.write(json.dumps({} if len(taken) == 1 else {"problem": "the log has grown"}).encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            """A test needs no log."""

    folder = item_page_of(serve={"url": "/decisions", "token": "t0ken"}).parent
    server = HTTPServer(("127.0.0.1", 0), Desk)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html", taken
    server.shutdown()
    server.server_close()


def test_a_served_page_saves_at_once_and_tells_a_refusal(chromium: Any, serving: Any) -> None:
    address, taken = serving
    page = chromium.new_page()
    page.goto(address)
    begin(page, "Approve")
    add(page)
    page.fill("[name=by]", "Ada Berg")
    page.click("#save")
    page.get_by_text("Saved in the log of the item.").first.wait_for()
    assert taken[0]["told"] == "Bearer t0ken"
    assert taken[0]["body"]["decisions"] == [{"kind": "treatment approved", "reason": REASON}]
    assert page.evaluate("HERITAGE.decisions.list()") == []
    begin(page, "Send back")
    add(page)
    page.click("#save")
    page.get_by_text("Not saved: the log has grown").first.wait_for()
    assert len(page.evaluate("HERITAGE.decisions.list()")) == 1
    page.close()
