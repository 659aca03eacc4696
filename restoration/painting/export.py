"""Pictures of a sound written to files, a page of at most two minutes after the other; and the sound read back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.painting.look import look
from restoration.painting.page import (
    KEY,
    LOG_ROWS,
    OVERLAP,
    BadPicture,
    Page,
    planes_of,
    read_page,
    sidecar_of,
    window_at,
)
from restoration.painting.planes import PLANES, planes, sound_of, stacked, strongest, unstacked
from restoration.painting.sounds import BagSound

LONGEST_PAGE_S = 120.0
MOST_PIXELS = 8e7
"""Of the planes of a page: what editors and libraries still open. Pages of many channels or high rates are shorter."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be drawn.

    Attributes:
        start_s, stop_s: of the sound; None: to its end.
        log_frequency: a logarithmic frequency axis.
        page_s: length of a page, 1 to 120 s; shorter where its pixels would be too many.
        with_sound: write the planes from which the sound comes back.
    """

    start_s: float = 0.0
    stop_s: float | None = None
    log_frequency: bool = False
    page_s: float = 60.0
    with_sound: bool = True

    def __post_init__(self) -> None:
        if not 1.0 <= self.page_s <= LONGEST_PAGE_S:
            raise BadPicture(f"a page lasts 1 to {LONGEST_PAGE_S:g} s, not {self.page_s:g}")
        if self.start_s < 0 or (self.stop_s is not None and self.stop_s <= self.start_s):
            raise BadPicture(f"a picture ends after it begins: not {self.start_s:g} to {self.stop_s:g} s")


def pages(sound: BagSound, asked: Asked) -> list[Page]:
    """The pages of what is to be drawn.

    Raises:
        BadPicture: it lies after the end of the sound.
    """
    recording = sound.recording
    rate = recording.sample_rate
    first = round(asked.start_s * rate)
    last = recording.frames if asked.stop_s is None else min(recording.frames, round(asked.stop_s * rate))
    if first >= last:
        ends = f"ends at {recording.duration_s:.2f} s, before {asked.start_s:g} s"
        raise BadPicture(f"{sound.bag.folder}: the {sound.name} sound {ends}")
    window = window_at(rate)
    # Pages of whole hops, so that a moment has the same place on the grid whatever the page.
    columns = min(
        asked.page_s * rate * OVERLAP / window, MOST_PIXELS / (recording.channels * PLANES * (window // 2 + 1))
    )
    length = max(1, int(columns)) * (window // OVERLAP)
    starts = range(first, last, length)
    whole = Page(
        identifier=sound.bag.identifier,
        sound=sound.name,
        pcm_sha256=recording.pcm_sha256,
        sample_rate=rate,
        channels=recording.channels,
        head=sound.head,
        window=window,
        hop=window // OVERLAP,
        start=first,
        frames=last - first,
        rows=LOG_ROWS if asked.log_frequency else window // 2 + 1,
        frequency_axis="log" if asked.log_frequency else "linear",
        pages=len(starts),
    )
    return [
        replace(whole, number=number, start=start, frames=min(length, last - start))
        for number, start in enumerate(starts, start=1)
    ]


def write_pages(sound: BagSound, asked: Asked, picture: Path) -> Iterator[tuple[Page, Path]]:
    """Write the pages, each a picture with its JSON and its planes beside it; yields each when it is whole."""
    asked_pages = pages(sound, asked)
    picture.parent.mkdir(parents=True, exist_ok=True)
    for page in asked_pages:
        place = picture if len(asked_pages) == 1 else picture.with_stem(f"{picture.stem}-{page.number:04}")
        yield _write(sound.recording, page, asked.with_sound, place), place


def _write(recording: Recording, page: Page, with_sound: bool, place: Path) -> Page:
    if with_sound:
        page = replace(page, strongest=strongest(recording, page))
        sound = stacked(planes(recording, page))
        page = replace(page, planes_sha256=_digest(sound))
        _save(sound, planes_of(place), page)
    grey = look(recording, page)
    _save(np.repeat(grey[..., None], 3, axis=2), place, page)
    _whole(sidecar_of(place), page.text().encode("utf-8") + b"\n")
    return page


def _save(pixels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], place: Path, page: Page) -> None:
    from io import BytesIO

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_itxt(KEY, page.text())
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=told, compress_level=6 if pixels.ndim == 3 else 1)
    _whole(place, file.getvalue())


def _whole(place: Path, content: bytes) -> None:
    partial = place.with_name(place.name + ".part")
    partial.write_bytes(content)
    partial.replace(place)


def _digest(pixels: npt.NDArray[np.uint16]) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels, dtype="<u2").tobytes()).hexdigest()


def sound_back(picture: Path, about: Path | None = None) -> tuple[Page, npt.NDArray[np.float64]]:
    """The sound (channels, time) of a picture, from the planes beside it.

    Raises:
        BadPicture: there are none, or they are not those that were exported.
    """
    from PIL import Image

    page = read_page(picture, about)
    place = planes_of(picture)
    if not page.planes_sha256 or not place.is_file():
        raise BadPicture(
            f"{picture}: the sound of a picture is in {place.name} beside it, and that is not there; "
            "a picture to look at holds no phases"
        )
    try:
        with Image.open(place, formats=("PNG",)) as image:
            pixels = np.asarray(image).astype(np.uint16)
    except (OSError, SyntaxError) as error:
        raise BadPicture(f"{place}: is no PNG ({error})") from error
    if _digest(pixels) != page.planes_sha256:
        raise BadPicture(f"{place}: was changed since it was exported; what it would give back is not the recording")
    return page, sound_of(unstacked(pixels, page), page)


def write_sound(pictures: Sequence[Path], wave: Path, about: Path | None = None) -> float:
    """Write the sound of pictures, which follow one another, as a WAVE file of 32-bit floats; its length in s.

    Raises:
        BadPicture: one holds no sound, or they do not follow one another.
    """
    import soundfile

    partial = wave.with_name(wave.name + ".part")
    wave.parent.mkdir(parents=True, exist_ok=True)
    before: Page | None = None
    frames = 0
    first = read_page(pictures[0], about)
    try:
        with soundfile.SoundFile(
            partial, "w", samplerate=first.sample_rate, channels=first.channels, format="WAV", subtype="FLOAT"
        ) as file:
            for picture in pictures:
                page, sound = sound_back(picture, about)
                _follows(before, page, picture)
                file.write(sound.T.astype(np.float32))
                before, frames = page, frames + page.frames
        partial.replace(wave)
    finally:
        partial.unlink(missing_ok=True)
    return frames / first.sample_rate


def _follows(before: Page | None, page: Page, picture: Path) -> None:
    if before and (before.pcm_sha256, before.start + before.frames) != (page.pcm_sha256, page.start):
        raise BadPicture(f"{picture}: does not begin where the picture before it ends; name pages in their order")
