"""What a picture of a spectrogram says of itself: whose sound it is, and which moment and frequency each pixel shows.

It stands as JSON in the picture (iTXt, PNG third edition) and in a file of the same name beside it, as many editors
drop what they do not know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from restoration.errors import RestorationError

FORMAT = "heritage-voice spectrogram 1"
KEY = "heritage-voice spectrogram"
WINDOW_S = 0.0427
OVERLAP = 4
LOG_ROWS, LOG_LOW_HZ = 768, 40.0
FLOOR_DB, CEILING_DB = -110.0, -10.0


class BadPicture(RestorationError):
    """A picture from which nothing can be read, with what would be right."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One picture: a stretch of a sound of a bag.

    Attributes:
        identifier, sound, pcm_sha256, sample_rate, channels, head: of the item, its sound (restored, master or
            residual), and the last event of the log that was looked at.
        window, hop: frames; a Hann window, and the way from a column to the next. Column k is centred on the frame
            ``start + k * hop`` of the sound, and shows half a hop on either side.
        start, frames: the stretch.
        rows: of the picture, from the highest frequency down.
        frequency_axis: "linear" (a row is a bin: the lowest is 0 Hz, the highest half the sample rate) or "log" (from
            40 Hz to half the sample rate, every row the same interval).
        floor_db, ceiling_db: levels of the darkest and the lightest grey; a sine of full scale has 0 dB.
        number, pages: which picture of how many.
        strongest: magnitude that the highest value of the sound's planes stands for.
        planes_sha256: of the pixels of those planes; "" where none were written.
    """

    identifier: str
    sound: str
    pcm_sha256: str
    sample_rate: int
    channels: int
    head: str
    window: int
    hop: int
    start: int
    frames: int
    rows: int
    frequency_axis: str = "linear"
    floor_db: float = FLOOR_DB
    ceiling_db: float = CEILING_DB
    number: int = 1
    pages: int = 1
    strongest: float = 0.0
    planes_sha256: str = ""
    format: str = FORMAT

    @property
    def columns(self) -> int:
        return -(-self.frames // self.hop) + 1

    @property
    def bins(self) -> int:
        return self.window // 2 + 1

    @property
    def bin_hz(self) -> float:
        return self.sample_rate / self.window

    def row_edges_hz(self) -> npt.NDArray[np.float64]:
        """Lower edges of the rows from the lowest up, and the upper edge of the highest: (rows + 1,)."""
        high_hz = self.sample_rate / 2
        if self.frequency_axis == "log":
            return np.asarray(np.geomspace(min(LOG_LOW_HZ, high_hz / 2), high_hz, self.rows + 1))
        return np.asarray(np.clip((np.arange(self.rows + 1) - 0.5) * self.bin_hz, 0.0, high_hz))

    def text(self) -> str:
        """The JSON of the picture."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def of(cls, told: Any, place: str) -> Self:
        """The page that JSON tells of.

        Raises:
            BadPicture: it tells of none.
        """
        names = {field.name for field in fields(cls)}
        if not isinstance(told, dict) or told.get("format") != FORMAT or not names >= set(told):
            raise BadPicture(f"{place}: does not say “{FORMAT}” with the fields of such a picture")
        try:
            page = cls(**told)
        except TypeError as error:
            raise BadPicture(f"{place}: lacks a field of a picture of a spectrogram ({error})") from error
        if not all(isinstance(getattr(page, field.name), _types_of(str(field.type))) for field in fields(cls)):
            raise BadPicture(f"{place}: has a field of the wrong type")
        return page


def _types_of(name: str) -> tuple[type, ...]:
    return {"str": (str,), "int": (int,), "float": (int, float)}[name]


def window_at(sample_rate: int) -> int:
    """Frames of the window, a power of two of about 43 ms."""
    return int(2 ** round(np.log2(max(64.0, WINDOW_S * sample_rate))))


def sidecar_of(picture: Path) -> Path:
    """Where the JSON of a picture stands beside it."""
    return picture.with_suffix(".json")


def planes_of(picture: Path) -> Path:
    """Where the sound of a picture stands beside it."""
    return picture.with_suffix(".sound.png")


def read_page(picture: Path, about: Path | None = None) -> Page:
    """What a picture says of itself, or what stands beside it.

    Raises:
        BadPicture: neither says anything, or the picture is no PNG.
    """
    from PIL import Image

    if about is None:
        try:
            with Image.open(picture, formats=("PNG",)) as image:
                image.load()
                told = getattr(image, "text", {}).get(KEY)
        except (OSError, SyntaxError) as error:
            raise BadPicture(f"{picture}: is no PNG ({error}); save it as PNG, which loses nothing") from error
        if told is not None:
            return _parsed(str(told), str(picture))
        about = sidecar_of(picture)
    if not about.is_file():
        raise BadPicture(
            f"{picture}: says nothing of itself, as the editor dropped it, and there is no {about.name} beside it; "
            "name the JSON file that was exported with it: --about FILE"
        )
    return _parsed(about.read_text(encoding="utf-8"), str(about))


def _parsed(text: str, place: str) -> Page:
    try:
        return Page.of(json.loads(text), place)
    except ValueError as error:
        raise BadPicture(f"{place}: is no JSON ({error})") from error
