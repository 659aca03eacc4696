"""Pages of an Ogg stream (RFC 3533): are all there and undamaged; and a stream number that is not left to chance."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<4sBBqIIIB")
_CHECKSUM = slice(22, 26)
_LAST = 0x04
_SWAPPED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Page(NamedTuple):
    offset: int
    content: bytes
    flags: int
    serial: int
    sequence: int
    checksum: int


def damage(path: Path) -> str | None:
    """What is wrong with the pages of a file, as the rest of a sentence; None where all is well."""
    previous: dict[int, int] = {}
    end, ended = 0, True
    with path.open("rb") as file:
        for page in _pages(file):
            where = f"the Ogg page at byte {page.offset}"
            if _checksum(page.content) != page.checksum:
                return f"is damaged: {where} does not fit its checksum"
            if page.sequence != previous.get(page.serial, page.sequence - 1) + 1:
                return f"is damaged: pages are missing before {where}"
            previous[page.serial] = page.sequence
            end, ended = page.offset + len(page.content), bool(page.flags & _LAST)
        size = file.seek(0, 2)
    if not ended or not previous:
        return f"is cut short: it ends at byte {size} without a last page; how much is missing cannot be known"
    return None if end == size else f"has {size - end} bytes at its end that are not an Ogg page"


def renumber(path: Path, serial: int) -> None:
    """Give every page that stream number, in place; encoders draw one by chance, which makes no two files the same."""
    with path.open("r+b") as file:
        for page in list(_offsets(file)):
            file.seek(page[0])
            content = bytearray(file.read(page[1]))
            struct.pack_into("<I", content, 14, serial)
            content[_CHECKSUM] = _checksum(bytes(content)).to_bytes(4, "little")
            file.seek(page[0])
            file.write(content)


def _offsets(file: BinaryIO) -> Iterator[tuple[int, int]]:
    for page in _pages(file):
        yield page.offset, len(page.content)


def _pages(file: BinaryIO) -> Iterator[_Page]:
    offset = 0
    while True:
        file.seek(offset)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or header[:5] != b"OggS\0":
            return
        _, _, flags, _, serial, sequence, checksum, segments = _HEADER.unpack(header)
        lacing = file.read(segments)
        content = header + lacing + file.read(sum(lacing))
        if len(content) < _HEADER.size + segments + sum(lacing):
            return
        yield _Page(offset, content, flags, serial, sequence, checksum)
        offset += len(content)


def _checksum(page: bytes) -> int:
    """The CRC of RFC 3533, which is zlib's read backwards: the bits of each byte and of the result are reversed."""
    blank = page[:22] + bytes(4) + page[26:]
    backwards = zlib.crc32(blank.translate(_SWAPPED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{backwards:032b}"[::-1], 2)
