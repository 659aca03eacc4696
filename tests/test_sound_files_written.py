"""Writing sound files: nothing of the master is lost, nothing depends on the blocks, every file reads back."""

from __future__ import annotations

import hashlib
import json
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from wavinfo import WavInfoReader

from restoration.audio import Audio, Block, Recording, Writer
from restoration.errors import BadSoundFile
from restoration.fixity import digests
from restoration.sound_files import (
    BwfDescription,
    Written,
    decode,
    identify,
    write_bwf,
    write_flac,
    write_mp3,
    write_opus,
)
from restoration.sound_files.dither import CELL_FRAMES, quantise, triangular
from restoration.wave_chunks import (
    Bext,
    CuePoint,
    WaveFormat,
    WaveWriter,
    build_cues,
    build_info,
    build_labels,
    coding_history_row,
    read_wave,
)

RecordingOf = Callable[..., Recording]

ROW = coding_history_row("PCM", 48000, 24, "stereo", "heritage-voice 0.1.0;remove_hum")
PLAIN = BwfDescription(coding_history_rows=[ROW])
TAGS = {"title": "Poésie, face A", "identifier": "XX-1", "comment": "restored"}
POINTS = [CuePoint(1, 10, "Beginning")]
HISTORY = "A=ANALOG,M=Mono,T=Studer A80,\r\n"
WRITERS: dict[str, Callable[[Recording, Path], Written]] = {
    "BWF": lambda sound, path: write_bwf(sound, path, description=PLAIN, dither_seed=3),
    "FLAC": lambda sound, path: write_flac(sound, path, tags=TAGS, gain_db=-1.5, dither_seed=3),
    "Ogg Opus": lambda sound, path: write_opus(sound, path, tags=TAGS, gain_db=-1.5),
    "MP3": lambda sound, path: write_mp3(sound, path, tags=TAGS, gain_db=-1.5),
}


