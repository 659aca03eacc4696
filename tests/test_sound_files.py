"""Reading sound files: every sample as it is in the file, or a sentence about what is missing."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from restoration.audio import Recording, Writer
from restoration.errors import BadSoundFile
from restoration.sound_files import SoundFormat, decode, identify
from restoration.sound_files.codec_file import CodecFile
from restoration.wave_chunks import WaveFormat, WaveWriter

Decoded = tuple[SoundFormat, Recording]
Decode = Callable[[Path], Decoded]


@pytest.fixture
def decoded(tmp_path: Path) -> Decode:
    def run(path: Path) -> Decoded:
        with Writer(tmp_path / "sound.f32") as writer:
            found = decode(path, writer)
        return found, writer.recording

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


def noise(frames: int, channels: int, bits: int) -> np.ndarray:
    """Integers over the whole range of ``bits``, in the upper bits of int32, both ends of the range included."""
    generator = np.random.default_rng(bits)
    values = generator.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (frames, channels))
    values[0], values[-1] = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return (values << (32 - bits)).astype(np.int32)


FILES = {  # container as identified: (extension, libsndfile's format, subtype)
    "WAV": ("wav", "WAV", "PCM_24"),
    "RF64": ("wav", "RF64", "PCM_24"),
    "W64": ("w64", "W64", "PCM_24"),
    "AIFF": ("aiff", "AIFF", "PCM_24"),
    "FLAC": ("flac", "FLAC", "PCM_24"),
    "MP3": ("mp3", "MP3", "MPEG_LAYER_III"),
    "Ogg Vorbis": ("ogg", "OGG", "VORBIS"),
    "Ogg Opus": ("opus", "OGG", "OPUS"),
}


def write(path: Path, samples: np.ndarray, sample_rate: int, kind: tuple[str, str, str]) -> Path:
    with soundfile.SoundFile(path, "w", sample_rate, samples.shape[1], format=kind[1], subtype=kind[2]) as file:
        for start in range(0, len(samples), sample_rate):
            file.write(samples[start : start + sample_rate])
    return path


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, bytes]:
    """Three seconds of stereo in every container."""
    samples = noise(3 * 48000, 2, 24)
    return {
        name: write(folder / f"whole.{kind[0]}", samples // 4, 48000, kind).read_bytes() for name, kind in FILES.items()
    }


@pytest.mark.parametrize("name", FILES)
def test_every_container_is_identified_and_decoded(
    tmp_path: Path, whole: dict[str, bytes], decoded: Decode, name: str
) -> None:
    path = tmp_path / "tape.bin"
    path.write_bytes(whole[name])
    found, recording = decoded(path)
    assert identify(path) == found
    assert (found.container, found.channels, found.sample_rate, found.duration_s) == (name, 2, 48000, 3.0)
    assert found.bits == (24 if "PCM" in FILES[name][2] else None)
    assert found.warnings == ()
    expected = soundfile.read(path, dtype="float32", always_2d=True)[0]
    assert np.array_equal(recording.read().samples.T, expected)
    json.dumps(found.as_dict())


def test_pronom_identifiers(folder: Path, whole: dict[str, bytes]) -> None:
    puids = {}
    for name, content in whole.items():
        (folder / "named").write_bytes(content)
        puids[name] = identify(folder / "named").puid
    assert puids["RF64"] == "fmt/712"
    assert puids["WAV"] == "fmt/141"


@pytest.mark.parametrize("bits", [8, 16, 24])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8])
def test_integers_arrive_exactly(tmp_path: Path, decoded: Decode, bits: int, channels: int) -> None:
    values = noise(1000, channels, bits)
    kind = ("wav", "WAVEX", "PCM_U8" if bits == 8 else f"PCM_{bits}")
    found, recording = decoded(write(tmp_path / "tape.wav", values, 96000, kind))
    assert np.array_equal(recording.read().samples.T.astype(np.float64) * 2**31, values)
    assert (found.channels, found.bits, found.codec, found.warnings) == (channels, bits, "PCM", ())


@pytest.mark.parametrize(("subtype", "word"), [("PCM_32", "32 bits"), ("DOUBLE", "64-bit")])
def test_more_than_float32_holds_is_rounded_with_a_warning(
    tmp_path: Path, decoded: Decode, subtype: str, word: str
) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (500, 2))
    found, recording = decoded(write(tmp_path / "tape.wav", samples, 8000, ("wav", "WAV", subtype)))
    assert np.abs(recording.read().samples.T - samples).max() < 2**-24
    assert word in found.warnings[0]


@pytest.mark.parametrize("subtype", ["ULAW", "ALAW", "IMA_ADPCM", "MS_ADPCM", "GSM610"])
def test_wave_files_that_need_a_codec(tmp_path: Path, decoded: Decode, subtype: str) -> None:
    path = write(tmp_path / "tape.wav", noise(8000, 1, 16), 8000, ("wav", "WAV", subtype))
    found, recording = decoded(path)
    assert np.array_equal(recording.read().samples[0], soundfile.read(path, dtype="float32")[0])
    assert found.codec not in ("PCM", "float PCM")


def test_bw64_which_libsndfile_does_not_know_is_read(tmp_path: Path, decoded: Decode) -> None:
    path = tmp_path / "tape.wav"
    with WaveWriter(path, WaveFormat.of_pcm(1, 48000, 16), largest_riff=10) as file:
        file.write(bytes(range(200)))
    path.write_bytes(b"BW64" + path.read_bytes()[4:])
    found, recording = decoded(path)
    assert (found.container, found.warnings) == ("BW64", ())
    assert (recording.read().samples[0] * 32768).astype("<i2").tobytes() == bytes(range(200))


@pytest.mark.parametrize("part", [0.5, 0.9])
@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_refused_with_what_is_there(
    tmp_path: Path, whole: dict[str, bytes], decoded: Decode, name: str, part: float
) -> None:
    path = tmp_path / "tape"
    path.write_bytes(whole[name][: int(len(whole[name]) * part)])
    with pytest.raises(BadSoundFile, match=r"is cut short|is damaged: of 144000 frames") as raised:
        decoded(path)
    if not name.startswith("Ogg"):
        assert "144000 frames" in raised.value.reason or "that its header promises are not" in raised.value.reason
    assert list(tmp_path.iterdir()) == [path]


def test_a_truncated_wave_says_how_many_seconds_are_there(
    tmp_path: Path, whole: dict[str, bytes], decoded: Decode
) -> None:
    path = tmp_path / "tape.wav"
    path.write_bytes(whole["WAV"][: len(whole["WAV"]) - 6 * 48000])
    with pytest.raises(BadSoundFile, match=r"promises 3\.000 s \(144000 frames\), 2\.000 s \(96000 frames\) are there"):
        decoded(path)
    assert "cut short" in identify(path).warnings[0]


@pytest.mark.parametrize("name", ["FLAC", "Ogg Vorbis", "Ogg Opus"])
def test_rot_in_the_middle_is_found(tmp_path: Path, whole: dict[str, bytes], decoded: Decode, name: str) -> None:
    rotten = bytearray(whole[name])
    rotten[len(rotten) // 2] ^= 0x10
    (tmp_path / "tape").write_bytes(rotten)
    with pytest.raises(BadSoundFile, match="is damaged"):
        decoded(tmp_path / "tape")


def test_reading_forwards_only_shows_a_hole_that_seeking_hides(tmp_path: Path, whole: dict[str, bytes]) -> None:
    rotten = bytearray(whole["Ogg Opus"])
    middle = len(rotten) // 2
    rotten[middle : middle + 500] = bytes(500)
    (tmp_path / "tape").write_bytes(rotten)
    with CodecFile(tmp_path / "tape") as file:
        assert sum(len(block) for block in file.float_blocks(4096)) < 144000 == file.promised_frames
    with soundfile.SoundFile(tmp_path / "tape") as seeking:
        assert sum(len(block) for block in seeking.blocks(4096)) == 144000


def test_a_missing_ogg_page_is_found(tmp_path: Path, whole: dict[str, bytes], decoded: Decode) -> None:
    pages = whole["Ogg Opus"].split(b"OggS")
    (tmp_path / "tape").write_bytes(b"OggS".join(pages[:4] + pages[5:]))
    with pytest.raises(BadSoundFile, match="pages are missing"):
        decoded(tmp_path / "tape")


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_the_sound_behind_an_unfinished_header_is_all_read(
    tmp_path: Path, whole: dict[str, bytes], decoded: Decode, size: int
) -> None:
    content = bytearray(whole["WAV"])
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack("<I", size)
    (tmp_path / "tape.wav").write_bytes(content)
    found, recording = decoded(tmp_path / "tape.wav")
    assert recording.frames == 144000
    assert "never finished" in found.warnings[0]


def test_a_header_that_says_less_than_there_is_cannot_be_trusted(
    tmp_path: Path, whole: dict[str, bytes], decoded: Decode
) -> None:
    # What is left of a size that went round at 4 GiB.
    content = bytearray(whole["WAV"])
    place = content.index(b"data") + 4
    content[place : place + 4] = struct.pack("<I", 6 * 48000)
    (tmp_path / "tape.wav").write_bytes(content)
    with pytest.raises(BadSoundFile, match=r"2\.0 s if they are sound.*1\.0 s, cannot be trusted"):
        decoded(tmp_path / "tape.wav")


@pytest.mark.parametrize("name", ["WAV", "AIFF"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path: Path, decoded: Decode, name: str, value: float) -> None:
    samples = np.zeros((8000, 2), np.float32)
    samples[4000, 1] = value
    path = write(tmp_path / "tape", samples, 8000, ("", name, "FLOAT"))
    with pytest.raises(BadSoundFile, match=r"not numbers .* at 0\.500 s \(frame 4000\)"):
        decoded(path)


@pytest.mark.parametrize(("right", "remarks"), [(True, 0), (False, 1)])
def test_the_digest_that_a_wave_carries_is_compared(tmp_path: Path, decoded: Decode, right: bool, remarks: int) -> None:
    sound = bytes(range(256)) * 4
    stated = hashlib.md5(sound if right else b"another").digest()
    body = b"WAVE" + b"fmt \x10\0\0\0" + WaveFormat.of_pcm(1, 8000, 16).build()
    body += b"data\0\4\0\0" + sound + b"MD5 \x10\0\0\0" + stated
    (tmp_path / "tape.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    found = decoded(tmp_path / "tape.wav")[0]
    assert len(found.warnings) == remarks
    assert all("was changed after" in warning for warning in found.warnings)


def test_an_mp3_without_a_count_says_so(tmp_path: Path, whole: dict[str, bytes], decoded: Decode) -> None:
    content = whole["MP3"]
    # The first frame holds nothing but the count; the second begins with the same four bytes of header.
    second = content.index(content[:2], 4)
    (tmp_path / "tape.mp3").write_bytes(content[second:])
    found, recording = decoded(tmp_path / "tape.mp3")
    assert found.frames == recording.frames
    assert "it does not say how long it is" in found.warnings[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b"Side A: a poem, read by its author.", "begins with text"), (b"\x89PNG\0\1\2\3", "89 50 4e")],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "tape.wav").write_bytes(content)
    with pytest.raises(BadSoundFile, match=sentence):
        identify(tmp_path / "tape.wav")


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.wav"):
        with pytest.raises(BadSoundFile, match="cannot be read"):
            identify(path)


@pytest.mark.parametrize(
    ("rate", "channels", "sentence"), [(7999, 1, "7999 Hz"), (384000, 2, "384000"), (48000, 9, "9 ch")]
)
def test_rates_and_channels_beyond_the_range_are_refused(
    tmp_path: Path, rate: int, channels: int, sentence: str
) -> None:
    path = write(tmp_path / "tape.wav", np.zeros((100, channels)), rate, ("", "WAV", "PCM_16"))
    with pytest.raises(BadSoundFile, match=sentence):
        identify(path)


def test_a_file_without_a_frame_is_refused(tmp_path: Path, decoded: Decode) -> None:
    for name in ("WAV", "AIFF"):
        with pytest.raises(BadSoundFile, match="holds no sound at all"):
            decoded(write(tmp_path / "tape", np.zeros((0, 1)), 8000, ("", name, "PCM_16")))


def test_progress_ends_at_the_last_frame(tmp_path: Path, whole: dict[str, bytes]) -> None:
    (tmp_path / "tape").write_bytes(whole["FLAC"])
    seen: list[tuple[int, int]] = []
    with Writer(tmp_path / "sound.f32") as writer:
        decode(tmp_path / "tape", writer, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (144000, 144000)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@given(
    name=st.sampled_from(["WAV", "RF64", "W64", "AIFF", "FLAC", "Ogg Opus"]),
    edits=st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4),
)
@settings(max_examples=120, deadline=None)
def test_no_damage_gives_anything_but_a_sentence(
    folder: Path, whole: dict[str, bytes], name: str, edits: list[tuple[int, bytes]]
) -> None:
    content = bytearray(whole[name][:30000])
    for place, piece in edits:
        offset = place % 200 if place % 3 else place % len(content)
        content[offset : offset + len(piece)] = piece
    (folder / "damaged").write_bytes(content)
    try:
        with Writer(folder / "sound.f32") as writer:
            decode(folder / "damaged", writer)
    except BadSoundFile as error:
        assert error.reason
    assert not (folder / "sound.f32.part").exists()


def test_the_historical_recordings_are_whole(corpus: Path, decoded: Decode) -> None:
    for path in sorted((corpus / "historical").glob("*.mp3")):
        found, recording = decoded(path)
        assert found.container == "MP3"
        assert recording.frames == found.frames > 60 * found.sample_rate
