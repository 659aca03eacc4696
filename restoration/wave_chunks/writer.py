"""Write a WAVE file a block at a time, between chunks that are carried over, as RF64 where 4 GiB do not suffice."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from restoration.errors import BadSoundFile
from restoration.wave_chunks.wave_format import WaveFormat

LARGEST_RIFF = 0xFFFFFFFF
_DS64 = struct.Struct("<QQQI")
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Extent:
    """A stretch of another file, copied when it is written and never loaded whole."""

    path: Path
    offset: int
    size: int


Body = bytes | Extent
"""The body of a chunk: the bytes, or where they are."""


class WaveWriter:
    """Write sound as it comes. The file appears under its name only when it is whole and on the disk.

    A ``JUNK`` chunk at the start keeps the place of the ``ds64`` chunk that the file gets, with the name RF64, when it
    grows beyond ``largest_riff`` bytes (EBU Tech 3306). The chunks ``before`` hold a ``fmt `` without a body where
    that shall stand; without one it stands last. An ``MD5 `` chunk with the digest of the sound follows the sound.
    """

    def __init__(
        self,
        path: Path,
        format_: WaveFormat,
        before: Sequence[tuple[str, Body]] = (),
        after: Sequence[tuple[str, Body]] = (),
        largest_riff: int = LARGEST_RIFF,
    ) -> None:
        self.path, self.format = path, format_
        self._after, self._largest_riff = after, largest_riff
        self._partial = path.with_name(path.name + ".part")
        self._digest = hashlib.md5(usedforsecurity=False)
        self.data_bytes = 0
        """Bytes of sound so far."""
        self._file = self._partial.open("w+b")
        try:
            self._begin(before)
        except BaseException:
            self._abandon()
            raise

    @property
    def md5(self) -> str:
        """Digest of the sound so far, as lower-case hexadecimal."""
        return self._digest.hexdigest()

    def write(self, frames: bytes | memoryview) -> None:
        """Append interleaved frames, as bytes of the format."""
        self._digest.update(frames)
        self.data_bytes += self._file.write(frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abandon()
            return
        try:
            self._finish()
        except BaseException:
            self._abandon()
            raise
        self._partial.replace(self.path)

    def _begin(self, before: Sequence[tuple[str, Body]]) -> None:
        self._file.write(b"RIFF\0\0\0\0WAVE")
        self._append("JUNK", bytes(_DS64.size))
        fmt: tuple[str, Body] = ("fmt ", self.format.build())
        named = [fmt if name == "fmt " else (name, body) for name, body in before]
        for name, body in named if fmt in named else [*named, fmt]:
            self._append(name, body)
        self._file.write(b"data\0\0\0\0")
        self._data_start = self._file.tell()

    def _append(self, name: str, body: Body) -> None:
        size = body.size if isinstance(body, Extent) else len(body)
        if size > LARGEST_RIFF:
            raise BadSoundFile(self.path, f"cannot carry a chunk '{name}' of {size} bytes")
        self._file.write(name.encode("ascii") + struct.pack("<I", size))
        if isinstance(body, Extent):
            for piece in _pieces(body):
                self._file.write(piece)
        else:
            self._file.write(body)
        self._file.write(b"\0" * (size % 2))

    def _finish(self) -> None:
        self._file.write(b"\0" * (self.data_bytes % 2))
        self._append("MD5 ", self._digest.digest())
        for name, body in self._after:
            self._append(name, body)
        self._write_sizes(self._file.tell() - 8)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _write_sizes(self, riff_bytes: int) -> None:
        short = riff_bytes <= self._largest_riff
        riff, data = (riff_bytes, self.data_bytes) if short else (LARGEST_RIFF, LARGEST_RIFF)
        _write_at(self._file, 0, (b"RIFF" if short else b"RF64") + struct.pack("<I", riff))
        _write_at(self._file, self._data_start - 4, struct.pack("<I", data))
        if not short:
            frames = self.data_bytes // self.format.block_align
            ds64 = _DS64.pack(riff_bytes, self.data_bytes, frames, 0)
            _write_at(self._file, 12, b"ds64" + struct.pack("<I", _DS64.size) + ds64)

    def _abandon(self) -> None:
        # On a full disk, closing fails as writing did; what has not been written yet is not wanted any more.
        with suppress(OSError):
            self._file.close()
        self._partial.unlink(missing_ok=True)


def _write_at(file: BinaryIO, offset: int, content: bytes) -> None:
    file.seek(offset)
    file.write(content)


def _pieces(extent: Extent) -> Iterator[bytes]:
    with extent.path.open("rb") as file:
        file.seek(extent.offset)
        left = extent.size
        while left:
            piece = file.read(min(left, _COPY_BYTES))
            if not piece:
                raise BadSoundFile(extent.path, f"ended {left} bytes before the end of a chunk that it listed")
            yield piece
            left -= len(piece)
