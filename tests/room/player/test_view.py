"""The pictures: the same moment at the same place in all of them, at every zoom; selecting and painting over them."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from restoration.provenance.colour_map import colour_map

RATE = 48000
LEFT = 56


def quiet(seconds, level=0.0):
    return np.full(round(seconds * RATE), level)


@pytest.fixture
def opened(window, item):
    def open_(seconds=20, **more):
        sounds = more.pop("sounds", None) or {name: quiet(seconds) for name in ("before", "after", "removed")}
        window.goto(item(sounds, **more).as_uri())
        window.wait_for_function("HERITAGE.view.seen()?.stop_s > 0")
        return window

    return open_


def settle(page):
    page.wait_for_timeout(350)


def seen_picture(page):
    """The stage as it is seen, brightness by row and column."""
    shot = Image.open(io.BytesIO(page.locator(".stage").screenshot())).convert("L")
    return np.asarray(shot, dtype=float)


def x_of(page, s):
    seen = page.evaluate("HERITAGE.view.seen()")
    width = page.evaluate("document.querySelector('.stage').clientWidth") - LEFT
    return LEFT + (s - seen["start_s"]) / (seen["stop_s"] - seen["start_s"]) * width


def lane_of(page, kind, nth=0):
    """Top and height of a lane, as view_lanes.js lays them out for two spectrograms at 1280 px."""
    tops = {"wave": (26, 92), "spectrum": (26 + 98 + nth * 156, 150)}
    return tops[kind]


@pytest.mark.parametrize("shown", [(0, 20), (6, 9), (7.25, 7.75)])
def test_a_moment_is_at_its_place_at_every_zoom(opened, shown):
    """From tiles for the first two; from the sound itself, a click at 7.5 s, where tiles are too coarse."""
    click = quiet(20)
    click[round(7.5 * RATE)] = 0.9
    sounds = {"before": click, "after": click, "removed": click}
    page = opened(sounds=sounds, tiles={"marked_s": (7.5,)})
    page.evaluate(f"HERITAGE.view.show({shown[0]}, {shown[1]}); HERITAGE.player.seek(0)")
    settle(page)
    settle(page)
    picture = seen_picture(page)
    top, height = lane_of(page, "spectrum")
    rows = picture[top + 40 : top + height - 20, LEFT + 4 :].mean(axis=0)
    brightest = np.flatnonzero(rows > rows.max() - 0.02 * np.ptp(rows))
    assert brightest.mean() + LEFT + 4 == pytest.approx(x_of(page, 7.5), abs=3)
    wave_top, wave_height = lane_of(page, "wave")
    wave = picture[wave_top + 30 : wave_top + wave_height - 50, LEFT + 4 :].mean(axis=0)
    assert np.argmax(wave) + LEFT + 4 == pytest.approx(x_of(page, 7.5), abs=3)


def test_the_colours_are_those_of_the_report(opened):
    page = opened(seconds=2)
    assert page.evaluate("HERITAGE.viewParts.colours()") == colour_map(192).tolist()


def test_a_fine_picture_shows_a_tone_at_its_level_and_frequency(opened):
    """A sine of −40 dBFS at 3 kHz, as the tiles define a level: the power of its peak."""
    tone = 0.01 * np.sin(2 * np.pi * 3000 * np.arange(4 * RATE) / RATE)
    page = opened(sounds={"before": tone, "after": tone, "removed": tone})
    column = page.evaluate(
        """(async () => { const pieces = HERITAGE.player.pieces();
        for (let n = 0; n < 4; n += 1) await pieces.get("after", n);
        const fine = HERITAGE.viewParts.fine(HERITAGE.item, pieces, () => undefined);
        const canvas = fine.make("after", 200, 1);
        return [...canvas.getContext("2d").getImageData(128, 0, 1, 256).data]; })()"""
    )
    colours = np.array(column).reshape(-1, 4)[:, :3]
    levels = [int(np.argmin(np.abs(colour_map(192).astype(int) - colour).sum(axis=1))) for colour in colours]
    row = int(np.argmax(levels))
    assert 8000 * (256 - row - 0.5) / 256 == pytest.approx(3000, abs=60)
    assert -100 + 80 * levels[row] / 191 == pytest.approx(-40, abs=1.5)


def test_a_drag_selects_time_and_frequency(opened):
    page = opened()
    page.evaluate("window.told = []; HERITAGE.bus.addEventListener('selected', (e) => told.push(e.detail))")
    box = page.locator(".stage").bounding_box()
    top, height = lane_of(page, "spectrum")
    one, other = (x_of(page, 4), top + 0.25 * height), (x_of(page, 8), top + 0.75 * height)
    page.mouse.move(box["x"] + one[0], box["y"] + one[1])
    page.mouse.down()
    page.mouse.move(box["x"] + other[0], box["y"] + other[1], steps=5)
    page.mouse.up()
    selection = page.evaluate("HERITAGE.view.selection()")
    assert (selection["start_s"], selection["stop_s"]) == pytest.approx((4, 8), abs=0.03)
    assert (selection["low_hz"], selection["high_hz"]) == pytest.approx((2000, 6000), abs=60)
    assert page.evaluate("told") == [selection]
    assert float(page.get_by_label("Start").input_value()) == pytest.approx(4, abs=0.03)


def test_a_click_goes_there_and_a_drag_on_the_axis_pans(opened):
    page = opened()
    box = page.locator(".stage").bounding_box()
    page.mouse.click(box["x"] + x_of(page, 12), box["y"] + 60)
    assert page.evaluate("HERITAGE.player.position()") == pytest.approx(12, abs=0.03)
    page.evaluate("HERITAGE.view.show(5, 10)")
    page.mouse.move(box["x"] + 600, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 8, steps=4)
    page.mouse.up()
    assert page.evaluate("HERITAGE.view.seen().start_s") > 5.5
    before = page.evaluate("HERITAGE.view.seen()")
    page.mouse.move(box["x"] + 700, box["y"] + 60)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -240)
    page.keyboard.up("Control")
    page.wait_for_function(f"HERITAGE.view.seen().start_s > {before['start_s']}")
    after = page.evaluate("HERITAGE.view.seen()")
    assert after["stop_s"] - after["start_s"] == pytest.approx((before["stop_s"] - before["start_s"]) / 2, rel=0.02)


def test_fields_select_without_a_mouse_and_refuse_what_is_nothing(opened):
    page = opened()
    for name, value in (("Start", "2"), ("Stop", "3.5"), ("Lowest", "500"), ("Highest", "1500")):
        page.get_by_label(name).fill(value)
        page.get_by_label(name).press("Enter")
    expected = {"start_s": 2, "stop_s": 3.5, "low_hz": 500, "high_hz": 1500}
    assert page.evaluate("HERITAGE.view.selection()") == expected
    page.evaluate("HERITAGE.view.select({ start_s: 99, stop_s: 120 })")
    assert page.evaluate("HERITAGE.view.selection()") is None


def mask_of(page):
    mask = page.evaluate("HERITAGE.view.mask()")
    return mask, np.asarray(Image.open(io.BytesIO(base64.b64decode(mask["mask"]))).convert("L")) > 127


def test_the_selection_becomes_a_mask_to_the_cell(opened):
    page = opened()
    page.evaluate("HERITAGE.view.select({ start_s: 3, stop_s: 3.5, low_hz: 1000, high_hz: 3000 })")
    page.get_by_role("button", name="Add to the painting").click()
    mask, picture = mask_of(page)
    assert {edge: mask[edge] for edge in ("start_s", "stop_s", "low_hz", "high_hz")} == pytest.approx(
        {"start_s": 3, "stop_s": 3.5, "low_hz": 1000, "high_hz": 3000}, abs=8000 / 256
    )
    assert picture.shape == (64, 100)
    assert picture.all()


def test_a_brush_paints_where_it_goes_erases_and_is_undone(opened):
    page = opened()
    page.evaluate(
        "HERITAGE.view.show(0, 10); window.told = 0; HERITAGE.bus.addEventListener('painted', () => (told += 1))"
    )
    page.get_by_role("button", name="Paint", exact=True).click()
    box = page.locator(".stage").bounding_box()
    top, height = lane_of(page, "spectrum", 1)

    def stroke(start, stop, share):
        page.mouse.move(box["x"] + x_of(page, start), box["y"] + top + share * height)
        page.mouse.down()
        page.mouse.move(box["x"] + x_of(page, stop), box["y"] + top + share * height, steps=3)
        page.mouse.up()

    stroke(2, 6, 0.5)
    mask, picture = mask_of(page)
    radius_s = 8 / ((1248 - LEFT) / 10)
    assert (mask["start_s"], mask["stop_s"]) == pytest.approx((2 - radius_s, 6 + radius_s), abs=0.03)
    assert (mask["low_hz"] + mask["high_hz"]) / 2 == pytest.approx(4000, abs=60)
    middle = picture[picture.shape[0] // 2]
    assert middle.mean() > 0.99, "a stroke has no holes"
    page.get_by_role("button", name="Erase").click()
    stroke(3.5, 4.5, 0.5)
    _, erased = mask_of(page)
    assert not erased[erased.shape[0] // 2, erased.shape[1] // 2]
    page.get_by_role("button", name="Undo").click()
    assert np.array_equal(mask_of(page)[1], picture)
    page.get_by_role("button", name="Clear painting").click()
    assert page.evaluate("HERITAGE.view.mask()") is None
    assert page.evaluate("told") == 4


def test_the_pictures_follow_the_sound(opened):
    page = opened()
    page.evaluate("HERITAGE.view.show(0, 2); HERITAGE.player.seek(1.8); HERITAGE.player.play()")
    page.wait_for_function("HERITAGE.player.position() > 2.6")
    seen = page.evaluate("[HERITAGE.view.seen().start_s, HERITAGE.player.position()]")
    assert seen[0] < seen[1] < seen[0] + 2
    assert seen[0] > 0.5


def test_where_motion_is_not_wanted_pages_turn_instead(opened):
    page = opened()
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("HERITAGE.view.show(0, 2); HERITAGE.player.seek(1.2); HERITAGE.player.play()")
    page.wait_for_function("HERITAGE.player.position() > 1.7")
    assert page.evaluate("HERITAGE.view.seen().start_s") == 0
    page.wait_for_function("HERITAGE.player.position() > 2.2")
    assert page.evaluate("HERITAGE.view.seen().start_s") > 1.5


@pytest.mark.slow
def test_of_a_tape_of_two_hours_only_what_is_in_sight_is_fetched(window, item):
    """Tiles are asked for where somebody looks, and a bounded number is kept, however far one scrolls."""
    asked = set()
    window.on("request", lambda request: asked.add(request.url) if "/tiles/" in request.url else None)
    levels = ((25.0, 1024), (3.125, 1024), (0.390625, 1024))
    path = item({name: quiet(2) for name in ("before", "after", "removed")}, tiles={"levels": ((100.0, 1024),)})
    folder = path.parent
    text = (folder / "item.js").read_text(encoding="utf-8")
    facts = json.loads(text[text.index("{") : text.rindex("}") + 1])
    tile = (folder / "tiles" / "after" / "0-00000.png").read_bytes()
    facts["tiles"]["levels"] = []
    for level, (px_per_s, tile_px) in enumerate(levels):
        tiles = -(-round(7200 * px_per_s) // tile_px)
        facts["tiles"]["levels"].append({"px_per_s": px_per_s, "tile_px": tile_px, "tiles": tiles})
        for name in facts["tiles"]["pictures"]:
            for number in range(tiles):
                (folder / "tiles" / name / f"{level}-{number:05}.png").write_bytes(tile)
    facts["duration_s"] = 7200
    (folder / "item.js").write_text(f"window.HERITAGE_ITEM = {json.dumps(facts)};")
    window.goto(path.as_uri())
    settle(window)
    assert 0 < len(asked) < 40
    window.evaluate("HERITAGE.view.show(3600, 3640)")
    settle(window)
    assert len(asked) < 80
    frames = window.evaluate(
        """(async () => { const took = []; let last = performance.now();
        for (let s = 0; s < 7000; s += 50) { HERITAGE.view.show(s, s + 40);
          await new Promise(requestAnimationFrame); const now = performance.now(); took.push(now - last); last = now; }
        return took.sort((a, b) => a - b); })()"""
    )
    assert frames[len(frames) // 2] < 50, "half of all frames come sooner than 50 ms"
