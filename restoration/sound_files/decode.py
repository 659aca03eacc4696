"""The sound of a file as a recording: all of it, exactly, or a sentence about what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.audio import BLOCK_FRAMES, Audio, Writer
from restoration.errors import BadSoundFile
from restoration.sound_files import ogg
from restoration.sound_files.codec_file import CodecFile
from restoration.sound_files.identify import SoundFormat, container_of, cut_short, identify
from restoration.sound_files.promises import counts_its_frames
from restoration.wave_chunks import WaveFile, WaveFormat, read_wave
from restoration.wave_chunks.wave_format import FLOAT

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames there are (0 where only decoding can tell)."""

Frames = npt.NDArray[np.float32]
"""Shape (time, channels)."""


def decode(path: Path, writer: Writer, progress: Progress | None = None) -> SoundFormat:
    """Write the sound of ``path`` to ``writer``. Integers of up to 24 bits arrive exactly.

    PCM in WAVE, RF64 and BW64 is read by the project itself; whatever needs a codec, by libsndfile.

    Raises:
        BadSoundFile: less is there than the header promises, the file is damaged, it holds no sound, or samples that
            are not numbers.
    """
    found = identify(path)
    if found.shortfall:
        raise BadSoundFile(path, found.shortfall)
    if found.container.startswith("Ogg") and (damage := ogg.damage(path)):
        raise BadSoundFile(path, damage)
    wave = read_wave(path) if container_of(path) == "WAV" else None
    if wave is not None and wave.format.is_plain_pcm:
        reader = _WaveReader(wave)
        frames = _copy(path, reader.blocks(), writer, found, progress)
        return replace(found, frames=frames, warnings=(*found.warnings, *reader.remarks))
    with CodecFile(path) as file:
        frames = _copy(path, file.float_blocks(BLOCK_FRAMES), writer, found, progress)
        promised = file.promised_frames
    if promised is not None and promised != frames and _is_a_promise(path, found):
        raise BadSoundFile(path, cut_short(promised, frames, found.sample_rate))
    return replace(found, frames=frames)


def _is_a_promise(path: Path, found: SoundFormat) -> bool:
    # Without a count in the file, the number of frames of an MP3 is libsndfile's guess from its size.
    return found.container != "MP3" or counts_its_frames(path)


def _copy(path: Path, blocks: Iterator[Frames], writer: Writer, found: SoundFormat, progress: Progress | None) -> int:
    done = 0
    for block in blocks:
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            first = done + int(np.argmin(finite))
            raise BadSoundFile(
                path,
                f"has samples that are not numbers (NaN or infinity), the first at {first / found.sample_rate:.3f} s "
                f"(frame {first})",
            )
        writer.write(Audio(np.ascontiguousarray(block.T), found.sample_rate))
        done += len(block)
        if progress is not None:
            progress(done, max(done, found.frames))
    if not done:
        raise BadSoundFile(path, "holds no sound at all")
    return done


class _WaveReader:
    """Plain PCM of a WAVE file; ``remarks`` are what reading showed."""

    def __init__(self, wave: WaveFile) -> None:
        self._wave = wave
        self.remarks: list[str] = []

    def blocks(self) -> Iterator[Frames]:
        wave = self._wave
        align, left = wave.format.block_align, wave.sound.size
        expected = wave.md5
        digest = hashlib.md5(usedforsecurity=False)
        with wave.path.open("rb") as file:
            file.seek(wave.sound.offset)
            while left:
                raw = file.read(min(left, align * BLOCK_FRAMES))
                if not raw:
                    raise BadSoundFile(wave.path, f"ended {left} bytes before the end of its sound while it was read")
                left -= len(raw)
                if expected:
                    digest.update(raw)
                whole = raw[: len(raw) // align * align]
                if whole:
                    yield floats_of(whole, wave.format)
        if expected and digest.hexdigest() != expected:
            self.remarks.append(
                f"its MD5 chunk says {expected}, but the MD5 of its sound is {digest.hexdigest()}: "
                "the sound was changed after the chunk was written"
            )


def floats_of(raw: bytes, format_: WaveFormat) -> Frames:
    """Frames (time, channels) of plain PCM, full scale 1.0; 8, 16 and 24 bits exactly."""
    bits = format_.bits
    if format_.tag == FLOAT:
        # Doubles beyond the range of floats become infinite, which the reader refuses.
        with np.errstate(over="ignore"):
            flat = np.frombuffer(raw, f"<f{bits // 8}").astype(np.float32)
    elif bits == 8:
        flat = (np.frombuffer(raw, "u1").astype(np.float32) - 128) / np.float32(128)
    elif bits == 24:
        # As the three upper bytes of 32-bit integers, whose conversion to float32 loses nothing: 24 bits matter.
        wide = np.zeros((len(raw) // 3, 4), "u1")
        wide[:, 1:] = np.frombuffer(raw, "u1").reshape(-1, 3)
        flat = wide.view("<i4").ravel().astype(np.float32) * np.float32(2**-31)
    else:
        flat = np.frombuffer(raw, f"<i{bits // 8}").astype(np.float32) * np.float32(2.0 ** (1 - bits))
    return flat.reshape(-1, format_.channels)
