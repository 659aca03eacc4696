"""The picture shows what became of each phrase, and the tables read well in 80 columns."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from restoration.voice.channel import channel_score
from restoration.voice.choosing_material import Proposed
from restoration.voice.held_out import Split
from restoration.voice.material import Material, Piece, Source
from restoration.voice.material_picture import COLOURS, Bar, bars_of, draw_material, seconds_by_fate
from restoration.voice.material_table import clock, item_table, phrase_tables


@pytest.fixture
def material():
    sound = (0.1 * np.random.default_rng(1).standard_normal(70 * 16000)).astype(np.float32)
    source = Source("tape", Path("a.wav"), "f" * 64, sound, restored=True, channel=channel_score(sound[:80000]))
    times = [(0.0, 10.0), (20.0, 30.0), (40.0, 50.0), (58.0, 64.0)]
    return Material(tuple(Piece("tape", *time, source.cut(*time), "f" * 64, "speaker 1") for time in times), (source,))


@pytest.fixture
def proposed(material):
    pieces = material.pieces
    return [Proposed(piece, piece is not pieces[2], "noisy: only 4 dB", 0.9, 30.0, 0.0) for piece in pieces]


def colours_in(path):
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    wanted = {fate: [int(code[at : at + 2], 16) for at in (1, 3, 5)] for fate, code in COLOURS.items()}
    return {fate: int((np.abs(pixels - np.array(rgb)).max(axis=1) <= 2).sum()) for fate, rgb in wanted.items()}


def test_each_fate_has_as_much_colour_as_time(material, proposed, tmp_path):
    elsewhere = [Bar("another tape", 0, 10, fate) for fate in ("approved", "held out", "refused")]
    only_approved = draw_material(material, [Bar("tape", 0, 10, "approved"), *elsewhere], tmp_path / "one.png")
    legend = colours_in(draw_material(material, elsewhere, tmp_path / "none.png"))
    split = Split(material.only(material.pieces[:1]), material.only(material.pieces[3:]))
    every = colours_in(draw_material(material, bars_of(proposed, split), tmp_path / "all.png"))
    ten_s = colours_in(only_approved)["approved"] - legend["approved"]
    assert ten_s > 500
    assert every["approved"] - legend["approved"] == pytest.approx(ten_s, rel=0.05)
    assert every["refused"] - legend["refused"] == pytest.approx(2 * ten_s, rel=0.05)
    # Six seconds that go over the end of a line.
    assert every["held out"] - legend["held out"] == pytest.approx(0.6 * ten_s, rel=0.05)


def test_the_same_picture_each_time(material, proposed, tmp_path):
    one, other = (draw_material(material, bars_of(proposed), tmp_path / name) for name in ("1.png", "2.png"))
    assert one.read_bytes() == other.read_bytes()
    assert seconds_by_fate(bars_of(proposed)) == {"proposed": 26.0, "refused": 10.0}


def test_the_tables_say_what_and_why_in_eighty_columns(material, proposed):
    text = io.StringIO()
    console = Console(file=text, width=80)
    console.print(item_table(material))
    console.print(phrase_tables(proposed))
    shown = text.getvalue()
    assert "3 of 4 phrases are proposed: 26.0 of 36.0 s" in shown
    assert "1:04.0" in shown
    (row,) = [line for line in shown.splitlines() if "0:40.0" in line]
    assert "no" in row
    assert "noisy" in row
    assert shown.count("noisy") == 1
    assert [line.strip() for line in shown.splitlines() if "Phrases of" in line] == ["Phrases of tape"]


def test_clock():
    assert [clock(seconds) for seconds in (0.0, 59.96, 61.24)] == ["0:00.0", "1:00.0", "1:01.2"]
