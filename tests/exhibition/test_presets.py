"""Presets: what ships, what is refused, and that a mistake is told with the nearest name."""

from __future__ import annotations

import pytest

from restoration.exhibition.preset import BadPreset, checked_formats, load_preset, parse_preset, preset_names

LOUD = {"target_lufs": -20.0}
WHOLE = {"purpose": "Try.", "loudness": LOUD, "sound": {}, "chain": {"name": "clean"}}


def test_what_ships_aims_at_what_it_is_named_for():
    aims = {name: load_preset(name).loudness for name in preset_names()}
    assert {name: (aim.target_lufs, aim.max_true_peak_dbtp) for name, aim in aims.items() if aim} == {
        "broadcast": (-23.0, -1.0),
        "exhibition_museum": (-24.0, -2.0),
        "exhibition_r128": (-23.0, -1.0),
        "web": (-16.0, -1.0),
    }
    flat = load_preset("research_flat")
    assert (flat.loudness, flat.sound, flat.chain, flat.fades.in_ms, flat.fades.out_ms) == (None, None, None, 0.0, 0.0)


def test_the_digest_is_of_the_content(tmp_path):
    place = tmp_path / "web.toml"
    from restoration.exhibition.preset import PRESETS

    text = (PRESETS / "web.toml").read_text(encoding="utf-8")
    place.write_text(text, encoding="utf-8")
    assert load_preset(str(place)).digest == load_preset("web").digest
    place.write_text(text.replace("-16.0", "-18.0"), encoding="utf-8")
    assert load_preset(str(place)).digest != load_preset("web").digest


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"loudnes": LOUD}, "did you mean 'loudness'"),
        ({"loudness": {"target_luf": -20.0}}, "did you mean 'target_lufs'"),
        ({"loudness": {"target_lufs": -3.0}}, "from -40 to -9"),
        ({"chain": {"name": "x", "compressor_ratio": 20.0}}, "compressor_ratio is from 1 to 4"),
        ({"chain": {"name": "x", "highpass_hz": 2.0}}, "highpass_hz is from 10 to 400"),
        ({"formats": ["flak"]}, "did you mean 'flac'"),
        ({"formats": "bwf"}, "formats is a list"),
        ({"audience": "everyone"}, "audience"),
        ({"purpose": " "}, "says what it is for"),
    ],
)
def test_a_mistake_is_told(changed, told):
    with pytest.raises(BadPreset, match=told):
        parse_preset({**WHOLE, **changed}, "mine", "mine.toml")


def test_untouched_is_untouched_in_everything():
    with pytest.raises(BadPreset, match=r"no \[chain\]"):
        parse_preset({"purpose": "Flat.", "chain": {"name": "clean"}}, "mine", "mine.toml")
    with pytest.raises(BadPreset, match="opus changes them"):
        parse_preset({"purpose": "Flat.", "formats": ["opus"]}, "mine", "mine.toml")
    with pytest.raises(BadPreset, match=r"has a \[chain\] as well"):
        parse_preset({"purpose": "Loud.", "loudness": LOUD, "sound": {}}, "mine", "mine.toml")


def test_a_name_that_is_not_there_gives_the_nearest():
    with pytest.raises(BadPreset, match="did you mean 'exhibition_museum'"):
        load_preset("exhibition_musem")


def test_aac_is_refused_with_the_reason():
    with pytest.raises(BadPreset, match="libsndfile, which encodes here, has no encoder of it"):
        checked_formats(["AAC"])
    assert checked_formats(["FLAC", "flac", "mp3"]) == ("flac", "mp3")
