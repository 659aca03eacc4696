"""The chunk codec: what is written is read back, by others too; what is broken gives a sentence, never a crash."""

from __future__ import annotations

import hashlib
import json
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from wavinfo import WavInfoReader

from restoration.errors import BadSoundFile
from restoration.wave_chunks import (
    LOUDNESS_FIELDS,
    Bext,
    CuePoint,
    Extent,
    WaveFile,
    WaveFormat,
    WaveWriter,
    build_cues,
    build_info,
    build_labels,
    parse_coding_history,
    parse_cues,
    parse_info,
    parse_labels,
    read_wave,
)
from restoration.wave_chunks.riff import MAX_CHUNKS

FMT = WaveFormat.of_pcm(1, 8000, 16)
SECOND = bytes(range(250)) * 64
TEXTS = {
    "description": "Poem, side A",
    "originator": "Sound archive",
    "originator_reference": "XX-ARCH-0001",
    "origination_date": "1958-03-01",
    "origination_time": "10:30:00",
}
POINTS = [CuePoint(1, 10, "Beginning"), CuePoint(7, 4000, "Applause")]


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def wave(*chunks: bytes, form: bytes = b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body) if size is None else size) + body


FMT_CHUNK = chunk(b"fmt ", FMT.build())
SOUND = chunk(b"data", SECOND)
RICH = wave(
    chunk(b"bext", Bext.make(TEXTS, 480, "A=ANALOGUE,M=mono,T=Studer A80\r\n").body),
    FMT_CHUNK,
    chunk(b"zzzz", b"\1\2\3"),
    SOUND,
    chunk(b"cue ", build_cues(POINTS)),
    chunk(b"LIST", build_labels(POINTS)),
    chunk(b"LIST", build_info({"INAM": "Poem", "IART": "Anonyme"})),
    chunk(b"iXML", b"<BWFXML/>"),
    chunk(b"MD5 ", hashlib.md5(SECOND).digest()),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waves")


def parsed(folder: Path, content: bytes) -> WaveFile:
    path = folder / "tape.wav"
    path.write_bytes(content)
    return read_wave(path)


def everything(found: WaveFile) -> None:
    """Use all that a parse result offers."""
    for one in found.chunks:
        assert 0 <= one.size <= found.path.stat().st_size
        found.read(one)
    bext = found.bext
    json.dumps([found.warnings, found.info, found.cues, found.md5, bext and bext.as_dict(), found.missing_bytes])
    if bext:
        json.dumps(parse_coding_history(bext.coding_history))


def test_every_chunk_of_a_rich_file_is_found(folder: Path) -> None:
    found = parsed(folder, RICH)
    names = [one.id for one in found.chunks]
    assert names == ["bext", "fmt ", "zzzz", "data", "cue ", "LIST", "LIST", "iXML", "MD5 "]
    assert found.read(found.chunks[2]) == b"\1\2\3"
    assert found.ixml == b"<BWFXML/>"
    assert found.info == {"INAM": "Poem", "IART": "Anonyme"}
    assert found.cues == POINTS
    assert found.md5 == hashlib.md5(SECOND).hexdigest()
    assert (found.frames, found.warnings, found.trailing_bytes, found.missing_bytes) == (8000, (), 0, 0)


def test_wavinfo_reads_the_same_bext(folder: Path) -> None:
    found, other = parsed(folder, RICH), WavInfoReader(folder / "tape.wav").bext
    assert found.bext is not None
    for name, text in TEXTS.items():
        theirs = {"originator_reference": "originator_ref"}.get(name, name.replace("origination_", "originator_"))
        assert getattr(found.bext, name) == text == getattr(other, theirs)
    assert found.bext.time_reference == 480 == other.time_reference
    assert found.bext.version == 2 == other.version
    assert found.bext.coding_history.strip() == other.coding_history.strip()


def test_wavinfo_reads_the_same_loudness(folder: Path) -> None:
    figures = dict(zip(LOUDNESS_FIELDS, (-23.04, 7.5, -1.25, -18.0, None), strict=True))
    body = Bext.make({}).with_loudness(figures).body
    found, other = parsed(folder, wave(chunk(b"bext", body), FMT_CHUNK, SOUND)), WavInfoReader(folder / "tape.wav").bext
    assert found.bext is not None and found.bext.loudness == figures
    assert other.loudness_value == pytest.approx(-23.04)
    assert other.max_true_peak == pytest.approx(-1.25)
    assert other.max_shortterm_loudness == pytest.approx(327.67)


@given(body=st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_as_lists(body: bytes) -> None:
    for kind in (b"", b"INFO", b"adtl"):
        parse_info(kind + body)
        parse_labels(kind + body)
    assert len(parse_cues(body)) <= len(body) // 24


# What is broken, and the warning or (!) refusal that it gives.
BROKEN = {
    "empty": (b"", "!is empty"),
    "text": (b"This is a note about the tape, not the tape.", "!not a WAVE file"),
    "only RIFF": (b"RIFF", "!not a WAVE file"),
    "big-endian": (b"RIFX" + RICH[4:], "!RIFX"),
    "no chunk": (wave(), "!no fmt chunk"),
    "no data": (wave(FMT_CHUNK), "!header without sound"),
    "no fmt": (wave(SOUND), "!no fmt chunk"),
    "short fmt": (wave(chunk(b"fmt ", b"\1\0\1\0"), SOUND), "!has 4 bytes where at least 16"),
    "no channels": (wave(chunk(b"fmt ", FMT.build().replace(b"\1\0\1\0", b"\1\0\0\0")), SOUND), "!0 channels"),
    "many chunks": (wave(*[chunk(b"abcd", b"")] * (MAX_CHUNKS + 1), FMT_CHUNK, SOUND), "!more than 4096 chunks"),
    "cut short": (RICH[:-9000], "8800 of its 16000 bytes (0.550 s) are missing"),
    "size 0": (wave(FMT_CHUNK, chunk(b"data", SECOND, 0), size=0), "never finished"),
    "size -1": (wave(FMT_CHUNK, chunk(b"data", SECOND, 0xFFFFFFFF), size=0xFFFFFFFF), "never finished"),
    "size of sox": (wave(FMT_CHUNK, chunk(b"data", SECOND, 0x7FFFF000)), "never finished"),
    "half a frame": (wave(FMT_CHUNK, chunk(b"data", SECOND + b"\1")), "not a whole frame"),
    "no pad": (wave(FMT_CHUNK, chunk(b"odd ", b"\1\2\3")[:-1], SOUND), "no pad byte"),
    "lying chunk": (wave(FMT_CHUNK, SOUND, chunk(b"iXML", b"<", 1 << 31)), "promises 2147483648 bytes, of which 2"),
    "garbage after": (RICH + b"\xff" * 30, "30 bytes follow"),
    "lying form": (wave(FMT_CHUNK, SOUND, size=77), "its header speaks of 85 bytes"),
    "two sounds": (wave(FMT_CHUNK, SOUND, SOUND), "2 data chunks"),
    "no ds64": (wave(FMT_CHUNK, chunk(b"data", SECOND, 0xFFFFFFFF), form=b"RF64"), "never finished"),
    "short ds64": (wave(chunk(b"ds64", b"\1" * 9), FMT_CHUNK, SOUND, form=b"RF64"), "has 9 bytes where 28"),
    "lying ds64": (
        wave(
            chunk(b"ds64", struct.pack("<QQQI", 2**63, 2**63, 2**62, 2**31)),
            FMT_CHUNK,
            chunk(b"data", SECOND, 0xFFFFFFFF),
            form=b"BW64",
        ),
        "of its 9223372036854775808 bytes",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_header_gives_a_sentence(folder: Path, name: str) -> None:
    content, sentence = BROKEN[name]
    if sentence.startswith("!"):
        with pytest.raises(BadSoundFile, match=sentence[1:]):
            parsed(folder, content)
    else:
        found = parsed(folder, content)
        assert sentence in "; ".join(found.warnings)
        everything(found)


@pytest.mark.parametrize("name", ["size 0", "size -1", "size of sox", "no ds64"])
def test_an_unfinished_header_loses_no_sound(folder: Path, name: str) -> None:
    assert parsed(folder, BROKEN[name][0]).frames == 8000


def test_a_stray_ds64_says_nothing_about_a_riff_file(folder: Path) -> None:
    stray = chunk(b"ds64", struct.pack("<QQQI", 2**40, 2**40, 2**39, 0))
    found = parsed(folder, wave(stray, FMT_CHUNK, SOUND))
    assert (found.frames, found.warnings) == (8000, ())


def test_an_empty_sound_before_other_chunks_is_empty(folder: Path) -> None:
    found = parsed(folder, wave(FMT_CHUNK, chunk(b"data", b""), chunk(b"iXML", b"<>")))
    assert (found.frames, found.ixml, found.warnings) == (0, b"<>", ())


INSERTED = st.sampled_from(
    [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x80", b"data", b"LIST", b"ds64", b"RF64", b"fmt "]
)


@given(
    start=st.sampled_from([RICH, BROKEN["lying ds64"][0], BROKEN["size 0"][0]]),
    edits=st.lists(st.tuples(st.integers(0), st.one_of(INSERTED, st.binary(min_size=1, max_size=9))), max_size=6),
    length=st.one_of(st.just(None), st.integers(0, len(RICH))),
)
@settings(max_examples=300, deadline=None)
def test_no_damage_gives_anything_but_a_sentence(
    folder: Path, start: bytes, edits: list[tuple[int, bytes]], length: int | None
) -> None:
    content = bytearray(start)
    for place, piece in edits:
        # Three quarters of the damage goes where the headers are.
        offset = place % len(content) if place % 4 == 0 else place % 800
        content[offset : offset + len(piece)] = piece
    try:
        found = parsed(folder, bytes(content[:length]))
    except BadSoundFile as error:
        assert error.reason
    else:
        everything(found)


@pytest.mark.parametrize("name", ["lying ds64", "lying chunk", "size -1"])
def test_a_lying_size_allocates_nothing(folder: Path, name: str) -> None:
    (folder / "liar.wav").write_bytes(BROKEN[name][0])
    tracemalloc.start()
    everything(read_wave(folder / "liar.wav"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def sine(channels: int, frames: int = 4000) -> bytes:
    tone = np.sin(np.arange(frames)[:, None] * (1 + np.arange(channels)) / 20) * 30000
    return tone.astype("<i2").tobytes()


@pytest.mark.parametrize("largest", [0xFFFFFFFF, 1000])
@pytest.mark.parametrize("channels", [1, 2, 3, 8])
def test_others_read_what_is_written_as_riff_and_rf64(tmp_path: Path, channels: int, largest: int) -> None:
    path, frames = tmp_path / "new.wav", sine(channels)
    before = [("bext", Bext.make(TEXTS).body), ("zzzz", b"even")]
    with WaveWriter(path, WaveFormat.of_pcm(channels, 48000, 16), before, [("iXML", b"<>")], largest) as file:
        file.write(frames[:1000])
        file.write(frames[1000:])
    found = read_wave(path)
    assert found.form == ("RIFF" if largest > 1000 else "RF64")
    assert found.chunks[0].id == ("JUNK" if largest > 1000 else "ds64")
    assert (found.frames, found.warnings, found.md5) == (4000, (), hashlib.md5(frames).hexdigest())
    assert soundfile.read(path, dtype="int16", always_2d=True)[0].tobytes() == frames
    other = WavInfoReader(path)
    assert (other.fmt.channel_count, other.data.frame_count) == (channels, 4000)
    assert other.bext.description == TEXTS["description"]


def test_chunks_are_copied_from_another_file_byte_for_byte(tmp_path: Path, folder: Path) -> None:
    master = parsed(folder, RICH)
    carried = [
        (one.id, Extent(master.path, one.offset, one.size)) for one in master.chunks if one.id in ("zzzz", "iXML")
    ]
    with WaveWriter(tmp_path / "new.wav", FMT, carried[:1], carried[1:]) as file:
        file.write(SECOND)
    found = read_wave(tmp_path / "new.wav")
    assert (found.read(found.chunks[1]), found.ixml) == (b"\1\2\3", b"<BWFXML/>")


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), WaveWriter(tmp_path / "new.wav", FMT) as file:
        file.write(SECOND)
        raise RuntimeError
    with pytest.raises(BadSoundFile, match="ended 5 bytes before"):
        WaveWriter(tmp_path / "new.wav", FMT, [("abcd", Extent(Path(__file__), Path(__file__).stat().st_size, 5))])
    assert list(tmp_path.iterdir()) == []


def test_a_file_beyond_4_gib_is_read_to_its_last_chunk(tmp_path: Path) -> None:
    path, size = tmp_path / "long.wav", 5 * 2**30
    with path.open("wb") as file:
        ds64 = chunk(b"ds64", struct.pack("<QQQI", size + 100, size, size // 2, 0))
        file.write(wave(ds64, FMT_CHUNK, b"data\xff\xff\xff\xff", form=b"RF64", size=0xFFFFFFFF))
        file.seek(size, 1)
        file.write(chunk(b"iXML", b"<late/>"))
    found = read_wave(path)
    assert (found.frames, found.missing_bytes, found.ixml) == (size // 2, 0, b"<late/>")
    assert soundfile.info(path).frames == size // 2
