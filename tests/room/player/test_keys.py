"""The keyboard does everything, but not while somebody types, and not where keys are switched off."""

import pytest


@pytest.fixture
def opened(listener, item, noise):
    listener.open(item({name: noise(30, seed) for seed, name in enumerate(("before", "after", "removed"))}))
    return listener


def position(listener):
    return listener.js("HERITAGE.player.position()")


def test_keys_move_choose_and_play(opened):
    press = opened.page.keyboard.press
    for key, place in (("ArrowRight", 1), ("Shift+ArrowRight", 6), ("ArrowLeft", 5), ("End", 30), ("Home", 0)):
        press(key)
        assert position(opened) == place, key
    for key, name in (("1", "before"), ("3", "removed"), ("2", "after")):
        press(key)
        assert opened.js("HERITAGE.player.chosen") == name
    press("Space")
    opened.page.wait_for_function("HERITAGE.player.playing")
    press("k")
    opened.page.wait_for_function("!HERITAGE.player.playing")


def test_keys_select_and_loop(opened):
    press = opened.page.keyboard.press
    press("l")
    assert "Select a region" in opened.page.locator(".player .status").inner_text()
    opened.js("HERITAGE.player.seek(3)")
    press("[")
    opened.js("HERITAGE.player.seek(5)")
    press("]")
    selection = opened.js("HERITAGE.view.selection()")
    assert (selection["start_s"], selection["stop_s"]) == (3, 5)
    opened.page.locator(".stage").focus()
    press("ArrowDown")
    press("Shift+ArrowUp")
    changed = opened.js("HERITAGE.view.selection()")
    assert changed["high_hz"] < selection["high_hz"]
    assert changed["low_hz"] > 0
    press("l")
    assert opened.js("HERITAGE.player.looped") == {"start_s": 3, "stop_s": 5}
    press("l")
    assert opened.js("HERITAGE.player.looped") is None


def test_keys_do_nothing_while_somebody_types(opened):
    opened.page.get_by_label("Start").click()
    for key in ("1", "l", "End", "Space", "ArrowRight", "?"):
        opened.page.keyboard.press(key)
    assert position(opened) == 0
    assert opened.js("HERITAGE.player.chosen") == "after"
    assert not opened.js("HERITAGE.player.playing")
    assert not opened.page.get_by_role("dialog").is_visible()


def test_keys_with_control_are_left_to_the_browser(opened):
    opened.page.keyboard.press("Control+1")
    assert opened.js("HERITAGE.player.chosen") == "after"


def test_the_help_tells_the_keys_and_switches_them_off(opened):
    page = opened.page
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    assert "Back or on by 1 s" in dialog.inner_text()
    dialog.get_by_label("These keys are on").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("1")
    assert opened.js("HERITAGE.player.chosen") == "after"
    page.reload()
    page.keyboard.press("1")
    assert opened.js("HERITAGE.player.chosen") == "after"
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("These keys are on").check()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    assert opened.js("HERITAGE.player.chosen") == "before"


def test_every_key_of_the_table_is_printed(opened):
    opened.page.keyboard.press("?")
    printed = opened.page.locator(".keys-dialog dt kbd").all_inner_texts()
    assert {"Space", "1", "2", "3", "←", "→", "Home", "End", "L", "[", "]", "↑", "↓", "+", "?"} <= set(printed)
