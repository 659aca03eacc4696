"""The ``bext`` chunk of a broadcast wave file (EBU Tech 3285, versions 0, 1 and 2).

A ``Bext`` is the bytes of the chunk and nothing else: what is read from them is computed, what is changed is spliced,
so that whatever another archive put there, standard or not, survives byte for byte.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from restoration.wave_chunks.ascii_text import to_ascii

FIXED_BYTES = 602
UNSET = 0x7FFF
"""The loudness value that says "not measured"."""

LOUDNESS_FIELDS = (
    "loudness_lufs",
    "loudness_range_lu",
    "max_true_peak_dbtp",
    "max_momentary_lufs",
    "max_short_term_lufs",
)
"""The five figures of version 2, in the order of the chunk; hundredths of their unit on disk."""

_TEXTS = {  # name: (offset, bytes)
    "description": (0, 256),
    "originator": (256, 32),
    "originator_reference": (288, 32),
    "origination_date": (320, 10),
    "origination_time": (330, 8),
}
_TIME_REFERENCE, _VERSION, _UMID, _LOUDNESS, _RESERVED = 338, 346, 348, 412, 422
_FIVE = struct.Struct("<5h")


@dataclass(frozen=True)
class Bext:
    """The body of a ``bext`` chunk. One shorter than 602 bytes is read as if zeros followed."""

    body: bytes

    @classmethod
    def make(cls, texts: Mapping[str, str], time_reference: int = 0, coding_history: str = "") -> Bext:
        """A new chunk of version 2 with every loudness unset.

        Args:
            texts: any of ``description`` (256 bytes), ``originator`` (32), ``originator_reference`` (32),
                ``origination_date`` (yyyy-mm-dd), ``origination_time`` (hh:mm:ss).
            time_reference: samples since midnight.
            coding_history: rows, each ended by CR LF.

        Raises:
            ValueError: a text that is unknown or does not fit (see ``fitted``). Accents are lost: bext is ASCII.
        """
        body = bytearray(FIXED_BYTES)
        for name, text in texts.items():
            if name not in _TEXTS:
                raise ValueError(f"bext has no field {name!r}; it has {', '.join(_TEXTS)}")
            offset, size = _TEXTS[name]
            encoded = to_ascii(text).encode("ascii")
            if len(encoded) > size:
                raise ValueError(f"the {name} of a bext chunk holds {size} bytes, not {len(encoded)}: {text!r}")
            body[offset : offset + len(encoded)] = encoded
        struct.pack_into("<QH", body, _TIME_REFERENCE, time_reference, 2)
        _FIVE.pack_into(body, _LOUDNESS, *[UNSET] * 5)
        return cls(bytes(body) + coding_history.encode("ascii", "replace"))

    @property
    def description(self) -> str:
        return self._text("description")

    @property
    def originator(self) -> str:
        return self._text("originator")

    @property
    def originator_reference(self) -> str:
        return self._text("originator_reference")

    @property
    def origination_date(self) -> str:
        return self._text("origination_date")

    @property
    def origination_time(self) -> str:
        return self._text("origination_time")

    @property
    def time_reference(self) -> int:
        """Samples since midnight of the first sample."""
        return int(struct.unpack_from("<Q", self._fixed, _TIME_REFERENCE)[0])

    @property
    def version(self) -> int:
        return int(struct.unpack_from("<H", self._fixed, _VERSION)[0])

    @property
    def umid(self) -> bytes:
        """SMPTE 330M identifier of 32 or 64 bytes; empty when there is none (always so in version 0)."""
        umid = self._fixed[_UMID:_LOUDNESS] if self.version >= 1 else b""
        return umid.rstrip(b"\0") and (umid if any(umid[32:]) else umid[:32])

    @property
    def loudness(self) -> dict[str, float | None]:
        """The figures of ``LOUDNESS_FIELDS``; None where unset; empty before version 2."""
        if self.version < 2:
            return {}
        values = _FIVE.unpack_from(self._fixed, _LOUDNESS)
        return {
            name: None if value == UNSET else value / 100 for name, value in zip(LOUDNESS_FIELDS, values, strict=True)
        }

    @property
    def coding_history(self) -> str:
        return _decode(self.body[FIXED_BYTES:].rstrip(b"\0"))

    @property
    def _fixed(self) -> bytes:
        return self.body[:FIXED_BYTES].ljust(FIXED_BYTES, b"\0")

    def _text(self, name: str) -> str:
        offset, size = _TEXTS[name]
        return _decode(self._fixed[offset : offset + size].partition(b"\0")[0])

    def as_dict(self) -> dict[str, Any]:
        """Every field but the coding history, as JSON can hold it."""
        texts = {name: self._text(name) for name in _TEXTS}
        numbers = {"time_reference": self.time_reference, "version": self.version, "umid": self.umid.hex()}
        return {**texts, **numbers, "loudness": self.loudness}

    def with_loudness(self, loudness: Mapping[str, float | None] | None) -> Bext:
        """The same chunk in version 2 with those figures, by the names of ``LOUDNESS_FIELDS``; unset where missing.

        A figure beyond what the field holds (such as -inf of silence) is left unset, as Tech 3285 asks.
        """
        unknown = set(loudness or {}) - set(LOUDNESS_FIELDS)
        if unknown:
            raise ValueError(f"bext has no loudness {sorted(unknown)}; it has {', '.join(LOUDNESS_FIELDS)}")
        fixed = bytearray(self._fixed)
        if self.version == 0:
            # What version 0 calls reserved would be read as an identifier from now on.
            fixed[_UMID:FIXED_BYTES] = bytes(FIXED_BYTES - _UMID)
        elif self.version == 1:
            fixed[_LOUDNESS:FIXED_BYTES] = bytes(FIXED_BYTES - _LOUDNESS)
        struct.pack_into("<H", fixed, _VERSION, max(2, self.version))
        _FIVE.pack_into(fixed, _LOUDNESS, *(_hundredths((loudness or {}).get(name)) for name in LOUDNESS_FIELDS))
        return Bext(bytes(fixed) + self.body[FIXED_BYTES:])

    def with_texts(self, texts: Mapping[str, str]) -> Bext:
        """The same chunk with other texts, by the names of ``make``, cut to what their fields hold."""
        fixed = bytearray(self._fixed)
        for name, text in fitted(texts).items():
            offset, size = _TEXTS[name]
            fixed[offset : offset + size] = text.encode("ascii").ljust(size, b"\0")
        return Bext(bytes(fixed) + self.body[FIXED_BYTES:])

    def with_time_reference(self, time_reference: int) -> Bext:
        """The same chunk, its first sample at another time (samples since midnight)."""
        fixed = bytearray(self._fixed)
        struct.pack_into("<Q", fixed, _TIME_REFERENCE, time_reference & (2**64 - 1))
        return Bext(bytes(fixed) + self.body[FIXED_BYTES:])


def fitted(texts: Mapping[str, str]) -> dict[str, str]:
    """The same texts, cut to what their fields hold."""
    return {name: to_ascii(text)[: _TEXTS[name][1]] if name in _TEXTS else text for name, text in texts.items()}


def append_coding_history(bext: Bext, row: str) -> Bext:
    """The same chunk with one more row, ended by CR LF. What was there before stays as it is, byte for byte.

    Raises:
        ValueError: the row has line ends or letters beyond ASCII.
    """
    if not row.isascii() or not row.isprintable():
        raise ValueError(f"a row of the coding history is one line of ASCII, not {row!r}")
    history = bext.body[FIXED_BYTES:].rstrip(b"\0")
    ending = b"" if not history or history.endswith((b"\n", b"\r")) else b"\r\n"
    return Bext(bext.body[:FIXED_BYTES].ljust(FIXED_BYTES, b"\0") + history + ending + row.encode() + b"\r\n")


def _hundredths(value: float | None) -> int:
    # NaN fails both comparisons and is left unset.
    if value is None or not -327.68 <= value < 327.665:
        return UNSET
    return round(value * 100)


def _decode(text: bytes) -> str:
    # The standard says ASCII; writers put UTF-8 or Latin-1 there, and Latin-1 reads anything.
    try:
        return text.decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return text.decode("latin-1").replace("\0", "")
