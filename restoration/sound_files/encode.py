"""Access copies: FLAC, Opus and MP3, encoded by libsndfile in cells of a fraction of a second."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from restoration.audio import BLOCK_FRAMES
from restoration.errors import BadSoundFile
from restoration.fixity import digests
from restoration.sound_files import ogg
from restoration.sound_files.codec_file import CodecFile
from restoration.sound_files.dither import quantise
from restoration.sound_files.tags import tag_id3, tag_vorbis
from restoration.sound_files.written import Sound, Written, cells

OPUS_SAMPLE_RATE = 48000
_MP3_SAMPLE_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MP3_QUALITY = 0.2
_OPUS_SERIAL = 1

Frames = npt.NDArray[np.float64]


def write_flac(
    sound: Sound,
    path: Path,
    *,
    tags: Mapping[str, str] | None = None,
    gain_db: float = 0.0,
    bits: int = 24,
    dither_seed: int = 0,
) -> Written:
    """Write FLAC of 16 or 24 bits, dithered as the production master is.

    ``tags`` are any names; ``title``, ``identifier`` and ``comment`` are the usual ones. ``gain_db`` is applied before;
    samples beyond full scale are clipped and counted.
    """
    clipped = dithered = 0
    with _partial(path) as partial:
        with _encoder(partial, sound.sample_rate, sound.channels, format="FLAC", subtype=f"PCM_{bits}") as file:
            for cell in cells(sound):
                quantised = quantise(cell.samples, cell.number, bits, dither_seed, 10 ** (gain_db / 20))
                file.write(quantised.values << (32 - bits))
                clipped += quantised.clipped
                dithered += quantised.dithered * len(quantised.values)
        _check(partial, "FLAC", sound.frames)
        tag_vorbis(partial, "FLAC", tags or {})
    return _written(path, "FLAC", (sound.frames, sound.sample_rate), clipped, dithered)


def write_opus(
    sound: Sound,
    path: Path,
    *,
    tags: Mapping[str, str] | None = None,
    gain_db: float = 0.0,
    bit_rate_kbps: float = 64.0,
) -> Written:
    """Write Ogg Opus at 48 kHz, resampled where the sound has another rate.

    ``bit_rate_kbps`` is for each channel, 6 to 256. The rest is as in ``write_flac``.
    """
    if not 6 <= bit_rate_kbps <= 256:
        raise ValueError(f"Opus takes 6 to 256 kb/s a channel, not {bit_rate_kbps}")
    options = {"format": "OGG", "subtype": "OPUS", "compression_level": (256 - bit_rate_kbps) / 250}
    with _partial(path) as partial:
        with _encoder(partial, OPUS_SAMPLE_RATE, sound.channels, **options) as file:
            frames, clipped = _encode(file, sound, OPUS_SAMPLE_RATE, gain_db)
        _check(partial, "Ogg Opus", frames)
        tag_vorbis(partial, "Ogg Opus", tags or {})
        ogg.renumber(partial, _OPUS_SERIAL)
    return _written(path, "Ogg Opus", (frames, OPUS_SAMPLE_RATE), clipped)


def write_mp3(sound: Sound, path: Path, *, tags: Mapping[str, str] | None = None, gain_db: float = 0.0) -> Written:
    """Write MP3 of variable bit rate (LAME's quality 2), at 48 kHz where MP3 does not have the sound's rate.

    Raises:
        BadSoundFile: more than two channels, which MP3 does not have.
    """
    if sound.channels > 2:
        raise BadSoundFile(path, f"cannot be MP3: it has two channels at most, the sound has {sound.channels}")
    sample_rate = sound.sample_rate if sound.sample_rate in _MP3_SAMPLE_RATES else 48000
    options = {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "bitrate_mode": "VARIABLE",
        "compression_level": _MP3_QUALITY,
    }
    with _partial(path) as partial:
        with _encoder(partial, sample_rate, sound.channels, **options) as file:
            frames, clipped = _encode(file, sound, sample_rate, gain_db)
        _check(partial, "MP3", frames)
        tag_id3(partial, tags or {})
    return _written(path, "MP3", (frames, sample_rate), clipped)


def before_encoding(sound: Sound, sample_rate: int, gain_db: float) -> Iterator[Frames]:
    """What an encoder is given: blocks (time, channels) at that rate, with the gain, clipped to full scale."""
    gain = 10 ** (gain_db / 20)
    for block in _resampled(sound, sample_rate):
        yield np.clip(block * gain, -1, 1)


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A place beside ``path`` that becomes it when all went well."""
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _encoder(path: Path, sample_rate: int, channels: int, **options: object) -> Iterator[soundfile.SoundFile]:
    try:
        with soundfile.SoundFile(path, "w", sample_rate, channels, **options) as file:
            yield file
    except soundfile.SoundFileError as error:
        raise BadSoundFile(path, f"cannot be written ({error})") from error


def _check(path: Path, container: str, frames: int) -> None:
    """libsndfile does not say when the last of an encoder's bytes found no room on the disk: read the file back."""
    damage = ogg.damage(path) if container == "Ogg Opus" else None
    with CodecFile(path) as file:
        found = file.promised_frames or 0
        if container != "Ogg Opus":
            found = sum(len(block) for block in file.float_blocks(BLOCK_FRAMES))
    if damage or found != frames:
        raise BadSoundFile(path, f"could not be written whole: {damage or f'{found} of {frames} frames read back'}")


def _encode(file: soundfile.SoundFile, sound: Sound, sample_rate: int, gain_db: float) -> tuple[int, int]:
    """Frames written and samples clipped."""
    frames = clipped = 0
    gain = 10 ** (gain_db / 20)
    for block in _resampled(sound, sample_rate):
        louder = block * gain
        clipped += int(np.count_nonzero(np.abs(louder) > 1))
        file.write(np.clip(louder, -1, 1))
        frames += len(block)
    return frames, clipped


def _resampled(sound: Sound, sample_rate: int) -> Iterator[Frames]:
    """Blocks of shape (time, channels) at that rate."""
    if sample_rate == sound.sample_rate:
        for cell in cells(sound):
            yield cell.samples.T.astype(np.float64)
        return
    import soxr

    stream = soxr.ResampleStream(sound.sample_rate, sample_rate, sound.channels, dtype="float64", quality="VHQ")
    for cell in cells(sound):
        block = stream.resample_chunk(np.ascontiguousarray(cell.samples.T, np.float64))
        yield from _seconds(block, sample_rate)
    yield from _seconds(stream.resample_chunk(np.zeros((0, sound.channels)), last=True), sample_rate)


def _seconds(block: Frames, sample_rate: int) -> Iterator[Frames]:
    # libsndfile's Opus encoder is not to be given more than a second at a time.
    for start in range(0, len(block), sample_rate):
        yield block[start : start + sample_rate]


def _written(path: Path, container: str, length: tuple[int, int], clipped: int, dithered: int = 0) -> Written:
    frames, sample_rate = length
    return Written(
        path=path,
        container=container,
        bytes=path.stat().st_size,
        sha256=digests(path)["sha256"],
        frames=frames,
        sample_rate=sample_rate,
        clipped_samples=clipped,
        dithered_frames=dithered,
    )
