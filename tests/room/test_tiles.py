"""Tiles: a pixel is where and what it says, at every level, and a tape of two hours stays small."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from restoration.audio import Audio, Recording
from restoration.provenance.picture_columns import decibels, envelope_columns, level_columns
from restoration.room.heard import NAMES
from restoration.room.tile_columns import Axes, columns_of
from restoration.room.tile_drawing import DOUBTFUL_RGB, GENERATED_RGB, LevelDrawing, MaskDrawing, WaveDrawing
from restoration.room.tile_pyramid import TILE_PX, Levels, Pyramid
from restoration.room.tiles import ROWS, draw_mask, draw_sounds
from restoration.sound_map.compare import as_audio
from restoration.sound_map.pages import PAGE_COLUMNS, axes_of, index_text, write_page

RATE = 48000


@dataclass
class Sounds:
    """What is left and what was removed as arrays, over and over until ``duration_s``."""

    after: np.ndarray
    removed: np.ndarray
    duration_s: float
    sample_rate: int = RATE
    mixture: tuple[float, float] = (1.0, 1.0)

    def read(self, start, stop):
        places = np.arange(start, stop)
        inside = (places >= 0) & (places < self.duration_s * self.sample_rate)
        after, removed = (
            np.where(inside, np.take(sound, places, axis=1, mode="wrap"), 0).astype(np.float32)
            for sound in (self.after, self.removed)
        )
        left, gone = self.mixture
        return {"before": np.float32(left) * after + np.float32(gone) * removed, "after": after, "removed": removed}


@pytest.fixture(scope="module")
def sounds(reading):
    speech = reading.samples[:, : 3 * RATE + 77]
    noise = np.random.default_rng(3).normal(0, 0.01, speech.shape).astype(np.float32)
    return Sounds(speech, noise, speech.shape[1] / RATE, mixture=(0.7, 1.3))


@pytest.mark.parametrize("px_per_s", [100.0, 12.5])
def test_columns_are_those_of_the_pictures_in_the_report(sounds, px_per_s, tmp_path):
    axes = Axes(px_per_s, 64, 12000.0)
    found = list(columns_of(sounds, axes))
    columns = axes.columns(sounds.duration_s)
    spread_s = columns / px_per_s
    for name in NAMES:
        samples = sounds.read(0, round(sounds.duration_s * RATE))[name]
        recording = Recording.from_audio(tmp_path / f"{name}.f32", Audio(samples, RATE))
        wanted = level_columns(recording, columns, 64, 12000.0, spread_s)
        got = decibels(np.concatenate([each[name].power for each in found], axis=1))
        # The report moves a window that would reach over an end, and begins windows at other fractions of a sample.
        assert got.shape == wanted.shape
        assert np.abs(got - wanted)[:, 3:-3].mean() < 0.02
        waves = np.concatenate([each[name].envelope for each in found], axis=1)
        assert np.abs(waves - envelope_columns(recording, columns, spread_s)).max() < 0.02


def test_before_is_what_is_left_and_what_was_removed_together(sounds):
    axes = Axes(50.0, 32, 8000.0)
    alone = Sounds(sounds.read(0, round(sounds.duration_s * RATE))["before"], sounds.removed, sounds.duration_s)
    for ours, theirs in zip(columns_of(sounds, axes), columns_of(alone, axes), strict=True):
        np.testing.assert_allclose(ours["before"].power, theirs["after"].power, rtol=2e-3, atol=1e-12)


def test_a_click_and_a_tone_are_where_they_are():
    samples = np.zeros((1, 4 * RATE), dtype=np.float32)
    samples[0, round(2.5 * RATE)] = 0.9
    tone = 0.1 * np.sin(2 * np.pi * 3000 * np.arange(4 * RATE) / RATE)[None].astype(np.float32)
    found = list(columns_of(Sounds(samples, tone, 4.0), Axes(100.0, 120, 12000.0)))
    waves = np.concatenate([each["after"].envelope for each in found], axis=1)
    assert np.flatnonzero(waves[1] > 0.5).tolist() == [250]
    powers = np.concatenate([each["removed"].power for each in found], axis=1)
    loudest = powers[:, 5:-5].argmax(axis=0)
    # Rows of 100 Hz, the highest first: 3000 Hz lies between rows 89 and 90.
    assert set(loudest.tolist()) <= {89, 90}
    assert 10 * np.log10(powers[:, 5:-5].max()) == pytest.approx(-20.0, abs=0.2)


@pytest.mark.parametrize("duration_s", [0.01, 4.0, 246.35, 3600.0, 36000.0])
def test_each_level_is_half_of_the_one_before_and_the_last_is_one_tile(duration_s):
    facts = Levels.of(duration_s).facts()
    for finer, coarser in pairwise(facts):
        assert coarser["px_per_s"] == finer["px_per_s"] / 2
        assert coarser["columns"] == -(-finer["columns"] // 2)
    assert facts[-1]["tiles"] == 1
    assert all(level["columns"] >= duration_s * level["px_per_s"] - 1e-6 for level in facts)
    assert facts[0]["columns"] <= 60_000


def test_tiles_do_not_depend_on_how_the_columns_came(tmp_path):
    levels = Levels.of(33.3)
    values = np.random.default_rng(1).random((1, 16, levels.columns[0]), dtype=np.float32)
    drawing = LevelDrawing(-100.0, 0.0)
    for folder, sizes in (("whole", [values.shape[-1]]), ("parts", [1, 5, 1500, 3, 700, 2000])):
        pyramid = Pyramid(tmp_path / folder, levels, drawing.pool, drawing.draw, lossless=True)
        for part in np.split(values, np.cumsum(sizes)[:-1], axis=-1):
            pyramid.write(part)
        pyramid.finish()
    names = sorted(file.name for file in (tmp_path / "whole").iterdir())
    assert names == sorted(
        f"{level}-{tile:05}.webp" for level, one in enumerate(levels.facts()) for tile in range(one["tiles"])
    )
    for name in names:
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    widths = [Image.open(tmp_path / "whole" / name).width for name in names if name.startswith("0-")]
    assert widths == [TILE_PX, TILE_PX, TILE_PX, 3330 - 3 * TILE_PX]


def test_a_coarser_pixel_is_the_mean_power_and_the_whole_extent_of_two():
    drawing, wave = LevelDrawing(-100.0, 0.0), WaveDrawing(9, 1.0)
    assert drawing.pool(np.full((1, 2, 3), 0.5), np.full((1, 2, 3), 0.1)).tolist() == [[[0.3] * 3] * 2]
    left, right = (np.array(rows, dtype=np.float32)[None, :, None] for rows in ([-0.5, 0.1, 0.3], [-0.2, 0.6, 0.4]))
    assert wave.pool(left, right)[0, :, 0] == pytest.approx([-0.5, 0.6, np.sqrt(0.125)])


def test_the_generated_band_is_tinted_and_the_rest_is_not():
    tinted = np.zeros(8, dtype=bool)
    tinted[2:4] = True
    values = np.full((1, 8, 4), 1e-5, dtype=np.float32)
    plain, marked = (np.asarray(LevelDrawing(-100.0, -20.0, rows).draw(values)) for rows in (None, tinted))
    assert (plain[~tinted] == marked[~tinted]).all()
    assert (marked[tinted][..., 1] > plain[tinted][..., 1]).all()


def write_map(folder, columns: int, made_at: int, bands_made=slice(18, 22)):
    """A map of nothing but one generated moment, as a bag has it; its index."""
    folder.mkdir(parents=True)
    silent = Recording.from_audio(folder / "silent.f32", Audio(np.zeros((1, 10), np.float32), 44100))
    axes = axes_of(silent)
    planes = np.zeros((3, len(axes["band_centres_hz"]), columns), dtype=np.float32)
    planes[2] = 1.0
    planes[0, bands_made, made_at], planes[2, bands_made, made_at] = 0.8, 0.2
    map_ = Recording.from_audio(folder / "map.f32", as_audio(planes))
    names = [f"map-{page + 1:02}.png" for page in range(-(-columns // PAGE_COLUMNS))]
    for page, name in enumerate(names):
        write_page(map_, page, axes, folder / name)
    (folder / "map.json").write_text(index_text(axes, names), encoding="utf-8")
    return folder / "map.json"


def drawn(folder, levels, level: int):
    tiles = [Image.open(folder / f"{level}-{tile:05}.webp") for tile in range(levels.facts()[level]["tiles"])]
    return np.concatenate([np.asarray(tile.convert("RGBA")) for tile in tiles], axis=1)


@pytest.mark.parametrize(("duration_s", "made_at"), [(9.97, 77), (3900.0, 37_003)])
def test_the_mask_lies_where_the_map_has_it_and_no_level_loses_it(tmp_path, duration_s, made_at):
    """Once in cells wider than a pixel, once on the second page of a map in pixels wider than a cell."""
    index = write_map(tmp_path / "map", int(np.ceil(duration_s * 20)), made_at)
    levels = Levels.of(duration_s)
    axes = Axes(levels.px_per_s[0], ROWS, 16000.0)
    draw_mask((), index, tmp_path / "mask", levels, axes)
    edges_hz = json.loads(index.read_text(encoding="utf-8"))["band_edges_hz"]
    for level, (px_per_s, columns) in enumerate(zip(levels.px_per_s, levels.columns, strict=True)):
        pixels = drawn(tmp_path / "mask", levels, level)
        assert pixels.shape == (ROWS, columns, 4)
        rows, seen = np.nonzero(pixels[..., 3])
        start, stop = seen.min() / px_per_s, (seen.max() + 1) / px_per_s
        assert start <= (made_at + 0.5) / 20 <= stop
        assert stop - start <= 0.05 + 2 / px_per_s
        assert (ROWS - rows.max() - 1) * 16000 / ROWS == pytest.approx(edges_hz[18], abs=63)
        assert (ROWS - rows.min()) * 16000 / ROWS == pytest.approx(edges_hz[22], abs=63)
        assert np.abs(pixels[rows, seen, :3].astype(int) - GENERATED_RGB).max() <= 3


def test_doubt_is_fainter_than_what_was_generated():
    drawing = MaskDrawing([0, 1, 2])
    values = np.array([[[1.0], [0.0]], [[0.0], [1.0]], [[1.0], [0.0]]], dtype=np.float32)
    made, doubt, above = np.asarray(drawing.draw(values))[:, 0, 3]
    assert made > doubt > above == 0


def test_no_row_is_coloured_where_the_log_says_that_nothing_was_generated():
    drawing = MaskDrawing([0, 0, 1], np.array([True, False, False]))
    values = np.array([[[1.0], [1.0]], [[0.0], [0.5]], [[1.0], [1.0]]], dtype=np.float32)
    within, beyond, other = np.asarray(drawing.draw(values))[:, 0]
    assert within[3] > 0
    assert beyond[3] == 0
    assert 0 < other[3] < within[3]
    assert tuple(other[:3]) == DOUBTFUL_RGB


EVENTS = [
    {"event": "measurement", "when": "before", "measures": {"bandwidth_hz": 15000.0}},
    *(
        {"event": "derivation", "file": f"a_{name}.opus", "parameters": {"gain_db": 0.0}}
        for name in ("untreated", "restored", "removed")
    ),
]


def bursts(frames: int):
    """Noise over the whole band that is another 40 times a second: as hard on a picture as a tape can be."""
    rng = np.random.default_rng(7)
    gains = np.repeat(10 ** (rng.uniform(-30, 0, frames // 1200 + 1) / 20), 1200)[:frames]
    return (0.1 * gains * rng.standard_normal(frames)).astype(np.float32)[None]


@pytest.mark.slow
def test_two_hours_weigh_less_than_fifteen_megabytes(reading, tmp_path):
    draw_sounds(Sounds(reading.samples, bursts(29 * RATE), 7200.0), EVENTS, tmp_path, lambda what, share: None)
    index = write_map(tmp_path / "map", 7200 * 20, 1000, slice(0, 27))
    levels = Levels.of(7200.0)
    draw_mask((), index, tmp_path / "mask", levels, Axes(levels.px_per_s[0], ROWS, 22500.0))
    # What is left of the 15 MB is the page itself.
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.webp")) < 14e6


@pytest.mark.slow
def test_memory_grows_by_a_tile_of_each_further_level_alone(reading, tmp_path):
    peaks, levels = [], []
    for minutes in (1, 8):
        sounds = Sounds(reading.samples, reading.samples, 60.0 * minutes, 8000)
        tracemalloc.start()
        draw_sounds(sounds, EVENTS, tmp_path / str(minutes), lambda what, share: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        levels.append(len(Levels.of(sounds.duration_s).columns))
    # Of each of three pictures and three envelopes, and twice while it is put together.
    tile_bytes = 2 * 3 * (ROWS + 3) * TILE_PX * 4
    assert peaks[1] - peaks[0] < (levels[1] - levels[0]) * tile_bytes
