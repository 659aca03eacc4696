"""What the headers of containers other than WAVE promise, and what is there: libsndfile does not compare them."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_MAX_CHUNKS = 4096
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_XING = (b"Xing", b"Info", b"VBRI")


def missing_bytes(path: Path, container: str) -> int:
    """Bytes of sound that the header of an AIFF or W64 file promises and the file does not have."""
    walk = {"AIFF": _aiff_sizes, "AIFF-C": _aiff_sizes, "W64": _w64_sizes}.get(container)
    if walk is None:
        return 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return sum(max(0, offset + sound - size) for offset, sound in walk(file, size))


def aiff_frames(path: Path) -> int | None:
    """Frames by the COMM chunk of an AIFF file; None without one."""
    with path.open("rb") as file:
        for name, offset, _ in _aiff_chunks(file, os.fstat(file.fileno()).st_size):
            if name == b"COMM":
                file.seek(offset)
                comm = file.read(6)
                return int.from_bytes(comm[2:], "big") if len(comm) == 6 else None
    return None


def counts_its_frames(path: Path) -> bool:
    """Whether an MP3 file says in its first frame (Xing, Info, VBRI) how many frames it has."""
    with path.open("rb") as file:
        tag = file.read(10)
        start = 0
        if tag[:3] == b"ID3" and len(tag) == 10:
            start = 10 + sum((byte & 0x7F) << 7 * (3 - place) for place, byte in enumerate(tag[6:10]))
        file.seek(start)
        first = file.read(4096)
    return any(0 <= first.find(mark) < 2048 for mark in _XING)


def _aiff_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    offset = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(offset)
        header = file.read(8)
        if len(header) < 8 or offset >= size:
            return
        length = int.from_bytes(header[4:], "big")
        yield header[:4], offset + 8, length
        offset += 8 + length + length % 2


def _aiff_sizes(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    return ((offset, length) for name, offset, length in _aiff_chunks(file, size) if name == b"SSND")


def _w64_sizes(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    # 16 bytes of GUID, then a size that counts these 24 bytes; chunks begin at multiples of 8.
    offset = 40
    for _ in range(_MAX_CHUNKS):
        file.seek(offset)
        header = file.read(24)
        if len(header) < 24:
            return
        length = struct.unpack_from("<Q", header, 16)[0]
        if header[:16] == _W64_DATA:
            yield offset + 24, max(0, length - 24)
        offset += max(24, length + -length % 8)
        if offset >= size:
            return
