"""What comes out of the loudspeaker, sample by sample: switching, seams, seeking, loops, loudness, another pace."""

import re

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

RATE = 48000
FADE = 240
LEVELS = {"before": 440, "after": 1000, "removed": 2500}


def place_of(part, whole):
    """The frame of ``whole`` at which ``part`` stands."""
    size = 1 << (len(whole) + len(part)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)
    return int(np.argmax(likeness[: len(whole)]))


def sines(seconds, level=0.3):
    time = np.arange(round(seconds * RATE)) / RATE
    return {name: level * np.sin(2 * np.pi * hz * time) for name, hz in LEVELS.items()}


def longest_silence(sound):
    runs = re.findall(b"1+", (np.abs(sound) < 1e-4).astype(np.uint8).tobytes().replace(b"\x01", b"1"))
    return max(map(len, runs), default=0) / RATE


def switch_around(listener, times=6):
    listener.js("HERITAGE.player.play()")
    listener.started()
    for name in (["before", "removed", "after"] * times)[:times]:
        listener.wait(0.25)
        listener.js(f'HERITAGE.player.choose("{name}")')
    listener.wait(0.4)
    listener.js("HERITAGE.player.pause()")
    listener.wait(0.1)
    return listener.sound()


def test_switching_between_equal_sounds_changes_no_sample(listener, item, noise):
    """The same instant, no gap, no seam: three equal sounds heard by turns are the sound itself, from end to end."""
    same = noise(6)
    listener.open(item({"before": same, "after": same, "removed": same}, piece_s=0.5))
    heard = switch_around(listener)
    inner = heard[FADE:-FADE]
    assert len(inner) > 1.5 * RATE
    start = place_of(inner[:RATE], same)
    assert np.max(np.abs(inner - same[start : start + len(inner)])) < 1e-5


def test_a_switch_makes_no_silence_and_is_heard_at_once(listener, item):
    listener.open(item(sines(6)))
    heard = switch_around(listener)
    assert longest_silence(heard) < 0.001
    told = listener.js("HERITAGE.player.switchTold()")
    assert listener.js("HERITAGE.player.switchGap()") == told["gap_ms"] < 10
    assert 0 < told["changed_ms"] < 100


def test_the_meter_tells_a_gap_where_there_is_one(listener, item):
    """A sound that is gone for 30 ms around the switch, though it should be heard."""
    listener.open(item(sines(6)))
    listener.js("HERITAGE.player.play()")
    listener.started()
    listener.wait(0.3)
    listener.js(
        """(() => { const { context, out } = HERITAGE.player.sounding(); HERITAGE.player.choose("before");
        const at = context.currentTime + 0.03;
        out.gain.setValueAtTime(0, at); out.gain.setValueAtTime(1, at + 0.03); })()"""
    )
    listener.page.wait_for_function("HERITAGE.player.switchTold()")
    assert listener.js("HERITAGE.player.switchGap()") == pytest.approx(30, abs=1.5)


def test_each_name_is_its_own_sound(listener, item):
    listener.open(item(sines(4)))
    listener.js("HERITAGE.player.play()")
    listener.started()
    for name, hz in LEVELS.items():
        listener.js(f'recorded.length = 0; HERITAGE.player.choose("{name}")')
        listener.wait(0.3)
        heard = listener.sound()[-8192:]
        strongest = np.argmax(np.abs(np.fft.rfft(heard * np.hanning(8192)))) * RATE / 8192
        assert strongest == pytest.approx(hz, abs=6), name


def test_both_are_equally_loud_and_the_removed_keeps_its_measure(listener, item, noise):
    loud, soft = noise(4), 0.5 * noise(4)
    listener.open(item({"before": loud, "after": soft, "removed": soft}, gains={"before": 20 * np.log10(0.5)}))
    listener.js("HERITAGE.player.play()")
    listener.started()
    powers = []
    for name in ("before", "after"):
        listener.js(f'HERITAGE.player.choose("{name}")')
        listener.wait(0.1)
        listener.js("recorded.length = 0")
        listener.wait(0.4)
        powers.append(np.mean(listener.sound() ** 2))
    assert 10 * np.log10(powers[0] / powers[1]) == pytest.approx(0, abs=0.3)


def test_a_sine_runs_over_the_seams_of_pieces_without_a_click(listener, item):
    """What bends faster than the sine itself does would be heard as a click."""
    listener.open(item(sines(5), piece_s=0.3))
    listener.js("HERITAGE.player.play()")
    listener.started()
    listener.wait(2)
    heard = listener.sound()[2 * FADE : -2 * FADE]
    bend = np.abs(np.diff(heard, 2))
    assert bend.max() < 0.3 * (2 * np.pi * LEVELS["after"] / RATE) ** 2 * 1.01


