"""The cover of an exhibition copy: its spectrogram as a square picture, with the title and what was generated.

The picture travels with the sound, so it carries the mark of what was never recorded: the generated band is tinted, and
the sentences of the label on generated sound stand under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.exhibition.exhibit import Exhibit
from restoration.provenance.colour_map import colour_map
from restoration.provenance.generated import generated_band, generated_sentence, treated_steps
from restoration.provenance.picture_canvas import PAPER_RGB, TINT_RGB, clock
from restoration.provenance.picture_columns import level_columns
from restoration.record import Event

SIDE = 1400
PICTURE_ROWS = 940
FADE_ROWS = 120
MARGIN = 84
TINT_SHARE = 0.28
SHOWN_DB = 62.0
LEAST_TOP_HZ, MOST_TOP_HZ = 6_000.0, 20_000.0
TITLE_PIXELS, TEXT_PIXELS, SMALL_PIXELS = 62, 34, 27
TITLE_LINES = 3
INK, FAINT = (240, 242, 247), (158, 166, 180)
JPEG_QUALITY = 86
Pixels = npt.NDArray[np.float64]


def cover(exhibit: Exhibit) -> bytes:
    """A JPEG of 1400 by 1400 pixels; the same exhibit gives the same bytes with the same libraries.

    Letters are those of DejaVu Sans: Latin, Cyrillic, Greek, Arabic and more, but no Chinese or Japanese.
    """
    from PIL import Image, ImageDraw

    pixels = np.full((SIDE, SIDE, 3), PAPER_RGB, dtype=np.float64)
    pixels[:PICTURE_ROWS] = _spectrogram(exhibit)
    picture = Image.fromarray(np.rint(pixels).astype(np.uint8))
    _write(ImageDraw.Draw(picture), exhibit)
    file = BytesIO()
    picture.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return file.getvalue()


def _spectrogram(exhibit: Exhibit) -> Pixels:
    """The levels in colours, the generated band tinted, fading into the paper below."""
    recording = exhibit.recording
    top_hz = _top_hz(exhibit)
    levels = level_columns(recording, SIDE, PICTURE_ROWS, top_hz)
    ceiling = float(np.percentile(levels, 99.7))
    shares = np.clip((levels - (ceiling - SHOWN_DB)) / SHOWN_DB, 0.0, 1.0)
    pixels = colour_map(256)[np.rint(255 * shares).astype(np.intp)].astype(np.float64)
    for low, high in _bands(exhibit.events):
        first, last = (_row(hz, top_hz) for hz in (high or top_hz, low or 0.0))
        pixels[first:last] = (1 - TINT_SHARE) * pixels[first:last] + TINT_SHARE * np.array(TINT_RGB)
        for edge in (first, last - 1):
            if 0 < edge < PICTURE_ROWS - 1:
                pixels[edge - 1 : edge + 1] = TINT_RGB
    fade = np.linspace(0.0, 1.0, FADE_ROWS)[:, None, None] ** 1.5
    pixels[-FADE_ROWS:] = (1 - fade) * pixels[-FADE_ROWS:] + fade * np.array(PAPER_RGB)
    return pixels


def _row(hz: float, top_hz: float) -> int:
    return int(np.clip(round((1 - hz / top_hz) * PICTURE_ROWS), 0, PICTURE_ROWS))


def _top_hz(exhibit: Exhibit) -> float:
    """Upper end of the picture: room for what was recorded and for all that was generated."""
    ends = [high or low or 0.0 for low, high in _bands(exhibit.events)]
    ends += [
        float((event.get("measures") or {}).get("bandwidth_hz") or 0.0)
        for event in exhibit.events
        if event["event"] == "measurement"
    ]
    wanted = min(MOST_TOP_HZ, max(LEAST_TOP_HZ, 1.15 * max(ends, default=0.0)))
    return min(exhibit.recording.sample_rate / 2, wanted)


def _bands(events: Sequence[Event]) -> list[tuple[float | None, float | None]]:
    return [band for step in treated_steps(events) if (band := generated_band(step))]


def _write(pen: Any, exhibit: Exhibit) -> None:
    item = exhibit.item
    width = SIDE - 2 * MARGIN
    place = PICTURE_ROWS + 6
    title = _printable(item.get("title") or exhibit.identifier)
    for line in _wrapped(pen, title, TITLE_PIXELS, width, TITLE_LINES):
        pen.text((MARGIN, place), line, fill=INK, font=_font(TITLE_PIXELS, bold=True))
        place += round(1.22 * TITLE_PIXELS)
    about = " · ".join(text for column in ("speaker", "recorded_date") if (text := _printable(item.get(column) or "")))
    place += 16
    for line in _wrapped(pen, about, TEXT_PIXELS, width, 1):
        pen.text((MARGIN, place), line, fill=FAINT, font=_font(TEXT_PIXELS))
    made = " ".join(sentence for step in treated_steps(exhibit.events) if (sentence := generated_sentence(step)))
    lines = _wrapped(pen, made, SMALL_PIXELS, width - 44, 2)
    bottom = SIDE - MARGIN - SMALL_PIXELS
    for number, line in enumerate(lines):
        above = bottom - 54 - 36 * (len(lines) - 1 - number)
        pen.text((MARGIN + 44, above), line, fill=TINT_RGB, font=_font(SMALL_PIXELS))
    if lines:
        first = bottom - 54 - 36 * (len(lines) - 1)
        pen.rectangle((MARGIN, first + 4, MARGIN + 26, first + 30), fill=TINT_RGB)
    _ends(pen, exhibit, bottom)


def _ends(pen: Any, exhibit: Exhibit, row: int) -> None:
    excerpt = exhibit.excerpt
    stretch = (excerpt.start_s, excerpt.stop_s) if excerpt else (0.0, exhibit.duration_s)
    times = " – ".join(clock(second) for second in stretch)
    pen.text((MARGIN, row), _printable(exhibit.identifier)[:48], fill=FAINT, font=_font(SMALL_PIXELS))
    pen.text((SIDE - MARGIN, row), times, fill=FAINT, font=_font(SMALL_PIXELS), anchor="ra")


def _wrapped(pen: Any, text: str, pixels: int, width: int, lines: int) -> list[str]:
    """The text in lines that fit, at most so many; what is left over is told by an ellipsis."""
    font = _font(pixels, bold=pixels == TITLE_PIXELS)
    found: list[str] = []
    words = text.split()
    while words and len(found) < lines:
        count = len(words)
        while count > 1 and pen.textlength(" ".join(words[:count]), font=font) > width:
            count -= 1
        found.append(" ".join(words[:count]))
        words = words[count:]
    if words and found:
        found[-1] += " …"
    return [_cut(pen, line, font, width) for line in found]


def _cut(pen: Any, line: str, font: Any, width: int) -> str:
    if pen.textlength(line, font=font) <= width:
        return line
    while line and pen.textlength(line + "…", font=font) > width:
        line = line[:-1]
    return line.rstrip() + "…"


def _printable(text: object) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(text)).strip()


@cache
def _font(pixels: int, bold: bool = False) -> Any:
    import matplotlib
    from PIL import ImageFont

    # The letters that come with matplotlib, as Pillow's own have no Cyrillic.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), pixels)
