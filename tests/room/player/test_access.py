"""The player and the pictures for everybody: axe, small screens, targets, languages, words for what is seen."""

import numpy as np
import pytest

RATE = 48000
SEGMENTS = [
    {"number": 1, "start_s": 1.0, "stop_s": 4.0, "speaker": "speaker 1", "text": "Good evening"},
    {"number": 2, "start_s": 5.0, "stop_s": 9.0, "speaker": "speaker 2", "text": ""},
]


@pytest.fixture
def opened(window, item):
    sound = 0.1 * np.ones(20 * RATE)
    path = item({"before": sound, "after": sound, "removed": sound}, segments=SEGMENTS)

    def open_(width=1280):
        window.set_viewport_size({"width": width, "height": 844})
        window.goto(path.as_uri())
        window.wait_for_function("HERITAGE.view.seen()?.stop_s > 0")
        return window

    return open_


@pytest.mark.parametrize(("width", "theme"), [(1280, ""), (390, "light")])
def test_axe_finds_nothing(opened, width, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(width)
    page.evaluate(f"document.documentElement.className = '{theme}'")
    page.evaluate("HERITAGE.view.marks([{ start_s: 2, stop_s: 3, kind: 'unfit', label: 'unfit' }])")
    page.evaluate("HERITAGE.view.select({ start_s: 1, stop_s: 2 }); HERITAGE.view.paint(true)")
    page.get_by_role("button", name="Add to the painting").click()
    page.get_by_role("button", name="Blind test").click()
    page.wait_for_timeout(400)
    states = ["0", "HERITAGE.player.blind.start()", "HERITAGE.player.blind.stop(), HERITAGE.playerParts.showKeys()"]
    for state in states:
        page.evaluate(state)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()


def test_a_telephone_shows_everything_without_scrolling_sideways(opened):
    page = opened(390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Blind test").click()
    page.evaluate("HERITAGE.view.paint(true); HERITAGE.setLanguage('ru')")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.evaluate("HERITAGE.setLanguage('uz')")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_every_target_is_large_enough(opened):
    page = opened(390)
    small = page.evaluate(
        """[...document.querySelectorAll("button, input, select")].map((one) => [one.getBoundingClientRect(), one])
        .filter(([box]) => box.width && (box.width < 24 || box.height < 24)).map(([, one]) => one.outerHTML)"""
    )
    assert small == []


def test_everything_changes_with_the_language(opened):
    page = opened()
    english = page.locator("main").inner_text()
    for language in ("ru", "uz"):
        page.evaluate(f"HERITAGE.setLanguage('{language}')")
        page.wait_for_timeout(300)
        kept = set(page.locator("main").inner_text().split("\n")) & set(english.split("\n"))
        assert {line for line in kept if any(map(str.isalpha, line))} <= {"s", "Hz", "Item", "−100 dB", "−20 dB"}


def test_words_tell_what_is_seen(opened):
    page = opened()
    page.evaluate("HERITAGE.player.pieces().get('after', 2)")
    page.evaluate("HERITAGE.view.show(0, 4.5); HERITAGE.player.seek(2.5)")
    page.wait_for_timeout(500)
    told = page.locator("#view-seen").inner_text()
    assert "In sight: Before, After, 0:00.0 to 0:04.5 of 0:20.0, 0 to 8.0 kHz." in told
    assert "1 segment: speaker 1." in told
    assert "After −20 dB" in told


def test_the_running_position_is_not_read_out(opened):
    """A live region that changed thirty times a second would make a screen reader useless."""
    page = opened()
    page.evaluate(
        """window.spoken = 0; new MutationObserver((changes) => (spoken += changes.length)).observe(
        document.querySelector(".player .status"), { childList: true, characterData: true, subtree: true });
        HERITAGE.player.play();"""
    )
    page.wait_for_function("HERITAGE.player.position() > 0.7")
    assert 0 < page.evaluate("spoken") <= 3
