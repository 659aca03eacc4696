"""A step by itself: heard before and after, switched while it sounds, and seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from restoration.room.item_page import write_item_page
from restoration.room.write_item import write_item

STATE = (
    "() => [...document.querySelectorAll('[open] .excerpt img')].every((one) => one.complete && one.naturalWidth > 0)"
)


@pytest.fixture(scope="module")
def with_excerpts(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("excerpts") / "listening-room" / bag.name
    facts = write_item(bag, folder, excerpts=True)
    assert any(step["excerpt"] for step in facts["steps"])
    return write_item_page(folder, facts["title"], facts["report"])


def open_step(window: Any) -> Any:
    number = window.evaluate("HERITAGE.item.steps.findIndex((step) => step.excerpt)")
    row = window.locator("#step-rows > li").nth(number)
    row.locator("summary").click()
    return row


def test_before_and_after_of_a_step_are_switched_while_they_sound(window: Any, with_excerpts: Path) -> None:
    window.goto(with_excerpts.as_uri())
    row = open_step(window)
    before, after = (row.get_by_role("button", name=name) for name in ("Before this step", "After this step"))
    before.click()
    row.get_by_role("button", name="Stop").wait_for()
    assert before.get_attribute("aria-pressed") == "true"
    after.click()
    assert [each.get_attribute("aria-pressed") for each in (before, after)] == ["false", "true"]
    row.get_by_role("button", name="Stop").click()
    assert after.get_attribute("aria-pressed") == "false"
    row.locator("img").first.scroll_into_view_if_needed()
    window.wait_for_function(STATE)


def test_the_player_and_a_step_never_sound_together(window: Any, with_excerpts: Path) -> None:
    window.goto(with_excerpts.as_uri())
    row = open_step(window)
    row.get_by_role("button", name="After this step").click()
    row.get_by_role("button", name="Stop").wait_for()
    window.evaluate("HERITAGE.player.play()")
    row.get_by_role("button", name="Stop").wait_for(state="hidden")
    row.get_by_role("button", name="After this step").click()
    row.get_by_role("button", name="Stop").wait_for()
    assert window.evaluate("HERITAGE.player.playing") is False


def test_a_sound_that_is_gone_is_told(chromium: Any, with_excerpts: Path) -> None:
    page = chromium.new_page()
    page.goto(with_excerpts.as_uri())
    excerpt = page.evaluate("HERITAGE.item.steps.find((step) => step.excerpt).excerpt")
    (with_excerpts.parent / excerpt["after"]).rename(with_excerpts.parent / "gone.js")
    row = open_step(page)
    row.get_by_role("button", name="After this step").click()
    page.get_by_text(f"could not be opened: {excerpt['after']}").wait_for()
    (with_excerpts.parent / "gone.js").rename(with_excerpts.parent / excerpt["after"])
    page.close()
    assert json.loads((with_excerpts.parent / "steps" / "excerpts.json").read_text())["excerpts"]
