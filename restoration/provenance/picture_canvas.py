"""The paper that pictures are drawn on: a palette image with a plot, its axes and its notes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from restoration.provenance.colour_map import colour_map

Pixels = npt.NDArray[np.uint8]

# The palette: the colour map, the same colours tinted (generated), a ramp from paper to ink for smooth letters, and
# single colours. A palette image is a third of the size of a true-colour one, and quicker to write.
LEVELS = 96
TINTED = 96
INK_RAMP = 192
RAMP_STEPS = 16
WAVE, WAVE_RMS, LINE, GRID = 208, 209, 210, 211

PAPER_RGB, INK_RGB = (18, 21, 28), (226, 230, 238)
WAVE_RGB, WAVE_RMS_RGB, LINE_RGB, GRID_RGB = (86, 132, 178), (166, 206, 240), (255, 255, 255), (96, 104, 118)
TINT_RGB, TINT_SHARE = (0, 214, 180), 0.30

LEFT, RIGHT, TOP, BOTTOM = 70, 104, 14, 46
FONT_PIXELS = 18
NOTE_PIXELS = FONT_PIXELS + 4
NICE_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000)
NICE_HZ = (500, 1000, 2000, 4000, 5000, 10000)


class Canvas:
    """A picture being drawn; ``rows`` and ``columns`` are the size of the plot inside the axes, in pixels.

    ``colours`` (at most 192, red, green and blue from 0 to 255) take the place of those of a spectrogram.
    """

    def __init__(self, width: int, height: int, colours: npt.NDArray[np.float64] | None = None) -> None:
        self._colours = np.zeros((0, 3)) if colours is None else colours
        self._pixels: Pixels = np.full((height, width), INK_RAMP, dtype=np.uint8)
        self._letters = Image.new("L", (width, height))
        self._pen = ImageDraw.Draw(self._letters)
        self.columns, self.rows = width - LEFT - RIGHT, height - TOP - BOTTOM

    def paint(self, pixels: Pixels) -> None:
        """Fill the plot with palette indices of shape (rows, columns)."""
        self._pixels[TOP : TOP + self.rows, LEFT : LEFT + self.columns] = pixels

    def row_of(self, share: float) -> int:
        """The plot row at a share (0 to 1) of the vertical axis."""
        return int(np.clip(round((1.0 - share) * self.rows), 0, self.rows))

    def time_axis(self, duration_s: float) -> None:
        """Ticks and times under the plot: minutes and seconds, and hours where there are any."""
        if duration_s <= 0:
            return
        step = next((step for step in NICE_SECONDS if duration_s / step <= 10), NICE_SECONDS[-1] * 2)
        for count in range(int(duration_s / step) + 1):
            column = LEFT + min(self.columns - 1, round(count * step / duration_s * self.columns))
            self._pixels[TOP + self.rows : TOP + self.rows + 6, column] = INK_RAMP + RAMP_STEPS - 1
            self._write(column, TOP + self.rows + 8, clock(count * step, step < 1), "ma")
        self._write(LEFT + self.columns + 30, TOP + self.rows + 8, "time", "la")

    def frequency_axis(self, max_hz: float) -> None:
        """Ticks in kHz left of the plot."""
        step = next((step for step in NICE_HZ if max_hz / step <= 6), NICE_HZ[-1])
        ticks = [count * step for count in range(int(max_hz / step) + 1)]
        for hz in ticks:
            label = f"{hz / 1000:g}" + (" kHz" if hz == ticks[-1] else "")
            self._tick(self.row_of(hz / max_hz), label)

    def amplitude_axis(self, full_scale: float) -> None:
        """Ticks of sample values left of a waveform: 1 is full scale."""
        for share, value in ((1.0, full_scale), (0.5, 0.0), (0.0, -full_scale)):
            self._tick(self.row_of(share), f"{value:.2f}" if value else "0")

    def colour_bar(self, floor_db: float, ceiling_db: float) -> None:
        """The legend of the colours right of the plot, in dBFS."""
        left = LEFT + self.columns + 14
        ramp = np.linspace(LEVELS - 1, 0, self.rows).round().astype(np.uint8)
        self._pixels[TOP : TOP + self.rows, left : left + 14] = ramp[:, None]
        first = int(np.ceil(floor_db / 20) * 20)
        ticks = list(range(first, int(ceiling_db) + 1, 20))
        for level in ticks:
            row = self._legible(TOP + self.row_of((level - floor_db) / (ceiling_db - floor_db)))
            self._write(left + 20, row, f"{level}", "lm")
        if self.rows > 150:
            middle = self._legible(TOP + self.row_of((ticks[-1] - 10 - floor_db) / (ceiling_db - floor_db)))
            self._write(left + 20, middle, "dBFS", "lm")

    def legend(self, entries: Mapping[str, int]) -> None:
        """Names of colours, by their palette index, right of the plot."""
        left, row = LEFT + self.columns + 14, TOP
        for name, colour in entries.items():
            self._pixels[row : row + 16, left : left + 60] = colour
            self._write(left, row + 20, name, "la")
            row += 56

    def dashed_line(self, row: int) -> None:
        """A dashed line across the plot."""
        dashes = LEFT + np.flatnonzero(np.arange(self.columns) // 8 % 2 == 0)
        row = min(row, self.rows - 1)
        self._pixels[TOP + row, dashes] = LINE

    def note(self, row: int, text: str, indent: int = 0) -> None:
        """A legible note inside the plot, just above ``row``, ``indent`` pixels from the left."""
        x, y = LEFT + 10 + indent, max(TOP + NOTE_PIXELS, TOP + row - 7)
        box = self._pen.textbbox((x, y), text, font=_font(), anchor="ls")
        left, top, right, bottom = (round(edge) for edge in box)
        self._pixels[top - 3 : bottom + 4, left - 5 : right + 6] = INK_RAMP
        self._write(x, y, text, "ls")

    def png(self) -> bytes:
        """The picture as a PNG file."""
        letters = np.asarray(self._letters) // (256 // RAMP_STEPS)
        pixels = np.where(letters > 0, INK_RAMP + letters, self._pixels)
        picture = Image.fromarray(pixels.astype(np.uint8))
        palette = _palette().copy()
        palette[: len(self._colours)] = np.rint(self._colours)
        picture.putpalette(palette.tobytes())
        file = BytesIO()
        picture.save(file, "PNG", compress_level=1)
        return file.getvalue()

    def _tick(self, row: int, label: str) -> None:
        at = TOP + min(row, self.rows - 1)
        self._pixels[at, LEFT - 6 : LEFT] = INK_RAMP + RAMP_STEPS - 1
        self._write(LEFT - 10, self._legible(at), label, "rm")

    def _legible(self, row: int) -> int:
        return max(row, FONT_PIXELS // 2 + 1)

    def _write(self, x: float, y: float, text: str, anchor: str) -> None:
        self._pen.text((x, y), text, fill=255, font=_font(), anchor=anchor)


def clock(seconds: float, tenths: bool = False) -> str:
    """A time as m:ss, or h:mm:ss from an hour on; with tenths of a second where asked."""
    whole, rest = divmod(round(seconds * 10), 10)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{rest}" if tenths else text


@cache
def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(FONT_PIXELS)


@cache
def _palette() -> npt.NDArray[np.uint8]:
    palette = np.zeros((256, 3))
    palette[:LEVELS] = colour_map(LEVELS)
    palette[TINTED : TINTED + LEVELS] = (1 - TINT_SHARE) * palette[:LEVELS] + TINT_SHARE * np.array(TINT_RGB)
    ramp = np.linspace(0, 1, RAMP_STEPS)[:, None]
    palette[INK_RAMP : INK_RAMP + RAMP_STEPS] = (1 - ramp) * np.array(PAPER_RGB) + ramp * np.array(INK_RGB)
    for index, colour in ((WAVE, WAVE_RGB), (WAVE_RMS, WAVE_RMS_RGB), (LINE, LINE_RGB), (GRID, GRID_RGB)):
        palette[index] = colour
    return np.rint(palette).astype(np.uint8)
