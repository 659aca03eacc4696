"""The picture of the map: the colours say what was recorded, what is doubtful and what was generated, and where."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from restoration.audio import Recording, Writer
from restoration.provenance.map_picture import (
    DOUBTFUL_RGB,
    GENERATED_RGB,
    RECORDED_RGB,
    REMOVED_RGB,
    map_pictures,
)
from restoration.provenance.picture_canvas import BOTTOM, LEFT, RIGHT, TOP
from restoration.sound_map.compare import as_audio
from restoration.sound_map.grid import Grid

from ..conftest import RecordingOf

RATE = 16_000
BANDS = Grid(RATE).bands

Plane = npt.NDArray[np.float64]


MAPPED = [{"event": "map", "steps": [{"step": "reduce_noise"}]}]


class Drawing:
    """Draws a map of planes (bands, columns) of a silent recording of so many seconds."""

    def __init__(self, folder: Path, recording_of: RecordingOf) -> None:
        self.folder, self.recording_of = folder, recording_of

    def __call__(
        self, name: str, generated: Plane, removed: Plane | None = None, sure: Plane | None = None
    ) -> npt.NDArray[np.uint8]:
        planes = [
            generated,
            np.zeros_like(generated) if removed is None else removed,
            1.0 - generated if sure is None else sure,
        ]
        with Writer(self.folder / "map") as writer:
            writer.write(as_audio(np.stack(planes).astype(np.float32)))
        sound: Recording = self.recording_of(np.zeros(generated.shape[1] * RATE // 20), RATE)
        picture = Image.open(io.BytesIO(map_pictures(writer.recording, MAPPED, sound, sound)[name])).convert("RGB")
        return np.asarray(picture)[TOP:-BOTTOM, LEFT:-RIGHT]


@pytest.fixture
def draw(tmp_path: Path, recording_of: RecordingOf) -> Drawing:
    return Drawing(tmp_path, recording_of)


@pytest.mark.parametrize(
    ("name", "shares", "colour"),
    [
        ("map_origin", (0.0, 0.0, 0.0), RECORDED_RGB),
        ("map_origin", (0.0, 1.0, 0.0), REMOVED_RGB),
        ("map_origin", (1.0, 1.0, 0.0), GENERATED_RGB),
        ("map_confidence", (0.0, 1.0, 1.0), RECORDED_RGB),
        ("map_confidence", (0.0, 1.0, 0.0), DOUBTFUL_RGB),
        ("map_confidence", (1.0, 0.0, 0.0), GENERATED_RGB),
    ],
)
@pytest.mark.parametrize("columns", [1, 40, 5_000])
def test_a_cell_of_one_kind_has_its_colour(
    draw: Drawing, name: str, shares: tuple[float, float, float], colour: tuple[int, int, int], columns: int
) -> None:
    pixels = draw(name, *(np.full((BANDS, columns), share) for share in shares))
    assert (pixels[20:] == colour).all()


def test_between_them_colours_are_mixed(draw: Drawing) -> None:
    planes = [np.full((BANDS, 40), share) for share in (0.25, 0.5, 0.5)]
    parts = {"map_origin": (0.25, 0.375, REMOVED_RGB, 0.375), "map_confidence": (0.25, 0.25, DOUBTFUL_RGB, 0.5)}
    for name, (made, share, colour, rest) in parts.items():
        wanted = made * np.array(GENERATED_RGB) + share * np.array(colour) + rest * np.array(RECORDED_RGB)
        assert np.abs(draw(name, *planes)[20:].astype(float) - wanted).max() <= 1


def test_without_a_network_there_is_no_picture_of_confidence(tmp_path: Path, recording_of: RecordingOf) -> None:
    with Writer(tmp_path / "map") as writer:
        writer.write(as_audio(np.zeros((3, BANDS, 20), dtype=np.float32)))
    sound = recording_of(np.zeros(RATE), RATE)
    assert list(map_pictures(writer.recording, [{"event": "map", "steps": []}], sound, sound)) == ["map_origin"]


def test_a_generated_band_is_where_its_frequencies_are(draw: Drawing) -> None:
    """Band 19 of the map, around 3981 Hz, in a picture that ends at 8 kHz."""
    generated = np.zeros((BANDS, 40))
    generated[19] = 1.0
    pixels = draw("map_confidence", generated)
    rows = pixels.shape[0]
    green = np.flatnonzero((pixels == GENERATED_RGB).all(axis=(1, 2)))
    low_hz, high_hz = Grid(RATE).edges_hz[19:21]
    assert green.min() == pytest.approx(rows * (1 - high_hz / 8_000), abs=2)
    assert green.max() == pytest.approx(rows * (1 - low_hz / 8_000), abs=2)
    assert (np.delete(pixels, green, axis=0)[20:] == RECORDED_RGB).all()


@pytest.mark.parametrize("columns", [200, 100_000])
def test_one_filled_gap_is_seen_in_any_length(draw: Drawing, columns: int) -> None:
    generated = np.zeros((BANDS, columns))
    generated[:, columns // 2] = 1.0
    pixels = draw("map_origin", generated)[100].astype(float)
    away = np.abs(pixels - RECORDED_RGB).max(axis=1)
    assert np.argmax(away) == pytest.approx(pixels.shape[0] / 2, abs=4)
    assert away.max() > 60
    assert (away > 0).sum() <= max(8, pixels.shape[0] // 200 + 2)
