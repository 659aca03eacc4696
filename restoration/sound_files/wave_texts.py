"""What a WAVE file says beside its sound, written anew around the same samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from restoration.errors import BadSoundFile
from restoration.wave_chunks import Bext, Extent, WaveFile, WaveWriter, build_info, list_type
from restoration.wave_chunks.writer import Body

XMP_CHUNK = "_PMX"
_WRITTEN_ANEW = {"ds64", "fmt ", "data", "bext", "MD5 ", "JUNK", "junk", "PAD ", "FLLR"}
# A signature over the file as it was would not fit any more.
_VOID_AFTERWARDS = {"C2PA"}
_COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class WaveTexts:
    """``info``: texts of ``LIST``/INFO by four letters, beside those there are; ``chunks``: others, by their names."""

    bext: Bext
    info: Mapping[str, str] = field(default_factory=dict)
    chunks: Mapping[str, bytes] = field(default_factory=dict)


def write_texts(wave: WaveFile, texts: WaveTexts) -> None:
    """Write the file anew with these texts; its other chunks stay, and it is replaced when the new one is whole.

    Raises:
        BadSoundFile: it ends before its sound does.
    """
    before, after = _chunks(wave, texts)
    with WaveWriter(wave.path, wave.format, before, after) as file, wave.path.open("rb") as source:
        source.seek(wave.sound.offset)
        left = wave.sound.size - wave.sound.size % wave.format.block_align
        while left:
            piece = source.read(min(left, _COPY_BYTES))
            if not piece:
                raise BadSoundFile(wave.path, f"ended {left} bytes before the end of its sound")
            file.write(piece)
            left -= len(piece)


def _chunks(wave: WaveFile, texts: WaveTexts) -> tuple[list[tuple[str, Body]], list[tuple[str, Body]]]:
    # libsndfile reads no PEAK chunk before it has seen the format.
    before: list[tuple[str, Body]] = [("bext", texts.bext.body), ("fmt ", b"")]
    after: list[tuple[str, Body]] = []
    for chunk in wave.chunks:
        info = chunk.id == "LIST" and list_type(wave.read(chunk)) == "INFO"
        if info or chunk.id in _WRITTEN_ANEW | _VOID_AFTERWARDS or chunk.id in texts.chunks:
            continue
        side = before if chunk.offset < wave.sound.offset else after
        side.append((chunk.id, Extent(wave.path, chunk.offset, chunk.size)))
    known = {name: text for name, text in wave.info.items() if len(name) == 4 and name.isascii()}
    after.append(("LIST", build_info({**known, **texts.info})))
    after += list(texts.chunks.items())
    return before, after
