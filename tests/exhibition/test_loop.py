"""A gallery loop and the command: even loudness, playlists, cue sheets, several bags, what is refused among them."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from restoration.cli import app
from restoration.exhibition.excerpts import Ask
from restoration.exhibition.exhibition import export
from restoration.exhibition.playlist import EVEN_LU
from restoration.exhibition.request import BadRequest, Piece, pieces_of

IN_COPYRIGHT = {"rights_uri": "http://rightsstatements.org/vocab/InC/1.0/"}


def shown(pieces, wanted):
    return export(pieces, wanted, lambda _piece, _stage: None, lambda _outcome: None)


def test_tapes_of_any_level_and_width_make_an_even_loop(bag_of, wanted_of, reading):
    wide = np.repeat(reading.samples[:, : 5 * 48_000], 2, axis=0) * 0.05
    pieces = [
        Piece(bag_of("tape-1")),
        Piece(bag_of("tape-2", samples=wide)),
        Piece(bag_of("tape-3"), Ask("segment", "2")),
    ]
    wanted = wanted_of("exhibition_museum", formats=("flac", "mp3"), loop="Hall 1", gap_s=1.5)
    made = shown(pieces, wanted)
    assert made.whole, [each.detail for each in made.outcomes]
    levels = [each.loudness["loudness_lufs"] for each in made.outcomes]
    assert max(levels) - min(levels) <= EVEN_LU
    assert levels[0] == pytest.approx(-24.0, abs=0.1)
    sheet = json.loads((wanted.folder / "Hall 1.json").read_text(encoding="utf-8"))
    assert [cue["identifier"] for cue in sheet["cues"]] == ["tape-1", "tape-2", "tape-3"]
    assert sheet["loudness_spread_lu"] == pytest.approx(max(levels) - min(levels), abs=1e-3)
    assert "one constant gain" in sheet["gain_rule"]
    starts = [cue["start_s"] for cue in sheet["cues"]]
    lengths = [cue["duration_s"] for cue in sheet["cues"]]
    assert starts == pytest.approx([0.0, lengths[0] + 1.5, lengths[0] + lengths[1] + 3.0], abs=1e-5)
    with (wanted.folder / "Hall 1.csv").open(encoding="utf-8", newline="") as file:
        assert [row["start_s"] for row in csv.DictReader(file)] == [str(each) for each in starts]


def test_a_playlist_lasts_as_long_as_its_files(bag_of, wanted_of):
    wanted = wanted_of(formats=("flac", "opus"), loop="Hall", gap_s=0.5)
    shown([Piece(bag_of("tape-1"), Ask("time", "1-3")), Piece(bag_of("tape-2"))], wanted)
    for form in ("flac", "opus"):
        lines = (wanted.folder / f"Hall_{form}.m3u8").read_text(encoding="utf-8").splitlines()
        assert lines[:2] == ["#EXTM3U", "#PLAYLIST:Hall"]
        told = [float(line[8:].split(",")[0]) for line in lines if line.startswith("#EXTINF:")]
        files = [wanted.folder / line for line in lines if not line.startswith("#")]
        found = [soundfile.info(place).duration for place in files]
        assert told == pytest.approx(found, abs=0.001)
        assert [place.name for place in files][1::2] == [f"Hall_gap.{form}"] * 2
        assert {soundfile.info(place).channels for place in files} == {2}
    silence, _ = soundfile.read(wanted.folder / "Hall_gap.flac")
    assert not silence.any()


def test_one_piece_that_cannot_be_loud_makes_all_quieter(bag_of, wanted_of, reading):
    """The rule of a loop: even before loud."""
    knocked = 0.02 * np.array(reading.samples[:, : 6 * 48_000])
    knocked[:, 48_000::48_000] = 0.9
    pieces = [Piece(bag_of("tape-1")), Piece(bag_of("tape-2", samples=knocked))]
    wanted = wanted_of(formats=("flac",), loop="Hall")
    made = shown(pieces, wanted)
    assert made.whole, [each.detail for each in made.outcomes]
    levels = [each.loudness["loudness_lufs"] for each in made.outcomes]
    assert max(levels) - min(levels) <= EVEN_LU
    assert max(levels) < -24.0
    assert all(each.loudness["true_peak_dbtp"] <= -1.0 for each in made.outcomes)
    assert any("all are to be equally loud" in note for note in made.notes)
    assert [each.state for each in shown(pieces, wanted).outcomes] == ["already there"] * 2


def test_one_that_may_not_leave_stops_no_other(bag_of, wanted_of):
    made = shown([Piece(bag_of("tape-1", item=IN_COPYRIGHT)), Piece(bag_of("tape-2"))], wanted_of(loop="Hall"))
    assert [each.state for each in made.outcomes] == ["refused", "exported"]
    assert not made.whole
    assert any("lacks 1 of 2 pieces" in note for note in made.notes)


def test_excerpts_are_of_the_item_that_is_named(tmp_path):
    bags = [tmp_path / "tape-1", tmp_path / "tape-2"]
    found = pieces_of(bags, [("segment", "tape-2=3"), ("time", "tape-2=1-2"), ("text", "tape-1=a = b")])
    assert found == [
        Piece(bags[0], Ask("text", "a = b")),
        Piece(bags[1], Ask("segment", "3")),
        Piece(bags[1], Ask("time", "1-2")),
    ]
    assert pieces_of(bags, []) == [Piece(bags[0]), Piece(bags[1])]
    assert pieces_of(bags[:1], [("segment", "3")]) == [Piece(bags[0], Ask("segment", "3"))]
    with pytest.raises(BadRequest, match="of which item"):
        pieces_of(bags, [("segment", "3")])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"by": " "}, "who exports"),
        ({"language": "de"}, "labels in en, ru, uz"),
        ({"loop": "../up"}, "name of a folder"),
        ({"gap_s": 2.0}, "--loop names it"),
    ],
)
def test_what_does_not_fit_together_is_told(wanted_of, changed, told):
    with pytest.raises(BadRequest, match=told):
        wanted_of(**changed)


def test_the_command(bag_of, folder):
    bag_of("tape-1")
    bag_of("tape-2", item=IN_COPYRIGHT)
    arguments = ["export", str(folder / "bags"), "--preset", "exhibition_r128", "--format", "flac", "--by", "Ada"]
    arguments += ["--out", str(folder / "out")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 1, told.output
    assert "tape-1_exhibition_r128.flac" in told.output
    assert "is in copyright" in told.output
    told = CliRunner().invoke(app, [*arguments, "--permission", "letter of 3 May", "--json"])
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert [each["state"] for each in said["pieces"]] == ["already there", "exported"]


def test_the_command_lists_the_presets_and_says_what_it_needs():
    told = CliRunner().invoke(app, ["export", "--presets", "--json"])
    assert {each["name"] for each in json.loads(told.stdout)} >= {"web", "research_flat"}
    assert CliRunner().invoke(app, ["export"]).exit_code == 2


@pytest.mark.slow
def test_the_flow_exports_as_the_command_does(bag_of, wanted_of, folder):
    from flows import export_exhibition

    bags = [bag_of("tape-1"), bag_of("tape-2", item=IN_COPYRIGHT)]
    pieces = [Piece(bag) for bag in bags]
    made = export_exhibition.run(pieces, wanted_of(formats=("flac",), loop="Hall"))
    assert [each.state for each in made.outcomes] == ["exported", "refused"]
    assert (folder / "out" / "Hall" / "Hall.m3u8").is_file()
    again = shown(pieces, wanted_of(formats=("flac",), loop="Hall"))
    assert [each.state for each in again.outcomes] == ["already there", "refused"]
