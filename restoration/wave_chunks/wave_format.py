"""The ``fmt`` chunk: how the bytes of the sound are to be read."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE

CODECS = {
    PCM: "PCM",
    FLOAT: "float PCM",
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM 6.10",
    0x0050: "MPEG-1 Layer II",
    0x0055: "MPEG-1 Layer III",
}

_PLAIN = struct.Struct("<HHIIHH")
_EXTENSION = struct.Struct("<HHI16s")
# The last 14 bytes of every GUID that stands for a format tag (RFC 2361); the first two are the tag.
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


@dataclass(frozen=True)
class WaveFormat:
    """What a ``fmt`` chunk says; ``tag`` is the codec, looked up in the GUID where the chunk is EXTENSIBLE.

    ``bits`` is the size of a sample in the file, ``valid_bits`` how many of them carry sound.
    """

    tag: int
    channels: int
    sample_rate: int
    block_align: int
    bits: int
    valid_bits: int
    channel_mask: int = 0
    extensible: bool = False

    @classmethod
    def of_pcm(cls, channels: int, sample_rate: int, bits: int, channel_mask: int = 0) -> WaveFormat:
        """Integer PCM as it should be written: EXTENSIBLE only where there are more than two channels."""
        if bits not in (8, 16, 24, 32) or not 0 < channels <= 1024 or not 0 < sample_rate < 2**32:
            raise ValueError(f"no integer PCM has {bits} bits, {channels} channels and {sample_rate} Hz")
        align = channels * bits // 8
        return cls(PCM, channels, sample_rate, align, bits, bits, channel_mask, channels > 2)

    @classmethod
    def parse(cls, body: bytes) -> WaveFormat:
        """Read the body of a ``fmt`` chunk.

        Raises:
            ValueError: it is too short, or no sound could have such a format.
        """
        if len(body) < _PLAIN.size:
            raise ValueError(f"its fmt chunk has {len(body)} bytes where at least {_PLAIN.size} are needed")
        tag, channels, sample_rate, _, align, bits = _PLAIN.unpack_from(body)
        valid, mask, extensible = bits, 0, tag == EXTENSIBLE
        if extensible and len(body) >= _PLAIN.size + _EXTENSION.size:
            _, valid, mask, guid = _EXTENSION.unpack_from(body, _PLAIN.size)
            tag = int.from_bytes(guid[:2], "little") if guid[2:] == _GUID_TAIL else tag
            valid = valid if 0 < valid <= bits else bits
        if not (channels and sample_rate and align):
            raise ValueError(
                f"its fmt chunk speaks of {channels} channels, {sample_rate} Hz and {align} bytes a frame: never 0"
            )
        return cls(tag, channels, sample_rate, align, bits, valid, mask, extensible)

    def build(self) -> bytes:
        """The body of the ``fmt`` chunk."""
        tag = EXTENSIBLE if self.extensible else self.tag
        rate = (self.sample_rate * self.block_align) & 0xFFFFFFFF
        plain = _PLAIN.pack(tag, self.channels, self.sample_rate, rate, self.block_align, self.bits)
        if not self.extensible:
            return plain
        guid = self.tag.to_bytes(2, "little") + _GUID_TAIL
        return plain + _EXTENSION.pack(_EXTENSION.size - 2, self.valid_bits, self.channel_mask, guid)

    @property
    def codec(self) -> str:
        return CODECS.get(self.tag, f"format 0x{self.tag:04X}")

    @property
    def is_plain_pcm(self) -> bool:
        """Integer or float samples of whole bytes, which can be read without a codec."""
        sizes = {PCM: (8, 16, 24, 32), FLOAT: (32, 64)}.get(self.tag, ())
        return self.bits in sizes and self.block_align == self.channels * self.bits // 8
