"""What a sound file is, told from its bytes and not from its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restoration.errors import BadSoundFile
from restoration.sound_files.codec_file import CodecFile
from restoration.sound_files.promises import aiff_frames, counts_its_frames, missing_bytes
from restoration.wave_chunks import WaveFile, read_wave
from restoration.wave_chunks.wave_format import FLOAT, PCM

SAMPLE_RATES = range(8000, 192001)
CHANNELS = range(1, 9)

_CODECS = {
    "ALAW": "A-law",
    "ULAW": "mu-law",
    "DOUBLE": "float PCM",
    "FLOAT": "float PCM",
    "MPEG_LAYER_I": "MPEG-1 Layer I",
    "MPEG_LAYER_II": "MPEG-1 Layer II",
    "MPEG_LAYER_III": "MPEG-1 Layer III",
    "OPUS": "Opus",
    "VORBIS": "Vorbis",
}


@dataclass(frozen=True, kw_only=True)
class SoundFormat:
    """What a file is.

    ``container`` is ``WAV``, ``BWF``, ``RF64``, ``BW64``, ``W64``, ``AIFF``, ``AIFF-C``, ``FLAC``, ``MP3``,
    ``Ogg Vorbis``, ``Ogg Opus`` or ``Ogg FLAC``; ``puid`` the PRONOM identifier where it is certain; ``bits`` is None
    for a codec without a word length; ``frames`` 0 where only decoding can tell; ``chunks`` name and size of each;
    ``shortfall`` the rest of a sentence on the sound that its header promises and the file does not have.
    """

    container: str
    codec: str
    channels: int
    sample_rate: int
    frames: int
    bits: int | None = None
    puid: str | None = None
    chunks: tuple[Mapping[str, Any], ...] = ()
    bext: Mapping[str, Any] | None = None
    coding_history: str = ""
    warnings: tuple[str, ...] = ()
    shortfall: str | None = field(default=None)

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate

    def as_dict(self) -> dict[str, Any]:
        """The fields of the log's ``format``, as JSON can hold them. The warnings stand beside it in the event."""
        return {
            "container": self.container,
            "puid": self.puid,
            "codec": self.codec,
            "channels": self.channels,
            "sample_rate": self.sample_rate,
            "bits": self.bits,
            "frames": self.frames,
            "duration_s": round(self.duration_s, 6),
            "chunks": [dict(chunk) for chunk in self.chunks],
            "coding_history": self.coding_history,
            "bext": None if self.bext is None else dict(self.bext),
        }


def identify(path: Path) -> SoundFormat:
    """What ``path`` is, by its header.

    Raises:
        BadSoundFile: it is no sound that can be read here (8 to 192 kHz, 1 to 8 channels, the containers above).
    """
    container = container_of(path)
    found = of_wave(read_wave(path)) if container == "WAV" else _of_codec(path, container)
    if found.sample_rate not in SAMPLE_RATES:
        raise BadSoundFile(
            path,
            f"has a sample rate of {found.sample_rate} Hz; only {SAMPLE_RATES[0]} to {SAMPLE_RATES[-1]} Hz are read",
        )
    if found.channels not in CHANNELS:
        raise BadSoundFile(path, f"has {found.channels} channels; only {CHANNELS[0]} to {CHANNELS[-1]} are read")
    return found


