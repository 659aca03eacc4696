"""How the pages look, and how soon: renderings that agree within a tolerance, loading times and weights."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .fabricated_batch import write_batch

LOADED_MS = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
STILL = {"full_page": False, "animations": "disabled", "caret": "hide"}
LEAST_DIFFERENCE = 16
"""Of 255: what two renderings of the same page may differ by in a pixel."""
MOST_PIXELS = 0.001
FOUR_MINUTES_S = 246.0


def drawn(chromium: Any, place: Path, width: int, style: str = "") -> np.ndarray:
    """The page as a new browser window draws it: (height, width, 3)."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True, locale="en-GB")
    page = context.new_page()
    page.goto(place.as_uri())
    if style:
        page.add_style_tag(content=style)
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.wait_for_timeout(600)
    picture = Image.open(io.BytesIO(page.screenshot(**STILL))).convert("RGB")
    context.close()
    return np.asarray(picture, dtype=np.int16)


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the pixels that differ more than two renderings of the same may."""
    return float((np.abs(one - other).max(axis=2) > LEAST_DIFFERENCE).mean())


@pytest.mark.parametrize("width", [390, 1280])
def test_a_second_rendering_is_the_same_and_a_changed_style_is_seen(chromium: Any, tmp_path: Path, width: int) -> None:
    place = write_batch(tmp_path, 20)
    first = drawn(chromium, place, width)
    assert differing(first, drawn(chromium, place, width)) <= MOST_PIXELS
    moved = drawn(chromium, place, width, style=".item h3 { padding-left: 3px }")
    assert differing(first, moved) > MOST_PIXELS


def test_the_item_page_is_drawn_the_same_twice(chromium: Any, item_page_of: Any) -> None:
    place = item_page_of()
    first = drawn(chromium, place, 1280)
    assert differing(first, drawn(chromium, place, 1280)) <= MOST_PIXELS
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 100, "there are pictures on it"


@pytest.mark.clock
def test_a_long_item_opens_soon_and_weighs_little(window: Any, item_page_of: Any) -> None:
    """A page of four minutes: facts, steps and segments as many as such an item has."""
    segments = [
        {"number": n + 1, "start_s": 3.0 * n, "stop_s": 3.0 * n + 2.5, "speaker": "speaker 1", "text": "words " * 8}
        for n in range(80)
    ]
    place = item_page_of(duration_s=FOUR_MINUTES_S, segments=segments)
    window.goto(place.as_uri())
    loaded_ms = window.evaluate(LOADED_MS)
    weight = sum((place.parent / name).stat().st_size for name in ("index.html", "item.js"))
    sys.stdout.write(f"item of four minutes: loaded in {loaded_ms:.0f} ms, page and facts {weight / 1000:.0f} kB\n")
    assert loaded_ms < 1000
    assert weight < 500_000
