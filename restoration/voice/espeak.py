"""espeak-ng in a process of its own: ``python -m restoration.voice.espeak`` reads an order and writes speech.

The order is JSON on standard input: ``language`` (BCP 47), ``words_a_minute`` and ``clauses`` (texts). The answer is a
line of JSON and, unless that holds ``missing`` and ``known``, as many bytes of 16-bit samples as it says: the clauses
one after the other, of the lengths in ``frames``, at ``sample_rate``.

A process of its own because the library keeps one state for all, and draws its noise from where the last sound left
off: only in a new process does the same text give the same sound. It is GPL-3.0, and nothing else loads it.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path
from typing import Any

RETRIEVAL, NO_EXIT = 1, 0x8000
SYNCHRONOUS = 2
BY_CHARACTER, UTF8 = 1, 1
RATE = 1
NAMES = {"zh": "cmn", "no": "nb", "fil": "tl", "iw": "he", "in": "id"}
"""Tags that espeak-ng has under another one."""


class Voice(ctypes.Structure):
    """``espeak_VOICE`` of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


def best_voice(language: str, known: dict[str, str]) -> str | None:
    """The voice of ``known`` (language to identifier) for a BCP 47 tag, by the lookup of RFC 4647; None if none.

    A language that is only there with a region (fr-fr) is found without one.
    """
    parts = language.replace("_", "-").lower().split("-")
    parts[0] = NAMES.get(parts[0], parts[0])
    for length in range(len(parts), 0, -1):
        if (found := known.get("-".join(parts[:length]))) is not None:
            return found
    regional = sorted(tag for tag in known if tag.startswith(parts[0] + "-"))
    preferred = f"{parts[0]}-{parts[0]}"
    return known[preferred if preferred in regional else regional[0]] if regional else None


def main() -> None:
    """Read the order, speak, answer."""
    import espeakng_loader

    order = json.load(sys.stdin)
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    sample_rate = _begun(library, espeakng_loader.get_data_path())
    known = _voices(library)
    identifier = best_voice(order["language"], known)
    if identifier is None:
        _answer({"missing": order["language"], "known": sorted(known)}, b"")
        return
    library.espeak_SetVoiceByName(identifier.encode())
    library.espeak_SetParameter(RATE, int(order["words_a_minute"]), 0)
    spoken = _spoken(library, order["clauses"])
    head = {"sample_rate": sample_rate, "voice": identifier, "frames": [len(each) // 2 for each in spoken]}
    _answer(head, b"".join(spoken))


def _begun(library: Any, folder: str) -> int:
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    sample_rate = int(library.espeak_Initialize(SYNCHRONOUS, 0, str(Path(folder)).encode(), NO_EXIT))
    if sample_rate <= 0:
        raise SystemExit(f"espeak-ng does not begin with the voices in {folder}")
    return sample_rate


def _voices(library: Any) -> dict[str, str]:
    """Language in lower case to the identifier of its voice; each voice names its languages by priority."""
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(Voice))
    listed = library.espeak_ListVoices(None)
    best: dict[str, tuple[int, str]] = {}
    number = 0
    while listed[number]:
        voice = listed[number].contents
        number += 1
        for priority, tag in _languages(
            ctypes.cast(ctypes.addressof(voice) + Voice.languages.offset, ctypes.POINTER(ctypes.c_void_p))[0]
        ):
            identifier = voice.identifier.decode()
            if tag not in best or priority < best[tag][0]:
                best[tag] = (priority, identifier)
    return {tag: identifier for tag, (_, identifier) in best.items()}


def _languages(address: int) -> list[tuple[int, str]]:
    """A byte of priority and a string, again and again, up to a byte of nought."""
    found = []
    while (priority := ctypes.c_ubyte.from_address(address).value) != 0:
        tag = ctypes.string_at(address + 1)
        found.append((priority, tag.decode().lower()))
        address += len(tag) + 2
    return found


def _spoken(library: Any, clauses: list[str]) -> list[bytes]:
    heard: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(samples: Any, count: int, _: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    library.espeak_SetSynthCallback(take)
    spoken = []
    for clause in clauses:
        heard.clear()
        text = clause.encode() + b"\0"
        library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, BY_CHARACTER, 0, UTF8, None, None)
        library.espeak_Synchronize()
        spoken.append(b"".join(heard))
    return spoken


def _answer(head: dict[str, Any], samples: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + samples)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
