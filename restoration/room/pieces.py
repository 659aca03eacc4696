"""Pieces of an Opus file that a page opened from disk can play, with the packets of the file itself.

Nothing is decoded or encoded: the packets that cover a piece are put into an Ogg Opus stream of their own (RFC 7845).
What is heard is bit for bit what the digest of the whole file vouches for.

An Opus decoder that starts in the middle of a stream needs 80 ms of sound before it is near enough (RFC 7845, section
4.6), and several times that before it is right to the last bits. So each piece begins with ``PREROLL_FRAMES`` more,
which its header counts as pre-skip: **every decoder drops them itself**, Chromium's ``decodeAudioData`` too. A player
skips nothing. The granule position of its last page cuts the end, so that a piece decodes to exactly its share of the
sound: piece n is the frames from ``n * piece_frames`` to ``(n + 1) * piece_frames`` at 48 kHz, the last one shorter.
Played one after the other without a gap they are the file.
"""

from __future__ import annotations

import base64
import json
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from restoration.errors import BadSoundFile
from restoration.sound_files import ogg

SAMPLE_RATE = 48000
PIECE_FRAMES = 10 * SAMPLE_RATE
PREROLL_FRAMES = 32 * 960
"""0.64 s. A pre-skip of 32,768 and more, which RFC 7845 allows, libsndfile does not follow."""
PACKETS_A_PAGE = 50
_SERIAL = 1
_PRE_SKIP = slice(10, 12)
_TAGS = b"OpusTags" + struct.pack("<I14sI", 14, b"heritage-voice", 0)
_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)


class Timed(NamedTuple):
    """A packet that is decoded to the frames from ``start`` to ``stop``, counted before anything is skipped."""

    content: bytes
    start: int
    stop: int


class Piece(NamedTuple):
    """Piece ``number`` of a sound: an Ogg Opus stream, and how many frames it decodes to."""

    number: int
    stream: bytes
    frames: int

    def script(self, sound: str) -> str:
        """The piece as a classic script, which a page from disk may load."""
        coded = base64.b64encode(self.stream).decode("ascii")
        return f'HERITAGE.piece({json.dumps(sound)}, {self.number}, "{coded}");\n'


@dataclass(frozen=True)
class OpusFile:
    """An Ogg Opus file: its identification header, and the frame, before skipping, at which its sound ends."""

    path: Path
    head: bytes
    end: int

    @classmethod
    def open(cls, path: Path) -> Self:
        """Look at a file.

        Raises:
            BadSoundFile: it is no Ogg Opus, or damaged.
        """
        if damage := ogg.damage(path):
            raise BadSoundFile(path, damage)
        head = next(ogg.packets(path)).content
        if not head.startswith(b"OpusHead") or len(head) < 19:
            raise BadSoundFile(path, "is no Ogg Opus: it does not begin with an Opus header")
        return cls(path, head, ogg.last_granule(path))

    @property
    def pre_skip(self) -> int:
        return int.from_bytes(self.head[_PRE_SKIP], "little")

    @property
    def frames(self) -> int:
        """Frames of the sound at 48 kHz."""
        return max(0, self.end - self.pre_skip)

    def pieces_of(self, piece_frames: int) -> int:
        """How many pieces it makes."""
        return -(-self.frames // piece_frames)

    def timed(self) -> Iterator[Timed]:
        """The packets of sound.

        Raises:
            BadSoundFile: their times are not those that the pages tell.
        """
        at = 0
        for number, packet in enumerate(ogg.packets(self.path)):
            if number < 2:
                continue  # The identification header and the tags.
            start, at = at, at + packet_frames(packet.content)
            if packet.granule is not None and at != packet.granule and not (packet.last and at > packet.granule):
                raise BadSoundFile(
                    self.path, f"has a page that ends at frame {packet.granule}, where its packets end at {at}"
                )
            yield Timed(packet.content, start, at)


def pieces(path: Path, piece_frames: int = PIECE_FRAMES) -> Iterator[Piece]:
    """Cut an Ogg Opus file; memory holds one piece, however long the file is.

    Args:
        path: the file, any number of channels.
        piece_frames: length of a piece at 48 kHz; the last one holds what is left.

    Raises:
        BadSoundFile: it is no Ogg Opus, or damaged.
    """
    if piece_frames < 1:
        raise ValueError(f"a piece of {piece_frames} frames holds nothing")
    file = OpusFile.open(path)
    packets = file.timed()
    held: deque[Timed] = deque()
    for number in range(file.pieces_of(piece_frames)):
        start = file.pre_skip + number * piece_frames
        stop = min(start + piece_frames, file.end)
        while not held or held[-1].stop < stop:
            held.append(_next(file, packets))
        while held[0].stop <= start - PREROLL_FRAMES:
            held.popleft()
        yield Piece(number, _stream(file.head, [one for one in held if one.start < stop], start, stop), stop - start)


def packet_frames(packet: bytes) -> int:
    """How many frames at 48 kHz a packet is decoded to (RFC 6716, section 3.1)."""
    if not packet:
        return 0
    kind, code = packet[0] >> 3, packet[0] & 3
    each = _SILK[kind & 3] if kind < 12 else _HYBRID[kind & 1] if kind < 16 else _CELT[kind & 3]
    count = (1, 2, 2)[code] if code < 3 else packet[1] & 63 if len(packet) > 1 else 0
    return each * count


def _next(file: OpusFile, packets: Iterator[Timed]) -> Timed:
    try:
        return next(packets)
    except StopIteration:
        raise BadSoundFile(file.path, f"has packets for less than the {file.end} frames its last page tells") from None


def _stream(head: bytes, packets: Sequence[Timed], start: int, stop: int) -> bytes:
    """An Ogg Opus stream of ``packets`` that decodes to the frames from ``start`` to ``stop``."""
    first = packets[0].start
    pre_skip = (start - first).to_bytes(2, "little")
    described = head[: _PRE_SKIP.start] + pre_skip + head[_PRE_SKIP.stop :]
    pages = [
        ogg.page_of([described], 0, serial=_SERIAL, sequence=0),
        ogg.page_of([_TAGS], 0, serial=_SERIAL, sequence=1),
    ]
    groups = list(_groups(packets))
    for number, group in enumerate(groups, start=1):
        last = number == len(groups)
        granule = (stop if last else group[-1].stop) - first
        contents = [one.content for one in group]
        pages.append(ogg.page_of(contents, granule, serial=_SERIAL, sequence=number + 1, last=last))
    return b"".join(pages)


def _groups(packets: Sequence[Timed]) -> Iterator[list[Timed]]:
    """The packets of each page."""
    group: list[Timed] = []
    laces = 0
    for packet in packets:
        more = ogg.laces_of(packet.content)
        if group and (len(group) == PACKETS_A_PAGE or laces + more > ogg.MOST_LACES):
            yield group
            group, laces = [], 0
        group.append(packet)
        laces += more
    yield group