@pytest.mark.parametrize(("start_s", "stop_s"), [(0.61, 0.93), (0.7, 1.0), (0.95, 1.002)])
def test_a_loop_repeats_to_the_sample(listener, item, noise, start_s, stop_s):
    """Every time around is the region, after a fade of 5 ms in which its end and its beginning add up."""
    whole = noise(3)
    listener.open(item({"before": whole, "after": whole, "removed": whole}, piece_s=0.5))
    listener.js(f"HERITAGE.player.loop({{ start_s: {start_s}, stop_s: {stop_s} }}); HERITAGE.player.play()")
    listener.started()
    listener.wait(1.5)
    heard = np.concatenate([[0], listener.sound()])  # The fade begins at nothing.
    a, b = round(start_s * RATE), round(stop_s * RATE)
    length = b - a
    around = heard[length : length * (len(heard) // length)].reshape(-1, length)
    assert len(around) >= 2
    assert np.max(np.abs(around - around[0])) < 1e-5
    fade = np.arange(FADE) / FADE
    joined = whole[a : a + FADE] * fade + whole[b : b + FADE] * (1 - fade)
    assert np.max(np.abs(around[0] - np.concatenate([joined, whole[a + FADE : b]]))) < 1e-4


def test_a_loop_over_what_sounds_goes_on_from_there(listener, item, noise):
    whole = noise(4)
    listener.open(item({"before": whole, "after": whole, "removed": whole}))
    listener.js("HERITAGE.player.play()")
    listener.started()
    listener.wait(0.3)
    listener.js("HERITAGE.player.loop({ start_s: 0.1, stop_s: 3 })")
    listener.wait(0.4)
    heard = listener.sound()[FADE:]
    start = place_of(heard[: RATE // 4], whole)
    assert np.max(np.abs(heard - whole[start : start + len(heard)])) < 1e-5


def test_seeking_goes_to_the_sample_that_was_asked_for(listener, item, noise):
    whole = noise(8)
    listener.open(item({"before": whole, "after": whole, "removed": whole}, piece_s=0.5))
    listener.js("HERITAGE.player.seek(5.25)")
    assert listener.js("HERITAGE.player.position()") == 5.25
    listener.js("HERITAGE.player.play()")
    listener.started()
    listener.wait(0.2)
    heard = listener.sound()
    assert place_of(heard[FADE : FADE + 4800], whole) in range(round(5.25 * RATE), round(5.25 * RATE) + 2 * FADE)
    listener.js("HERITAGE.player.seek(2)")
    listener.wait(0.4)
    listener.js("recorded.length = 0")
    listener.wait(0.2)
    assert 2 * RATE < place_of(listener.sound(), whole) < 3 * RATE


def test_where_a_step_moved_time_the_same_moment_is_elsewhere_in_its_own_sound(listener, item, noise):
    """Before runs 1.25 s for each s of the restored axis; it sounds at its own rate, and the place is one."""
    before, after = noise(10, seed=2), noise(8, seed=3)
    listener.open(item({"before": before, "after": after, "removed": noise(8, seed=4)}, pace=1.25))
    listener.js("HERITAGE.player.seek(2); HERITAGE.player.play()")
    listener.started()
    listener.wait(0.5)
    listener.js('HERITAGE.player.choose("before")')
    listener.wait(0.6)
    listener.js('HERITAGE.player.choose("after")')
    listener.wait(0.5)
    heard = listener.sound()
    step = 1200
    places = [(place_of(heard[i : i + step], after), place_of(heard[i : i + step], before)) for i in (2400, 36000)]
    gap = 33600
    in_after, in_before = places[0][0], places[1][1]
    assert in_after == pytest.approx(2 * RATE + 2400, abs=FADE)
    turned = next(
        i
        for i in range(2400, 36000, 240)
        if not np.allclose(heard[i : i + 240], after[in_after + i - 2400 :][:240], atol=1e-4)
    )
    moment = (in_after + turned - 2400) / RATE
    assert in_before == pytest.approx((moment * 1.25) * RATE + 36000 - turned, abs=0.001 * RATE + 240)
    assert np.allclose(heard[36000 : 36000 + step], before[in_before : in_before + step], atol=1e-5)
    tail = heard[-step * 4 : -step * 3]
    back = place_of(tail, after)
    assert np.allclose(tail, after[back : back + step], atol=1e-5)
    assert gap > 0 and in_after < back < in_after + len(heard)
    assert longest_silence(heard) < 0.002


def test_the_end_is_the_end_and_playing_again_begins_again(listener, item, noise):
    listener.open(item({"before": noise(1), "after": noise(1), "removed": noise(1)}))
    listener.js("HERITAGE.player.seek(0.7); HERITAGE.player.play()")
    listener.page.wait_for_function("!HERITAGE.player.playing")
    assert listener.js("HERITAGE.player.position()") == 1
    listener.js("HERITAGE.player.play()")
    assert listener.js("HERITAGE.player.position()") < 0.5


def test_memory_holds_what_is_near_and_drops_what_is_behind(listener, item):
    """200 MB of decoded sound, of which the page holds 100 MB at most."""
    long = np.tile(np.arange(RATE) / RATE * 0.1, 345)
    listener.open(item({"before": long, "after": long, "removed": long}, piece_s=15))
    for s in range(0, 345, 15):
        listener.js(f"HERITAGE.player.seek({s})")
        listener.page.wait_for_function(f"HERITAGE.player.pieces().here('removed', {s // 15})")
    held = listener.js("HERITAGE.player.pieces().held()")
    assert held["bytes"] <= 96 * 2**20
    assert listener.js("document.querySelectorAll('head script').length") == 0


def test_a_piece_that_is_missing_is_told_and_the_rest_plays(chromium, item, noise, tmp_path):
    path = item({"before": noise(3), "after": noise(3), "removed": noise(3)})
    (tmp_path / "item" / "sound" / "before-0000.js").unlink()
    (tmp_path / "item" / "sound" / "after-0001.js").write_text('HERITAGE.piece("after", 1, "AAAA");')
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.evaluate(
        "window.told = []; HERITAGE.bus.addEventListener('problem', (e) => told.push(e.detail.text));"
        "HERITAGE.player.play()"
    )
    page.wait_for_function("told.length === 2")
    told = " ".join(page.evaluate("told"))
    assert "before-0000.js cannot be read" in told
    assert "after-0001.js is damaged" in told
    assert page.locator(".player .problem").is_visible()
    page.wait_for_function("HERITAGE.player.position() > 0.2")
    page.close()


def test_nothing_in_a_recording_of_noise_repeats_by_itself(noise):
    """The tests above find places in it."""
    windows = sliding_window_view(noise(0.1), 100)[::50]
    assert len(np.unique(windows, axis=0)) == len(windows)
