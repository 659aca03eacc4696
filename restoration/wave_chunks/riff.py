"""The list of chunks of a RIFF/WAVE, RF64 or BW64 file, read without trusting one size in it.

Nothing is allocated that the bytes of the file do not justify, and the sound itself is never loaded. What a damaged
header leaves usable comes with a warning, a sentence for the log; what it does not is a ``BadSoundFile``.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from restoration.errors import BadSoundFile
from restoration.wave_chunks.bext import Bext
from restoration.wave_chunks.info import CuePoint, parse_cues, parse_info, parse_labels
from restoration.wave_chunks.wave_format import WaveFormat

MAX_CHUNKS = 4096
MAX_BODY_BYTES = 64 << 20
"""A chunk beside the sound that is larger is listed and carried over, but not read."""

FORMS = (b"RIFF", b"RF64", b"BW64")
_IN_DS64 = 0xFFFFFFFF
# What writers that cannot go back leave as the size of the sound: ffmpeg, sox, and others the largest signed number.
_UNFINISHED = (_IN_DS64, 0x7FFFF000, 0x7FFFFFFF)


@dataclass(frozen=True)
class Chunk:
    """A chunk: ``size`` bytes are there from ``offset``; its header promises ``promised`` (None: it cannot say)."""

    id: str
    offset: int
    size: int
    promised: int | None


@dataclass(frozen=True)
class WaveFile:
    """What the header of a file says about it, and what is there.

    ``form`` is ``RIFF``, ``RF64`` or ``BW64``; ``sound`` is the ``data`` chunk; ``trailing_bytes`` stand at the end
    and belong to no whole chunk; ``warnings`` are sentences about what is wrong and can be lived with.
    """

    path: Path
    form: str
    chunks: tuple[Chunk, ...]
    format: WaveFormat
    sound: Chunk
    trailing_bytes: int
    warnings: tuple[str, ...]

    @property
    def frames(self) -> int:
        """Whole frames that are there (of sound that needs no codec)."""
        return self.sound.size // self.format.block_align

    @property
    def missing_bytes(self) -> int:
        """How much of the sound its header promises and the file does not have."""
        return 0 if self.sound.promised is None else self.sound.promised - self.sound.size

    def read(self, chunk: Chunk) -> bytes:
        """The body of a chunk beside the sound.

        Raises:
            BadSoundFile: it is larger than any such chunk should be, or the file is not readable any more.
        """
        if chunk.size > MAX_BODY_BYTES:
            raise BadSoundFile(self.path, f"has a chunk '{chunk.id}' of {chunk.size} bytes, too large to be read")
        with _open(self.path) as file:
            return _read_at(file, chunk.offset, chunk.size)

    def first(self, chunk_id: str) -> Chunk | None:
        """The first chunk of that name."""
        return next((chunk for chunk in self.chunks if chunk.id == chunk_id), None)

    @cached_property
    def bext(self) -> Bext | None:
        body = self._body("bext")
        return None if body is None else Bext(body)

    @cached_property
    def ixml(self) -> bytes | None:
        return self._body("iXML")

    @cached_property
    def info(self) -> dict[str, str]:
        """Texts of every ``LIST``/INFO chunk."""
        return {name: text for body in self._lists() for name, text in parse_info(body).items()}

    @cached_property
    def cues(self) -> list[CuePoint]:
        """Cue points with their labels."""
        labels = {number: label for body in self._lists() for number, label in parse_labels(body).items()}
        return parse_cues(self._body("cue ") or b"", labels)

    @cached_property
    def md5(self) -> str | None:
        """The digest of the sound that the file carries itself, as lower-case hexadecimal."""
        body = self._body("MD5 ")
        return body.hex() if body is not None and len(body) == 16 else None

    def _body(self, chunk_id: str) -> bytes | None:
        chunk = self.first(chunk_id)
        return None if chunk is None else self.read(chunk)

    def _lists(self) -> list[bytes]:
        return [self.read(chunk) for chunk in self.chunks if chunk.id == "LIST" and chunk.size <= MAX_BODY_BYTES]


def read_wave(path: Path) -> WaveFile:
    """List the chunks of a file.

    Raises:
        BadSoundFile: it is no WAVE file, has no readable ``fmt`` or ``data`` chunk, or more than 4096 chunks.
    """
    with _open(path) as file:
        walk = _Walk(path, file)
        walk.run()
        return _described(walk)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadSoundFile(path, f"cannot be read ({error.strerror})") from error


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


@dataclass
class _Walk:
    """One pass over the headers of the chunks."""

    path: Path
    file: BinaryIO
    size: int = 0
    form: str = ""
    chunks: list[Chunk] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    long_sizes: dict[str, int] = field(default_factory=dict)
    end: int = 12
    unexplained: int = 0

    def run(self) -> None:
        self.size = os.fstat(self.file.fileno()).st_size
        riff_bytes = self._open_form()
        while self.end + 8 <= self.size:
            header = _read_at(self.file, self.end, 8)
            if not _is_name(header[:4]):
                break
            self._take(header[:4].decode("ascii"), int.from_bytes(header[4:], "little"), self.end + 8)
        self._compare_form(self.long_sizes.get("riff", riff_bytes))

    def _open_form(self) -> int:
        header = _read_at(self.file, 0, 12)
        if not header:
            raise BadSoundFile(self.path, "is empty")
        if header[:4] == b"RIFX":
            raise BadSoundFile(self.path, "is a RIFX file (the largest byte first); convert it to WAV")
        if header[:4] not in FORMS or header[8:] != b"WAVE":
            raise BadSoundFile(self.path, f"is not a WAVE file: it begins with {header!r}")
        self.form = header[:4].decode("ascii")
        return int.from_bytes(header[4:8], "little")

    def _take(self, name: str, stated: int, offset: int) -> None:
        if len(self.chunks) >= MAX_CHUNKS:
            raise BadSoundFile(self.path, f"has more than {MAX_CHUNKS} chunks, as no sound file has")
        there = self.size - offset
        promised = self._promised(name, stated, offset)
        size = there if promised is None else min(promised, there)
        self.chunks.append(Chunk(name, offset, size, promised))
        if name == "ds64":
            self._take_long_sizes(_read_at(self.file, offset, min(size, 28 + 12 * MAX_CHUNKS)))
        if promised is not None and promised > there and name != "data":
            self.warnings.append(f"the chunk '{name}' promises {promised} bytes, of which {there} are there")
            self.unexplained = there
        self.end = offset + size + self._pad(name, offset + size, size)

    def _promised(self, name: str, stated: int, offset: int) -> int | None:
        there = self.size - offset
        if stated == _IN_DS64 and self.form != "RIFF" and self.long_sizes.get(name):
            return self.long_sizes[name]
        if name != "data":
            return stated
        nothing_but_more = stated == 0 and there > 0 and not self._is_chunk_at(offset)
        if stated in _UNFINISHED or nothing_but_more:
            self.warnings.append(
                f"its header was never finished (the size of the sound is given as {stated}): "
                "the sound is taken to go on to the end of the file"
            )
            return None
        return stated

    def _pad(self, name: str, end: int, size: int) -> int:
        if size % 2 == 0 or end >= self.size:
            return 0
        # Writers that forget the pad byte put the next chunk at an odd place.
        if not self._is_chunk_at(end + 1) and self._is_chunk_at(end):
            self.warnings.append(f"the chunk '{name}' has an odd size and no pad byte after it")
            return 0
        return 1

    def _is_chunk_at(self, offset: int) -> bool:
        header = _read_at(self.file, offset, 8)
        return len(header) == 8 and _is_name(header[:4]) and int.from_bytes(header[4:], "little") <= self.size - offset

    def _take_long_sizes(self, body: bytes) -> None:
        if self.form == "RIFF":
            return
        if len(body) < 24:
            self.warnings.append(f"its ds64 chunk has {len(body)} bytes where 28 are needed")
            return
        riff, data, _ = struct.unpack_from("<QQQ", body)
        self.long_sizes |= {"riff": riff, "data": data}
        rows = min(int.from_bytes(body[24:28], "little"), max(0, len(body) - 28) // 12)
        for name, size in struct.iter_unpack("<4sQ", body[28 : 28 + 12 * rows]):
            self.long_sizes.setdefault(name.decode("latin-1"), size)

    def _compare_form(self, riff_bytes: int) -> None:
        if self.end < self.size:
            self.warnings.append(f"{self.size - self.end} bytes follow its last chunk and are none themselves")
        whole = all(chunk.promised == chunk.size for chunk in self.chunks)
        if whole and self.size - 8 - riff_bytes not in (0, 1, -1):
            self.warnings.append(f"its header speaks of {riff_bytes + 8} bytes; the file has {self.size}")


def _is_name(name: bytes) -> bool:
    return name.isascii() and name.decode("ascii").isprintable()


def _described(walk: _Walk) -> WaveFile:
    format_ = _format(walk)
    sounds = [chunk for chunk in walk.chunks if chunk.id == "data"]
    if not sounds:
        raise BadSoundFile(walk.path, "has no data chunk: it is a header without sound")
    if len(sounds) > 1:
        walk.warnings.append(f"it has {len(sounds)} data chunks; the first is taken for the sound")
    if walk.form != "RIFF" and "data" not in walk.long_sizes:
        walk.warnings.append(f"it is an {walk.form} file without a usable ds64 chunk")
    return WaveFile(
        path=walk.path,
        form=walk.form,
        chunks=tuple(walk.chunks),
        format=format_,
        sound=sounds[0],
        trailing_bytes=walk.unexplained or max(0, walk.size - walk.end),
        warnings=(*walk.warnings, *_about_sound(format_, sounds[0])),
    )


def _format(walk: _Walk) -> WaveFormat:
    chunk = next((chunk for chunk in walk.chunks if chunk.id == "fmt "), None)
    if chunk is None:
        raise BadSoundFile(walk.path, "has no fmt chunk: nothing says how its sound is to be read")
    try:
        return WaveFormat.parse(_read_at(walk.file, chunk.offset, min(chunk.size, 64)))
    except ValueError as error:
        raise BadSoundFile(walk.path, str(error)) from error


def _about_sound(format_: WaveFormat, sound: Chunk) -> list[str]:
    warnings = []
    if sound.promised is not None and sound.promised > sound.size:
        missing = sound.promised - sound.size
        length = ""
        if format_.is_plain_pcm:
            length = f" ({missing / format_.block_align / format_.sample_rate:.3f} s)"
        warnings.append(f"the sound is cut short: {missing} of its {sound.promised} bytes{length} are missing")
    elif format_.is_plain_pcm and sound.size % format_.block_align:
        warnings.append(f"the last {sound.size % format_.block_align} bytes of the sound are not a whole frame")
    return warnings
