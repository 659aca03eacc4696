"""The files of a map: what was written is read, any program opens them, and they are exact about their axes."""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from restoration.audio import Writer
from restoration.errors import BadBag
from restoration.sound_map import pages
from restoration.sound_map.compare import ITEM_PLANES, as_audio, planes_of
from restoration.sound_map.grid import Grid

RATE = 16_000
BANDS = Grid(RATE).bands


@pytest.fixture
def written(tmp_path, recording_of, monkeypatch):
    """Random planes over three pages of a hundred columns, the last of them short, and the index."""
    monkeypatch.setattr(pages, "PAGE_COLUMNS", 100)
    planes = np.random.default_rng(1).uniform(0, 1, (3, BANDS, 230)).astype(np.float32)
    with Writer(tmp_path / "map") as writer:
        writer.write(as_audio(planes))
    restored = recording_of(np.zeros(round(11.5 * RATE)), RATE)
    axes = pages.axes_of(restored)
    names = [f"tape_map-{page + 1:02}.png" for page in range(pages.pages_of(writer.recording))]
    for page, name in enumerate(names):
        pages.write_page(writer.recording, page, axes, tmp_path / name)
    index = tmp_path / "tape_map.json"
    index.write_text(pages.index_text(axes, names), encoding="utf-8")
    return planes, index


def test_what_was_written_is_read(written):
    planes, index = written
    found = pages.read_map(index)
    assert np.abs(np.stack([found.generated, found.removed, found.confidence]) - planes).max() <= 0.5 / 255 + 1e-6
    assert found.centres_hz == tuple(round(centre, 2) for centre in Grid(RATE).centres_hz)
    assert found.seconds_per_column == 0.05
    assert [page.start_s for page in pages.read_pages(index)] == [0.0, 5.0, 10.0]


def test_a_page_is_read_by_a_decoder_that_knows_only_png(written):
    """Eight bits of grey, one pixel a cell; the axes stand in a tEXt chunk."""
    planes, index = written
    chunks, content = {}, (index.parent / "tape_map-03.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        chunks.setdefault(content[at + 4 : at + 8], []).append(content[at + 8 : at + 8 + size])
        at += 12 + size
    assert struct.unpack(">IIBB", chunks[b"IHDR"][0][:10]) == (30, 3 * BANDS, 8, 0)
    texts = dict(text.split(b"\0", 1) for text in chunks[b"tEXt"])
    axes = json.loads(texts[b"Map-Axes"])
    assert axes["start_s"] == 10.0
    assert axes["value"] == "pixel / 255"
    assert len(axes["band_edges_hz"]) == BANDS + 1
    rows = zlib.decompress(b"".join(chunks[b"IDAT"]))
    assert len(rows) == 3 * BANDS * (30 + 1)
    assert planes.shape[2] == 230


def test_frequency_runs_upwards_and_the_generated_plane_is_above(tmp_path, recording_of):
    planes = np.zeros((3, BANDS, 4), dtype=np.float32)
    planes[0, 0], planes[1, -1], planes[2, 0] = 1.0, 0.5, 0.2
    with Writer(tmp_path / "map") as writer:
        writer.write(as_audio(planes))
    pages.write_page(writer.recording, 0, pages.axes_of(recording_of(np.zeros(3_200), RATE)), tmp_path / "page.png")
    pixels = np.asarray(Image.open(tmp_path / "page.png"))
    assert (pixels[BANDS - 1] == 255).all()
    assert (pixels[BANDS] == 128).all()
    assert (pixels[3 * BANDS - 1] == 51).all()
    assert pixels.sum() == 4 * (255 + 128 + 51)


def test_the_same_map_gives_the_same_file(written, recording_of):
    """So that a run that was killed can write its pages again."""
    _, index = written
    first = (index.parent / "tape_map-01.png").read_bytes()
    again = pages.as_recording(index, index.parent / "again")
    axes = pages.axes_of(recording_of(np.zeros(round(11.5 * RATE)), RATE))
    pages.write_page(again, 0, axes, index.parent / "again.png")
    assert (index.parent / "again.png").read_bytes() == first


def test_the_index_does_not_hang_on_the_order_in_which_things_are_told():
    assert pages.index_text({"b": {"d": 1, "c": 2}, "a": 3}, []) == pages.index_text(
        {"a": 3, "b": {"c": 2, "d": 1}}, []
    )


def test_a_map_that_was_read_can_be_drawn_again(written, tmp_path):
    planes, index = written
    again = pages.as_recording(index, tmp_path / "again")
    assert np.abs(planes_of(again, ITEM_PLANES, 0, again.frames) - planes).max() <= 0.5 / 255 + 1e-6


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"pages": ["gone.png"]}', '{"pages": []}'])
def test_what_is_no_map_is_refused(tmp_path, content):
    (tmp_path / "map.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadBag, match=r"map|pages"):
        pages.read_map(tmp_path / "map.json")


def test_two_hours_take_some_megabytes(tmp_path, recording_of):
    """Planes as restless as those of a treated reading: confidence that changes from cell to cell."""
    bands = Grid(48_000).bands
    draw = np.random.default_rng(2)
    with Writer(tmp_path / "map") as writer:
        for _ in range(4):
            sure = np.clip(draw.normal(0.3, 0.2, (bands, 36_000)), 0, 1)
            writer.write(as_audio(np.stack([np.zeros_like(sure), 1 - sure, sure]).astype(np.float32)))
    axes = pages.axes_of(recording_of(np.zeros(100), 48_000))
    assert pages.pages_of(writer.recording) == 4
    pages.write_page(writer.recording, 0, axes, tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size < 2.5e6