def container_of(path: Path) -> str:
    """The container by the first bytes; ``WAV`` for every kind of WAVE file.

    Raises:
        BadSoundFile: none that is known here, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
            if _is_tagged(head):
                # A signed FLAC file has an ID3 tag before its first marker, as any MP3 file may have.
                file.seek(_id3_bytes(head))
                after = file.read(4)
                head = after if after == b"fLaC" else head
    except OSError as error:
        raise BadSoundFile(path, f"cannot be read ({error.strerror})") from error
    if not head:
        raise BadSoundFile(path, "is empty")
    name = _by_magic(head)
    if name is None:
        kind = "text" if head[:256].isascii() and b"\0" not in head[:256] else f"the bytes {head[:8].hex(' ')}"
        raise BadSoundFile(
            path, f"begins with {kind}; WAV, BWF, RF64, BW64, W64, AIFF, FLAC, MP3, Ogg Vorbis and Ogg Opus are read"
        )
    return name


def _by_magic(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return "WAV"
    if head[:4] == b"FORM":
        return {b"AIFF": "AIFF", b"AIFC": "AIFF-C"}.get(head[8:12])
    if head[:4] == b"OggS":
        return _by_first_packet(head[28:64])
    is_mpeg = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0
    for name, fits in (
        ("W64", head[:16] == b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"),
        ("FLAC", head[:4] == b"fLaC"),
        ("MP3", head[:3] == b"ID3" or is_mpeg),
    ):
        if fits:
            return name
    return None


def _is_tagged(head: bytes) -> bool:
    return head[:3] == b"ID3" and len(head) >= 10


def _id3_bytes(head: bytes) -> int:
    """Length of an ID3v2 tag, header and footer included; sizes are of seven bits a byte."""
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + 10 * bool(head[5] & 0x10)


def _by_first_packet(packet: bytes) -> str | None:
    marks = {b"OpusHead": "Ogg Opus", b"\x01vorbis": "Ogg Vorbis", b"\x7fFLAC": "Ogg FLAC"}
    return next((name for mark, name in marks.items() if packet.startswith(mark)), None)


def of_wave(wave: WaveFile) -> SoundFormat:
    """What a WAVE file is, by its chunks."""
    form, warnings, frames = wave.format, list(wave.warnings), wave.frames
    if not form.is_plain_pcm:
        with CodecFile(wave.path) as file:
            frames = file.promised_frames or 0
    bits = form.valid_bits if form.is_plain_pcm else None
    warnings += _about_precision(form.codec, bits)
    bext = wave.bext
    return SoundFormat(
        container="BWF" if wave.form == "RIFF" and bext else wave.form.replace("RIFF", "WAV"),
        codec=form.codec,
        channels=form.channels,
        sample_rate=form.sample_rate,
        frames=frames,
        bits=bits,
        puid=_puid_of_wave(wave),
        chunks=tuple({"id": chunk.id, "bytes": chunk.size} for chunk in wave.chunks),
        bext=bext.as_dict() if bext else None,
        coding_history=bext.coding_history if bext else "",
        warnings=tuple(warnings),
        shortfall=_shortfall_of_wave(wave),
    )


def _about_precision(codec: str, bits: int | None) -> list[str]:
    """float32 holds 24 bits: what more there is gets rounded."""
    if (codec, bits) == ("float PCM", 64):
        return ["its samples are 64-bit floating point; the work is done in 32-bit floating point"]
    if codec == "PCM" and bits is not None and bits > 24:
        return [f"its samples have {bits} bits; the work is done in 32-bit floating point, which holds 24"]
    return []


def _puid_of_wave(wave: WaveFile) -> str | None:
    if wave.form == "RF64":
        return "fmt/712"
    if wave.form != "RIFF" or wave.format.tag != PCM or wave.format.extensible:
        return None
    if wave.bext is None:
        return "fmt/141"
    return {1: "fmt/704", 2: "fmt/705"}.get(wave.bext.version)


def _shortfall_of_wave(wave: WaveFile) -> str | None:
    form = wave.format
    if wave.missing_bytes:
        if not form.is_plain_pcm:
            return f"is cut short: {wave.missing_bytes} of {wave.sound.promised} bytes of its sound are missing"
        promised = (wave.sound.promised or 0) // form.block_align
        return cut_short(promised, wave.frames, form.sample_rate)
    trailing_s = wave.trailing_bytes / form.block_align / form.sample_rate
    if form.tag in (PCM, FLOAT) and trailing_s >= 1:
        return (
            f"has {wave.trailing_bytes} bytes that belong to no chunk, {trailing_s:.1f} s if they are sound: "
            f"its header, which speaks of {wave.frames / form.sample_rate:.1f} s, cannot be trusted"
        )
    return None


def cut_short(promised: int, there: int, sample_rate: int) -> str:
    """The rest of a sentence on sound that is promised and is not there."""
    return (
        f"is cut short: its header promises {promised / sample_rate:.3f} s ({promised} frames), "
        f"{there / sample_rate:.3f} s ({there} frames) are there"
    )


def _of_codec(path: Path, container: str) -> SoundFormat:
    with CodecFile(path) as file:
        promised = file.promised_frames
        channels, sample_rate, bits = file.channels, file.samplerate, file.bits
        codec = _CODECS.get(file.subtype, "PCM" if bits else file.subtype)
    warnings = _about_precision(codec, bits)
    if container == "MP3" and not counts_its_frames(path):
        warnings.append("it does not say how long it is (it has no Xing header): whether it is whole cannot be known")
    shortfall = _shortfall_of_codec(path, container, promised or 0, sample_rate)
    return SoundFormat(
        container=container,
        codec="FLAC" if "FLAC" in container else codec,
        channels=channels,
        sample_rate=sample_rate,
        frames=promised or 0,
        bits=bits,
        puid={"FLAC": "fmt/279", "MP3": "fmt/134"}.get(container),
        warnings=(*warnings, *([f"it {shortfall}"] if shortfall else [])),
        shortfall=shortfall,
    )


def _shortfall_of_codec(path: Path, container: str, frames: int, sample_rate: int) -> str | None:
    if container == "AIFF" and (promised := aiff_frames(path) or 0) > frames:
        return cut_short(promised, frames, sample_rate)
    missing = missing_bytes(path, container)
    if missing:
        there = f"{frames / sample_rate:.3f} s ({frames} frames)"
        return f"is cut short: {there} are there, {missing} bytes of sound that its header promises are not"
    return None
