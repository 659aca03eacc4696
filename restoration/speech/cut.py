"""Segments cut to files of their own, for listening, transcription and choosing a reference set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restoration.audio import Block, Recording
from restoration.sound_files import BwfDescription, Written, write_bwf, write_flac
from restoration.speech.segments import Segment, Segmentation
from restoration.speech.writers.subject import file_stem


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How segments are cut.

    Attributes:
        container: "flac" or "wav".
        pad_s: seconds of the recording kept before and after each segment, at most to the neighbouring segment.
        bits: 16 or 24.
        dither_seed: of the dither, which is the same for the same segment whenever it is cut.
    """

    container: str = "flac"
    pad_s: float = 0.0
    bits: int = 24
    dither_seed: int = 0

    def __post_init__(self) -> None:
        if self.container not in ("flac", "wav"):
            raise ValueError(f"segments are cut to 'flac' or 'wav', not to '{self.container}'")
        if not 0 <= self.pad_s <= 60:
            raise ValueError(f"pad_s is from 0 to 60 seconds, not {self.pad_s}")
        if self.bits not in (16, 24):
            raise ValueError(f"bits is 16 or 24, not {self.bits}")


@dataclass(frozen=True)
class Stretch:
    """Frames ``first`` to ``stop`` of a recording, read in blocks as a recording is."""

    recording: Recording
    first: int
    stop: int

    @property
    def sample_rate(self) -> int:
        return self.recording.sample_rate

    @property
    def channels(self) -> int:
        return self.recording.channels

    @property
    def frames(self) -> int:
        return self.stop - self.first

    def blocks(self, context: int = 0, align: int = 1) -> Iterator[Block]:
        """Cover the stretch once; frame numbers count from its beginning, and nothing outside of it is given."""
        size = max(align, self.recording.block_frames // align * align)
        context = -(-context // align) * align
        for start in range(0, self.frames, size):
            frames = min(size, self.frames - start)
            begin, end = max(0, start - context), min(self.frames, start + frames + context)
            samples = self.recording.read(self.first + begin, self.first + end).samples
            yield Block(np.ascontiguousarray(samples), start, start - begin, frames)


def cut_segments(
    recording: Recording,
    segmentation: Segmentation,
    folder: Path,
    *,
    identifier: str,
    cutting: Cutting | None = None,
) -> list[Written]:
    """Write each segment to a file in ``folder``, which is made if need be.

    The names give the order and the speaker: ``tape-12_001_speaker-1.flac``.

    Args:
        recording: what is cut, at its own sample rate.
        segmentation: of this recording.
        folder: where the files go.
        identifier: of the item, with which the names begin.
        cutting: how; FLAC of 24 bits without padding by default.

    Raises:
        BadSoundFile: a file cannot be written.
    """
    cutting = cutting or Cutting()
    folder.mkdir(parents=True, exist_ok=True)
    digits = max(3, len(str(len(segmentation.segments))))
    files = []
    for number, segment in enumerate(segmentation.segments, start=1):
        name = f"{file_stem(identifier)}_{number:0{digits}d}_{file_stem(segment.speaker)}.{cutting.container}"
        stretch = _stretch(recording, segmentation.segments, number - 1, cutting.pad_s)
        if stretch.frames:
            files.append(_write(stretch, folder / name, f"{identifier}, {segment.speaker}", cutting))
    return files


def _stretch(recording: Recording, segments: tuple[Segment, ...], index: int, pad_s: float) -> Stretch:
    before = segments[index - 1].end_s if index else 0.0
    after = segments[index + 1].start_s if index + 1 < len(segments) else recording.duration_s
    start_s = max(segments[index].start_s - pad_s, before)
    end_s = min(segments[index].end_s + pad_s, after)
    first = min(round(start_s * recording.sample_rate), recording.frames)
    return Stretch(recording, first, max(first, min(round(end_s * recording.sample_rate), recording.frames)))


def _write(stretch: Stretch, path: Path, title: str, cutting: Cutting) -> Written:
    if cutting.container == "flac":
        return write_flac(stretch, path, tags={"title": title}, bits=cutting.bits, dither_seed=cutting.dither_seed)
    about = BwfDescription(texts={"description": title})
    return write_bwf(stretch, path, description=about, bits=cutting.bits, dither_seed=cutting.dither_seed)
