"""Pages of an Ogg stream (RFC 3533): whether all are there and undamaged, the packets in them, and pages of packets.

An encoder draws the number of its stream by chance; ``renumber`` takes the chance away.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct("<4sBBqIIIB")
_CHECKSUM = slice(22, 26)
_FIRST, _LAST = 0x02, 0x04
_LONGEST_LACE, MOST_LACES = 255, 255
_SWAPPED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Page(NamedTuple):
    offset: int
    content: bytes
    flags: int
    serial: int
    sequence: int
    checksum: int

    @property
    def granule(self) -> int:
        return int(struct.unpack_from("<q", self.content, 6)[0])

    def laced(self) -> Iterator[tuple[bytes, bool]]:
        """The parts of packets on the page, and of each whether the packet ends here."""
        laces = self.content[_HEADER.size : _HEADER.size + self.content[26]]
        start = stop = _HEADER.size + len(laces)
        for lace in laces:
            stop += lace
            if lace < _LONGEST_LACE:
                yield self.content[start:stop], True
                start = stop
        if stop > start or (laces and laces[-1] == _LONGEST_LACE):
            yield self.content[start:stop], False


class Packet(NamedTuple):
    """A packet. ``granule`` is that of the page it is the last to end on, else None; ``last``: of the stream."""

    content: bytes
    granule: int | None
    last: bool


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


def packets(path: Path) -> Iterator[Packet]:
    """The packets of the first stream of a file, in order; memory holds one page. For a file without ``damage``."""
    with path.open("rb") as file:
        begun, serial = b"", None
        for page in _pages(file):
            serial = page.serial if serial is None else serial
            if page.serial != serial:
                continue
            ended = []
            for part, ends in page.laced():
                begun += part
                if ends:
                    ended.append(begun)
                    begun = b""
            closing = bool(page.flags & _LAST)
            for number, content in enumerate(ended, start=1):
                final = number == len(ended)
                yield Packet(content, page.granule if final else None, final and closing)


def last_granule(path: Path) -> int:
    """The granule position of the last page, which is where the sound ends."""
    with path.open("rb") as file:
        return max((page.granule for page in _pages(file)), default=0)


def laces_of(packet: bytes) -> int:
    """How many laces a packet takes, of the ``MOST_LACES`` that a page has."""
    return len(packet) // _LONGEST_LACE + 1


def page_of(packets: Sequence[bytes], granule: int, *, serial: int, sequence: int, last: bool = False) -> bytes:
    """A page that holds whole packets; page 0 begins its stream."""
    laces = b"".join(bytes([_LONGEST_LACE]) * (len(one) // _LONGEST_LACE) + bytes([len(one) % 255]) for one in packets)
    flags = (_FIRST if sequence == 0 else 0) | (_LAST if last else 0)
    head = _HEADER.pack(b"OggS", 0, flags, granule, serial, sequence, 0, len(laces))
    page = head + laces + b"".join(packets)
    return page[:22] + _checksum(page).to_bytes(4, "little") + page[26:]


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
