"""The rules of axe-core (WCAG 2.2 AA and its good practice) on both pages, in both brightnesses and all languages."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from restoration.texts import languages

OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
THEMES = ("dark", "light")


def violations(window: Any) -> list[str]:
    """What axe finds, one line a rule, with the first place of each."""
    found = Axe().run(window, options=OPTIONS).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}" for one in found]


def everywhere(window: Any) -> dict[str, list[str]]:
    found = {}
    for theme in THEMES:
        window.select_option("#theme", theme)
        for language in languages():
            window.select_option("#language", language)
            found[f"{theme} {language}"] = violations(window)
    return {place: rules for place, rules in found.items() if rules}


def test_the_batch_page(batch_window: Any) -> None:
    batch_window.fill("#search", "no. 1")
    assert everywhere(batch_window) == {}


def test_the_item_page_with_everything_open(item_window: Any) -> None:
    for summary in item_window.locator("summary").all():
        summary.click()
    item_window.get_by_role("button", name="Unfit for a voice model: segment 2").click()
    item_window.fill("form.decision [name=reason]", "Laughter")
    item_window.locator("form.decision [type=submit]").click()
    item_window.locator("#decide").get_by_role("button", name="Region to repair").click()
    item_window.locator("form.decision [type=submit]").click()
    assert everywhere(item_window) == {}


@pytest.mark.parametrize("page", ["batch_window", "item_window"])
def test_a_narrow_screen(page: str, request: pytest.FixtureRequest) -> None:
    window = request.getfixturevalue(page)
    window.set_viewport_size({"width": 390, "height": 844})
    assert violations(window) == []


def test_axe_sees_what_is_wrong(batch_window: Any) -> None:
    batch_window.evaluate(
        "document.getElementById('search').closest('label').replaceWith(document.getElementById('search'))"
    )
    batch_window.evaluate("document.getElementById('search').removeAttribute('placeholder')")
    assert any(rule.startswith("label:") for rule in violations(batch_window))
