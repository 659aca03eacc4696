"""Sound, in memory and on disk.

``Audio`` is a piece of sound that fits in memory and cannot be changed. ``Recording`` is a whole tape as a file of
float32 frames, read in blocks, so that ten hours cost the same memory as ten minutes. ``Writer`` makes a new
``Recording``. ``map_blocks`` runs an array function over a recording with as much context on both sides as the
function needs, so that the size of the blocks cannot be heard in, or measured from, the result.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from restoration.errors import BadSoundFile

Samples = npt.NDArray[np.float32]
"""Shape (channels, time), full scale is 1.0."""

BLOCK_FRAMES = 2**18
"""About 5 s at 48 kHz: large enough that overlap costs little, small enough that eight channels fit in 8 MiB."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A piece of sound: ``samples`` float32 of shape (channels, time), read-only; ``sample_rate`` in Hz."""

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        samples = np.asarray(self.samples)
        if samples.ndim != 2:
            raise ValueError(f"samples have the shape (channels, time), not {samples.shape}")
        if samples.dtype != np.float32:
            raise ValueError(f"samples are float32, not {samples.dtype}")
        if self.sample_rate <= 0:
            raise ValueError(f"a sample rate of {self.sample_rate} Hz does not make sense")
        view = samples.view()
        view.flags.writeable = False
        object.__setattr__(self, "samples", view)

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def frames(self) -> int:
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate


class Block(NamedTuple):
    """A stretch of a recording: ``samples`` begins at frame ``start - lead``; the block proper at ``start``."""

    samples: Samples
    start: int
    lead: int
    frames: int


@dataclass(frozen=True, eq=False)
class Recording:
    """A tape as a file of interleaved little-endian float32 frames; never loaded whole.

    ``pcm_sha256`` is the SHA-256 of those bytes: the identity of the sound, whatever file it came from.
    """

    path: Path
    sample_rate: int
    channels: int
    frames: int
    pcm_sha256: str
    block_frames: int = BLOCK_FRAMES

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate

    def with_blocks(self, block_frames: int) -> Recording:
        """The same recording, read in blocks of another size."""
        return replace(self, block_frames=block_frames)

    @classmethod
    def open(cls, path: Path) -> Recording:
        """Open a recording that a ``Writer`` finished.

        Raises:
            BadSoundFile: the description beside it is missing or does not fit the file.
        """
        description = _description_path(path)
        try:
            fields = json.loads(description.read_text(encoding="utf-8"))
            recording = cls(path=path, **fields)
        except (OSError, ValueError, TypeError) as error:
            raise BadSoundFile(path, f"has no usable description {description.name} ({error})") from error
        expected = recording.frames * recording.channels * 4
        found = path.stat().st_size if path.exists() else -1
        if found != expected:
            raise BadSoundFile(path, f"has {found} bytes where its description needs {expected}")
        return recording

    @classmethod
    def from_audio(cls, path: Path, audio: Audio) -> Recording:
        """Write ``audio`` to ``path`` as a recording."""
        with Writer(path) as writer:
            writer.write(audio)
        return writer.recording

    def read(self, start: int = 0, stop: int | None = None) -> Audio:
        """Frames ``start`` to ``stop`` (all of them by default), clipped to the recording."""
        start = max(0, start)
        stop = self.frames if stop is None else min(stop, self.frames)
        count = max(0, stop - start) * self.channels
        with self.path.open("rb", buffering=0) as file:
            file.seek(start * self.channels * 4)
            flat = np.fromfile(file, dtype="<f4", count=count)
        if flat.size != count:
            raise BadSoundFile(self.path, f"ended at sample {flat.size} of the {count} wanted from frame {start}")
        return Audio(np.ascontiguousarray(flat.reshape(-1, self.channels).T), self.sample_rate)

    def blocks(self, context: int = 0, align: int = 1) -> Iterator[Block]:
        """Cover the recording once, each block with up to ``context`` more frames on both sides.

        Blocks begin at multiples of ``align``, so that a function with a hop sees the same grid in every block.
        """
        size = max(align, self.block_frames // align * align)
        context = -(-context // align) * align
        for start in range(0, self.frames, size):
            frames = min(size, self.frames - start)
            first = max(0, start - context)
            samples = self.read(first, start + frames + context).samples
            yield Block(samples, start, start - first, frames)


class Writer:
    """Makes a ``Recording``: appends blocks, digests them on the way, and appears under its name only when whole.

    The first block decides the number of channels and the sample rate.
    """

    def __init__(self, path: Path, block_frames: int = BLOCK_FRAMES) -> None:
        self.path = path
        self._block_frames = block_frames
        self._partial = path.with_name(path.name + ".part")
        self._file = self._partial.open("wb")
        self._digest = hashlib.sha256()
        self._format: tuple[int, int] | None = None
        self._frames = 0
        self._recording: Recording | None = None

    def write(self, audio: Audio) -> None:
        """Append ``audio``.

        Raises:
            ValueError: another format than the first block's, or samples that are not numbers.
        """
        wanted = (audio.channels, audio.sample_rate)
        self._format = self._format or wanted
        if wanted != self._format:
            raise ValueError(f"a block of {wanted} (channels, Hz) in a recording of {self._format}")
        if not np.isfinite(audio.samples).all():
            raise ValueError(f"samples after frame {self._frames} are not numbers (NaN or infinity)")
        frames = np.ascontiguousarray(audio.samples.T, dtype="<f4")
        self._digest.update(frames.data)
        self._file.write(frames.data)
        self._frames += audio.frames

    @property
    def recording(self) -> Recording:
        """The finished recording; there is none before the ``with`` block has ended."""
        if self._recording is None:
            raise ValueError(f"{self.path} is not finished")
        return self._recording

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
        if kind is not None:
            self._partial.unlink(missing_ok=True)
            return
        self._recording = self._finish()

    def _finish(self) -> Recording:
        if self._format is None:
            self._partial.unlink(missing_ok=True)
            raise BadSoundFile(self.path, "holds no sound at all")
        channels, sample_rate = self._format
        fields = {
            "sample_rate": sample_rate,
            "channels": channels,
            "frames": self._frames,
            "pcm_sha256": self._digest.hexdigest(),
        }
        _description_path(self.path).write_text(json.dumps(fields), encoding="utf-8")
        self._partial.replace(self.path)
        return Recording.open(self.path).with_blocks(self._block_frames)


def _description_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def map_blocks(
    recording: Recording,
    function: Callable[[Samples, int], Samples],
    result: Writer,
    *,
    context: int = 0,
    align: int = 1,
) -> None:
    """Write ``function`` of the whole recording to ``result``, a block at a time, without a seam.

    Args:
        recording: what is read.
        function: (samples (channels, time), frame number of the first sample) -> samples of the same shape. What it
            returns at a frame may depend only on what lies within ``context`` of that frame.
        result: what is written.
        context: frames that the function sees beyond both ends of a block.
        align: blocks begin at multiples of this.
    """
    for block in recording.blocks(context, align):
        treated = function(block.samples, block.start - block.lead)
        if treated.shape != block.samples.shape:
            raise ValueError(f"a block of {block.samples.shape} became {treated.shape}")
        kept = treated[:, block.lead : block.lead + block.frames]
        result.write(Audio(np.ascontiguousarray(kept, dtype=np.float32), recording.sample_rate))