def tone(seconds: float, sample_rate: int, channels: int = 2, peak: float = 0.5) -> np.ndarray:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return np.stack([peak * np.sin(2 * np.pi * 440 * (1 + place) * time) for place in range(channels)])


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A master of 5000 frames that has everything beside its sound."""
    texts = {"description": "Poem", "originator": "Sound archive"}
    before = [
        ("iXML", b"<BWFXML>?</BWFXML>"),
        ("bext", Bext.make(texts, 96000, HISTORY).body),
        ("fmt ", b""),
        ("fact", b"\0\0\0\0"),
        ("zzzz", b"\1\2\3"),
    ]
    after = [
        ("cue ", build_cues(POINTS)),
        ("LIST", build_labels(POINTS)),
        ("LIST", build_info({"INAM": "Poem"})),
        ("PEAK", bytes(16)),
        ("aaaa", b"\xff" * 1001),
    ]
    path = tmp_path / "master.wav"
    with WaveWriter(path, WaveFormat.of_pcm(2, 48000, 24), before, after) as file:
        file.write(bytes(5000 * 6))
    return path


def bodies(path: Path, *left_out: str) -> list[tuple[str, bytes]]:
    wave = read_wave(path)
    return [(chunk.id, wave.read(chunk)) for chunk in wave.chunks if chunk.id not in left_out]


ANEW = ("JUNK", "fmt ", "fact", "data", "MD5 ", "PEAK", "bext")


def test_what_the_master_has_beside_its_sound_is_carried_over(
    tmp_path: Path, master: Path, recording_of: RecordingOf
) -> None:
    recording = recording_of(tone(5000 / 48000, 48000), 48000)
    loudness = {"loudness_lufs": -23.0, "max_true_peak_dbtp": -2.0}
    description = BwfDescription(coding_history_rows=[ROW], loudness=loudness)
    made = write_bwf(recording, tmp_path / "restored.wav", description=description, like=master)
    assert bodies(made.path, *ANEW) == bodies(master, *ANEW)
    assert len(bodies(made.path, *ANEW)) == 6
    order = [chunk.id for chunk in read_wave(made.path).chunks]
    assert order == ["JUNK", "iXML", "bext", "fmt ", "zzzz", "data", "MD5 ", "cue ", "LIST", "LIST", "aaaa"]
    assert made.left_out == {"fact": "counts the samples of the master", "PEAK": "gives the peaks of the master"}
    assert made.data_md5 == read_wave(made.path).md5
    json.dumps(made.as_dict())


def test_of_the_masters_bext_only_version_loudness_and_history_change(
    tmp_path: Path, master: Path, recording_of: RecordingOf
) -> None:
    recording = recording_of(tone(5000 / 48000, 48000), 48000)
    description = BwfDescription(coding_history_rows=[ROW], loudness={"loudness_lufs": -23.0})
    made = write_bwf(recording, tmp_path / "restored.wav", description=description, like=master)
    old, new = read_wave(master).bext, read_wave(made.path).bext
    assert old is not None and new is not None
    assert new.body[:346] == old.body[:346]
    assert new.body[348:412] == old.body[348:412]
    assert new.body[602:].rstrip(b"\0") == old.body[602:].rstrip(b"\0") + ROW.encode() + b"\r\n"
    assert (new.version, new.loudness["loudness_lufs"], new.loudness["loudness_range_lu"]) == (2, -23.0, None)
    other = WavInfoReader(made.path).bext
    assert other.coding_history.splitlines() == [HISTORY.strip(), ROW]
    assert other.time_reference == 96000


def test_marks_of_another_rate_or_length_are_left_out(tmp_path: Path, master: Path, recording_of: RecordingOf) -> None:
    resampled = recording_of(tone(5000 / 48000, 24000), 24000)
    made = write_bwf(resampled, tmp_path / "restored.wav", description=PLAIN, like=master)
    names = [chunk.id for chunk in read_wave(made.path).chunks]
    assert set(made.left_out) == {"fact", "PEAK", "cue ", "LIST"}
    assert "cue " not in names
    assert read_wave(made.path).info == {"INAM": "Poem"}
    bext = read_wave(made.path).bext
    assert bext is not None and bext.time_reference == 48000


@dataclass
class Endless:
    """Announces more frames than it gives, so that no 4 GB need be written."""

    sample_rate: int = 48000
    channels: int = 2
    frames: int = 2**31

    def blocks(self, context: int = 0, align: int = 1) -> Iterator[Block]:
        yield Block(np.zeros((2, 100), np.float32), 0, 0, 100)


def test_odd_chunks_stand_behind_the_sound_of_a_file_that_becomes_rf64(tmp_path: Path, master: Path) -> None:
    made = write_bwf(Endless(), tmp_path / "restored.wav", description=PLAIN, like=master)
    names = [chunk.id for chunk in read_wave(made.path).chunks]
    assert names.index("zzzz") > names.index("data") > names.index("iXML")
    assert all(chunk.size % 2 == 0 for chunk in read_wave(made.path).chunks[: names.index("data")])


def test_a_master_of_another_kind_gives_a_new_bext(tmp_path: Path, recording_of: RecordingOf) -> None:
    recording = recording_of(tone(0.1, 44100, 1), 44100)
    like = write_flac(recording, tmp_path / "master.flac").path
    texts = {"description": "Poem", "originator": "Archive"}
    description = BwfDescription(coding_history_rows=["A=MPEG1L3,T=delivered", ROW], texts=texts)
    made = write_bwf(recording, tmp_path / "restored.wav", description=description, like=like)
    found = identify(made.path)
    assert (found.container, found.puid) == ("BWF", "fmt/705")
    assert found.bext is not None and found.bext["description"] == "Poem"
    assert found.coding_history == f"A=MPEG1L3,T=delivered\r\n{ROW}\r\n"


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000])
@pytest.mark.parametrize("name", WRITERS)
def test_the_size_of_the_blocks_does_not_change_a_byte(
    tmp_path: Path, recording_of: RecordingOf, name: str, sample_rate: int
) -> None:
    hiss = np.random.default_rng(5).standard_normal((2, 3 * sample_rate + 11)) * 0.1
    recording = recording_of(hiss, sample_rate)
    made = [
        WRITERS[name](recording.with_blocks(size), tmp_path / f"{size}.bin") for size in (1000, CELL_FRAMES * 2, 2**18)
    ]
    assert len({one.sha256 for one in made}) == 1
    assert made[0].sha256 == digests(made[0].path)["sha256"]
    assert made[0].container == name == identify(made[0].path).container


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_left_when_reading_fails(tmp_path: Path, recording_of: RecordingOf, name: str) -> None:
    recording = recording_of(tone(2, 48000), 48000)
    with recording.path.open("r+b") as file:
        file.truncate(1000)
    before = set(tmp_path.iterdir())
    with pytest.raises(BadSoundFile):
        WRITERS[name](recording, tmp_path / "restored")
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_left_when_the_disk_is_full(tmp_path: Path, recording_of: RecordingOf, name: str) -> None:
    recording = recording_of(np.random.default_rng(2).standard_normal((2, 100000)) * 0.1, 48000)
    whole = WRITERS[name](recording, tmp_path / "restored")
    whole.path.unlink()
    before = set(tmp_path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The last bytes are written when an encoder is closed, and libsndfile says nothing when that fails.
    for missing in (1, 300, whole.bytes // 2):
        resource.setrlimit(resource.RLIMIT_FSIZE, (whole.bytes - missing, limits[1]))
        try:
            with pytest.raises((OSError, BadSoundFile)):
                WRITERS[name](recording, tmp_path / "restored")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("bits", [16, 24])
def test_sound_that_is_integers_already_passes_untouched(
    tmp_path: Path, recording_of: RecordingOf, bits: int, channels: int
) -> None:
    generator = np.random.default_rng(channels)
    values = generator.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (channels, CELL_FRAMES + 5))
    recording = recording_of(values / 2 ** (bits - 1), 96000)
    bwf = write_bwf(recording, tmp_path / "a.wav", description=PLAIN, bits=bits)
    flac = write_flac(recording, tmp_path / "a.flac", bits=bits)
    for made in (bwf, flac):
        assert (made.clipped_samples, made.dithered_frames) == (0, 0)
        with Writer(tmp_path / "again.f32") as writer:
            decode(made.path, writer)
        assert writer.recording.pcm_sha256 == recording.pcm_sha256
        read = soundfile.read(made.path, dtype="int32", always_2d=True)[0]
        assert np.array_equal(read >> (32 - bits), values.T)
    sound = read_wave(bwf.path).sound
    content = bwf.path.read_bytes()[sound.offset : sound.offset + sound.size]
    assert bwf.data_md5 == hashlib.md5(content).hexdigest()


@pytest.mark.parametrize("bits", [16, 24])
def test_the_error_of_dithered_sound_is_noise_without_bias(bits: int) -> None:
    # With triangular dither the error has the variance of dither (1/6) and rounding (1/12), whatever the sound.
    for level in (0.0001, 0.3, 0.49999):
        samples = np.full((1, CELL_FRAMES), level, np.float32) + np.float32(2.0**-23 if bits == 16 else 2.0**-26)
        made = quantise(samples, 0, bits, 7)
        error = made.values[:, 0] - samples[0].astype(np.float64) * 2 ** (bits - 1)
        if made.dithered:
            assert abs(error.mean()) < 4 * 0.5 / np.sqrt(CELL_FRAMES)
            assert error.var() == pytest.approx(0.25, rel=0.05)
    assert quantise(np.full((1, 100), 0.0001, np.float32), 0, bits, 7).dithered


def test_dither_is_triangular_and_never_the_same_twice() -> None:
    first, second, other = (triangular(cell, 30000, seed) for cell, seed in ((0, 1), (1, 1), (0, 2)))
    assert np.abs(first).max() <= 1
    assert first.var() == pytest.approx(1 / 6, rel=0.03)
    assert np.mean(np.abs(first) < 0.5) == pytest.approx(0.75, abs=0.01)
    for another in (second, other, np.roll(first, 1)):
        assert abs(np.corrcoef(first, another)[0, 1]) < 0.03


def test_samples_beyond_full_scale_are_clipped_and_counted(tmp_path: Path, recording_of: RecordingOf) -> None:
    samples = np.full((1, 1000), 0.1, np.float32)
    samples[0, 100:110], samples[0, 200:205] = 1.5, -1.5
    made = write_bwf(recording_of(samples, 48000), tmp_path / "a.wav", description=PLAIN)
    assert made.clipped_samples == 15
    read = soundfile.read(made.path, dtype="int32")[0] >> 8
    assert (read.max(), read.min()) == (2**23 - 1, -(2**23))


@pytest.mark.parametrize("name", ["FLAC", "Ogg Opus", "MP3"])
def test_tags_and_gain_of_access_copies(tmp_path: Path, recording_of: RecordingOf, name: str) -> None:
    recording = recording_of(tone(2, 48000), 48000)
    made = WRITERS[name](recording, tmp_path / "copy")
    read, sample_rate = soundfile.read(made.path)
    assert (made.frames, sample_rate) == (len(read), made.sample_rate) == (96000, 48000)
    middle = read[24000:72000].T
    gain_db = 20 * np.log10(np.std(middle) / np.std(recording.read().samples))
    assert gain_db == pytest.approx(-1.5, abs=0.1)
    texts = str(mutagen.File(made.path).tags)
    assert all(text in texts for text in TAGS.values())


@pytest.mark.parametrize("sample_rate", [8000, 11025, 96000, 192000])
@pytest.mark.parametrize("name", ["Ogg Opus", "MP3"])
def test_other_rates_are_resampled_in_time(
    tmp_path: Path, recording_of: RecordingOf, name: str, sample_rate: int
) -> None:
    recording = recording_of(tone(2, sample_rate), sample_rate)
    made = WRITERS[name](recording, tmp_path / "copy")
    read, rate = soundfile.read(made.path)
    assert abs(len(read) - 2 * rate) <= 1
    expected = tone(2, rate)[:, : len(read)].T * 10 ** (-1.5 / 20)
    inner = slice(rate // 4, -rate // 4)
    assert np.std(read[inner] - expected[inner]) < 0.05 * np.std(expected[inner])


def test_three_minutes_of_opus_are_whole(tmp_path: Path) -> None:
    with Writer(tmp_path / "long.f32") as writer:
        for second in range(180):
            hiss = np.random.default_rng(second).standard_normal((1, 48000)).astype(np.float32)
            writer.write(Audio(hiss * np.float32(0.1), 48000))
    made = write_opus(writer.recording, tmp_path / "long.opus", bit_rate_kbps=48)
    with Writer(tmp_path / "again.f32") as again:
        decode(made.path, again)
    assert again.recording.frames == 180 * 48000
    assert made.bytes * 8 / 180 / 1000 == pytest.approx(48, rel=0.25)


def test_mp3_has_no_third_channel(tmp_path: Path, recording_of: RecordingOf) -> None:
    with pytest.raises(BadSoundFile, match="two channels at most, the sound has 3"):
        write_mp3(recording_of(tone(0.1, 48000, 3), 48000), tmp_path / "copy.mp3")


@pytest.mark.parametrize("channels", [3, 8])
def test_opus_of_many_channels(tmp_path: Path, recording_of: RecordingOf, channels: int) -> None:
    made = write_opus(recording_of(tone(0.5, 48000, channels), 48000), tmp_path / "copy.opus")
    assert soundfile.info(made.path).channels == channels


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000])
@pytest.mark.parametrize("frames", [1, 50, 3000])
@pytest.mark.parametrize("name", WRITERS)
def test_very_short_sounds_are_written_whole(
    tmp_path: Path, recording_of: RecordingOf, name: str, frames: int, sample_rate: int
) -> None:
    made = WRITERS[name](recording_of(np.full((1, frames), 0.1), sample_rate), tmp_path / "short")
    assert identify(made.path).frames == made.frames
    assert abs(made.frames - frames * made.sample_rate / sample_rate) <= 1


def test_an_unfit_width_or_bit_rate_is_refused(tmp_path: Path, recording_of: RecordingOf) -> None:
    recording = recording_of(tone(0.1, 48000), 48000)
    with pytest.raises(ValueError, match="16 or 24 bits, not 20"):
        write_bwf(recording, tmp_path / "a.wav", description=PLAIN, bits=20)
    with pytest.raises(ValueError, match="6 to 256"):
        write_opus(recording, tmp_path / "a.opus", bit_rate_kbps=1)
