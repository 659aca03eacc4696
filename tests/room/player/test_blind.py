"""Blind tests: what is hidden stays hidden, chance is fair, and the tally says what was answered."""

import re
from math import comb

import pytest

PANEL = ".player .blind"


@pytest.fixture
def opened(listener, item, noise):
    listener.open(item({name: noise(4, seed) for seed, name in enumerate(("before", "after", "removed"))}))
    return listener


def answer_all(listener, right, trials=8):
    """Answer with what X is, read out of the sound: the page itself does not tell."""
    listener.js(f'HERITAGE.player.blind.start({{ mode: "abx", trials: {trials} }})')
    for trial in range(trials):
        found = listener.js(
            """(() => { const heard = []; const choose = HERITAGE.playerParts.hearSecretly;
            HERITAGE.playerParts.hearSecretly = (name) => heard.push(name);
            for (const letter of "ABX") HERITAGE.player.blind.hear(letter);
            HERITAGE.playerParts.hearSecretly = choose; return heard; })()"""
        )
        letter = "A" if (found[2] == found[0]) == (trial < right) else "B"
        listener.js(f'HERITAGE.player.blind.answer("{letter}")')
    return listener.js("HERITAGE.player.tally()")[-1]


@pytest.mark.parametrize(
    ("right", "words"), [(8, "very unlikely"), (7, "unlikely to be"), (4, "no better than guessing")]
)
def test_the_tally_says_how_likely_it_is_to_be_guessing(opened, right, words):
    tally = answer_all(opened, right)
    assert tally["right"] == right
    assert tally["p"] == pytest.approx(sum(comb(8, k) for k in range(right, 9)) / 2**8)
    assert f"{right} of 8 right" in tally["sentence"]
    assert words in tally["sentence"]


def test_while_a_test_runs_nothing_tells_the_names(opened):
    opened.js("""window.told = []; for (const type of ["chosen", "switched"])
        HERITAGE.bus.addEventListener(type, ({ detail }) => told.push(detail));
        HERITAGE.player.blind.start();""")
    opened.js('for (const letter of "AXBXA") HERITAGE.player.blind.hear(letter)')
    assert opened.js("HERITAGE.player.chosen") is None
    assert opened.js("told") == []
    opened.js('HERITAGE.player.choose("removed")')
    assert opened.js("JSON.stringify(HERITAGE.playerParts.blind.state())").count("before") == 0
    assert not opened.page.locator(".player .sounds").is_visible()
    assert not re.search(r"\b(Before|After|Removed)\b", opened.page.locator(PANEL).inner_text())
    opened.js("HERITAGE.player.blind.stop()")
    assert opened.js("HERITAGE.player.chosen") == "after"


def test_what_x_is_and_what_a_is_are_dealt_by_chance(opened):
    """Of 64 deals each, all alike would be a chance of 1 in 2**63."""
    xs, firsts = opened.js(
        """(() => { const [xs, firsts] = [[], []]; const secretly = HERITAGE.playerParts.hearSecretly;
        for (let k = 0; k < 64; k += 1) {
          let heard = []; HERITAGE.playerParts.hearSecretly = (name) => heard.push(name);
          HERITAGE.player.blind.start(); HERITAGE.player.blind.hear("X"); firsts.push(heard[0]); xs.push(heard[1]);
          HERITAGE.player.blind.stop();
        }
        HERITAGE.playerParts.hearSecretly = secretly; return [xs, firsts]; })()"""
    )
    assert set(xs) == set(firsts) == {"before", "after"}
    assert xs != firsts


def test_a_preference_is_counted_for_after_and_told_both_ways(opened):
    opened.js('HERITAGE.player.blind.start({ mode: "preference", trials: 8 })')
    for _ in range(8):
        first = opened.js(
            """(() => { const secretly = HERITAGE.playerParts.hearSecretly; let heard;
            HERITAGE.playerParts.hearSecretly = (name) => (heard = name); HERITAGE.player.blind.hear("A");
            HERITAGE.playerParts.hearSecretly = secretly; return heard; })()"""
        )
        opened.js(f'HERITAGE.player.blind.answer("{"A" if first == "after" else "B"}")')
    (tally,) = opened.js("HERITAGE.player.tally()")
    assert (tally["after"], tally["done"]) == (8, 8)
    assert tally["p"] == pytest.approx(2 / 2**8)
    assert "8 of 8" in tally["sentence"]


def test_a_test_by_mouse_and_by_keys_ended_early_says_so(opened):
    page = opened.page
    page.get_by_role("button", name="Blind test").click()
    page.get_by_role("button", name="Which one is X?").click()
    assert page.locator(PANEL).get_by_text("Trial 1 of 8").is_visible()
    page.keyboard.press("3")
    assert page.get_by_role("button", name="Hear X").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="X is A").click()
    assert page.locator(PANEL).get_by_text("Trial 2 of 8").is_visible()
    page.get_by_role("button", name="End the test").click()
    told = page.locator(".player .tallies li").inner_text()
    assert "of 1 right" in told
    assert "ended before its 8 trials" in told
    opened.js('HERITAGE.setLanguage("ru")')
    assert "A/B/X: верно" in page.locator(".player .tallies li").inner_text()
