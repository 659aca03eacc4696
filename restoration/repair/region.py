"""A region that a person painted over a spectrogram: when, which frequencies, and which part of that box."""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import numpy as np
import numpy.typing as npt

from restoration.errors import RestorationError

Mask = npt.NDArray[np.bool_]
"""Shape (rows, columns): rows from the lowest frequency up, columns in time; True where painted."""
Places = npt.NDArray[np.float64]

LONGEST_S = 10.0
MOST_PIXELS = 2**24
LOWEST_HZ = 40.0
WHOLE_SHARE = 0.9


class BadRegion(RestorationError, ValueError):
    """A region that no sound can have, or a mask that is no picture of 1 bit."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A painted part of the plane of time and frequency, in the seconds of the sound it is repaired in.

    Attributes:
        start_s, stop_s: the time it spans, at most 10 s.
        low_hz, high_hz: the frequencies it spans; 0 Hz and half the sample rate, or more, for all there are.
        mask: PNG of 1 bit in base64, stretched over that box: columns are time, the top row is the highest frequency,
            1 is painted. "" paints the whole box.
    """

    start_s: float
    stop_s: float
    low_hz: float
    high_hz: float
    mask: str = ""

    def __post_init__(self) -> None:
        for name in ("start_s", "stop_s", "low_hz", "high_hz"):
            # A whole number is another one to a digest than the same with a point, and JSON does not tell them apart.
            object.__setattr__(self, name, float(getattr(self, name)))
        ends = (self.start_s, self.stop_s, self.low_hz, self.high_hz)
        if not all(math.isfinite(end) for end in ends) or self.start_s < 0 or self.low_hz < 0:
            raise BadRegion(f"a region begins at 0 s and 0 Hz, or later and higher, not at {ends}")
        if not self.start_s < self.stop_s or not self.low_hz < self.high_hz:
            raise BadRegion(
                f"a region ends after it begins: not {self.start_s:g} to {self.stop_s:g} s, "
                f"{self.low_hz:g} to {self.high_hz:g} Hz"
            )
        if self.stop_s - self.start_s > LONGEST_S + 1e-6:
            raise BadRegion(
                f"a region lasts {LONGEST_S:g} s at most, not {self.stop_s - self.start_s:.2f} s: paint it in parts"
            )
        if not self.painted.any():
            raise BadRegion("nothing is painted in the mask of a region: 1 is painted, 0 is not")

    @cached_property
    def painted(self) -> Mask:
        """The mask; a box without one has a single pixel."""
        return decode_mask(self.mask) if self.mask else np.ones((1, 1), dtype=bool)

    def is_full_band(self, sample_rate: int) -> bool:
        """Whether every painted column holds all frequencies that a sound of that rate has."""
        whole = self.low_hz <= LOWEST_HZ and self.high_hz >= WHOLE_SHARE * sample_rate / 2
        columns = self.painted.any(axis=0)
        return whole and bool(self.painted[:, columns].all())

    def columns(self, sample_rate: int) -> list[tuple[int, int]]:
        """The painted columns as spans of frames: each run of them that touch, in order."""
        painted = self.painted.any(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], painted.astype(np.int8), [0]))))
        width_s = (self.stop_s - self.start_s) / painted.size
        frames = np.rint((self.start_s + edges * width_s) * sample_rate).astype(np.int64)
        return [(int(start), int(stop)) for start, stop in frames.reshape(-1, 2) if stop > start]

    def holds(self, times_s: Places, frequencies_hz: Places) -> Mask:
        """Whether each place (frequencies, times) is painted."""
        rows, columns = self.painted.shape
        column = np.floor((times_s - self.start_s) / (self.stop_s - self.start_s) * columns).astype(np.int64)
        row = np.floor((frequencies_hz - self.low_hz) / (self.high_hz - self.low_hz) * rows).astype(np.int64)
        inside = ((row >= 0) & (row < rows))[:, None] & ((column >= 0) & (column < columns))[None, :]
        return inside & self.painted[np.clip(row, 0, rows - 1)[:, None], np.clip(column, 0, columns - 1)[None, :]]


def decode_mask(text: str) -> Mask:
    """The mask that a base64 PNG of 1 bit holds.

    Raises:
        BadRegion: it is none.
    """
    return _mask_in(text, ("1",))


def one_bit(text: str) -> str:
    """A mask in black and white as an image editor or a browser saves it, in colours, as a PNG of 1 bit.

    Raises:
        BadRegion: it is no PNG, or has other colours than these two.
    """
    return encode_mask(_mask_in(text, ("1", "L", "P", "RGB", "RGBA")))


def _mask_in(text: str, modes: tuple[str, ...]) -> Mask:
    from PIL import Image

    try:
        raw = base64.b64decode(text, validate=True)
        with Image.open(BytesIO(raw), formats=("PNG",)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise BadRegion(f"the mask of a region has {MOST_PIXELS} pixels at most")
            if picture.mode not in modes:
                raise BadRegion(f"the mask of a region is a PNG of 1 bit, not of the mode {picture.mode}")
            shades = np.asarray(picture.convert("RGB").convert("L"))
            if set(np.unique(shades)) - {0, 255}:
                raise BadRegion("the mask of a region is black and white: black is left alone, white is repaired")
            return np.ascontiguousarray(shades[::-1] > 0)
    except (binascii.Error, OSError, SyntaxError) as error:
        raise BadRegion(f"the mask of a region is no PNG in base64 ({error})") from error


def encode_mask(mask: Mask) -> str:
    """A mask as a base64 PNG of 1 bit."""
    from PIL import Image

    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(mask[::-1])).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
