"""The cover shows the sound, marks what was generated, and is the same for the same exhibit."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from restoration.exhibition.cover import PICTURE_ROWS, SIDE, cover
from restoration.exhibition.exhibit import Exhibit
from restoration.provenance.picture_canvas import TINT_RGB
from tests.exhibition.origin.exhibits import make
from tests.provenance.logs import HOSTILE


def pixels(exhibit: Exhibit) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(cover(exhibit)))).astype(float)


def tinted(picture: np.ndarray) -> float:
    """The share of the spectrogram that is of the tint's colour, or darker by it."""
    shown = picture[: PICTURE_ROWS - 200]
    return float(np.mean(shown[..., 1] > shown[..., 0] + 25))


def test_what_was_generated_is_marked_and_nothing_else_is(tmp_path: Path) -> None:
    exhibit = make(tmp_path)
    picture = pixels(exhibit)
    assert picture.shape == (SIDE, SIDE, 3)
    assert tinted(picture) > 0.2
    assert (np.abs(picture[PICTURE_ROWS:] - TINT_RGB).sum(axis=2) < 40).any()
    plain = [event for event in exhibit.events if event.get("name") != "extend_band"]
    bare = pixels(make(tmp_path / "plain", events=plain))
    assert tinted(bare) < 0.001
    assert not (np.abs(bare[PICTURE_ROWS:] - TINT_RGB).sum(axis=2) < 40).any()


def test_the_same_exhibit_has_the_same_cover(tmp_path: Path) -> None:
    exhibit = make(tmp_path)
    assert cover(exhibit) == cover(exhibit)
    assert cover(exhibit)[:3] == b"\xff\xd8\xff" and len(cover(exhibit)) < 1_500_000


def test_long_and_hostile_titles_stay_inside(tmp_path: Path) -> None:
    edge = 60
    for title in (HOSTILE, "x" * 400, "слово " * 80, ""):
        picture = pixels(make(tmp_path / str(len(title)), item={"title": title, "speaker": title}))
        below = picture[PICTURE_ROWS + 60 :]
        for strip in (below[:, :edge], below[:, -edge:], below[-edge:]):
            assert np.ptp(strip) < 40
