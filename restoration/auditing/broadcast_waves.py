"""What the broadcast wave files of the bag say in their own chunks, against what the log says of them."""

from __future__ import annotations

from collections.abc import Iterator

from restoration.auditing.bag import Bag
from restoration.auditing.fault import Fault
from restoration.errors import BadSoundFile
from restoration.provenance.coding_history import coding_history_row
from restoration.record import Event
from restoration.wave_chunks import Bext, WaveFile, append_coding_history, read_wave

CHECK = "broadcast wave"
CONTAINERS = ("BWF", "RF64")


def waves(bag: Bag) -> list[Event]:
    """The derivations that are broadcast wave files and lie in the bag."""
    return [
        event
        for event in bag.of_kind("derivation")
        if isinstance(event.get("format"), dict)
        and event["format"].get("container") in CONTAINERS
        and event["file"] in bag.files
    ]


def chunks(bag: Bag) -> Iterator[Fault]:
    """The MD5 chunk, the number of frames and the coding history are those of the log."""
    for event in waves(bag):
        try:
            wave = read_wave(bag.path / event["file"])
        except BadSoundFile as error:
            yield _fault(event, f"is no wave file any more: {error}")
            continue
        yield from _facts(event, wave)
        if event["role"] == "production master":
            yield from _history(bag, event, wave)


def _facts(event: Event, wave: WaveFile) -> Iterator[Fault]:
    said = event["format"]
    found = {"data_md5": wave.md5, "frames": wave.frames, "sample_rate": wave.format.sample_rate}
    names = {"data_md5": "in its MD5 chunk", "frames": "frames", "sample_rate": "Hz"}
    for name, value in found.items():
        if value != said.get(name):
            yield _fault(event, f"has {value} {names[name]}, where event {event['sequence']} says {said.get(name)}",
                         said.get(name), value)  # fmt: skip
    if wave.missing_bytes or wave.trailing_bytes:
        yield _fault(event, "is cut short or has something behind its last chunk", 0, wave.trailing_bytes)


def _history(bag: Bag, event: Event, wave: WaveFile) -> Iterator[Fault]:
    """The coding history is the master's and one row more, which the log gives: nothing before it is rewritten."""
    masters = bag.first("extraction")["format"].get("coding_history") or ""
    row = coding_history_row(_until(bag, event), sample_rate=event["format"].get("sample_rate"))
    before = Bext.make({}, coding_history=masters) if masters.isascii() else _as_utf8(masters)
    expected = append_coding_history(before, row).coding_history
    found = wave.bext.coding_history if wave.bext else ""
    if found != expected:
        yield _fault(event, f"has another coding history than the log gives: expected {expected!r}, found {found!r}",
                     expected, found)  # fmt: skip


def _until(bag: Bag, event: Event) -> list[Event]:
    return bag.events[: bag.events.index(event)]


def _as_utf8(text: str) -> Bext:
    empty = Bext.make({})
    return Bext(empty.body + text.encode("utf-8"))


def _fault(event: Event, sentence: str, expected: object = "", found: object = "") -> Fault:
    file = event["file"]
    return Fault(
        check=CHECK, file=file, event=event["sequence"], sentence=f"{file} {sentence}",
        expected=str(expected), found=str(found),
    )  # fmt: skip
